import type * as z from "zod";
import { apiCallers, apiClientListing } from "./api-clients.ts";
import { findPermissions, permissionNames } from "./api-permission-names.ts";
import { changeOf } from "./change-record.ts";
import { changedFields, type Fields, sameValue } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { InputError } from "./errors.ts";
import {
  Api,
  type ApiClient,
  ApiPermission,
  type ApiPermissionName,
  type ApiPermissionPatch,
  type NewApiPermission,
} from "./objects/api.ts";
import { collection } from "./objects/collection.ts";
import type { OidcClientReference } from "./objects/oidc-client.ts";
import { collect } from "./reference.ts";
import { rewrite } from "./rewrite.ts";
import { mergeFields } from "./update.ts";

/**
 * A change of the permissions of an API. Nothing in it stands for all of them: one that was forgotten would be taken from every client.
 */
export interface ApiPermissionsChange {
  add?: readonly NewApiPermission[] | undefined;
  /** New names and descriptions; keys stay. */
  change?: readonly ApiPermissionPatch[] | undefined;
  /** Keys. */
  remove?: readonly string[] | undefined;
}

/** A client that permissions were taken from, because the API has them no more. */
export interface LostPermissions {
  readonly client: OidcClientReference;
  readonly permissions: ApiPermissionName[];
  /** Whether it may still call the API: with the last permission it loses its access. */
  readonly access: boolean;
}

export interface ApiPermissionsChanged {
  readonly api: Api;
  readonly added: ApiPermissionName[];
  readonly updated: ApiPermissionName[];
  readonly removed: ApiPermissionName[];
  /** Keys of permissions that somebody else changed while this was under way, and that are as they left them. */
  readonly kept: string[];
  /** Left out where Pocket ID does not tell (< 2.14). */
  readonly lost?: LostPermissions[];
}

/** Scopes and claims of Pocket ID's own. */
const reservedKeys: ReadonlySet<string> = new Set([
  "openid",
  "profile",
  "email",
  "email_verified",
  "groups",
  "offline_access",
]);

const noRenaming =
  "A key cannot be renamed, because clients that have the old one would not get the new one: add the new key, grant it, then remove the old one.";

/** Checks permissions that are to be added. @throws {InputError} */
export function checkNewPermissions(permissions: readonly NewApiPermission[], field: string): void {
  refuseDoubles(permissions, field);
  const reserved = permissions.findIndex(({ key }) => reservedKeys.has(key.toLowerCase()));
  if (reserved !== -1)
    throw new InputError(
      `${field}[${reserved}].key`,
      `${permissions[reserved]?.key} is a scope of Pocket ID's own. Choose another key.`,
    );
}

/** Checks a change without looking at what there is. @throws {InputError} */
export function checkPermissionsChange({ add = [], change = [], remove = [] }: ApiPermissionsChange): void {
  if (add.length + change.length + remove.length === 0)
    throw new InputError("add", "there is nothing to change. Give add, change or remove.");
  checkNewPermissions(add, "add");
  refuseDoubles(change, "change");
  const nothing = change.findIndex(({ name, description }) => name === undefined && description === undefined);
  if (nothing !== -1)
    throw new InputError(`change[${nothing}]`, `there is nothing to change. Give name or description. ${noRenaming}`);
  const others = [...add, ...change].map(({ key }) => key);
  const both = remove.findIndex((key) => others.includes(key));
  if (both !== -1) throw new InputError(`remove[${both}]`, `${remove[both]} is in add or change, too.`);
}

function refuseDoubles(permissions: readonly { readonly key: string }[], field: string): void {
  const double = permissions.findIndex(({ key }, index) => permissions.findIndex((one) => one.key === key) < index);
  if (double !== -1) throw new InputError(`${field}[${double}].key`, `${permissions[double]?.key} is there twice.`);
}

const PermissionOnWire = ApiPermission.loose();
const ApiOnWire = Api.extend({ permissions: collection(PermissionOnWire) });

/**
 * The permissions that a change makes of the current ones, as a PUT takes them: whatever is not named stays as it is.
 * @throws {InputError} for a key that is there already, or not there
 */
export function applyPermissionsChange(
  api: Pick<z.output<typeof ApiOnWire>, "name" | "permissions">,
  { add = [], change = [], remove = [] }: ApiPermissionsChange,
): Fields[] {
  const existing = add.findIndex(({ key }) => api.permissions.some((permission) => permission.key === key));
  if (existing !== -1)
    throw new InputError(`add[${existing}].key`, `${api.name} has ${add[existing]?.key} already. Name it in change.`);
  findPermissions(api, remove, "remove");
  const patches = new Map(change.map((patch) => [patch.key, patch]));
  findPermissions(api, [...patches.keys()], "change", ` ${noRenaming}`);
  const kept = api.permissions.filter(({ key }) => !remove.includes(key));
  return [
    ...kept.map(({ id: _, allowedForCimdClients: __, ...permission }) =>
      mergeFields(permission, patches.get(permission.key) ?? {}, none),
    ),
    ...add,
  ];
}

const none: ReadonlySet<string> = new Set();

/**
 * `PUT /api/apis/:id/permissions`, changing nothing but the permissions named. The others keep their ids, and with them their grants.
 * @throws {InputError}
 */
export async function changePermissions(
  connection: Connection,
  id: string,
  change: ApiPermissionsChange,
): Promise<ApiPermissionsChanged> {
  checkPermissionsChange(change);
  const params = { id };
  const read = () => connection.json("GET /api/apis/:id", ApiOnWire, { params });
  const told = !change.remove?.length || (await connection.supports("api.clientGrants"));
  const clients = async (api: Api) => (change.remove?.length && told ? clientsOf(connection, api) : []);
  const found = await read();
  // Asked for before the API is read once more: what others add to it between reading and writing would be taken away.
  const had = await clients(found);
  const {
    seen,
    before,
    based,
    after: api,
  } = await rewrite(connection, {
    key: `api:${id}`,
    seen: found,
    read,
    change(current, again) {
      const permissions = applyPermissionsChange(current, again ? whatIsLeft(current, change) : change);
      if (sameValue(applyPermissionsChange(current, {}), permissions)) return undefined;
      return () => connection.request("PUT /api/apis/:id/permissions", { params, body: { permissions }, once: true });
    },
  });
  if (!sameValue(before.permissions, api.permissions))
    connection.tellChange(changeOf(`api:${id}`, ["permissions"], before, api));
  const have = await clients(api);
  const asked = [...(change.add ?? []), ...(change.change ?? [])].map(({ key }) => key).concat(change.remove ?? []);
  const kept = [...new Set([...differing(seen, before), ...differing(before, based)])].filter(
    (key) => !asked.includes(key),
  );
  const ours = differing(before, api).filter((key) => !kept.includes(key));
  const named = (items: Api["permissions"]) => permissionNames(items.filter(({ key }) => ours.includes(key)));
  const isIn = ({ permissions }: Pick<Api, "permissions">, key: string) => permissions.some((one) => one.key === key);
  const removed = named(before.permissions.filter(({ key }) => !isIn(api, key)));
  return {
    api,
    added: named(api.permissions.filter(({ key }) => !isIn(before, key))),
    updated: named(api.permissions.filter(({ key }) => isIn(before, key))),
    removed,
    kept,
    ...(told ? { lost: lostBy(had, have, removed) } : {}),
  };
}

/** Keys of the permissions that are not the same in two states of an API. */
function differing(then: Pick<Api, "permissions">, now: Pick<Api, "permissions">): string[] {
  const byKey = (permissions: Api["permissions"]): Fields =>
    Object.fromEntries(permissions.map((one) => [one.key, one]));
  return changedFields(byKey(then.permissions), byKey(now.permissions));
}

/** What a change of the permissions would take away. */
export interface ApiPermissionsPreview {
  readonly api: Api;
  readonly removed: ApiPermissionName[];
  /** Clients that would lose some of them, as far as they were looked at. */
  readonly lost: LostPermissions[];
  /** Whether all clients were looked at. */
  readonly complete: boolean;
}

/** What a change would take, and from whom. Only reads. @throws {InputError} */
export async function previewPermissions(
  connection: Connection,
  id: string,
  change: ApiPermissionsChange,
): Promise<ApiPermissionsPreview> {
  checkPermissionsChange(change);
  const api = await connection.json("GET /api/apis/:id", ApiOnWire, { params: { id } });
  applyPermissionsChange(api, change);
  const removed = permissionNames(api.permissions.filter(({ key }) => change.remove?.includes(key)));
  if (removed.length === 0) return { api, removed, lost: [], complete: true };
  const { callers, complete } = await apiCallers(connection, [api]);
  // With the last permission goes the access; access that came without one stays.
  const stays = (access: boolean | undefined, held: readonly ApiPermissionName[]) =>
    access === true && (held.length === 0 || held.some(({ key }) => !change.remove?.includes(key)));
  const left = callers.filter(
    (caller) =>
      stays(caller.userDelegatedAccess, caller.userDelegatedPermissions) ||
      stays(caller.clientAccess, caller.clientPermissions) ||
      caller.cimdGrantedAccess === true,
  );
  return { api, removed, lost: lostBy(callers, left, removed), complete };
}

/** What is left to do of a change that may have been carried out. */
function whatIsLeft(
  { permissions }: Pick<Api, "permissions">,
  { add = [], change, remove = [] }: ApiPermissionsChange,
) {
  const isThere = (key: string) => permissions.some((permission) => permission.key === key);
  return { add: add.filter(({ key }) => !isThere(key)), change, remove: remove.filter(isThere) };
}

const clientsOf = async (connection: Connection, api: Api): Promise<ApiClient[]> =>
  collect((await apiClientListing(connection, api)).list.all());

function lostBy(
  had: readonly ApiClient[],
  have: readonly ApiClient[],
  removed: readonly ApiPermissionName[],
): LostPermissions[] {
  return had.flatMap(({ client: { id, name }, ...grant }) => {
    const held = [
      ...grant.userDelegatedPermissions,
      ...grant.clientPermissions,
      ...(grant.cimdGrantedPermissions ?? []),
    ];
    const permissions = removed.filter(({ key }) => held.some((permission) => permission.key === key));
    if (permissions.length === 0) return [];
    return [{ client: { id, name }, permissions, access: have.some(({ client }) => client.id === id) }];
  });
}
