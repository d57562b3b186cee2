import { InputError } from "./errors.ts";
import type { Api, ApiGrant, ApiGrantOnWire, ApiPermission, ApiPermissionName } from "./objects/api.ts";

/**
 * The permissions of an API that keys name.
 * @param field the argument they came from, for the error
 * @param hint what else to say in it
 * @throws {InputError} for the first that the API does not have
 */
export function findPermissions<T extends ApiPermissionName>(
  { name, permissions }: { readonly name: string; readonly permissions: readonly T[] },
  keys: readonly string[],
  field: string,
  hint = "",
): T[] {
  return keys.map((key, index) => {
    const permission = permissions.find((candidate) => candidate.key === key);
    if (permission !== undefined) return permission;
    throw new InputError(
      `${field}[${index}]`,
      `${name} has no permission ${JSON.stringify(key)}. It has: ${permissions.map((one) => one.key).join(", ") || "none"}.${hint}`,
    );
  });
}

/** Permissions by key and name, as they stand in other objects. */
export const permissionNames = (permissions: readonly ApiPermissionName[]): ApiPermissionName[] =>
  permissions.map(({ key, name }) => ({ key, name }));

/** A grant with the names of the permissions in the place of their ids. */
export function nameGrant(
  { permissions }: Pick<Api, "permissions">,
  { userDelegatedAccess, clientAccess, ...grant }: ApiGrantOnWire,
): ApiGrant {
  const named = (ids: readonly string[]) =>
    permissionNames(permissions.filter(({ id }: ApiPermission) => ids.includes(id)));
  return {
    userDelegatedAccess,
    userDelegatedPermissions: named(grant.userDelegatedPermissionIds),
    clientAccess,
    clientPermissions: named(grant.clientPermissionIds),
    ...(grant.cimdGrantedAccess === undefined
      ? {}
      : {
          cimdGrantedAccess: grant.cimdGrantedAccess,
          cimdGrantedPermissions: named(grant.cimdGrantedPermissionIds ?? []),
        }),
  };
}
