import type { Connection } from "./connection.ts";
import { NotPossibleError } from "./errors.ts";
import { oidcClientFinder, userFinder, userGroupFinder } from "./finders.ts";
import type { List } from "./list.ts";
import { userGroupList } from "./lists.ts";
import { changeSet, clientAccess, memberships, type SetChange, type SetChanged } from "./membership.ts";
import type { OidcClientReference } from "./objects/oidc-client.ts";
import type { User } from "./objects/user.ts";
import {
  type NewUserGroup,
  UserGroup,
  type UserGroupMember,
  type UserGroupPatch,
  type UserGroupRow,
} from "./objects/user-group.ts";
import { findChange, idOf, objectOf, type Reference } from "./reference.ts";
import { type Updated, updateFields } from "./update.ts";

/** The user groups of an instance. Wherever one is asked for, an id, a name or a friendly name does. */
export interface UserGroups extends List<UserGroupRow> {
  /** `GET /api/user-groups/:id`: one group with members, claims and the clients that name it. */
  get(group: Reference): Promise<UserGroup>;
  /** `POST /api/user-groups`. */
  create(group: NewUserGroup): Promise<UserGroup>;
  /** `PUT /api/user-groups/:id`, changing nothing but the fields given. */
  update(group: Reference, patch: UserGroupPatch): Promise<Updated<UserGroup>>;
  /** `DELETE /api/user-groups/:id`. A client restricted to this group alone is closed to everyone then. */
  delete(group: Reference): Promise<void>;
  /** `PUT /api/user-groups/:id/users`: the members of a group. */
  updateUsers(group: Reference, change: SetChange<Reference<User>>): Promise<SetChanged<UserGroupMember>>;
  /** `PUT /api/user-groups/:id/allowed-oidc-clients`: the clients that name this group; restricts none of them. Pocket ID >= 2.0. */
  updateAllowedClients(
    group: Reference,
    change: SetChange<Reference<OidcClientReference>>,
  ): Promise<SetChanged<OidcClientReference>>;
}

const UserGroupOnWire = UserGroup.loose();
const readOnlyFields: ReadonlySet<string> = new Set([
  "id",
  "users",
  "allowedOidcClients",
  "customClaims",
  "ldapId",
  "createdAt",
  "userCount",
]);

export function userGroupsOf(connection: Connection): UserGroups {
  const read = (id: string) => connection.json("GET /api/user-groups/:id", UserGroupOnWire, { params: { id } });
  const find = (group: Reference) => idOf(userGroupFinder, connection, group, "group");

  const { list, all } = userGroupList(connection);
  return {
    list,
    all,
    get: async (group) => read(await find(group)),

    async create({ name, friendlyName }) {
      const { id } = await connection.json("POST /api/user-groups", UserGroupOnWire, { body: { name, friendlyName } });
      return read(id);
    },

    async update(group, patch) {
      const seen = await objectOf(userGroupFinder, connection, group, "group");
      const { id } = seen;
      return updateFields(connection, {
        key: `group:${id}`,
        seen,
        read: () => read(id),
        write: async (body) => {
          await connection.request("PUT /api/user-groups/:id", { params: { id }, body, once: true });
          return [];
        },
        patch: () => patch,
        whole: { route: "GET /api/user-groups/:id", fields: ["name", "friendlyName"] },
        readOnly: readOnlyFields,
        reason: () => "Pocket ID kept its own value.",
      });
    },

    async delete(group) {
      await connection.request("DELETE /api/user-groups/:id", { params: { id: await find(group) } });
    },

    async updateUsers(group, change) {
      const users = await findChange(userFinder(connection), change);
      const found: Partial<UserGroup> & { id: string } = await objectOf(userGroupFinder, connection, group, "group");
      const { id } = found;
      return changeSet<UserGroupMember>(connection, {
        key: memberships,
        object: `group:${id}`,
        field: "users",
        seen: found.users,
        read: async () => (await read(id)).users,
        write: (userIds) =>
          connection.request("PUT /api/user-groups/:id/users", { params: { id }, body: { userIds }, once: true }),
        change: users,
      });
    },

    async updateAllowedClients(group, change) {
      const clients = await findChange(oidcClientFinder(connection), change);
      const found: Partial<UserGroup> & { id: string } = await objectOf(userGroupFinder, connection, group, "group");
      const { id } = found;
      return changeSet(connection, {
        key: clientAccess,
        object: `group:${id}`,
        field: "allowedOidcClients",
        seen: found.allowedOidcClients,
        read: async () => {
          const { allowedOidcClients } = await read(id);
          if (allowedOidcClients !== undefined) return allowedOidcClients;
          throw new NotPossibleError(
            "Pocket ID before 2.0 does not know the clients of a group. Change each client with oidc_client_update_allowed_groups.",
          );
        },
        write: (oidcClientIds) =>
          connection.request("PUT /api/user-groups/:id/allowed-oidc-clients", {
            params: { id },
            body: { oidcClientIds },
            once: true,
          }),
        change: clients,
      });
    },
  };
}
