import { accessOf } from "./client-access.ts";
import type { Connection } from "./connection.ts";
import { type GuardedClient, leftToNobody, openedBy } from "./group-effect-rules.ts";
import { oidcClientList, userGroupList } from "./lists.ts";
import { applySetChange, has, type SetChange } from "./membership.ts";
import { OidcClient, type OidcClientReference } from "./objects/oidc-client.ts";
import type { User } from "./objects/user.ts";
import { UserGroup, type UserGroupMember, type UserGroupReference } from "./objects/user-group.ts";
import { collect } from "./reference.ts";

/** What a change around groups means for who may sign in where. Clients that are open to everyone are left aside. */
export interface GroupEffect {
  /** Clients that somebody may sign in to afterwards, and not before. */
  readonly opens: readonly OidcClientReference[];
  /** Clients that somebody may sign in to no more, unless by another group. */
  readonly closes: readonly OidcClientReference[];
  /** Those among them that nobody may sign in to any more. */
  readonly closesToAll: readonly OidcClientReference[];
}

/** The effect of a change of a set, with who comes in and who goes out. */
export interface MembershipEffect<T> extends GroupEffect {
  readonly added: readonly T[];
  readonly removed: readonly T[];
  /** Keys of the claims that come with the groups, for those who are new. */
  readonly claims: readonly string[];
}

/** Works out what a change around groups would do, from what Pocket ID holds now. Reads, and changes nothing. */
export interface GroupEffects {
  /** Other members for a group. */
  ofMembers(group: Identified, change: SetChange<User>): Promise<MembershipEffect<Person>>;
  /** Other groups for a user. */
  ofGroups(user: User, change: SetChange<UserGroupReference>): Promise<MembershipEffect<UserGroupReference>>;
  /** Other clients for a group; undefined before Pocket ID 2.0, which cannot do that. */
  ofClients(
    group: Identified,
    change: SetChange<OidcClientReference>,
  ): Promise<(GroupEffect & { readonly members: number }) | undefined>;
  /** No more of these groups. `opensToAll`: Pocket ID < 2.0 opens a client that loses its last group to everyone. */
  ofDeleting(
    groups: readonly Identified[],
  ): Promise<GroupEffect & { readonly members: number; readonly opensToAll: readonly OidcClientReference[] }>;
  /** Being in these groups, for somebody new. */
  ofJoining(
    groups: readonly Identified[],
  ): Promise<{ readonly opens: readonly OidcClientReference[]; readonly claims: readonly string[] }>;
}

interface Identified {
  readonly id: string;
}

type Person = Pick<UserGroupMember, "id" | "username">;

/** Operations that all of this needs. */
export const groupEffectRoutes = [
  "GET /api/user-groups",
  "GET /api/user-groups/:id",
  "GET /api/oidc/clients",
  "GET /api/oidc/clients/:id",
] as const;

export function groupEffectsOf(connection: Connection): GroupEffects {
  const readGroup = (id: string) => connection.json("GET /api/user-groups/:id", UserGroup, { params: { id } });
  const readGroups = async (groups: readonly Identified[]): Promise<UserGroup[]> => {
    const whole: UserGroup[] = [];
    for (const { id } of groups) whole.push(await readGroup(id));
    return whole;
  };
  /** Those that are restricted. */
  const readClients = async (clients: readonly Identified[]): Promise<GuardedClient[]> => {
    const guarded: GuardedClient[] = [];
    for (const { id } of clients) {
      const client = await connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } });
      const { access, groups } = accessOf(client);
      if (access !== "everyone") guarded.push({ id: client.id, name: client.name, groups });
    }
    return guarded;
  };

  /** The clients that are restricted to one of these groups, perhaps among others. */
  const guardedBy = async (groups: readonly UserGroup[]): Promise<GuardedClient[]> => {
    const naming = new Map(
      groups.flatMap(({ allowedOidcClients = [] }) => allowedOidcClients).map((one) => [one.id, one]),
    );
    // Pocket ID < 2.0 does not know the clients of a group: those that have any group are looked at one by one.
    const candidates = groups.some(({ allowedOidcClients }) => allowedOidcClients === undefined)
      ? (await collect(oidcClientList(connection).all())).filter(
          ({ allowedUserGroupsCount = 0 }) => allowedUserGroupsCount > 0,
        )
      : [...naming.values()];
    const guarded = await readClients(candidates);
    return guarded.filter((client) => client.groups.some(({ id }) => has(groups, id)));
  };

  /** How many members each group has. */
  const countMembers = async (): Promise<(group: string) => number> => {
    const counts = new Map(
      (await collect(userGroupList(connection).all())).map(({ id, userCount }) => [id, userCount]),
    );
    return (group) => counts.get(group) ?? 0;
  };

  const closedToAll = async (
    clients: readonly GuardedClient[],
    after: (group: string, before: number) => number,
  ): Promise<GuardedClient[]> => {
    if (clients.length === 0) return [];
    const before = await countMembers();
    return leftToNobody(clients, { before, after: (group) => after(group, before(group)) });
  };

  return {
    async ofMembers({ id }, change) {
      const group = await readGroup(id);
      const members: readonly Person[] = group.users;
      const { items, added, removed } = applySetChange<Person>(members, change);
      const clients = await guardedBy([group]);
      const newcomers = [...(change.add ?? []), ...(change.replace ?? [])].filter((user) => has(added, user.id));
      const opens = clients.filter((client) =>
        newcomers.some(({ userGroups }) => openedBy([client], userGroups, [group]).length > 0),
      );
      const closes = removed.length > 0 ? clients : [];
      return {
        added: people(added),
        removed: people(removed),
        claims: added.length > 0 ? claimsOf([group]) : [],
        opens: references(opens),
        closes: references(closes),
        closesToAll: references(await closedToAll(closes, (other, count) => (other === id ? items.length : count))),
      };
    },

    async ofGroups({ userGroups }, change) {
      const { items, added, removed } = applySetChange(userGroups, change);
      const [joined, left] = [await readGroups(added), await readGroups(removed)];
      const clients = await guardedBy([...joined, ...left]);
      const closes = openedBy(clients, items, userGroups);
      const after = (group: string, count: number): number =>
        count + (has(added, group) ? 1 : 0) - (has(removed, group) ? 1 : 0);
      return {
        added: groupNames(added),
        removed: groupNames(removed),
        claims: claimsOf(joined),
        opens: references(openedBy(clients, userGroups, items)),
        closes: references(closes),
        closesToAll: references(await closedToAll(closes, after)),
      };
    },

    async ofClients({ id }, change) {
      const { users, allowedOidcClients } = await readGroup(id);
      if (allowedOidcClients === undefined) return undefined;
      const { added, removed } = applySetChange(allowedOidcClients, change);
      const [opens, closes] = [await readClients(added), await readClients(removed)];
      const without = closes.map((client) => ({ ...client, groups: client.groups.filter((group) => group.id !== id) }));
      const count = without.length > 0 ? await countMembers() : () => 0;
      return {
        members: users.length,
        opens: references(opens),
        closes: references(closes),
        closesToAll: references(without.filter(({ groups }) => groups.every((group) => count(group.id) === 0))),
      };
    },

    async ofDeleting(groups) {
      const whole = await readGroups(groups);
      const closes = await guardedBy(whole);
      const restrictable = await connection.supports("client.isGroupRestricted");
      const ungrouped = closes.filter((client) => client.groups.every((group) => has(groups, group.id)));
      const empty = await closedToAll(closes, (group, count) => (groups.some(({ id }) => id === group) ? 0 : count));
      const closesToAll = closes.filter((one) => (ungrouped.includes(one) ? restrictable : empty.includes(one)));
      return {
        members: new Set(whole.flatMap(({ users }) => users.map(({ id }) => id))).size,
        opens: [],
        closes: references(closes),
        closesToAll: references(closesToAll),
        opensToAll: restrictable ? [] : references(ungrouped),
      };
    },

    async ofJoining(groups) {
      const whole = await readGroups(groups);
      return { opens: references(await guardedBy(whole)), claims: claimsOf(whole) };
    },
  };
}

// In one order, because a question is compared with itself later: Pocket ID has none inside of its objects.
const byText =
  <T>(text: (item: T) => string) =>
  (one: T, other: T): number =>
    text(one) < text(other) ? -1 : 1;

const references = (clients: readonly OidcClientReference[]): OidcClientReference[] =>
  clients.map(({ id, name }) => ({ id, name })).sort(byText(({ name, id }) => `${name} ${id}`));
const groupNames = (groups: readonly UserGroupReference[]): UserGroupReference[] =>
  groups.map(({ id, name, friendlyName }) => ({ id, name, friendlyName })).sort(byText(({ name }) => name));
const people = (users: readonly Person[]): Person[] =>
  users.map(({ id, username }) => ({ id, username })).sort(byText(({ username }) => username));
const claimsOf = (groups: readonly UserGroup[]): string[] =>
  [...new Set(groups.flatMap(({ customClaims }) => customClaims.map(({ key }) => key)))].sort();
