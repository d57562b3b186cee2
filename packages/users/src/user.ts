import { groupEffectRoutes, lockOutRoutes, type PocketIdClient, User, Username, userFields } from "@pocketid-mcp/core";
import {
  counted,
  defineDeleteTool,
  defineListTool,
  defineTool,
  groupRef,
  groupRefs,
  outcomeOf,
  quoted,
  quotedWhole,
  updatedFields,
  userRef,
  userRefs,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";
import { disabling, enabling } from "./enable-disable.ts";
import { administratorsAmong, joiningTexts, namesOf, standing } from "./naming.ts";

const administrators = "An administrator can change everything here, and sign in as anybody.";

/** Whether Pocket ID mails links that sign in to whoever asks for one. */
const mailsLinks = async ({ applicationConfiguration }: PocketIdClient): Promise<boolean> =>
  (await applicationConfiguration.get()).emailOneTimeAccessAsUnauthenticatedEnabled === true;

/** Why it matters what an account is called. */
const passesFor = (what: string): string =>
  `An application that knows people by ${what} takes this account for whoever had it there.`;

export const userList = defineListTool({
  name: "user_list",
  title: "List users",
  description: "Find accounts. totalItems counts all that match.",
  rows: "users",
  row: User.shape,
  short: ["id", "username", "displayName", "email", "isAdmin", "disabled"],
  searches: "in username, email, first and last name",
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
    emailVerified: z.boolean().optional().describe("Email verified"),
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
  risk: "danger",
  asks: {
    when: "when it creates an administrator, or somebody who can have a sign-in link mailed",
    async question({ username, email, isAdmin, disabled, groups }, { pocketId }) {
      const comesIn = email && !disabled && (await mailsLinks(pocketId)) ? email : undefined;
      if (!isAdmin && comesIn === undefined) return undefined;
      const joined = groups?.length ? groups : await pocketId.signupTokens.defaultGroups();
      const effect = await pocketId.groupEffects.ofJoining(joined);
      return {
        text: [
          `Create ${quoted(username)}${isAdmin ? " as an administrator" : ""}?`,
          ...(isAdmin ? [administrators] : []),
          ...(comesIn === undefined
            ? []
            : [`Whoever reads mail at ${quotedWhole(comesIn)} can get a link that signs in.`]),
          ...joiningTexts(`${quoted(username)} is`, joined, effect),
        ].join(" "),
        about: { groups: joined.map(({ id, name }) => ({ id, name })), effect },
      };
    },
  },
  input: {
    username: Username,
    ...userFields,
    groups: groupRefs.optional().describe("Else those of new users"),
    id: z.uuid().optional().describe("Your own UUID"),
  },
  output: { user: User },
  routes: [
    "POST /api/users",
    "PUT /api/users/:id/user-groups",
    "GET /api/users/:id",
    "GET /api/application-configuration",
    "GET /api/application-configuration/all",
    ...groupEffectRoutes,
  ],
  run: async (user, { pocketId }) => ({ user: await pocketId.users.create(user) }),
});

export const userUpdate = defineTool({
  name: "user_update",
  title: "Change a user",
  description: "Change fields of an account; others stay, null clears.",
  // It can make administrators, lock people out, and put one person in the place of another; a new language does nothing of that.
  risk: "danger",
  asks: {
    when: "when it makes or unmakes an administrator, disables or enables, or changes username or e-mail address, by which applications may know people",
    async question({ user, isAdmin, disabled, username, email, emailVerified }, { pocketId }) {
      const name = quoted(user.username);
      const promoted = isAdmin === true && !user.isAdmin;
      const texts = [
        promoted ? `Make ${name} an administrator? ${administrators}` : "",
        isAdmin === false && user.isAdmin ? `Make ${name}, who is an administrator, an ordinary user?` : "",
        disabled === true && !user.disabled ? disabling([user]) : "",
        disabled === false && user.disabled ? enabling([user]) : "",
      ];
      if (username !== undefined && username !== user.username)
        texts.push(`Change the username of ${name} to ${quoted(username)}? ${passesFor("username")}`);
      const verified = emailVerified === true && !(user.emailVerified && (email ?? user.email) === user.email);
      if (email && email !== user.email) {
        const before = user.email ? ` from ${quotedWhole(user.email)}` : "";
        // Mailed links, if not now then once they are switched on, go where the address says.
        const link = promoted || user.isAdmin || (await mailsLinks(pocketId));
        const means = link
          ? `Whoever reads mail there can get a link that signs in as ${name}${user.isAdmin ? ", an administrator" : ""}.`
          : passesFor("e-mail address");
        texts.push(
          `Change the e-mail address of ${name}${before} to ${quotedWhole(email)}${verified ? ", as verified" : ""}? ${means}`,
        );
      } else if (verified && user.email)
        texts.push(`Say that ${quotedWhole(user.email)} is verified to be of ${name}? ${passesFor("e-mail address")}`);
      const asked = texts.filter(Boolean);
      return asked.length === 0 ? undefined : { text: asked.join(" "), about: [...standing([user]), user.email] };
    },
  },
  input: { user: userRef, username: Username.optional(), ...userFields },
  output: { user: User, ...updatedFields },
  routes: ["PUT /api/users/:id", "GET /api/users/:id", ...lockOutRoutes],
  guard({ user, isAdmin, disabled, email }) {
    const leaves = isAdmin === false || disabled === true;
    // Also a new name writes the whole account as it was read: an administrator whom another server has made since would be one no more.
    return async ({ pocketId: { lockOut } }) => {
      if (leaves) await lockOut.accounts([user]);
      if (email !== undefined) await lockOut.email(user, email);
    };
  },
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
  routes: ["DELETE /api/users/:id", ...lockOutRoutes],
  guard:
    (users) =>
    ({ pocketId }) =>
      pocketId.lockOut.deletion(users),
  async question(users, { pocketId }) {
    const passkeys = await pocketId.passkeys.count(users);
    const memberships = users.reduce((sum, { userGroups }) => sum + userGroups.length, 0);
    const [whom, these] =
      users.length === 1
        ? [`${namesOf(users)} for good`, "Its"]
        : [`${users.length} accounts for good: ${namesOf(users)}`, "Their"];
    const what = [
      `${these} entries in the audit log`,
      "API keys",
      passkeys === undefined ? "passkeys" : counted(passkeys, "passkey"),
    ];
    return {
      text: `Delete ${whom}? ${what.join(", ")} and ${counted(memberships, "group membership")} go, too.${administratorsAmong(users)} To lock out and keep all that, say no and ask for user_disable.`,
      about: { users: standing(users), passkeys, memberships },
    };
  },
  label: ({ username }) => username,
  remove: (user, { pocketId }) => pocketId.users.delete(user),
});
