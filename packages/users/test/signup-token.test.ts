import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

// What the answer shows is what this is about; where it goes otherwise stands in the tests of the runtime.
const mcp = useServer(tools, { env: { POCKETID_SECRETS: "reveal" } });

const storedTokens = () => [...mcp.sandbox.state.signupTokens.values()];
const groupId = (name: string) =>
  [...mcp.sandbox.state.userGroups.values()].find((group) => group.name === name)?.id ?? "";
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");

/** A token more than the one that the club has. */
function hold(id: string, more: { token?: string; expiresAt?: string } = {}) {
  const token = {
    id,
    createdAt: "2026-01-01T00:00:00Z",
    token: `Value0f${id.slice(0, 8)}`,
    expiresAt: "2999-01-01T00:00:00Z",
    usageLimit: 1,
    usageCount: 0,
    userGroupIds: [],
    ...more,
  };
  mcp.sandbox.state.signupTokens.set(id, token);
  return token;
}
const firstId = "11111111-1111-4111-8111-111111111111";
const secondId = "22222222-2222-4222-8222-222222222222";

describe("signup_token_list", () => {
  it.each([false, true])("never shows the values, which Pocket ID sends in clear (full: %s)", async (full) => {
    hold(firstId);
    const answer = await mcp.ok("signup_token_list", { full, all: true });
    expect(answer.totalItems).toBe(2);
    for (const { token } of storedTokens()) expect(JSON.stringify(answer)).not.toContain(token);
    for (const row of answer.signupTokens) expect(row).not.toHaveProperty("token");
  });

  it("shows what one needs to know of each, with the names of its groups", async () => {
    const [token] = storedTokens();
    const { signupTokens } = await mcp.ok("signup_token_list");
    expect(signupTokens).toEqual([
      {
        id: token?.id,
        expiresAt: token?.expiresAt,
        usageLimit: 10,
        usageCount: 2,
        userGroups: [{ id: groupId("juniors"), name: "juniors", friendlyName: "Juniors" }],
      },
    ]);
  });

  it("sorts and pages", async () => {
    hold(firstId);
    hold(secondId);
    const sorted = { sort: "expiresAt desc", limit: 2 };
    const [first, second] = [
      await mcp.ok("signup_token_list", sorted),
      await mcp.ok("signup_token_list", { ...sorted, page: 2 }),
    ];
    expect(first).toMatchObject({ page: 1, totalItems: 3, hasMore: true });
    expect(second).toMatchObject({ page: 2, totalItems: 3, hasMore: false });
    expect(
      [...first.signupTokens, ...second.signupTokens]
        .map(({ id }) => id)
        .slice(0, 2)
        .sort(),
    ).toEqual([firstId, secondId]);
  });

  it("sends nothing for a column that Pocket ID would leave aside", async () => {
    expect(await mcp.fails("signup_token_list", { sort: "token" })).toMatch(/sort/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("signup_token_create", () => {
  it("makes a link for the groups that are named, and shows its value this once", async () => {
    const { signupToken, link, token, notes } = await mcp.ok("signup_token_create", {
      ttl: "7d",
      usageLimit: 5,
      groups: ["members", "Regatta 2027"],
    });
    const held = mcp.sandbox.state.signupTokens.get(signupToken.id);
    expect(held).toMatchObject({
      token,
      usageLimit: 5,
      userGroupIds: [groupId("members"), groupId("regatta-2027")],
    });
    expect(link).toBe(`${mcp.sandbox.url}/st/${token}`);
    expect(signupToken.userGroups.map(({ name }: { name: string }) => name)).toEqual(["members", "regatta-2027"]);
    expect(signupToken).not.toHaveProperty("token");
    expect(notes).toBeUndefined();
  });

  it("makes one that works: who signs up with it is in its groups", async () => {
    const { token } = await mcp.ok("signup_token_create", { groups: ["juniors"] });
    const answer = await fetch(`${mcp.sandbox.url}/api/signup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "kim", email: "kim@example.com", firstName: "Kim", lastName: "", token }),
    });
    expect(answer.ok).toBe(true);
    const kim = [...mcp.sandbox.state.users.values()].find(({ username }) => username === "kim");
    expect(kim?.userGroupIds).toEqual([groupId("juniors")]);
  });

  it.each([
    [undefined, 24 * 3_600],
    ["90m", 90 * 60],
    ["31d", 31 * 24 * 3_600],
  ])("lives for one person and %s", async (ttl, seconds) => {
    const started = Date.now();
    const { signupToken } = await mcp.ok("signup_token_create", ttl === undefined ? {} : { ttl });
    const held = mcp.sandbox.state.signupTokens.get(signupToken.id);
    const time = Date.parse(held?.expiresAt ?? "");
    expect(time).toBeGreaterThanOrEqual(started + (seconds - 1) * 1_000);
    expect(time).toBeLessThanOrEqual(Date.now() + (seconds + 1) * 1_000);
    expect(held?.usageLimit).toBe(1);
  });

  it("says that the link does not work while sign-ups are switched off", async () => {
    mcp.sandbox.state.configuration.set("allowUserSignups", "disabled");
    const { notes } = await mcp.ok("signup_token_create");
    expect(notes).toEqual([expect.stringMatching(/switched off: set allowUserSignups to withToken/)]);
  });

  it("makes none that nobody would ever see when the settings cannot be read", async () => {
    mcp.sandbox.intercept = ({ url }, response) => {
      const settings = url === "/api/application-configuration";
      if (settings) response.writeHead(500).end();
      return settings;
    };
    await mcp.fails("signup_token_create");
    expect(storedTokens()).toHaveLength(1);
  });

  it("is never repeated, because each time makes another token", async () => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method === "POST") response.writeHead(503).end();
      return method === "POST";
    };
    await mcp.fails("signup_token_create");
    expect(changingRequests()).toHaveLength(1);
  });

  it("works on 2.9, which takes groups, too", async () => {
    await mcp.reconnect({ version: "2.9" });
    const { signupToken } = await mcp.ok("signup_token_create", { groups: ["members"] });
    expect(mcp.sandbox.state.signupTokens.get(signupToken.id)?.userGroupIds).toEqual([groupId("members")]);
  });

  it("sends no change where groups would be left aside without a word", async () => {
    await mcp.reconnect({ version: "1.16" });
    expect(await mcp.fails("signup_token_create", { groups: ["members"] })).toMatch(
      /groups: it needs Pocket ID 2\.0\.0 or later, and this one is 1\.16\.0/,
    );
    expect(changingRequests()).toEqual([]);
    const { signupToken } = await mcp.ok("signup_token_create");
    expect(mcp.sandbox.state.signupTokens.has(signupToken.id)).toBe(true);
  });

  it("sends no change for a group that is not there", async () => {
    expect(await mcp.fails("signup_token_create", { groups: ["juniors", "seniors"] })).toMatch(
      /groups\[1\]: there is no group "seniors"/,
    );
    expect(changingRequests()).toEqual([]);
  });

  it.each([{ ttl: "32d" }, { ttl: "1s" }, { ttl: "a week" }, { usageLimit: 0 }, { usageLimit: 101 }, { uses: 3 }])(
    "sends nothing for %j",
    async (values) => {
      expect(await mcp.fails("signup_token_create", values)).toMatch(/ttl|usageLimit|uses/);
      expect(mcp.sandbox.requests).toEqual([]);
    },
  );
});

describe("signup_token_delete", () => {
  it("deletes several, with a result for each", async () => {
    hold(firstId);
    hold(secondId);
    const { signupTokens } = await mcp.ok("signup_token_delete", { signupTokens: [firstId, secondId] });
    expect(signupTokens).toEqual([
      { id: firstId, name: firstId, deleted: true },
      { id: secondId, name: secondId, deleted: true },
    ]);
    expect(storedTokens().map(({ token }) => token)).toEqual(["JuniorsJoin4Fun7"]);
  });

  it("deletes none when one of them is unknown, where Pocket ID would say it was done", async () => {
    hold(firstId);
    expect(await mcp.fails("signup_token_delete", { signupTokens: [firstId, secondId] })).toMatch(
      /signupTokens\[1\]: there is no signup token/,
    );
    expect(changingRequests()).toEqual([]);
    expect(storedTokens()).toHaveLength(2);
  });
});
