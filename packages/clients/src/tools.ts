import { callsOf } from "@pocketid-mcp/core/runtime";
import { oidcClientAuthorizedList, oidcClientPreviewClaims, oidcClientRevokeAuthorization } from "./authorization.ts";
import { oidcClientCreateSecret } from "./client-secret.ts";
import { oidcDiscovery, oidcJwks } from "./discovery.ts";
import {
  oidcClientCreate,
  oidcClientDelete,
  oidcClientGet,
  oidcClientList,
  oidcClientUpdate,
  oidcClientUpdateAllowedGroups,
} from "./oidc-client.ts";
import { scimProviderCreate, scimProviderDelete, scimProviderSync, scimProviderUpdate } from "./scim-provider.ts";

/** Everything that this server can do. */
export const tools = [
  oidcClientList,
  oidcClientGet,
  oidcClientCreate,
  oidcClientUpdate,
  oidcClientDelete,
  oidcClientCreateSecret,
  oidcClientUpdateAllowedGroups,
  oidcClientPreviewClaims,
  oidcClientAuthorizedList,
  oidcClientRevokeAuthorization,
  scimProviderCreate,
  scimProviderUpdate,
  scimProviderDelete,
  scimProviderSync,
  oidcDiscovery,
  oidcJwks,
];

export const calls = callsOf(tools);
