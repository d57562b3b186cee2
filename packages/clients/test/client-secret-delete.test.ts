import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { addSecret, holds } from "./holds.ts";

const mcp = useServer(tools);

/** Immich has this one; Gitea one that works and one that has expired; Grafana none, but a federated identity. */
const seeded = "Xq7mT2vLr9KpZw4sBn8cHd3yJf6gUa1e";

const secretsOf = (client: string) => holds(mcp).client(client).secrets;
const valuesOf = (client: string) => secretsOf(client).map(({ value }) => value);

describe("oidc_client_list_secrets", () => {
  it("shows all of them, expired ones too, and no value", async () => {
    const [works, expired] = secretsOf("gitea");
    const answer = await mcp.ok("oidc_client_list_secrets", { client: "Gitea" });
    expect(answer).toEqual({
      client: { id: "gitea", name: "Gitea" },
      secrets: [
        { id: works?.id, prefix: "Rt4y", createdAt: works?.createdAt, expiresAt: null, isActive: true },
        {
          id: expired?.id,
          prefix: "Mn8b",
          createdAt: expired?.createdAt,
          expiresAt: expired?.expiresAt,
          isActive: false,
        },
      ],
    });
    for (const value of valuesOf("gitea")) expect(JSON.stringify(answer)).not.toContain(value);
  });

  it("takes null for none, as in every list", async () => {
    mcp.sandbox.intercept = ({ url }, response) => {
      if (!url?.endsWith("/secrets")) return false;
      response.writeHead(200, { "content-type": "application/json" }).end("null");
      return true;
    };
    expect(await mcp.ok("oidc_client_list_secrets", { client: "Grafana" })).toMatchObject({ secrets: [] });
  });

  it("is empty for a client without any", async () => {
    expect((await mcp.ok("oidc_client_list_secrets", { client: "grafana" })).secrets).toEqual([]);
  });

  it.each(["2.13", "2.9", "1.16"] as const)(
    "says on %s that Pocket ID tells nothing of the one there is",
    async (version) => {
      await mcp.reconnect({ version });
      expect(await mcp.fails("oidc_client_list_secrets", { client: "gitea" })).toBe(
        `Nothing was changed. Pocket ID ${version}.0 keeps one secret for a client at the most, and tells nothing of it. ` +
          "Update Pocket ID to 2.14.0 or later; until then, oidc_client_rotate_secret replaces the one.",
      );
      expect(mcp.sandbox.requests.filter(({ path }) => path.includes("/secret"))).toEqual([]);
    },
  );
});

describe("oidc_client_delete_secret", () => {
  it("deletes by id and by prefix, with a result for each, and shows what is left", async () => {
    const third = addSecret(mcp, "gitea", "abcdef-third-secret");
    const [works, expired] = secretsOf("gitea");
    const answer = await mcp.ok("oidc_client_delete_secret", {
      client: "Gitea",
      secrets: ["Mn8b", works?.id, works?.id],
    });
    expect(answer).toEqual({
      client: { id: "gitea", name: "Gitea" },
      secrets: [
        { id: expired?.id, prefix: "Mn8b", deleted: true },
        { id: works?.id, prefix: "Rt4y", deleted: true },
      ],
      left: [{ id: third.id, prefix: "abcd", createdAt: third.createdAt, expiresAt: null, isActive: true }],
    });
    expect(secretsOf("gitea")).toEqual([third]);
    expect(await holds(mcp).accepts("gitea", works?.value ?? "")).toBe(false);
  });

  it("changes nothing else of the client", async () => {
    const { secrets: _, ...before } = holds(mcp).client("gitea");
    await mcp.ok("oidc_client_delete_secret", { client: "gitea", secrets: ["Mn8b"] });
    const { secrets, ...now } = holds(mcp).client("gitea");
    expect(now).toEqual(before);
    expect(secrets).toHaveLength(1);
  });

  it("deletes one of before 2.14 by its id, which is all that it has", async () => {
    const old = addSecret(mcp, "immich", "from-an-older-version", { prefix: "" });
    await mcp.ok("oidc_client_delete_secret", { client: "immich", secrets: [old.id] });
    expect(valuesOf("immich")).toEqual([seeded]);
  });

  it.each([
    ["the last one", ["Rt4y", "Mn8b"]],
    ["the last one that works", ["Rt4y"]],
  ])("deletes %s, and says that the application cannot sign in any more", async (_case, secrets) => {
    const { notes } = await mcp.ok("oidc_client_delete_secret", { client: "gitea", secrets });
    expect(notes).toEqual([
      "Gitea has no secret that works and no federated identity left: it cannot sign anybody in. Make one with oidc_client_create_secret.",
    ]);
    expect(secretsOf("gitea")).toHaveLength(2 - secrets.length);
  });

  it("says nothing of it where a federated identity is left", async () => {
    const { id } = addSecret(mcp, "grafana", "the-last-secret-there-is");
    const answer = await mcp.ok("oidc_client_delete_secret", { client: "grafana", secrets: [id] });
    expect(answer.left).toEqual([]);
    expect(answer).not.toHaveProperty("notes");
  });

  it("says nothing of it where the client is public by now and needs no secret", async () => {
    holds(mcp).client("immich").isPublic = true;
    const answer = await mcp.ok("oidc_client_delete_secret", { client: "immich", secrets: ["Xq7m"] });
    expect(answer.left).toEqual([]);
    expect(answer).not.toHaveProperty("notes");
  });

  it("goes on where one of them cannot be deleted, and says so", async () => {
    const [works, expired] = secretsOf("gitea");
    mcp.sandbox.intercept = ({ method, url }, response) => {
      if (method !== "DELETE" || !url?.endsWith(works?.id ?? "-")) return false;
      response.writeHead(500, { "content-type": "application/json" }).end('{"error":"Something went wrong"}');
      return true;
    };
    const answer = await mcp.ok("oidc_client_delete_secret", { client: "gitea", secrets: ["Rt4y", "Mn8b"] });
    expect(answer.secrets).toMatchObject([
      { id: works?.id, deleted: false, error: expect.stringMatching(/500/) },
      { id: expired?.id, deleted: true },
    ]);
    expect(answer.left.map(({ id }: { id: string }) => id)).toEqual([works?.id]);
    expect(answer).not.toHaveProperty("notes");
  });

  it.each([
    [["Rt4y", "nope"], /secrets\[1\]: the client has no secret with this id or prefix\. It has: Rt4y…/],
    [["Xq7m"], /secrets\[0\]: the client has no secret with this id or prefix/],
    [["Rt4"], /secrets\[0\]: the client has no secret with this id or prefix/],
  ])("deletes none of %j, because one of them is not there", async (secrets, reason) => {
    expect(await mcp.fails("oidc_client_delete_secret", { client: "gitea", secrets })).toMatch(reason);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("refuses a prefix that several have", async () => {
    const other = addSecret(mcp, "gitea", "Rt4y-another-one");
    const text = await mcp.fails("oidc_client_delete_secret", { client: "gitea", secrets: ["Rt4y"] });
    expect(text).toMatch(/secrets\[0\]: several secrets begin with it: .*Give the id/);
    expect(text).toContain(other.id);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each([{ secrets: [] }, { secrets: "Rt4y" }, { secrets: [""] }, {}])("sends nothing for %j", async (more) => {
    expect(await mcp.fails("oidc_client_delete_secret", { client: "gitea", ...more })).toMatch(/secrets/);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("says before 2.14 that there is one at the most", async () => {
    await mcp.reconnect({ version: "2.13" });
    expect(await mcp.fails("oidc_client_delete_secret", { client: "gitea", secrets: ["Rt4y"] })).toMatch(
      /Pocket ID 2\.13\.0 keeps one secret for a client at the most/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });
});
