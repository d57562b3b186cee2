import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

// What the answer shows is what this is about; where it goes otherwise stands in the tests of the runtime.
const mcp = useServer(tools, { env: { POCKETID_SECRETS: "reveal" } });

const day = 24 * 3_600_000;
const keys = () => [...mcp.sandbox.state.apiKeys.values()];
const keyNamed = (name: string) => {
  const key = keys().find((candidate) => candidate.name === name);
  if (key === undefined) throw new Error(`the sandbox holds no key ${name}`);
  return key;
};
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const requestsTo = (path: string) => mcp.sandbox.requests.filter((request) => request.path === path);
const ownerOf = async (key: string) =>
  (await fetch(`${mcp.sandbox.url}/api/users/me`, { headers: { "x-api-key": key } })).json();

/** A key more of the administrator, or of somebody else. */
function hold(id: string, name: string, more: { userId?: string; value?: string; expiresAt?: string } = {}) {
  const { userId = mcp.sandbox.adminId, value = name, expiresAt = "2999-01-01T00:00:00Z" } = more;
  mcp.sandbox.state.apiKeys.set(id, {
    id,
    createdAt: "2026-01-01T00:00:00Z",
    userId,
    name,
    description: null,
    key: createHash("sha256").update(value).digest("hex"),
    expiresAt,
    lastUsedAt: null,
    expirationEmailSent: false,
  });
  return id;
}
const id = (digit: number) => `${String(digit).repeat(8)}-1111-4111-8111-111111111111`;

/** Every session that was opened has been ended, by the one who opened it. */
function expectSessionsEnded(count: number): void {
  const sessions = [...mcp.sandbox.state.sessions.values()];
  expect(sessions).toHaveLength(count);
  const logouts = requestsTo("/api/webauthn/logout");
  expect(logouts.map(({ headers }) => headers.authorization)).toEqual(sessions.map(({ token }) => `Bearer ${token}`));
  expect(logouts.every(({ headers }) => !("x-api-key" in headers))).toBe(true);
  expect([...mcp.sandbox.state.oneTimeAccessTokens]).toEqual([]);
}

/** Answers one kind of request in the place of Pocket ID. */
function refuse(path: RegExp, status: number): void {
  mcp.sandbox.intercept = ({ method, url }, response) => {
    if (method !== "POST" || !path.test(url ?? "")) return false;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: "Something went wrong", code: "internal_error" }));
    return true;
  };
}

describe("api_key_list", () => {
  it("answers the keys of the owner of the key in use, and no value", async () => {
    hold(id(1), "Of somebody else", { userId: "somebody-else" });
    const { apiKeys, totalItems } = await mcp.ok("api_key_list", { sort: "name" });
    expect(apiKeys.map(({ name }: { name: string }) => name)).toEqual(["Assistant", "Backup script"]);
    expect(totalItems).toBe(2);
    expect(Object.keys(apiKeys[0]).sort()).toEqual(["expiresAt", "id", "lastUsedAt", "name"]);
  });

  it("shows everything but the value in full rows", async () => {
    const answer = await mcp.ok("api_key_list", { full: true, all: true });
    expect(answer.apiKeys).toContainEqual(
      expect.objectContaining({ name: "Assistant", description: "The key that the sandbox was started with" }),
    );
    expect(JSON.stringify(answer)).not.toContain(mcp.sandbox.apiKey);
    for (const { key } of keys()) expect(JSON.stringify(answer)).not.toContain(key);
  });

  it("sorts and pages", async () => {
    for (const digit of [1, 2, 3]) hold(id(digit), `Key ${digit}`);
    const page = (number: number) => mcp.ok("api_key_list", { sort: "name desc", limit: 2, page: number });
    const pages = [await page(1), await page(2), await page(3), await page(4)];
    expect(pages.flatMap(({ apiKeys }) => apiKeys.map(({ name }: { name: string }) => name))).toEqual([
      "Key 3",
      "Key 2",
      "Key 1",
      "Backup script",
      "Assistant",
    ]);
    expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, false, false]);
    expect(pages.map(({ totalItems }) => totalItems)).toEqual([5, 5, 5, 5]);
  });

  it("sends nothing for a column that Pocket ID would leave aside", async () => {
    expect(await mcp.fails("api_key_list", { sort: "owner" })).toMatch(/sort/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("api_key_create", () => {
  it.each(["2.14", "2.9", "1.16"] as const)(
    "makes a key of the same owner through a short session, although keys may make none (%s)",
    async (version) => {
      await mcp.reconnect({ version });
      const { apiKey, token } = await mcp.ok("api_key_create", {
        name: "Nightly export",
        description: "For the cron job",
        expiresAt: "90d",
      });
      const held = mcp.sandbox.state.apiKeys.get(apiKey.id);
      expect(held).toMatchObject({
        userId: mcp.sandbox.adminId,
        name: "Nightly export",
        description: "For the cron job",
      });
      expect(await ownerOf(token)).toMatchObject({ username: "robin", isAdmin: true });
      expectSessionsEnded(1);
    },
  );

  it("leaves the other keys as they are", async () => {
    const before = structuredClone(keys()).map(({ lastUsedAt: _now, ...key }) => key);
    const { apiKey } = await mcp.ok("api_key_create", { name: "Export", expiresAt: "1d" });
    const others = keys().filter((key) => key.id !== apiKey.id);
    expect(others.map(({ lastUsedAt: _now, ...key }) => key)).toEqual(before);
  });

  it("shows nothing of the session with which it was made", async () => {
    const answer = JSON.stringify(await mcp.ok("api_key_create", { name: "Export", expiresAt: "1d" }));
    const [session] = mcp.sandbox.state.sessions.keys();
    expect(answer).not.toContain(session);
  });

  it.each([
    ["90d", 90],
    ["2w", 14],
    ["1y", 365],
    ["36h", 1.5],
  ])("ends after %s", async (expiresAt, days) => {
    const started = Date.now();
    const { apiKey } = await mcp.ok("api_key_create", { name: "Export", expiresAt });
    const time = Date.parse(mcp.sandbox.state.apiKeys.get(apiKey.id)?.expiresAt ?? "");
    expect(time).toBeGreaterThanOrEqual(started + days * day - 1_000);
    expect(time).toBeLessThanOrEqual(Date.now() + days * day + 1_000);
  });

  it.each([
    ["2099-06-30T12:00:00Z", "2099-06-30T12:00:00Z"],
    ["2099-06-30T14:00:00+02:00", "2099-06-30T12:00:00Z"],
    ["2099-06-30", "2099-06-30T00:00:00Z"],
  ])("ends at %s", async (expiresAt, held) => {
    const { apiKey } = await mcp.ok("api_key_create", { name: "Export", expiresAt });
    expect(mcp.sandbox.state.apiKeys.get(apiKey.id)?.expiresAt).toBe(held);
  });

  it.each([
    ["no end", { name: "Export" }, /expiresAt: this argument is needed/],
    ["an end in the past", { name: "Export", expiresAt: "2020-01-01T00:00:00Z" }, /expiresAt: .*in the future/],
    ["an end now", { name: "Export", expiresAt: "0d" }, /expiresAt: .*in the future/],
    ["an end that is no time", { name: "Export", expiresAt: "next year" }, /expiresAt: .*not a point in time/],
    ["an end beyond the calendar", { name: "Export", expiresAt: "999999999999999y" }, /expiresAt: /],
    ["a name of two characters", { name: "ab", expiresAt: "1d" }, /name: /],
    ["a name of 51 characters", { name: "a".repeat(51), expiresAt: "1d" }, /name: /],
    ["no name", { expiresAt: "1d" }, /name: this argument is needed/],
  ])("sends nothing for %s", async (_case, values, message) => {
    expect(await mcp.fails("api_key_create", values)).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it.each([503, 500, 400])("is never repeated, and the session is ended, when Pocket ID answers %d", async (status) => {
    const before = keys().length;
    refuse(/^\/api\/api-keys$/, status);
    await mcp.fails("api_key_create", { name: "Export", expiresAt: "1d" });
    expect(requestsTo("/api/api-keys")).toHaveLength(1);
    expect(keys()).toHaveLength(before);
    expectSessionsEnded(1);
  });

  it("opens no session where none can be opened, and asks for a token once", async () => {
    refuse(/one-time-access-token$/, 503);
    await mcp.fails("api_key_create", { name: "Export", expiresAt: "1d" });
    expect(changingRequests()).toHaveLength(1);
    expect(mcp.sandbox.state.sessions.size).toBe(0);
  });

  it("shows the key although signing out fails", async () => {
    refuse(/logout$/, 503);
    const { token } = await mcp.ok("api_key_create", { name: "Export", expiresAt: "1d" });
    expect(await ownerOf(token)).toMatchObject({ username: "robin" });
  });

  it("says what to look at when a proxy swallows the session", async () => {
    mcp.sandbox.intercept = ({ method, url }, response) => {
      const redeemed = method === "POST" && /^\/api\/one-time-access-token\//.test(url ?? "");
      if (redeemed) response.writeHead(200, { "content-type": "application/json" }).end("{}");
      return redeemed;
    };
    expect(await mcp.fails("api_key_create", { name: "Export", expiresAt: "1d" })).toMatch(/proxy.*cookies/);
    expect(requestsTo("/api/api-keys")).toEqual([]);
  });
});

describe("api_key_renew", () => {
  it.each(["2.14", "2.9"] as const)(
    "gives an expired key a new value; the old one stays dead (%s)",
    async (version) => {
      await mcp.reconnect({ version });
      hold(id(1), "Export", { value: "old-value", expiresAt: "2026-02-01T00:00:00Z" });
      const { apiKey, token } = await mcp.ok("api_key_renew", { apiKey: "export", expiresAt: "2099-01-01" });
      expect(apiKey).toMatchObject({ id: id(1), name: "Export" });
      expect(mcp.sandbox.state.apiKeys.get(id(1))?.expiresAt).toBe("2099-01-01T00:00:00Z");
      expect(await ownerOf(token)).toMatchObject({ username: "robin" });
      expect(await ownerOf("old-value")).toMatchObject({ error: "You are not signed in" });
      expectSessionsEnded(1);
    },
  );

  it("finds the key by id, too", async () => {
    const { id: expired } = keyNamed("Backup script");
    const { token } = await mcp.ok("api_key_renew", { apiKey: expired, expiresAt: "30d" });
    expect(await ownerOf(token)).toMatchObject({ username: "robin" });
  });

  it("refuses a key that still works before any session is opened", async () => {
    const before = structuredClone(keyNamed("Assistant").key);
    expect(await mcp.fails("api_key_renew", { apiKey: "Assistant", expiresAt: "30d" })).toMatch(
      /apiKey: Assistant works until .*renews expired keys only.*api_key_create/,
    );
    expect(changingRequests()).toEqual([]);
    expect(keyNamed("Assistant").key).toBe(before);
  });

  it("is refused before any session is opened where Pocket ID cannot renew", async () => {
    await mcp.reconnect({ version: "1.16" });
    expect(await mcp.fails("api_key_renew", { apiKey: "Backup script", expiresAt: "30d" })).toMatch(
      /Pocket ID 1\.16\.0 has no operation POST \/api\/api-keys\/:id\/renew\. It came with 2\.2\.0/,
    );
    expect(changingRequests()).toEqual([]);
  });

  it("is never repeated, and the session is ended, when Pocket ID fails", async () => {
    refuse(/renew$/, 503);
    await mcp.fails("api_key_renew", { apiKey: "Backup script", expiresAt: "30d" });
    expect(requestsTo(`/api/api-keys/${keyNamed("Backup script").id}/renew`)).toHaveLength(1);
    expectSessionsEnded(1);
  });

  it("does not guess which of two keys of the same name is meant", async () => {
    hold(id(1), "Export", { expiresAt: "2026-02-01T00:00:00Z" });
    hold(id(2), "Export", { expiresAt: "2026-02-01T00:00:00Z" });
    const text = await mcp.fails("api_key_renew", { apiKey: "Export", expiresAt: "30d" });
    expect(text).toMatch(/2 of them are called "Export"/);
    for (const digit of [1, 2]) expect(text).toContain(id(digit));
    expect(changingRequests()).toEqual([]);
  });

  it.each([
    [{ apiKey: "Backup script" }, /expiresAt: this argument is needed/],
    [{ apiKey: "Backup script", expiresAt: "2020-01-01" }, /in the future/],
    [{ apiKey: "../users", expiresAt: "30d" }, /is a path/],
    [{ expiresAt: "30d" }, /apiKey: this argument is needed/],
  ])("sends nothing for %j", async (values, message) => {
    expect(await mcp.fails("api_key_renew", values)).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("api_key_delete", () => {
  it("deletes several, with a result for each; they are dead at once", async () => {
    hold(id(1), "Export", { value: "export-value" });
    const { id: expired } = keyNamed("Backup script");
    expect(await ownerOf("export-value")).toMatchObject({ username: "robin" });
    const { apiKeys } = await mcp.ok("api_key_delete", { apiKeys: ["Export", expired] });
    expect(apiKeys).toEqual([
      { id: id(1), name: "Export", deleted: true },
      { id: expired, name: "Backup script", deleted: true },
    ]);
    expect(keys().map(({ name }) => name)).toEqual(["Assistant"]);
    expect(await ownerOf("export-value")).toMatchObject({ error: "You are not signed in" });
  });

  it("refuses the key in use, and whatever is named beside it", async () => {
    expect(await mcp.fails("api_key_delete", { apiKeys: ["Backup script", "Assistant"] })).toBe(
      "Nothing was changed. Assistant is the API key in use: nothing would work here any more. " +
        "Give this server another key first, or delete it in Pocket ID itself.",
    );
    expect(mcp.questions).toEqual([]);
    expect(changingRequests()).toEqual([]);
    expect(mcp.actions()).toMatchObject([{ tool: "api_key_delete", outcome: "refused" }]);
  });

  it("does not look for the key in use where those to delete are long dead", async () => {
    await mcp.reconnect({ env: { POCKETID_CONFIRM: "off" } });
    await mcp.ok("api_key_delete", { apiKeys: ["Backup script"] });
    // One to find it by its name, one to delete it.
    expect(mcp.sandbox.requests.filter(({ path }) => path.startsWith("/api/api-keys"))).toHaveLength(2);
  });

  it("deletes none when one of them is unknown, or somebody else's", async () => {
    hold(id(1), "Of somebody else", { userId: "somebody-else" });
    for (const apiKeys of [
      ["Backup script", "Backup skript"],
      ["Backup script", "Of somebody else"],
      ["Backup script", id(1)],
    ])
      expect(await mcp.fails("api_key_delete", { apiKeys })).toMatch(/apiKeys\[1\]: there is no API key/);
    expect(changingRequests()).toEqual([]);
    expect(keys()).toHaveLength(3);
  });

  it.each([{ apiKeys: [] }, { apiKeys: "Backup script" }, { apiKey: "Backup script" }])(
    "sends nothing for %j",
    async (values) => {
      expect(await mcp.fails("api_key_delete", values)).toMatch(/apiKeys?: /);
      expect(mcp.sandbox.requests).toEqual([]);
    },
  );
});
