import { callsOf } from "@pocketid-mcp/core/runtime";
import { apiCreate, apiDelete, apiGet, apiList, apiSetCimdAccess, apiSetPermissions, apiUpdate } from "./api.ts";
import { apiAccessList, apiClientList, apiGrantClient, apiRevokeClient } from "./api-access.ts";
import {
  oidcClientAccessibleList,
  oidcClientAuthorizedList,
  oidcClientPreviewClaims,
  oidcClientRevokeAuthorization,
} from "./authorization.ts";
import { oidcClientDeleteLogo, oidcClientGetLogo, oidcClientSetLogo } from "./client-logo.ts";
import {
  oidcClientCreateSecret,
  oidcClientDeleteSecret,
  oidcClientListSecrets,
  oidcClientRotateSecret,
} from "./client-secret.ts";
import { oidcDiscovery, oidcJwks } from "./discovery.ts";
import {
  oidcClientCreate,
  oidcClientDelete,
  oidcClientGet,
  oidcClientList,
  oidcClientRefreshMetadata,
  oidcClientUpdate,
  oidcClientUpdateAllowedGroups,
} from "./oidc-client.ts";
import {
  scimProviderCreate,
  scimProviderDelete,
  scimProviderGet,
  scimProviderSync,
  scimProviderUpdate,
} from "./scim-provider.ts";

/** Everything that this server can do. */
export const tools = [
  oidcClientList,
  oidcClientGet,
  oidcClientCreate,
  oidcClientUpdate,
  oidcClientDelete,
  oidcClientListSecrets,
  oidcClientCreateSecret,
  oidcClientRotateSecret,
  oidcClientDeleteSecret,
  oidcClientGetLogo,
  oidcClientSetLogo,
  oidcClientDeleteLogo,
  oidcClientRefreshMetadata,
  oidcClientUpdateAllowedGroups,
  oidcClientPreviewClaims,
  oidcClientAuthorizedList,
  oidcClientRevokeAuthorization,
  oidcClientAccessibleList,
  scimProviderGet,
  scimProviderCreate,
  scimProviderUpdate,
  scimProviderDelete,
  scimProviderSync,
  oidcDiscovery,
  oidcJwks,
  apiList,
  apiGet,
  apiCreate,
  apiUpdate,
  apiDelete,
  apiSetPermissions,
  apiSetCimdAccess,
  apiGrantClient,
  apiRevokeClient,
  apiClientList,
  apiAccessList,
];

export const calls = callsOf(tools);
