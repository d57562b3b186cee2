import { User, Username, userFields } from "@pocketid-mcp/core";
import {
  defineDeleteTool,
  defineListTool,
  defineTool,
  groupRef,
  groupRefs,
  outcomeOf,
  updatedFields,
  userRef,
  userRefs,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

export const userList = defineListTool({
  name: "user_list",
  title: "List users",
  description: "Find accounts. totalItems counts all that match.",
  rows: "users",
  row: User.shape,
  short: ["id", "username", "displayName", "email", "isAdmin", "disabled"],
  searches: "in username, e-mail, first and last name",
  sortable: [
    "username",
    "email",
    "firstName",
    "lastName",
    "displayName",
    "createdAt",
    "isAdmin",
    "disabled",
    "emailVerified",
  ],
  newerSorts: { emailVerified: "user.emailVerified" },
  filters: {
    isAdmin: z.boolean().optional().describe("Administrators"),
    disabled: z.boolean().optional().describe("Disabled"),
    emailVerified: z.boolean().optional().describe("E-mail verified"),
    emailDomain: z.string().max(255).optional().describe("Like example.com"),
    group: groupRef.optional().describe("In this group"),
    notInGroup: groupRef.optional().describe("Not in this group"),
    noGroup: z.boolean().optional().describe("In no group"),
    ldap: z.boolean().optional().describe("From LDAP"),
  },
  routes: ["GET /api/users"],
  async source({ isAdmin, disabled, emailVerified, ...filters }, { pocketId }) {
    if (emailVerified !== undefined) await pocketId.require("user.emailVerified", "emailVerified");
    return {
      list: pocketId.users,
      filters: { isAdmin, disabled, emailVerified },
      matches: pocketId.users.matching(filters),
    };
  },
});

export const userGet = defineTool({
  name: "user_get",
  title: "Show a user",
  description: "One account with its groups and custom claims.",
  risk: "read",
  input: { user: userRef },
  output: { user: User },
  routes: ["GET /api/users/:id"],
  run: async ({ user }, { pocketId }) => ({ user: await pocketId.users.get(user) }),
});

export const userGetCurrent = defineTool({
  name: "user_get_current",
  title: "Show the owner of the API key",
  description: "The account that the API key acts as.",
  risk: "read",
  input: {},
  output: { user: User },
  routes: ["GET /api/users/me"],
  run: async (_values, { pocketId }) => ({ user: await pocketId.users.me() }),
});

export const userCreate = defineTool({
  name: "user_create",
  title: "Create a user",
  description: "Create an account.",
  risk: "write",
  input: {
    username: Username,
    ...userFields,
    groups: groupRefs.optional().describe("Default: the groups of new users"),
    id: z.uuid().optional().describe("UUID of your own"),
  },
  output: { user: User },
  routes: ["POST /api/users", "PUT /api/users/:id/user-groups", "GET /api/users/:id"],
  run: async (user, { pocketId }) => ({ user: await pocketId.users.create(user) }),
});

export const userUpdate = defineTool({
  name: "user_update",
  title: "Change a user",
  description: "Change fields of an account; others stay, null clears.",
  // It can make administrators and lock people out; a rename is as harmless as it sounds.
  risk: "danger",
  input: { user: userRef, username: Username.optional(), ...userFields },
  output: { user: User, ...updatedFields },
  routes: ["PUT /api/users/:id", "GET /api/users/:id"],
  async run({ user, ...patch }, { pocketId }) {
    const { object, ...outcome } = await pocketId.users.update(user, patch);
    return { user: object, ...outcomeOf(outcome) };
  },
});

export const userDelete = defineDeleteTool({
  name: "user_delete",
  title: "Delete users",
  description: "Delete accounts with their audit log, API keys and passkeys. user_disable keeps them.",
  kind: "user",
  plural: "users",
  references: userRefs,
  routes: ["DELETE /api/users/:id"],
  label: ({ username }) => username,
  remove: (user, { pocketId }) => pocketId.users.delete(user),
});
