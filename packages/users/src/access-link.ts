import { defaultAccessLifetime, durationInWords, parseTokenLifetime, type User } from "@pocketid-mcp/core";
import { defineTool, quoted, quotedWhole, userRef } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const UserName = z.object({ id: z.string(), username: z.string() });
const ttl = z.string().max(20).optional().describe("Like 7d; default 15m");
const checkTtl = ({ ttl }: { ttl?: string | undefined }): void => {
  if (ttl !== undefined) parseTokenLifetime(ttl);
};

const once = ({ username }: User, ttl = defaultAccessLifetime): string =>
  `signs in as ${quoted(username)} once, within ${durationInWords(parseTokenLifetime(ttl).seconds)}`;
const impersonation = ({ username, isAdmin }: User): string =>
  `is ${quoted(username)} then${isAdmin ? ", an administrator, and can change everything" : ""}.`;
const standing = ({ id, username, isAdmin, disabled }: User) => ({ id, username, isAdmin, disabled });

export const userCreateOneTimeAccessToken = defineTool({
  name: "user_create_one_time_access_token",
  title: "Create an access link",
  description: "A link that signs in as this account once. Whoever has it is that person.",
  risk: "danger",
  asks: {
    when: "always",
    question: async ({ user, ttl }) => ({
      text: `Make a link that ${once(user, ttl)}? Whoever opens it ${impersonation(user)}`,
      about: standing(user),
    }),
  },
  input: { user: userRef, ttl },
  output: { user: UserName, link: z.string(), token: z.string(), expiresAt: z.string() },
  routes: ["POST /api/users/:id/one-time-access-token", "GET /.well-known/openid-configuration"],
  reveals: ["token", "link"],
  check: checkTtl,
  run: async ({ user, ttl }, { pocketId }) => ({
    user,
    ...(await pocketId.oneTimeAccess.createToken(user, ttl)),
    ...(user.disabled ? { notes: ["The account is disabled: the link works once user_enable has run."] } : {}),
  }),
});

export const userSendAccessEmail = defineTool({
  name: "user_send_access_email",
  title: "Mail an access link",
  description: "Mail the person a link that signs in once. Says which setting is missing.",
  risk: "danger",
  asks: {
    when: "always",
    async question({ user, ttl }, { pocketId }) {
      const address = await pocketId.oneTimeAccess.addressOf(user);
      return {
        text: `Mail ${quotedWhole(address)} a link that ${once(user, ttl)}? Whoever reads that mailbox ${impersonation(user)}`,
        about: { ...standing(user), address },
      };
    },
  },
  openWorld: true,
  input: { user: userRef, ttl },
  output: { user: UserName, email: z.string(), expiresAt: z.string() },
  routes: ["POST /api/users/:id/one-time-access-email", "GET /api/users/:id", "GET /api/application-configuration/all"],
  check: checkTtl,
  async run({ user, ttl }, { pocketId }) {
    const sent = await pocketId.oneTimeAccess.sendEmail(user, ttl);
    return {
      user,
      ...sent,
      notes: ["Pocket ID sends the mail in the background and does not tell whether it arrived."],
    };
  },
});
