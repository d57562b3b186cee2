import { lockOutRoutes, type PocketIdClient, type User } from "@pocketid-mcp/core";
import { checkSome, defineTool, type Ending, oneByOne, quotedAll, userRefs } from "@pocketid-mcp/core/runtime";
import * as z from "zod";
import { administratorsAmong, namesOf, standing } from "./naming.ts";

const row = { id: z.string(), name: z.string() };
const ending = { already: z.literal(true).optional(), error: z.string().optional() };
const label = ({ username }: User): string => username;

const setDisabled =
  ({ users }: PocketIdClient, disabled: boolean) =>
  async (user: User): Promise<Ending> => {
    const { changed, notApplied } = await users.update(user, { disabled });
    const [refused] = notApplied;
    if (refused !== undefined) return { error: refused.reason };
    return changed.includes("disabled") ? {} : { already: true };
  };

/** What it means to let accounts in again, and to lock them out. */
export const enabling = (users: readonly User[]): string =>
  `Let ${quotedAll(users.map(({ username }) => username))} sign in again, with the groups, passkeys and API keys of before?${administratorsAmong(users)}`;
export const disabling = (users: readonly User[]): string =>
  `Lock ${namesOf(users)} out? Nobody can sign in with ${
    users.length === 1 ? "this account, and its" : "these accounts, and their"
  } API keys stop working.${administratorsAmong(users)}`;

export const userEnable = defineTool({
  name: "user_enable",
  title: "Enable users",
  description: "Let disabled accounts sign in again.",
  // It gives access back that somebody took away.
  risk: "danger",
  asks: {
    when: "when one of them is disabled",
    async question({ users }) {
      const waiting = users.filter(({ disabled }) => disabled);
      return waiting.length === 0 ? undefined : { text: enabling(waiting), about: standing(users) };
    },
  },
  input: { users: userRefs },
  output: { users: z.array(z.object({ ...row, enabled: z.boolean(), ...ending })) },
  routes: ["PUT /api/users/:id", "GET /api/users/:id"],
  check: ({ users }) => checkSome("users", users, "enable"),
  // It locks nobody out by itself. It writes whole accounts as they were read, though, and so waits for what another server makes of them.
  guard: () => async () => undefined,
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
    when: "when one of them is enabled",
    async question({ users }) {
      const enabled = users.filter(({ disabled }) => !disabled);
      return enabled.length === 0 ? undefined : { text: disabling(enabled), about: standing(users) };
    },
  },
  input: { users: userRefs },
  output: { users: z.array(z.object({ ...row, disabled: z.boolean(), ...ending })) },
  routes: ["PUT /api/users/:id", "GET /api/users/:id", ...lockOutRoutes],
  check: ({ users }) => checkSome("users", users, "disable"),
  guard:
    ({ users }) =>
    ({ pocketId }) =>
      pocketId.lockOut.accounts(users),
  run: async ({ users }, { pocketId }) => ({
    users: await oneByOne(users, { label, result: (disabled) => ({ disabled }), act: setDisabled(pocketId, true) }),
  }),
});
