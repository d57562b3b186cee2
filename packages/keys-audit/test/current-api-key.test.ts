import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

const keys = () => [...mcp.sandbox.state.apiKeys.values()];
const pagesOfKeys = () => mcp.sandbox.requests.filter(({ path }) => path === "/api/api-keys").length;
const staticApiKey = "static-key-of-the-environment";
const withStaticKey = { staticApiKey, env: { POCKETID_API_KEY: staticApiKey } };
const staticOwner = "00000000-0000-0000-0000-000000000000";

/** A key more, which was used some time ago. */
function hold(name: string, userId = mcp.sandbox.adminId, expiresAt = "2999-01-01T00:00:00Z") {
  const id = `${name}-key`;
  mcp.sandbox.state.apiKeys.set(id, {
    id,
    createdAt: "2026-01-01T00:00:00Z",
    userId,
    name,
    description: null,
    key: createHash("sha256").update(name).digest("hex"),
    expiresAt,
    lastUsedAt: "2026-01-02T00:00:00Z",
    expirationEmailSent: false,
  });
  return id;
}

let busy: NodeJS.Timeout | undefined;
/** Somebody who uses a key all the time. */
function use(name: string): void {
  const { url } = mcp.sandbox;
  const ask = () => fetch(`${url}/api/version/current`, { headers: { "x-api-key": name } }).catch(() => undefined);
  busy = setInterval(ask, 200);
}
afterEach(() => clearInterval(busy));

describe("api_key_current", () => {
  it("knows the key at once where its owner has used no other", async () => {
    for (const key of keys()) if (key.name !== "Assistant") key.lastUsedAt = null;
    const { apiKey, ...answer } = await mcp.ok("api_key_current");
    expect(apiKey).toMatchObject({ name: "Assistant" });
    expect(answer).toEqual({
      owner: { id: mcp.sandbox.adminId, username: "robin", isAdmin: true },
      static: false,
      certain: true,
      candidates: [],
    });
    expect(pagesOfKeys()).toBe(1);
  });

  it.each(["2.14", "1.16"] as const)(
    "finds the one that each read marks as used, among others (%s)",
    async (version) => {
      await mcp.reconnect({ version });
      for (const name of ["nightly", "export"]) hold(name);
      hold("ended", mcp.sandbox.adminId, "2026-01-03T00:00:00Z");
      hold("of-ben", "somebody-else");
      const { apiKey, certain, candidates, notes } = await mcp.ok("api_key_current");
      expect({ name: apiKey.name, certain, candidates, notes }).toEqual({
        name: "Assistant",
        certain: true,
        candidates: [],
        notes: undefined,
      });
      expect(pagesOfKeys()).toBe(2);
    },
  );

  it("looks again while another key is in use, too, and says so when it cannot tell them apart", async () => {
    for (const name of ["nightly", "export"]) hold(name);
    use("nightly");
    const answer = await mcp.ok("api_key_current");
    expect(answer).toMatchObject({ static: false, certain: false });
    expect(answer).not.toHaveProperty("apiKey");
    expect(answer.candidates.map(({ name }: { name: string }) => name).sort()).toEqual(["Assistant", "nightly"]);
    expect(answer.notes).toEqual([expect.stringMatching(/it is one of them/)]);
    expect(pagesOfKeys()).toBe(3);
  });

  it("tells them apart once the other one rests", async () => {
    hold("nightly");
    use("nightly");
    setTimeout(() => clearInterval(busy), 1_000);
    expect(await mcp.ok("api_key_current")).toMatchObject({ certain: true, apiKey: { name: "Assistant" } });
    expect(pagesOfKeys()).toBe(3);
  });

  it.each(["2.14", "2.9"] as const)("knows the key of the environment (%s)", async (version) => {
    await mcp.reconnect({ version, ...withStaticKey });
    expect(await mcp.ok("api_key_current")).toEqual({
      owner: { id: staticOwner, username: expect.stringMatching(/^static-api-user-/), isAdmin: true },
      static: true,
      certain: true,
      candidates: [],
    });
    expect(pagesOfKeys()).toBe(1);
  });

  it("knows it also where its owner has other keys, as long as they rest", async () => {
    await mcp.reconnect(withStaticKey);
    hold("nightly", staticOwner);
    const answer = await mcp.ok("api_key_current");
    expect(answer).toMatchObject({ static: true, certain: true, candidates: [] });
    expect(pagesOfKeys()).toBe(2);
  });

  it("is not certain of it where one of those is in use: it may be the very key", async () => {
    await mcp.reconnect({ staticApiKey });
    await fetch(`${mcp.sandbox.url}/api/users/me`, { headers: { "x-api-key": staticApiKey } });
    const assistant = keys().find(({ name }) => name === "Assistant");
    if (assistant === undefined) throw new Error("the sandbox holds no Assistant");
    assistant.userId = staticOwner;
    const { static: isStatic, certain, candidates, notes } = await mcp.ok("api_key_current");
    expect({ isStatic, certain }).toEqual({ isStatic: true, certain: false });
    expect(candidates).toMatchObject([{ name: "Assistant" }]);
    expect(notes).toEqual([expect.stringMatching(/the static key or one of them/)]);
  });

  it("shows no value of any key, and changes nothing", async () => {
    const answer = JSON.stringify(await mcp.ok("api_key_current"));
    expect(answer).not.toContain(mcp.sandbox.apiKey);
    for (const { key } of keys()) expect(answer).not.toContain(key);
    expect(mcp.sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("asks no more once the call is cancelled", async () => {
    hold("nightly");
    const controller = new AbortController();
    const call = mcp.client.callTool({ name: "api_key_current", arguments: {} }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    await expect(call).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(pagesOfKeys()).toBe(1);
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("api_key_current", { apiKey: "Assistant" })).toMatch(/apiKey: there is no such argument/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
