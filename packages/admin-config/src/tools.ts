import { callsOf } from "@pocketid-mcp/core/runtime";
import {
  appConfigGet,
  appConfigGetAll,
  appConfigSyncLdap,
  appConfigTestEmail,
  appConfigUpdate,
} from "./application-configuration.ts";
import {
  appImageDeleteDefaultProfilePicture,
  appImageUpdateBackground,
  appImageUpdateFavicon,
  appImageUpdateLogo,
} from "./application-images.ts";
import { healthCheck, versionLatest } from "./instance.ts";

/** Everything that this server can do. */
export const tools = [
  appConfigGet,
  appConfigGetAll,
  appConfigUpdate,
  appConfigTestEmail,
  appConfigSyncLdap,
  appImageUpdateLogo,
  appImageUpdateFavicon,
  appImageUpdateBackground,
  appImageDeleteDefaultProfilePicture,
  healthCheck,
  versionLatest,
];

export const calls = callsOf(tools);
