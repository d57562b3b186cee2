import { setChangeOf } from "./change-record.ts";
import { type SeenClient, writeClient } from "./client-update.ts";
import type { Connection } from "./connection.ts";
import { after, InputError, notAsExpected } from "./errors.ts";
import { applySetChange, clientAccess, difference, has, notTaken, type SetChange } from "./membership.ts";
import { OidcClient } from "./objects/oidc-client.ts";
import type { UserGroupReference } from "./objects/user-group.ts";
import type { NotApplied } from "./update.ts";

/** Who may sign in to a client. */
export const accessKinds = ["everyone", "nobody", "groups"] as const;
export type AccessKind = (typeof accessKinds)[number];

/** Who may sign in to a client: everyone, nobody, or the members of these groups. */
export interface Access {
  readonly access: AccessKind;
  readonly groups: UserGroupReference[];
}

/** A change of access: said outright, or as a change of the groups. */
export interface AccessChange extends Pick<SetChange<UserGroupReference>, "add" | "remove"> {
  access?: AccessKind | undefined;
  groups?: readonly UserGroupReference[] | undefined;
}

export interface AccessChanged {
  readonly before: Access;
  readonly after: Access;
  readonly added: UserGroupReference[];
  readonly removed: UserGroupReference[];
  readonly notApplied: NotApplied[];
  /** Names of groups that somebody else put in or took out while this was under way, and that are as they left them. */
  readonly kept: string[];
}

/** Reads access off a client: the groups count only while the client is restricted. */
export function accessOf({
  isGroupRestricted,
  allowedUserGroups = [],
}: Pick<OidcClient, "isGroupRestricted" | "allowedUserGroups">): Access {
  // Pocket ID < 2.0 has no flag: a client without groups is open to everyone.
  const restricted = isGroupRestricted ?? allowedUserGroups.length > 0;
  if (!restricted) return { access: "everyone", groups: [] };
  return { access: allowedUserGroups.length > 0 ? "groups" : "nobody", groups: allowedUserGroups };
}

/**
 * Checks that a change says one thing.
 * @throws {InputError}
 */
export function checkAccessChange({
  access,
  groups,
  add,
  remove,
}:
  | AccessChange
  | (Pick<SetChange<unknown>, "add" | "remove"> & {
      access?: AccessKind | undefined;
      groups?: readonly unknown[] | undefined;
    })): void {
  const set = [groups, add ?? remove].filter((value) => value !== undefined);
  if (access === undefined && set.length === 0) {
    throw new InputError(
      "access",
      'there is nothing to change. Give access ("everyone", "nobody" or "groups" with groups), or add or remove.',
    );
  }
  if (set.length > 1) throw new InputError("groups", "give either groups, or add and remove.");
  if (access !== undefined && access !== "groups" && set.length > 0)
    throw new InputError("access", `"${access}" takes no groups. Leave them out, or say access: "groups".`);
  if (access === "groups" && set.length === 0)
    throw new InputError("groups", 'access "groups" needs the groups that may sign in.');
  if (groups?.length === 0)
    throw new InputError(
      "groups",
      'an empty list would lock everyone out. Say access: "nobody" if that is meant, or "everyone" to open it.',
    );
}

/**
 * Changes who may sign in to a client, in the order that never opens a gap: groups are named before the client is restricted to them.
 * Routes: `PUT /api/oidc/clients/:id/allowed-user-groups`, `PUT /api/oidc/clients/:id`.
 * @param client as much of it as was seen; its id alone does
 * @throws {InputError}
 */
export function changeAccess(connection: Connection, client: SeenClient, change: AccessChange): Promise<AccessChanged> {
  checkAccessChange(change);
  return connection.inTurn(clientAccess, () => writeAccess(connection, client, change));
}

/** What a change would make of who may sign in. Only reads. @throws {InputError} */
export async function previewAccess(
  connection: Connection,
  id: string,
  change: AccessChange,
): Promise<{ before: Access; after: Access }> {
  checkAccessChange(change);
  const flag = await connection.supports("client.isGroupRestricted");
  const { before, target } = planAccess(await readClient(connection, id), change, flag);
  return { before, after: target };
}

const readClient = (connection: Connection, id: string): Promise<OidcClient> =>
  connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } });

function planAccess(current: OidcClient, change: AccessChange, flag: boolean): { before: Access; target: Access } {
  // Read without its groups, it would look as if it had none.
  if (current.allowedUserGroups === undefined) throw notAsExpected("GET /api/oidc/clients/:id", "allowedUserGroups");
  const before = accessOf(current);
  const target = targetAccess(before, change);
  if (!flag && target.access === "nobody") {
    throw new InputError(
      "access",
      "Pocket ID before 2.0 cannot close a client: without groups it is open to everyone. Name a group without members instead.",
    );
  }
  return { before, target };
}

async function writeAccess(connection: Connection, client: SeenClient, change: AccessChange): Promise<AccessChanged> {
  const { id } = client;
  const read = () => readClient(connection, id);
  const seen = client.allowedUserGroups === undefined ? await read() : client;
  const flag = await connection.supports("client.isGroupRestricted");
  // Once more, right before it is written: what somebody else changed until then is kept.
  const current = await read();
  const { before, target } = planAccess(current, change, flag);
  const others = difference(accessOf(seen).groups, before.groups);
  const allow = (groups: readonly UserGroupReference[]) =>
    connection.request("PUT /api/oidc/clients/:id/allowed-user-groups", {
      params: { id },
      body: { userGroupIds: groups.map((group) => group.id) },
    });
  const restrict = (isGroupRestricted: boolean) => writeClient(connection, { id }, { isGroupRestricted });

  if (target.access === "everyone") {
    if (before.access !== "everyone") await (flag ? restrict(false) : allow([]));
  } else if (before.access === "everyone" && target.access === "nobody") {
    await restrict(true);
    if ((current.allowedUserGroups ?? []).length > 0)
      await after("The client is restricted, but groups that it named before may still sign in.", () => allow([]));
  } else {
    const { added, removed } = difference(current.allowedUserGroups ?? [], target.groups);
    if (added.length > 0 || removed.length > 0) await allow(target.groups);
    if (flag && before.access === "everyone")
      await after("The groups are named, but the client is still open to everyone.", () => restrict(true));
  }
  const now = accessOf(await read());
  if (now.access !== before.access)
    connection.tellChange({
      object: `client:${id}`,
      fields: ["access"],
      values: { access: { before: before.access, after: now.access } },
    });
  const { added, removed } = difference(before.groups, now.groups);
  if (added.length + removed.length > 0)
    connection.tellChange(
      setChangeOf(`client:${id}`, "allowedUserGroups", { before: before.groups, after: now.groups, added, removed }),
    );
  const isAsIs = ({ id }: UserGroupReference) => has(now.groups, id) === has(before.groups, id);
  const kept = [...others.added, ...others.removed].filter(isAsIs).map(({ name }) => name);
  const notApplied = notTaken(now.groups, { replace: target.groups });
  const other = now.access === target.access ? [] : [{ field: "access", reason: changedMeanwhile }];
  return { before, after: now, added, removed, notApplied: [...other, ...notApplied], kept };
}

const changedMeanwhile = "It is not as asked for afterwards: somebody else may have changed it at the same time.";

function targetAccess(before: Access, { access, groups, add, remove }: AccessChange): Access {
  if (access === "everyone" || access === "nobody") return { access, groups: [] };
  if (groups === undefined && before.access === "everyone" && access !== "groups") {
    throw new InputError(
      "access",
      'the client is open to everyone. Say access: "groups" as well, to restrict it to the groups that you add.',
    );
  }
  const { items } = applySetChange(before.groups, groups === undefined ? { add, remove } : { replace: groups });
  return { access: items.length > 0 ? "groups" : "nobody", groups: items };
}
