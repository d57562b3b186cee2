import { PocketIdClient } from "@pocketid-mcp/core";
import type { ClientSecret } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { callTogether } from "../../../tests/support/call-together.ts";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { addSecret, holds } from "./holds.ts";

// What the answer shows is what this is about; where it goes otherwise stands in the tests of the runtime.
const mcp = useServer(tools, { env: { POCKETID_SECRETS: "reveal" } });

/** Immich has this one; Gitea one that works and one that has expired; Grafana none, but a federated identity. */
const seeded = "Xq7mT2vLr9KpZw4sBn8cHd3yJf6gUa1e";

const secretsOf = (client: string) => holds(mcp).client(client).secrets;
const valuesOf = (client: string) => secretsOf(client).map(({ value }) => value);
const secretOf = (client: string, index = 0): ClientSecret => {
  const secret = secretsOf(client)[index];
  if (secret === undefined) throw new Error(`the sandbox holds no secret ${index} of ${client}`);
  return secret;
};
const mine = "correct horse battery";

describe("oidc_client_rotate_secret", () => {
  it("makes a new one first, then deletes exactly the only one that works", async () => {
    const [old, expired] = secretsOf("gitea");
    const answer = await mcp.ok("oidc_client_rotate_secret", { client: "Gitea" });
    const [kept, added] = secretsOf("gitea");
    expect(kept).toEqual(expired);
    expect(secretsOf("gitea")).toHaveLength(2);
    expect(answer).toEqual({
      client: { id: "gitea", name: "Gitea" },
      secret: added?.value,
      replaced: true,
      id: added?.id,
      expiresAt: null,
      old: { id: old?.id, prefix: "Rt4y", deleted: true },
      notes: ["The old secret stopped working: give the new one to the application now."],
    });
    expect(holds(mcp).changes()).toEqual([
      "POST /api/oidc/clients/gitea/secrets",
      `DELETE /api/oidc/clients/gitea/secrets/${old?.id}`,
    ]);
    expect(await holds(mcp).accepts("gitea", answer.secret)).toBe(true);
    expect(await holds(mcp).accepts("gitea", old?.value ?? "")).toBe(false);
  });

  it("changes nothing else of the client", async () => {
    const { secrets: _, ...before } = holds(mcp).client("immich");
    await mcp.ok("oidc_client_rotate_secret", { client: "immich" });
    const { secrets: __, ...now } = holds(mcp).client("immich");
    expect(now).toEqual(before);
  });

  it.each([
    ["id", () => secretOf("gitea", 1).id],
    ["prefix", () => "Mn8b"],
  ])("deletes the one that its %s names, and no other", async (_case, replaces) => {
    const works = secretOf("gitea").value;
    const { secret, old } = await mcp.ok("oidc_client_rotate_secret", { client: "gitea", replaces: replaces() });
    expect(old).toMatchObject({ prefix: "Mn8b", deleted: true });
    expect(valuesOf("gitea")).toEqual([works, secret]);
  });

  it("takes a secret of one's own and an end for it", async () => {
    const expiresAt = "2099-01-31T12:00:00Z";
    const answer = await mcp.ok("oidc_client_rotate_secret", { client: "immich", secret: mine, expiresAt });
    expect(answer.secret).toBe(mine);
    expect(Date.parse(answer.expiresAt)).toBe(Date.parse(expiresAt));
    expect(valuesOf("immich")).toEqual([mine]);
    expect(Date.parse(secretOf("immich").expiresAt ?? "")).toBe(Date.parse(expiresAt));
  });

  it("refuses to guess which one goes, and names those that work", async () => {
    addSecret(mcp, "gitea", "abcdef-second-secret");
    expect(await mcp.fails("oidc_client_rotate_secret", { client: "gitea" })).toBe(
      `Nothing was changed. replaces: Gitea has several secrets that work: Rt4y…, made 2025-01-20, id ${secretOf("gitea").id}; ` +
        `abcd…, made 2026-01-05, id ${secretOf("gitea", 2).id}. Say which one goes.`,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("refuses a prefix that several have, and one that none has, with candidates", async () => {
    addSecret(mcp, "gitea", "Rt4y-another-one");
    expect(await mcp.fails("oidc_client_rotate_secret", { client: "gitea", replaces: "Rt4y" })).toMatch(
      /replaces: several secrets begin with it: Rt4y…, made 2025-01-20, id \S+; Rt4y…, made 2026-01-05, id \S+\. Give the id/,
    );
    expect(await mcp.fails("oidc_client_rotate_secret", { client: "gitea", replaces: "nope" })).toMatch(
      /replaces: the client has no secret with this id or prefix\. It has: Rt4y…, .*; Mn8b…, made 2025-01-20, expired, id/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("says that there is none to replace", async () => {
    expect(await mcp.fails("oidc_client_rotate_secret", { client: "grafana" })).toMatch(
      /Grafana has no secret that works, so there is none to replace\. Make one with oidc_client_create_secret/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("refuses a public client", async () => {
    expect(await mcp.fails("oidc_client_rotate_secret", { client: "Home Assistant" })).toMatch(
      /client: Home Assistant is public and has no secret/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("says what to delete where the client has as many as it can have", async () => {
    for (let index = 1; index <= 18; index++)
      addSecret(mcp, "gitea", `${String(index).padStart(2, "0")}-of-many-secrets`);
    const text = await mcp.fails("oidc_client_rotate_secret", { client: "gitea", replaces: "Rt4y" });
    expect(text).toMatch(
      /Gitea has 20 secrets, and Pocket ID takes no more than 20\. Delete one that has expired with oidc_client_delete_secret first: Mn8b…/,
    );
    secretOf("gitea", 1).expiresAt = null;
    expect(await mcp.fails("oidc_client_rotate_secret", { client: "gitea", replaces: "Rt4y" })).toMatch(
      /Delete one that nothing uses any more with oidc_client_delete_secret first: Rt4y….*; and 15 more/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  describe("with an overlap", () => {
    it("keeps the old one, and says which to delete, and when", async () => {
      const old = secretOf("immich");
      const answer = await mcp.ok("oidc_client_rotate_secret", { client: "immich", overlap: "24h" });
      expect(valuesOf("immich")).toEqual([seeded, answer.secret]);
      expect(answer).toMatchObject({ replaced: false, old: { id: old.id, prefix: "Xq7m", deleted: false } });
      expect(Math.abs(Date.parse(answer.old.deleteAfter) - Date.now() - 86_400_000)).toBeLessThan(60_000);
      expect(answer.notes).toEqual([
        `The old secret stays, and Pocket ID does not end it by itself: delete it with oidc_client_delete_secret, secrets ["${old.id}"], after ${answer.old.deleteAfter}.`,
      ]);
      for (const secret of valuesOf("immich")) expect(await holds(mcp).accepts("immich", secret)).toBe(true);
    });

    it.each(["0h", "soon", "367d", "99999999999999999999y"])("sends nothing for %s", async (overlap) => {
      expect(await mcp.fails("oidc_client_rotate_secret", { client: "immich", overlap })).toMatch(/overlap: /);
      expect(mcp.sandbox.requests).toEqual([]);
    });
  });

  it("makes one new secret where two calls replace the same one", async () => {
    const call = { tool: "oidc_client_rotate_secret", args: { client: "immich" } };
    const answers = await callTogether(mcp, [call, call], (method) => method === "POST");
    const [made] = answers.filter(({ isError }) => !isError);
    expect(valuesOf("immich")).toEqual([made?.content.secret]);
    expect(answers.filter(({ isError }) => isError).map(({ text }) => text)).toEqual([
      // Or it has seen what the other one made already.
      expect.stringMatching(
        /^Nothing was changed\. (Another call is replacing the secret|replaces: .* several secrets)/,
      ),
    ]);
  });

  it("keeps the old secret where the answer holds no new one", async () => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method === "POST")
        response.writeHead(201, { "content-type": "application/json" }).end('{"id":"x","secret":""}');
      return method === "POST";
    };
    expect(await mcp.fails("oidc_client_rotate_secret", { client: "immich" })).toMatch(/not as expected at secret/);
    expect(valuesOf("immich")).toEqual([seeded]);
  });

  describe("never loses the new secret", () => {
    const failing = (method: string, status: number) => {
      mcp.sandbox.intercept = (request, response) => {
        if (request.method !== method) return false;
        if (status === 0) response.destroy();
        else response.writeHead(status, { "content-type": "application/json" }).end('{"error":"Something went wrong"}');
        return true;
      };
    };

    it.each([500, 403])("although deleting the old one is answered by %s", async (status) => {
      failing("DELETE", status);
      const answer = await mcp.ok("oidc_client_rotate_secret", { client: "immich" });
      const old = secretOf("immich");
      expect(answer).toMatchObject({ secret: valuesOf("immich")[1], replaced: false });
      expect(answer.old).toMatchObject({ id: old.id, prefix: "Xq7m", deleted: false });
      expect(answer.old.error).toContain(String(status));
      expect(answer.notes).toEqual([
        `The new secret works. The old one could not be deleted, and still works unless it has expired: delete it with oidc_client_delete_secret, secrets ["${old.id}"].`,
      ]);
      expect(await holds(mcp).accepts("immich", answer.secret)).toBe(true);
      expect(await holds(mcp).accepts("immich", seeded)).toBe(true);
    });

    it("where somebody else has deleted the old one in between", async () => {
      mcp.sandbox.intercept = ({ method }) => {
        if (method === "DELETE") holds(mcp).client("immich").secrets.shift();
        return false;
      };
      const answer = await mcp.ok("oidc_client_rotate_secret", { client: "immich" });
      expect(answer).toMatchObject({ replaced: true, old: { deleted: true } });
      expect(valuesOf("immich")).toEqual([answer.secret]);
    });

    it("where nothing answers after it was made", async () => {
      let made = false;
      mcp.sandbox.intercept = ({ method }, response) => {
        if (made) response.writeHead(500).end();
        made ||= method === "POST";
        return made && method !== "POST";
      };
      const answer = await mcp.ok("oidc_client_rotate_secret", { client: "immich" });
      expect(answer).toMatchObject({ replaced: false, old: { deleted: false } });
      expect(valuesOf("immich")).toEqual([seeded, answer.secret]);
    });

    it.each([
      ["without what else belongs to it", { prefix: undefined, createdAt: undefined, isActive: undefined }],
      ["with an odd end", { expiresAt: 17 }],
      ["without an id", { id: undefined }],
    ])("where it comes %s", async (_case, odd) => {
      mcp.sandbox.intercept = ({ method }, response) => {
        if (method !== "POST") return false;
        const { id } = addSecret(mcp, "immich", mine);
        const added = { id, prefix: "corr", createdAt: "2026-01-05T10:00:00Z", expiresAt: null, isActive: true };
        response.writeHead(201, { "content-type": "application/json" });
        response.end(JSON.stringify({ ...added, ...odd, secret: mine }));
        return true;
      };
      const answer = await mcp.ok("oidc_client_rotate_secret", { client: "immich" });
      expect(answer).toMatchObject({ secret: mine, replaced: true });
      expect(valuesOf("immich")).toEqual([mine]);
    });

    it("where the old one cannot be deleted before the client stops waiting", async () => {
      mcp.sandbox.intercept = ({ method }, response) => {
        if (method !== "POST") return method === "DELETE";
        setTimeout(() => {
          const { id } = addSecret(mcp, "immich", mine);
          const added = { id, prefix: "corr", createdAt: "2026-01-05T10:00:00Z", expiresAt: null, isActive: true };
          response.writeHead(201, { "content-type": "application/json" });
          response.end(JSON.stringify({ ...added, secret: mine }));
        }, 700);
        return true;
      };
      const { url, apiKey } = mcp.sandbox;
      const pocketId = new PocketIdClient({ url, apiKey, timeoutMs: 1_000, deadlineMs: 1_000 });
      const started = performance.now();
      const { secret, old } = await pocketId.oidcClients.rotateSecret("immich");
      expect(performance.now() - started).toBeLessThan(1_500);
      expect(old).toMatchObject({ deleted: false, error: "there was no time left to see whether it is gone." });
      expect(secret).toBe(mine);
      expect(valuesOf("immich")).toEqual([seeded, mine]);
      await pocketId.close();
    });

    it.each([429, 502, 503, 0])("and never makes a second one: %s", async (status) => {
      failing("POST", status);
      await mcp.fails("oidc_client_rotate_secret", { client: "immich" });
      expect(holds(mcp).changes()).toEqual(["POST /api/oidc/clients/immich/secrets"]);
      expect(valuesOf("immich")).toEqual([seeded]);
    });
  });

  describe("before 2.14", () => {
    it.each(["2.13", "2.9", "1.16"] as const)("replaces the one there is at once on %s", async (version) => {
      await mcp.reconnect({ version });
      const answer = await mcp.ok("oidc_client_rotate_secret", { client: "immich" });
      expect(answer).toEqual({
        client: { id: "immich", name: "Immich" },
        secret: valuesOf("immich")[0],
        replaced: true,
        notes: ["The old secret stopped working: give the new one to the application now."],
      });
      expect(holds(mcp).changes()).toEqual(["POST /api/oidc/clients/immich/secret"]);
      expect(await holds(mcp).accepts("immich", seeded)).toBe(false);
    });

    it.each([
      ["2.13", { overlap: "24h" }, /overlap: it needs Pocket ID 2\.14\.0 or later/],
      ["2.9", { replaces: "Xq7m" }, /replaces: it needs Pocket ID 2\.14\.0 or later/],
      ["2.13", { expiresAt: "90d" }, /expiresAt: it needs Pocket ID 2\.14\.0 or later/],
      ["2.9", { secret: mine }, /secret: it needs Pocket ID 2\.12\.0 or later/],
    ] as const)("refuses on %s what is newer: %j", async (version, more, reason) => {
      await mcp.reconnect({ version });
      expect(await mcp.fails("oidc_client_rotate_secret", { client: "immich", ...more })).toMatch(reason);
      expect(holds(mcp).changes()).toEqual([]);
      expect(await holds(mcp).accepts("immich", seeded)).toBe(true);
    });
  });

  it.each([
    [{ secret: "too short" }, /secret: it has to be 16/],
    [{ expiresAt: "90" }, /expiresAt: "90" is not a point in time/],
    [{ replaces: "" }, /replaces: /],
  ])("sends nothing for %j", async (more, reason) => {
    expect(await mcp.fails("oidc_client_rotate_secret", { client: "immich", ...more })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("keeps the secret out of the action log", async () => {
    const { secret } = await mcp.ok("oidc_client_rotate_secret", { client: "immich" });
    expect(mcp.actions()).toMatchObject([
      { tool: "oidc_client_rotate_secret", risk: "danger", outcome: "begun" },
      { tool: "oidc_client_rotate_secret", risk: "danger", outcome: "ok" },
    ]);
    expect(JSON.stringify(mcp.actions())).not.toContain(secret);
  });
});
