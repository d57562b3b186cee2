import { callsOf } from "@pocketid-mcp/core/runtime";
import {
  appConfigGet,
  appConfigGetAll,
  appConfigSyncLdap,
  appConfigTestEmail,
  appConfigUpdate,
} from "./application-configuration.ts";
import {
  appImageDeleteBackground,
  appImageDeleteDefaultProfilePicture,
  appImageDeleteLogo,
  appImageGet,
  appImageUpdateBackground,
  appImageUpdateDefaultProfilePicture,
  appImageUpdateEmailLogo,
  appImageUpdateFavicon,
  appImageUpdateLogo,
} from "./application-images.ts";
import { healthCheck, setupStatus, versionCurrent, versionLatest } from "./instance.ts";

/** Everything that this server can do. */
export const tools = [
  appConfigGet,
  appConfigGetAll,
  appConfigUpdate,
  appConfigTestEmail,
  appConfigSyncLdap,
  appImageGet,
  appImageUpdateLogo,
  appImageUpdateFavicon,
  appImageUpdateBackground,
  appImageUpdateEmailLogo,
  appImageUpdateDefaultProfilePicture,
  appImageDeleteLogo,
  appImageDeleteBackground,
  appImageDeleteDefaultProfilePicture,
  healthCheck,
  setupStatus,
  versionCurrent,
  versionLatest,
];

export const calls = callsOf(tools);
