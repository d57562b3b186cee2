import { type Access, accessOf } from "./client-access.ts";
import type { Connection } from "./connection.ts";
import { userGroupList, userList } from "./lists.ts";
import { OidcClient, type OidcClientReference } from "./objects/oidc-client.ts";
import { UserGroup, type UserGroupMember } from "./objects/user-group.ts";
import { select } from "./select.ts";

/** How many people something is about, each counted once; undefined if there are too many groups to look into. */
export type PeopleCount = number | undefined;

/** A change of who can sign in, in people. */
export interface PeopleChange {
  readonly before: PeopleCount;
  readonly after: PeopleCount;
  /** Those who can sign in afterwards, and cannot now. */
  readonly gain: PeopleCount;
  /** Those who can sign in now, and cannot afterwards. */
  readonly lose: PeopleCount;
}

/** What a SCIM sync brings to an application. */
export interface Provisioned {
  readonly accounts: PeopleCount;
  readonly groups: number;
}

/** Counts people, each once. */
export interface People {
  /**
   * Those who can sign in where this is the access. Disabled accounts cannot, and are not counted.
   * Routes: `GET /api/users` for one row, or `GET /api/user-groups/:id` for each group.
   */
  withAccess(access: Access): Promise<PeopleCount>;
  /** The same before and after a change, and for how many it makes a difference. */
  compare(before: Access, after: Access): Promise<PeopleChange>;
  /** Those who can sign in to at least one of these clients. Routes: as above, and `GET /api/oidc/clients/:id`. */
  withAccessToAny(clients: readonly OidcClientReference[]): Promise<PeopleCount>;
  /**
   * What a SCIM sync brings to a client with this access. Disabled accounts are brought, too, as such.
   * Routes: as of `withAccess`, and `GET /api/user-groups` for one row.
   */
  provisioned(access: Access): Promise<Provisioned>;
  /** Everybody whose account is enabled: `GET /api/users` for one row. */
  enabled(): Promise<number>;
  /** Administrators whose accounts are enabled: `GET /api/users` for one row. */
  administrators(): Promise<number>;
  /** Accounts that come from LDAP, among 2,000 at the most: Pocket ID has no filter for them. `GET /api/users`. */
  fromLdap(): Promise<PeopleCount>;
}

/** Groups, or clients, that are looked into. */
const most = 50;
/** Accounts that are looked at one by one. */
const mostAccounts = 2_000;
/** Objects that are read at the same time. */
const atOnce = 4;

export function peopleOf(connection: Connection): People {
  const { list, all } = userList(connection);
  const count = async (filters: Readonly<Record<string, boolean>>) => (await list({ limit: 1, filters })).totalItems;
  const withAccess = async (members: Members, { access, groups }: Access): Promise<Those> =>
    access === "everyone" ? { everyone: await count({ disabled: false }) } : peopleIn(members, groups);

  return {
    withAccess: async (access) => countOf(await withAccess(enabledIn(connection), access)),

    async compare(before, after) {
      const members = enabledIn(connection);
      const now = await withAccess(members, before);
      const then = await withAccess(members, after);
      return { before: countOf(now), after: countOf(then), gain: countOnlyIn(then, now), lose: countOnlyIn(now, then) };
    },

    async withAccessToAny(clients) {
      if (clients.length > most) return undefined;
      const accesses = await severally(clients, async ({ id }) =>
        accessOf(await connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } })),
      );
      const open = accesses.find(({ access }) => access === "everyone");
      const groups = accesses.flatMap((access) => access.groups);
      const each = [...new Map(groups.map((group) => [group.id, group])).values()];
      return countOf(await withAccess(enabledIn(connection), open ?? { access: "groups", groups: each }));
    },

    async provisioned({ access, groups }) {
      if (access !== "everyone")
        return { accounts: countOf(await peopleIn(everybodyIn(connection), groups)), groups: groups.length };
      const allGroups = await userGroupList(connection).list({ limit: 1 });
      return { accounts: await count({}), groups: allGroups.totalItems };
    },

    enabled: () => count({ disabled: false }),
    administrators: () => count({ isAdmin: true, disabled: false }),

    async fromLdap() {
      const { totalItems, complete } = await select(all(), {
        matches: ({ ldapId }) => Boolean(ldapId),
        most: mostAccounts,
      });
      return complete ? totalItems : undefined;
    },
  };
}

/** The ids of some people; of everyone, the number alone; undefined if there are too many groups. */
type Those = ReadonlySet<string> | { readonly everyone: number } | undefined;

type Members = (group: { readonly id: string }) => Promise<readonly UserGroupMember[]>;

async function peopleIn(members: Members, groups: Access["groups"]): Promise<Those> {
  if (groups.length > most) return undefined;
  const found = await severally(groups, members);
  return new Set(found.flat().map(({ id }) => id));
}

/** Reads the members of groups, each group once. */
function everybodyIn(connection: Connection): Members {
  const known = new Map<string, Promise<readonly UserGroupMember[]>>();
  const read = async (id: string) =>
    (await connection.json("GET /api/user-groups/:id", UserGroup, { params: { id } })).users;
  return ({ id }) => {
    const members = known.get(id) ?? read(id);
    known.set(id, members);
    return members;
  };
}

function enabledIn(connection: Connection): Members {
  const members = everybodyIn(connection);
  return async (group) => (await members(group)).filter(({ disabled }) => !disabled);
}

const countOf = (people: Those): PeopleCount => (people && "everyone" in people ? people.everyone : people?.size);

/** How many of some people are not among others. Everybody is among everyone. */
function countOnlyIn(these: Those, others: Those): PeopleCount {
  if (others !== undefined && "everyone" in others) return 0;
  if (these === undefined || others === undefined) return undefined;
  if ("everyone" in these) return Math.max(0, these.everyone - others.size);
  return [...these].filter((id) => !others.has(id)).length;
}

/** Does the same with each, a few at a time, in order. */
async function severally<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const done: U[] = [];
  for (let from = 0; from < items.length; from += atOnce)
    done.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))));
  return done;
}
