import type { Call } from "../http/call.ts";
import type { Api, OidcClient } from "../state.ts";

export function apiDto({ has }: Call, api: Api) {
  const cimd = has("cimdAccessOfApis");
  return {
    id: api.id,
    name: api.name,
    resource: api.resource,
    createdAt: api.createdAt,
    permissions: api.permissions.map((permission) => ({
      id: permission.id,
      key: permission.key,
      name: permission.name,
      ...(permission.description !== null && { description: permission.description }),
      ...(cimd && { allowedForCimdClients: permission.allowedForCimdClients }),
    })),
    ...(cimd && { allowCimdClients: api.allowCimdClients }),
  };
}

export const apiClientDto = (client: OidcClient) => ({
  id: client.id,
  name: client.name,
  clientType: client.clientType,
  isPublic: client.isPublic,
  hasLogo: client.logo !== null,
  hasDarkLogo: client.darkLogo !== null,
});
