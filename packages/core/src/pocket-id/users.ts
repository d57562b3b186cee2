import type { Fields } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { after } from "./errors.ts";
import { userFinder, userGroupFinder } from "./finders.ts";
import type { List } from "./list.ts";
import { userList } from "./lists.ts";
import { changeSet, memberships, type SetChange, type SetChanged } from "./membership.ts";
import { collection } from "./objects/collection.ts";
import { User, type UserPatch } from "./objects/user.ts";
import { UserGroupReference } from "./objects/user-group.ts";
import { findAll, findChange, idOf, objectOf, type Reference } from "./reference.ts";
import { fieldsOfVersion, requireFields } from "./requirements.ts";
import { type Updated, updateFields } from "./update.ts";

/** What a new user is made of. Only the username is needed. */
export interface NewUser extends UserPatch {
  username: string;
  /** UUID. Pocket ID >= 2.12. */
  id?: string | undefined;
  /** Groups to be in from the start; if left out, those that Pocket ID gives to everyone new. */
  groups?: readonly Reference<UserGroupReference>[] | undefined;
}

/** What users can be picked by although Pocket ID has no such filter. */
export interface UserFilters {
  /** Domain of the e-mail address, such as `example.com`. */
  emailDomain?: string | undefined;
  /** In this group. */
  group?: { readonly id: string } | undefined;
  notInGroup?: { readonly id: string } | undefined;
  /** In no group at all, or in some. */
  noGroup?: boolean | undefined;
  /** Whether the account comes from LDAP. */
  ldap?: boolean | undefined;
}

/** The users of an instance. Wherever one is asked for, an id, a username or an e-mail address does. */
export interface Users extends List<User> {
  /** `GET /api/users/:id`: one user with groups and claims. */
  get(user: Reference): Promise<User>;
  /** A test for these filters; undefined if there is none among them. */
  matching(filters: UserFilters): ((user: User) => boolean) | undefined;
  /** `GET /api/users/me`: the owner of the API key. */
  me(): Promise<User>;
  /** `POST /api/users`. */
  create(user: NewUser): Promise<User>;
  /** `PUT /api/users/:id`, changing nothing but the fields given. */
  update(user: Reference, patch: UserPatch): Promise<Updated<User>>;
  /** `DELETE /api/users/:id`. Audit log entries, API keys and passkeys of the user go, too. */
  delete(user: Reference): Promise<void>;
  /** `GET /api/users/:id/groups`: the groups that a user is in. */
  groups(user: Reference): Promise<UserGroupReference[]>;
  /** `PUT /api/users/:id/user-groups`: changes the groups that a user is in. */
  updateGroups(
    user: Reference,
    change: SetChange<Reference<UserGroupReference>>,
  ): Promise<SetChanged<UserGroupReference>>;
}

const UserOnWire = User.loose();
const readOnlyFields: ReadonlySet<string> = new Set(["id", "userGroups", "customClaims", "ldapId"]);
/** What a PUT resets where it is left out. */
const resetByPut = [
  "username",
  "email",
  "emailVerified",
  "firstName",
  "lastName",
  "displayName",
  "isAdmin",
  "locale",
  "disabled",
];
/** Texts that Pocket ID clears with "" and not with null. */
const textFields: ReadonlySet<string> = new Set(["firstName", "lastName", "displayName"]);

export function usersOf(connection: Connection): Users {
  const read = (id: string) => connection.json("GET /api/users/:id", UserOnWire, { params: { id } });
  const find = (user: Reference) => idOf(userFinder, connection, user, "user");

  const { list, all } = userList(connection);
  return {
    list,
    all,
    get: async (user) => read(await find(user)),
    matching,
    me: () => connection.json("GET /api/users/me", UserOnWire),

    async create({ groups, ...user }) {
      await requireFields(connection, "user", user);
      const found = groups && (await findAll(userGroupFinder(connection), groups, "groups"));
      const userGroupIds = found?.map(({ id }) => id);
      // Pocket ID < 2.0 takes no groups on creation.
      const atOnce = await connection.supports("user.userGroupIds");
      const body = wireFields({
        ...user,
        ...(await names(connection, user)),
        ...(atOnce && userGroupIds ? { userGroupIds } : {}),
      });
      const { id } = await connection.json("POST /api/users", UserOnWire, { body });
      if (!atOnce && userGroupIds) {
        await after(`The user ${id} was created; do not create it again.`, () =>
          connection.request("PUT /api/users/:id/user-groups", { params: { id }, body: { userGroupIds } }),
        );
      }
      // The answer to the creation does not load the claims that Pocket ID gives to everyone new.
      return read(id);
    },

    async update(user, patch) {
      await requireFields(connection, "user", patch);
      const seen = await objectOf(userFinder, connection, user, "user");
      const { id } = seen;
      return updateFields(connection, {
        key: `user:${id}`,
        seen,
        read: () => read(id),
        write: async (body) => {
          await connection.request("PUT /api/users/:id", { params: { id }, body: wireFields(body), once: true });
          return [];
        },
        patch: () => patch,
        whole: { route: "GET /api/users/:id", fields: await fieldsOfVersion(connection, "user", resetByPut) },
        readOnly: readOnlyFields,
        reason: ({ ldapId }) =>
          ldapId
            ? "The account is managed by LDAP: change it in the directory, then sync."
            : "Pocket ID kept its own value.",
      });
    },

    async delete(user) {
      await connection.request("DELETE /api/users/:id", { params: { id: await find(user) } });
    },

    groups: async (user) =>
      connection.json("GET /api/users/:id/groups", collection(UserGroupReference), {
        params: { id: await find(user) },
      }),

    async updateGroups(user, change) {
      const groups = await findChange(userGroupFinder(connection), change);
      const { id, userGroups: seen } = await objectOf(userFinder, connection, user, "user");
      return changeSet(connection, {
        key: memberships,
        object: `user:${id}`,
        field: "userGroups",
        seen,
        read: async () => (await read(id)).userGroups,
        write: (userGroupIds) =>
          connection.request("PUT /api/users/:id/user-groups", { params: { id }, body: { userGroupIds }, once: true }),
        change: groups,
      });
    },
  };
}

function matching({
  emailDomain,
  group,
  notInGroup,
  noGroup,
  ldap,
}: UserFilters): ((user: User) => boolean) | undefined {
  if ([emailDomain, group, notInGroup, noGroup, ldap].every((filter) => filter === undefined)) return undefined;
  const domain = emailDomain?.replace(/^@/, "").toLowerCase();
  return ({ email, userGroups, ldapId }) => {
    const isIn = ({ id }: { readonly id: string }) => userGroups.some((userGroup) => userGroup.id === id);
    return (
      (domain === undefined || (email ?? "").toLowerCase().endsWith(`@${domain}`)) &&
      (group === undefined || isIn(group)) &&
      (notInGroup === undefined || !isIn(notInGroup)) &&
      (noGroup === undefined || (userGroups.length === 0) === noGroup) &&
      (ldap === undefined || Boolean(ldapId) === ldap)
    );
  };
}

/** The display name is made of the names where it is left out, as Pocket ID does for those who sign up themselves. */
async function names(connection: Connection, user: NewUser): Promise<Partial<NewUser>> {
  const displayName =
    user.displayName === undefined ? [user.firstName, user.lastName].filter(Boolean).join(" ") : user.displayName;
  if (await connection.supports("user.optionalNames")) return { displayName };
  // Pocket ID < 2.4 takes no user without these two: the username stands in for them.
  return { firstName: user.firstName || user.username, displayName: displayName || user.username };
}

/** Pocket ID refuses an empty e-mail address and keeps texts that are null. */
const wireFields = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => {
      if (textFields.has(field)) return [field, value ?? ""];
      return field === "email" ? [field, value || null] : [field, value];
    }),
  );
