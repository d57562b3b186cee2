import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

const stored = (username: string) => {
  const user = [...mcp.sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`the sandbox holds no ${username}`);
  return user;
};
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const managedByLdap = (username: string) => {
  stored(username).ldapId = `uid=${username}`;
  mcp.sandbox.state.configuration.set("ldapEnabled", "true");
};

describe.each([
  { tool: "user_disable", state: "disabled", disabled: true },
  { tool: "user_enable", state: "enabled", disabled: false },
])("$tool", ({ tool, state, disabled }) => {
  const start = (...usernames: string[]) => {
    for (const username of usernames) stored(username).disabled = !disabled;
  };

  it.each(["2.14", "2.9", "1.16"] as const)("changes several, with a result for each (%s)", async (version) => {
    await mcp.reconnect({ version });
    start("ben", "chloe");
    const { users } = await mcp.ok(tool, { users: ["ben", "chloe@riverside-rowing.example"] });
    expect(users).toEqual([
      { id: stored("ben").id, name: "ben", [state]: true },
      { id: stored("chloe").id, name: "chloe", [state]: true },
    ]);
    for (const name of ["ben", "chloe"]) expect(stored(name).disabled).toBe(disabled);
  });

  it("says of those who are so already that they are, and sends nothing for them", async () => {
    start("ben");
    stored("chloe").disabled = disabled;
    const { users } = await mcp.ok(tool, { users: ["chloe", "ben"] });
    expect(users).toEqual([
      { id: stored("chloe").id, name: "chloe", [state]: true, already: true },
      { id: stored("ben").id, name: "ben", [state]: true },
    ]);
    expect(changingRequests().map(({ path }) => path)).toEqual([`/api/users/${stored("ben").id}`]);
  });

  it("says of those whom LDAP manages that they did not take it, and goes on", async () => {
    start("ben", "chloe");
    managedByLdap("ben");
    const { users } = await mcp.ok(tool, { users: ["ben", "chloe"] });
    expect(users[0]).toMatchObject({ name: "ben", [state]: false, error: expect.stringMatching(/managed by LDAP/) });
    expect(users[1]).toEqual({ id: stored("chloe").id, name: "chloe", [state]: true });
    expect(stored("ben").disabled).toBe(!disabled);
    expect(stored("chloe").disabled).toBe(disabled);
  });

  it("goes on after one whom Pocket ID refuses to change, and says why", async () => {
    start("ben", "chloe");
    stored("ben").email = null;
    const { users } = await mcp.ok(tool, { users: ["ben", "chloe"] });
    expect(users[0]).toMatchObject({ name: "ben", [state]: false, error: expect.stringMatching(/email/) });
    expect(stored("chloe").disabled).toBe(disabled);
  });

  it("fails where Pocket ID refuses every one", async () => {
    start("ben");
    stored("ben").email = null;
    expect(await mcp.fails(tool, { users: ["ben"] })).toMatch(/email/);
  });

  it("leaves everything else of the account as it was, whatever it is", async () => {
    const user = stored("alice");
    const account = fc.record({
      firstName: fc.stringMatching(/^[a-zA-Zäöü ]{0,20}$/),
      lastName: fc.stringMatching(/^[a-zA-Zäöü ]{0,20}$/),
      displayName: fc.stringMatching(/^[a-zA-Zäöü ]{0,20}$/),
      email: fc.stringMatching(/^[a-z]{1,10}@[a-z]{1,10}\.example$/),
      emailVerified: fc.boolean(),
      isAdmin: fc.boolean(),
      locale: fc.option(fc.constantFrom("de", "fr", "en")),
    });
    await fc.assert(
      fc.asyncProperty(account, async (fields) => {
        Object.assign(user, fields, { disabled: !disabled });
        const { updatedAt: _was, ...before } = structuredClone(user);
        await mcp.ok(tool, { users: [user.id] });
        const { updatedAt: _now, ...after } = user;
        expect(after).toEqual({ ...before, disabled });
      }),
      { numRuns: 25 },
    );
  });

  it("changes nobody when one of them is unknown", async () => {
    start("ben");
    expect(await mcp.fails(tool, { users: ["ben", "nobody-here"] })).toMatch(/users\[1\]: there is no user/);
    expect(changingRequests()).toEqual([]);
    expect(stored("ben").disabled).toBe(!disabled);
  });

  it.each([{ users: [] }, { users: "ben" }, { user: "ben" }, {}])("sends nothing for %j", async (values) => {
    expect(await mcp.fails(tool, values)).toMatch(/users?: /);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

it("user_disable says that somebody is disabled, although nothing could be read after that", async () => {
  let written = false;
  mcp.sandbox.intercept = ({ method, url }, response) => {
    if (url?.includes(stored("ben").id) && method === "PUT") written = true;
    if (!written || method !== "GET" || !url?.includes(stored("ben").id)) return false;
    response.writeHead(403, { "content-type": "application/json" }).end('{"error":"Not allowed"}');
    return true;
  };
  const { users } = await mcp.ok("user_disable", { users: ["chloe", "ben"] });
  expect(users).toMatchObject([
    { name: "chloe", disabled: true },
    { name: "ben", disabled: true, error: expect.stringMatching(/^The change was sent\. But then: .*Not allowed/) },
  ]);
  expect(stored("ben").disabled).toBe(true);
});

it("user_disable ends what a person's API keys can do, until user_enable gives it back; everything of theirs stays", async () => {
  const ben = stored("ben");
  const key = createHash("sha256").update("bens-key").digest("hex");
  const [own] = mcp.sandbox.state.apiKeys.values();
  if (own === undefined) throw new Error("the sandbox holds no key");
  mcp.sandbox.state.apiKeys.set("bens", { ...own, id: "bens", userId: ben.id, key });
  const status = async () =>
    (await fetch(`${mcp.sandbox.url}/api/users/me`, { headers: { "x-api-key": "bens-key" } })).status;
  const ofBen = () => ({
    passkeys: [...mcp.sandbox.state.webauthnCredentials.values()].filter(({ userId }) => userId === ben.id).length,
    log: mcp.sandbox.state.auditLog.filter(({ userId }) => userId === ben.id).length,
    groups: [...ben.userGroupIds],
  });
  const before = ofBen();
  expect(await status()).toBe(200);
  await mcp.ok("user_disable", { users: ["ben"] });
  expect(await status()).toBe(403);
  await mcp.ok("user_enable", { users: ["ben"] });
  expect(await status()).toBe(200);
  expect(ofBen()).toEqual(before);
});
