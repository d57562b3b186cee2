import { findPermissions, permissionNames } from "./api-permission-names.ts";
import type { Connection } from "./connection.ts";
import { InputError } from "./errors.ts";
import { applySetChange, checkSetChange, difference, type SetChange } from "./membership.ts";
import { Api, type ApiPermission, type ApiPermissionName } from "./objects/api.ts";
import { rewrite } from "./rewrite.ts";

/** A change of what clients that register themselves may do at an API, by keys of its permissions. */
export interface CimdAccessChange extends SetChange<string> {
  /** Whether they may call it at all. */
  enabled?: boolean | undefined;
}

export interface CimdAccessChanged {
  readonly api: Api;
  readonly changed: string[];
  readonly added: ApiPermissionName[];
  readonly removed: ApiPermissionName[];
}

/** Checks that a change says one thing. @throws {InputError} */
export function checkCimdAccess({ enabled, ...change }: CimdAccessChange): void {
  if (namesPermissions(change)) checkSetChange(change);
  else if (enabled === undefined)
    throw new InputError("enabled", "there is nothing to change. Give enabled, add, remove or replace.");
}

const namesPermissions = ({ add, remove, replace }: SetChange<string>): boolean =>
  (add ?? remove ?? replace) !== undefined;

/**
 * `PUT /api/apis/:id/cimd-access`, changing nothing but what is given: opened and closed, an API keeps its selection. Pocket ID >= 2.14.
 * @throws {InputError}
 */
export async function changeCimdAccess(
  connection: Connection,
  id: string,
  { enabled, ...change }: CimdAccessChange,
): Promise<CimdAccessChanged> {
  checkCimdAccess({ enabled, ...change });
  await connection.require("PUT /api/apis/:id/cimd-access");
  const params = { id };
  const read = () => connection.json("GET /api/apis/:id", Api, { params });
  const { before, after: api } = await rewrite(connection, {
    key: `api ${id}`,
    read,
    change(current) {
      const find = (field: keyof SetChange<string>) =>
        change[field] && findPermissions<ApiPermission>(current, change[field], field);
      const permissions = { add: find("add"), remove: find("remove"), replace: find("replace") };
      const next = applySetChange(selected(current), namesPermissions(change) ? permissions : {});
      const open = enabled ?? current.allowCimdClients === true;
      if (open === current.allowCimdClients && next.added.length + next.removed.length === 0) return undefined;
      const body = { enabled: open, permissionIds: next.items.map((permission) => permission.id) };
      return () => connection.request("PUT /api/apis/:id/cimd-access", { params, body, once: true });
    },
  });
  const { added, removed } = difference(selected(before), selected(api));
  return {
    api,
    changed: [
      ...(api.allowCimdClients === before.allowCimdClients ? [] : ["allowCimdClients"]),
      ...(added.length + removed.length === 0 ? [] : ["allowedForCimdClients"]),
    ],
    added: permissionNames(added),
    removed: permissionNames(removed),
  };
}

const selected = ({ permissions }: Api): ApiPermission[] =>
  permissions.filter(({ allowedForCimdClients }) => allowedForCimdClients);
