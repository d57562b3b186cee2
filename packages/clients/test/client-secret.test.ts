import type { SandboxVersion } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { holds } from "./holds.ts";

// What the answer shows is what this is about; where it goes otherwise stands in the tests of the runtime.
const mcp = useServer(tools, { env: { POCKETID_SECRETS: "reveal" } });

const playing = async (version: SandboxVersion) => {
  await mcp.reconnect({ version });
};
const seeded = "Xq7mT2vLr9KpZw4sBn8cHd3yJf6gUa1e";
const mine = "correct horse battery";

describe("oidc_client_create_secret", () => {
  it("adds one on 2.14, and the old one still works", async () => {
    const answer = await mcp.ok("oidc_client_create_secret", { client: "Immich" });
    expect(answer).toMatchObject({ client: { id: "immich", name: "Immich" }, replaced: false, expiresAt: null });
    expect(answer.notes).toEqual([expect.stringMatching(/Older secrets .* still work/)]);
    const [old, added] = holds(mcp).client("immich").secrets;
    expect(old?.value).toBe(seeded);
    expect(added).toMatchObject({ id: answer.id, value: answer.secret });
    expect(await holds(mcp).accepts("immich", answer.secret)).toBe(true);
    expect(await holds(mcp).accepts("immich", seeded)).toBe(true);
  });

  it.each(["2.13", "2.9", "1.16"] as const)("replaces the one there is on %s, and says so", async (version) => {
    await playing(version);
    const answer = await mcp.ok("oidc_client_create_secret", { client: "immich" });
    expect(answer.replaced).toBe(true);
    expect(answer.notes).toEqual([expect.stringMatching(/old secret stopped working/)]);
    expect(
      holds(mcp)
        .client("immich")
        .secrets.map(({ value }) => value),
    ).toEqual([answer.secret]);
    expect(await holds(mcp).accepts("immich", answer.secret)).toBe(true);
    expect(await holds(mcp).accepts("immich", seeded)).toBe(false);
  });

  it.each(["2.14", "2.12"] as const)("takes one of one's own on %s", async (version) => {
    await playing(version);
    expect((await mcp.ok("oidc_client_create_secret", { client: "immich", secret: mine })).secret).toBe(mine);
    expect(await holds(mcp).accepts("immich", mine)).toBe(true);
  });

  it("lets it end at a point in time", async () => {
    const expiresAt = "2099-01-31T12:00:00Z";
    const answer = await mcp.ok("oidc_client_create_secret", { client: "immich", expiresAt });
    expect(Date.parse(answer.expiresAt)).toBe(Date.parse(expiresAt));
    expect(Date.parse(holds(mcp).client("immich").secrets[1]?.expiresAt ?? "")).toBe(Date.parse(expiresAt));
  });

  it("lets it end after a while", async () => {
    const start = Date.now();
    await mcp.ok("oidc_client_create_secret", { client: "immich", expiresAt: "90d" });
    const lifetime = Date.parse(holds(mcp).client("immich").secrets[1]?.expiresAt ?? "") - start;
    expect(Math.abs(lifetime - 90 * 86_400_000)).toBeLessThan(60_000);
  });

  it("changes nothing else of the client", async () => {
    const { secrets: _, ...before } = holds(mcp).client("grafana");
    await mcp.ok("oidc_client_create_secret", { client: "grafana" });
    const { secrets, ...now } = holds(mcp).client("grafana");
    expect(now).toEqual(before);
    expect(secrets).toHaveLength(1);
  });

  it.each(["2.14", "2.9"] as const)(
    "refuses a public client on %s, also where Pocket ID would not",
    async (version) => {
      await playing(version);
      expect(await mcp.fails("oidc_client_create_secret", { client: "Home Assistant" })).toMatch(
        /client: Home Assistant is public and has no secret/,
      );
      expect(holds(mcp).changes()).toEqual([]);
    },
  );

  it.each([
    ["2.13", { expiresAt: "2099-01-31T12:00:00Z" }, /expiresAt: it needs Pocket ID 2\.14\.0 or later/],
    ["2.13", { expiresAt: "90d" }, /it needs Pocket ID 2\.14\.0 or later/],
    ["2.9", { secret: mine }, /secret: it needs Pocket ID 2\.12\.0 or later/],
  ] as const)("refuses on %s what is newer: %j", async (version, values, reason) => {
    await playing(version);
    expect(await mcp.fails("oidc_client_create_secret", { client: "immich", ...values })).toMatch(reason);
    expect(holds(mcp).changes()).toEqual([]);
    expect(await holds(mcp).accepts("immich", seeded)).toBe(true);
  });

  it.each([
    [{ expiresAt: "2020-01-31T12:00:00Z" }, /expiresAt: it has to lie in the future/],
    [{ expiresAt: "tomorrow" }, /expiresAt: "tomorrow" is not a point in time/],
    [{ expiresAt: "90" }, /expiresAt: "90" is not a point in time.* or a duration like/],
    [{ secret: "too short" }, /secret: it has to be 16 printable ASCII characters or more/],
    [{ secret: "sixteen charactérs" }, /secret: it has to be 16 printable ASCII characters or more/],
  ])("sends nothing for %j", async (values, reason) => {
    expect(await mcp.fails("oidc_client_create_secret", { client: "immich", ...values })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it.each(["2.14", "2.9"] as const)("is never repeated on %s, whatever goes wrong", async (version) => {
    await playing(version);
    const post = version === "2.14" ? "POST /api/oidc/clients/immich/secrets" : "POST /api/oidc/clients/immich/secret";
    for (const status of [429, 502, 503, 0]) {
      mcp.sandbox.requests.length = 0;
      mcp.sandbox.intercept = ({ method }, response) => {
        if (method !== "POST") return false;
        if (status === 0) response.destroy();
        else response.writeHead(status, { "retry-after": "0" }).end();
        return true;
      };
      await mcp.fails("oidc_client_create_secret", { client: "immich" });
      expect(holds(mcp).changes()).toEqual([post]);
    }
  });

  it("passes on that a client has as many as it can have", async () => {
    const client = holds(mcp).client("immich");
    client.secrets = Array.from({ length: 20 }, () => client.secrets.slice(0, 1)).flat();
    expect(await mcp.fails("oidc_client_create_secret", { client: "immich" })).toMatch(/more than 20 secrets/);
    expect(client.secrets).toHaveLength(20);
  });

  it("changes nothing for a client that is not there", async () => {
    expect(await mcp.fails("oidc_client_create_secret", { client: "nope" })).toMatch(/there is no client "nope"/);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("keeps the secret out of the action log", async () => {
    const { secret } = await mcp.ok("oidc_client_create_secret", { client: "immich" });
    expect(mcp.actions()).toMatchObject([
      { tool: "oidc_client_create_secret", risk: "danger", outcome: "begun" },
      { tool: "oidc_client_create_secret", risk: "danger", outcome: "ok" },
    ]);
    expect(JSON.stringify(mcp.actions())).not.toContain(secret);
  });
});
