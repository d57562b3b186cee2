import { afterEach, describe, expect, it, vi } from "vitest";
import { tools } from "../../packages/users/src/tools.ts";
import { useServer } from "../support/use-server.ts";

const mcp = useServer(tools);
afterEach(() => vi.useRealTimers());

const isDisabled = (username: string) =>
  [...mcp.sandbox.state.users.values()].find((user) => user.username === username)?.disabled;
const changes = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET").map(({ method }) => method);
const disable = { users: ["ben"] };

describe("a dangerous call", () => {
  it("is made once a person has agreed to what it does, where, by which tool", async () => {
    await mcp.ok("user_disable", disable);
    expect(isDisabled("ben")).toBe(true);
    expect(mcp.questions).toEqual([
      `Lock "ben" out? Nobody can sign in with this account, and its API keys stop working. [user_disable on ${new URL(mcp.sandbox.url).host}]`,
    ]);
    expect(mcp.actions()).toMatchObject([{ outcome: "ok", confirmation: "confirmed", client: "test 1" }]);
  });

  it.each([
    ["no", "declined", /The person said no/],
    ["unticked", "declined", /The person said no/],
    ["cancel", "cancelled", /closed without an answer/],
  ] as const)("is not made if the person replies %s", async (reply, confirmation, text) => {
    await mcp.reconnect({ person: () => reply });
    expect(await mcp.fails("user_disable", disable)).toMatch(text);
    expect({ disabled: isDisabled("ben"), changes: changes() }).toEqual({ disabled: false, changes: [] });
    expect(mcp.actions()).toMatchObject([{ outcome: "declined", confirmation }]);
  });

  it("is refused where the client cannot ask, with what the operator could set", async () => {
    await mcp.reconnect({ person: null });
    expect(await mcp.fails("user_disable", disable)).toMatch(/cannot ask one.*POCKETID_CONFIRM=user_disable/);
    expect(changes()).toEqual([]);
    expect(mcp.actions()).toMatchObject([{ outcome: "refused", confirmation: "cannot ask" }]);
  });

  it("is refused where a person would have to be asked more than can be read", async () => {
    const set = Object.fromEntries([1, 2, 3, 4].map((number) => [`key${number}`, "x".repeat(450)]));
    expect(await mcp.fails("custom_claim_set_user", { user: "ben", set: { ...set, role: "admin" } })).toMatch(
      /^Nothing was changed\. This is more than a person can be asked at once\. Call custom_claim_set_user several times/,
    );
    expect({ questions: mcp.questions, changes: changes() }).toEqual({ questions: [], changes: [] });
  });

  it.each(["off", "user_disable", "user_*,api_*"])(
    "goes without a question if POCKETID_CONFIRM is %s",
    async (confirm) => {
      await mcp.reconnect({ person: null, env: { POCKETID_CONFIRM: confirm === "user_*,api_*" ? "user_*" : confirm } });
      await mcp.ok("user_disable", disable);
      expect(mcp.actions()).toMatchObject([{ outcome: "ok", confirmation: "switched off" }]);
    },
  );

  it("is not made if the object changed while the person thought about it", async () => {
    await mcp.reconnect({
      person() {
        for (const user of mcp.sandbox.state.users.values()) if (user.username === "ben") user.isAdmin = true;
        return "yes";
      },
    });
    expect(await mcp.fails("user_disable", disable)).toMatch(/no longer the same/);
    expect({ disabled: isDisabled("ben"), changes: changes() }).toEqual({ disabled: false, changes: [] });
    expect(mcp.actions()).toMatchObject([{ outcome: "refused", confirmation: "changed" }]);
  });

  it("is not made if the answer takes longer than ten minutes", async () => {
    await mcp.reconnect({
      person() {
        vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 601_000 });
        return "yes";
      },
    });
    expect(await mcp.fails("user_disable", disable)).toMatch(/came too late/);
    expect(changes()).toEqual([]);
  });
});
