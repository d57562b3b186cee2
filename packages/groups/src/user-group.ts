import {
  checkSetChange,
  OidcClientReference,
  UserGroup,
  UserGroupReference,
  UserGroupRow,
  userGroupFields,
} from "@pocketid-mcp/core";
import {
  clientRefs,
  defineDeleteTool,
  defineListTool,
  defineTool,
  groupRef,
  groupRefs,
  membershipFields,
  outcomeOf,
  setChangeFields,
  updatedFields,
  userRefs,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

export const userGroupList = defineListTool({
  name: "user_group_list",
  title: "List groups",
  description: "Find user groups.",
  rows: "groups",
  row: UserGroupRow.shape,
  short: ["id", "name", "friendlyName", "userCount"],
  searches: "in the name",
  sortable: ["name", "friendlyName", "userCount", "createdAt"],
  filters: { empty: z.boolean().optional().describe("Without members, or with some") },
  routes: ["GET /api/user-groups"],
  source: ({ empty }, { pocketId }) => ({
    list: pocketId.userGroups,
    matches: empty === undefined ? undefined : ({ userCount }: UserGroupRow) => (userCount === 0) === empty,
  }),
});

export const userGroupGet = defineTool({
  name: "user_group_get",
  title: "Show a group",
  description: "One group with members, claims and clients.",
  risk: "read",
  input: { group: groupRef },
  output: { group: UserGroup },
  routes: ["GET /api/user-groups/:id"],
  run: async ({ group }, { pocketId }) => ({ group: await pocketId.userGroups.get(group) }),
});

export const userGroupCreate = defineTool({
  name: "user_group_create",
  title: "Create a group",
  description: "Create a user group.",
  risk: "write",
  input: { name: userGroupFields.name, friendlyName: userGroupFields.friendlyName.optional() },
  output: { group: UserGroup },
  routes: ["POST /api/user-groups", "GET /api/user-groups/:id"],
  run: async ({ name, friendlyName = name }, { pocketId }) => ({
    group: await pocketId.userGroups.create({ name, friendlyName }),
  }),
});

export const userGroupUpdate = defineTool({
  name: "user_group_update",
  title: "Rename a group",
  description: "Change the names of a group.",
  risk: "write",
  input: {
    group: groupRef,
    name: userGroupFields.name.optional(),
    friendlyName: userGroupFields.friendlyName.optional(),
  },
  output: { group: UserGroup, ...updatedFields },
  routes: ["PUT /api/user-groups/:id", "GET /api/user-groups/:id"],
  async run({ group, ...patch }, { pocketId }) {
    const { object, ...outcome } = await pocketId.userGroups.update(group, patch);
    return { group: object, ...outcomeOf(outcome) };
  },
});

export const userGroupDelete = defineDeleteTool({
  name: "user_group_delete",
  title: "Delete groups",
  description: "Delete groups. A client restricted to such a group alone is then closed to everyone.",
  kind: "group",
  plural: "groups",
  references: groupRefs,
  routes: ["DELETE /api/user-groups/:id"],
  label: ({ name }) => name,
  remove: (group, { pocketId }) => pocketId.userGroups.delete(group),
});

const Member = z.object({ id: z.string(), username: z.string() });

export const userGroupUpdateUsers = defineTool({
  name: "user_group_update_users",
  title: "Change the members of a group",
  description: "Change the members of a group; others stay unless replace is used.",
  risk: "write",
  input: { group: groupRef, ...setChangeFields(userRefs) },
  output: { group: UserGroupReference, users: z.array(Member), ...membershipFields(Member) },
  routes: ["PUT /api/user-groups/:id/users", "GET /api/user-groups/:id"],
  check: checkSetChange,
  async run({ group, ...change }, { pocketId }) {
    const { items, ...outcome } = await pocketId.userGroups.updateUsers(group, change);
    return { group, users: items, ...outcomeOf(outcome) };
  },
});

export const userGroupUpdateAllowedClients = defineTool({
  name: "user_group_update_allowed_clients",
  title: "Change the clients that name a group",
  description: "Change which clients allow this group. Counts only where a client is restricted.",
  risk: "danger",
  input: { group: groupRef, ...setChangeFields(clientRefs) },
  output: {
    group: UserGroupReference,
    clients: z.array(OidcClientReference),
    ...membershipFields(OidcClientReference),
  },
  routes: ["PUT /api/user-groups/:id/allowed-oidc-clients", "GET /api/user-groups/:id", "GET /api/oidc/clients/:id"],
  check: checkSetChange,
  async run({ group, ...change }, { pocketId }) {
    const { items, ...outcome } = await pocketId.userGroups.updateAllowedClients(group, change);
    const notes = await pocketId.oidcClients.explainAllowed(outcome.added, outcome.removed);
    return { group, clients: items, ...outcomeOf(outcome, notes) };
  },
});
