import * as z from "zod";
import { findPermissions, permissionNames } from "./api-permission-names.ts";
import { changeOf } from "./change-record.ts";
import type { Connection } from "./connection.ts";
import { InputError } from "./errors.ts";
import { applySetChange, checkSetChange, difference, type Membership, type SetChange } from "./membership.ts";
import { Api, ApiPermission, type ApiPermissionName } from "./objects/api.ts";
import { collection } from "./objects/collection.ts";
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
  /** What somebody else changed while this was under way, and what is as they left it. */
  readonly kept: string[];
}

/** An API that tells what is written back: what it left out would be closed, or forgotten. */
const ApiWithAccess = Api.extend({
  allowCimdClients: z.boolean(),
  permissions: collection(ApiPermission.extend({ allowedForCimdClients: z.boolean() })),
});
type ApiWithAccess = z.output<typeof ApiWithAccess>;

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
  change: CimdAccessChange,
): Promise<CimdAccessChanged> {
  checkCimdAccess(change);
  await connection.require("PUT /api/apis/:id/cimd-access");
  const params = { id };
  const read = () => connection.json("GET /api/apis/:id", ApiWithAccess, { params });
  const {
    seen,
    before,
    based,
    after: api,
  } = await rewrite(connection, {
    key: `api:${id}`,
    read,
    change(current) {
      const { open, ...next } = planCimdAccess(current, change);
      if (open === current.allowCimdClients && next.added.length + next.removed.length === 0) return undefined;
      const body = { enabled: open, permissionIds: next.items.map((permission) => permission.id) };
      return () => connection.request("PUT /api/apis/:id/cimd-access", { params, body, once: true });
    },
  });
  const asked = change.replace === undefined ? [...(change.add ?? []), ...(change.remove ?? [])] : undefined;
  const others = [changes(seen, before), changes(before, based)];
  const kept = others.flatMap(({ added, removed }) => [...added, ...removed].map(({ key }) => key));
  const theirs = new Set(kept.filter((key) => asked?.includes(key) === false));
  const opened = change.enabled === undefined && others.some((other) => other.opened);
  const ours = changes(before, api);
  const named = (permissions: ApiPermission[]) => permissionNames(permissions.filter(({ key }) => !theirs.has(key)));
  const [added, removed] = [named(ours.added), named(ours.removed)];
  const changed = [
    ...(ours.opened && !opened ? ["allowCimdClients"] : []),
    ...(added.length + removed.length === 0 ? [] : ["allowedForCimdClients"]),
  ];
  const toldOf = (one: ApiWithAccess) => ({ ...one, allowedForCimdClients: selected(one) });
  if (changed.length > 0) connection.tellChange(changeOf(`api:${id}`, changed, toldOf(before), toldOf(api)));
  return {
    api,
    changed,
    added,
    removed,
    kept: [...(opened ? ["allowCimdClients"] : []), ...theirs],
  };
}

/** What clients that register themselves may do at an API before and after a change. */
export interface CimdAccessPreview {
  readonly before: CimdAccess;
  readonly after: CimdAccess;
}

export interface CimdAccess {
  /** Whether they may call it at all. */
  readonly open: boolean;
  readonly permissions: ApiPermissionName[];
}

/** What a change would make of it. Only reads. @throws {InputError} */
export async function previewCimdAccess(
  connection: Connection,
  id: string,
  change: CimdAccessChange,
): Promise<CimdAccessPreview> {
  checkCimdAccess(change);
  await connection.require("PUT /api/apis/:id/cimd-access");
  const current = await connection.json("GET /api/apis/:id", ApiWithAccess, { params: { id } });
  const next = planCimdAccess(current, change);
  return {
    before: { open: current.allowCimdClients, permissions: permissionNames(selected(current)) },
    after: { open: next.open, permissions: permissionNames(next.items) },
  };
}

/** @throws {InputError} for a permission that the API does not have */
function planCimdAccess(
  current: ApiWithAccess,
  { enabled, ...change }: CimdAccessChange,
): Membership<SelectedPermission> & { open: boolean } {
  const find = (field: keyof SetChange<string>) => change[field] && findPermissions(current, change[field], field);
  const permissions = { add: find("add"), remove: find("remove"), replace: find("replace") };
  const next = applySetChange(selected(current), namesPermissions(change) ? permissions : {});
  return { ...next, open: enabled ?? current.allowCimdClients };
}

type SelectedPermission = ApiWithAccess["permissions"][number];

const selected = ({ permissions }: ApiWithAccess): SelectedPermission[] =>
  permissions.filter(({ allowedForCimdClients }) => allowedForCimdClients);

/** What differs between two states: which permissions, and whether the API is open. */
const changes = (then: ApiWithAccess, now: ApiWithAccess) => ({
  ...difference(selected(then), selected(now)),
  opened: then.allowCimdClients !== now.allowCimdClients,
});
