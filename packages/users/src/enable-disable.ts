import type { PocketIdClient, User } from "@pocketid-mcp/core";
import { checkSome, defineTool, type Ending, oneByOne, quotedSome, userRefs } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const row = { id: z.string(), name: z.string() };
const ending = { already: z.literal(true).optional(), error: z.string().optional() };
const label = ({ username }: User): string => username;

const namesOf = (users: readonly User[]): string => quotedSome(users.map(label));
/** What a question about accounts stands on. */
const standing = (users: readonly User[]) =>
  users.map(({ id, username, disabled, isAdmin }) => ({ id, username, disabled, isAdmin }));

const setDisabled =
  ({ users }: PocketIdClient, disabled: boolean) =>
  async (user: User): Promise<Ending> => {
    const { changed, notApplied } = await users.update(user, { disabled });
    const [refused] = notApplied;
    if (refused !== undefined) return { error: refused.reason };
    return changed.includes("disabled") ? {} : { already: true };
  };

export const userEnable = defineTool({
  name: "user_enable",
  title: "Enable users",
  description: "Let disabled accounts sign in again.",
  // It gives access back that somebody took away.
  risk: "danger",
  asks: {
    when: "always",
    question: async ({ users }) => ({
      text: `Let ${namesOf(users)} sign in again?`,
      about: standing(users),
    }),
  },
  input: { users: userRefs },
  output: { users: z.array(z.object({ ...row, enabled: z.boolean(), ...ending })) },
  routes: ["PUT /api/users/:id", "GET /api/users/:id"],
  check: ({ users }) => checkSome("users", users, "enable"),
  run: async ({ users }, { pocketId }) => ({
    users: await oneByOne(users, { label, result: (enabled) => ({ enabled }), act: setDisabled(pocketId, false) }),
  }),
});

export const userDisable = defineTool({
  name: "user_disable",
  title: "Disable users",
  description: "Lock accounts out, with their API keys. Groups, passkeys and history stay.",
  risk: "danger",
  asks: {
    when: "always",
    question: async ({ users }) => ({
      text: `Lock ${namesOf(users)} out? Nobody can sign in with ${users.length === 1 ? "this account" : "these accounts"}, and API keys of them stop to work.`,
      about: standing(users),
    }),
  },
  input: { users: userRefs },
  output: { users: z.array(z.object({ ...row, disabled: z.boolean(), ...ending })) },
  routes: ["PUT /api/users/:id", "GET /api/users/:id"],
  check: ({ users }) => checkSome("users", users, "disable"),
  run: async ({ users }, { pocketId }) => ({
    users: await oneByOne(users, { label, result: (disabled) => ({ disabled }), act: setDisabled(pocketId, true) }),
  }),
});
