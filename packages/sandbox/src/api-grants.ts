/** Who may ask for which permissions of an API. */
import { type Api, type ApiGrant, type OidcClient, removeWhere, type SandboxState } from "./state.ts";

export const grantOf = (state: SandboxState, api: Api, clientId: string): ApiGrant | undefined =>
  state.grants.find((grant) => grant.apiId === api.id && grant.clientId === clientId);

/** The part of an answer that shows a grant; without one everything is off. */
export const grantDto = (grant: ApiGrant | undefined) => ({
  userDelegatedAccess: grant?.userDelegatedAccess ?? false,
  clientAccess: grant?.clientAccess ?? false,
  userDelegatedPermissionIds: grant?.userDelegatedPermissionIds ?? [],
  clientPermissionIds: grant?.clientPermissionIds ?? [],
});

/** What a client that registered itself may do because the API is open to all of them. */
export function cimdGrantDto(api: Api, client: OidcClient) {
  const granted = api.allowCimdClients && client.clientType === "cimd";
  const selected = api.permissions.filter((permission) => permission.allowedForCimdClients);
  return { cimdGrantedAccess: granted, cimdGrantedPermissionIds: granted ? selected.map(({ id }) => id) : [] };
}

/** Access without a permission is possible, a permission without access is not. An empty grant is none. */
export function putGrant(state: SandboxState, grant: ApiGrant): void {
  removeWhere(state.grants, ({ apiId, clientId }) => apiId === grant.apiId && clientId === grant.clientId);
  if (grant.userDelegatedAccess || grant.clientAccess) state.grants.push(grant);
}

/** A client that loses its last permission of an API this way loses its access to it as well. */
export function forgetPermissions(state: SandboxState, api: Api, gone: readonly string[]): void {
  for (const grant of state.grants.filter(({ apiId }) => apiId === api.id)) {
    const user = grant.userDelegatedPermissionIds.filter((id) => !gone.includes(id));
    const client = grant.clientPermissionIds.filter((id) => !gone.includes(id));
    const lostAll = (before: readonly string[], after: readonly string[]) => before.length > 0 && after.length === 0;
    putGrant(state, {
      ...grant,
      userDelegatedAccess: grant.userDelegatedAccess && !lostAll(grant.userDelegatedPermissionIds, user),
      clientAccess: grant.clientAccess && !lostAll(grant.clientPermissionIds, client),
      userDelegatedPermissionIds: user,
      clientPermissionIds: client,
    });
  }
}
