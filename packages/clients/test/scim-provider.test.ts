import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { holds } from "./holds.ts";

const mcp = useServer(tools);

/** Nextcloud has a provider with this token. */
const token = "scim-7c1e5d0a9b3f4826";
const providers = () => [...mcp.sandbox.state.scimProviders.values()];
const ours = () => {
  const provider = holds(mcp).provider("nextcloud");
  if (provider === undefined) throw new Error("the sandbox holds no provider of Nextcloud");
  return provider;
};

describe("scim_provider_get", () => {
  it("shows it, and that it has a token, but not the token", async () => {
    const { id, endpoint, createdAt, lastSyncedAt } = ours();
    const answer = await mcp.ok("scim_provider_get", { client: "Nextcloud" });
    expect(answer).toEqual({
      client: { id: "nextcloud", name: "Nextcloud" },
      scimProvider: { id, endpoint, createdAt, lastSyncedAt, hasToken: true },
    });
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  it("says that there is no token", async () => {
    ours().token = "";
    expect((await mcp.ok("scim_provider_get", { client: "nextcloud" })).scimProvider.hasToken).toBe(false);
  });

  it("says that there is none, which is no error", async () => {
    expect(await mcp.ok("scim_provider_get", { client: "immich" })).toEqual({
      client: { id: "immich", name: "Immich" },
      scimProvider: null,
      notes: ["Immich has no SCIM provider."],
    });
  });
});

describe("scim_provider_create", () => {
  it("sets one up, and does not repeat its token", async () => {
    const endpoint = "https://photos.example/scim/v2";
    const { client, scimProvider } = await mcp.ok("scim_provider_create", {
      client: "Immich",
      endpoint,
      token: "s3cr3t-of-immich",
    });
    expect(client).toEqual({ id: "immich", name: "Immich" });
    expect(holds(mcp).provider("immich")).toMatchObject({ endpoint, token: "s3cr3t-of-immich" });
    expect(scimProvider).toMatchObject({ id: holds(mcp).provider("immich")?.id, endpoint, hasToken: true });
    expect(scimProvider).not.toHaveProperty("token");
    expect(JSON.stringify(scimProvider)).not.toContain("s3cr3t");
  });

  it("works without a token", async () => {
    const { scimProvider } = await mcp.ok("scim_provider_create", { client: "immich", endpoint: "https://a.example" });
    expect(scimProvider.hasToken).toBe(false);
    expect(holds(mcp).provider("immich")?.token).toBe("");
  });

  it("refuses a second one, which Pocket ID would make", async () => {
    expect(await mcp.fails("scim_provider_create", { client: "nextcloud", endpoint: "https://a.example" })).toMatch(
      /has a SCIM provider already.*scim_provider_update/,
    );
    expect(holds(mcp).changes()).toEqual([]);
    expect(providers()).toHaveLength(1);
  });

  it.each(["not a url", "ftp://a.example", ""])("sends nothing for the endpoint %j", async (endpoint) => {
    expect(await mcp.fails("scim_provider_create", { client: "immich", endpoint })).toMatch(/endpoint/);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("is never repeated, because each time would make another one", async () => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "POST") return false;
      response.writeHead(503).end();
      return true;
    };
    await mcp.fails("scim_provider_create", { client: "immich", endpoint: "https://a.example" });
    expect(holds(mcp).changes()).toEqual(["POST /api/scim/service-provider"]);
  });
});

describe("scim_provider_update", () => {
  it("keeps the token, and does not show it", async () => {
    const answer = await mcp.ok("scim_provider_update", { client: "Nextcloud", endpoint: "https://new.example/scim" });
    expect(answer).toMatchObject({ changed: ["endpoint"], notApplied: [], scimProvider: { hasToken: true } });
    expect(ours()).toMatchObject({ endpoint: "https://new.example/scim", token, oidcClientId: "nextcloud" });
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  it("changes the token, and shows neither", async () => {
    const endpoint = ours().endpoint;
    const answer = await mcp.ok("scim_provider_update", { client: "nextcloud", token: "another-token" });
    expect(answer).toMatchObject({ changed: ["token"], notApplied: [], scimProvider: { endpoint, hasToken: true } });
    expect(ours()).toMatchObject({ endpoint, token: "another-token" });
    expect(JSON.stringify(answer)).not.toMatch(/another-token|scim-7c1e/);
  });

  it("removes the token with null", async () => {
    const answer = await mcp.ok("scim_provider_update", { client: "nextcloud", token: null });
    expect(answer).toMatchObject({ changed: ["token"], notApplied: [], scimProvider: { hasToken: false } });
    expect(ours().token).toBe("");
  });

  it("sends no change where nothing would change", async () => {
    expect((await mcp.ok("scim_provider_update", { client: "nextcloud", token })).changed).toEqual([]);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("refuses to change nothing at all", async () => {
    expect(await mcp.fails("scim_provider_update", { client: "nextcloud" })).toMatch(/there is nothing to change/);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("says that there is nothing to change", async () => {
    expect(await mcp.fails("scim_provider_update", { client: "immich", token: "x" })).toMatch(
      /has no SCIM provider\. Create one with scim_provider_create/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each(["[redacted]", "XXXXXXXXXX"])("does not store %s, which stands for a token", async (placeholder) => {
    expect(await mcp.fails("scim_provider_update", { client: "nextcloud", token: placeholder })).toMatch(
      /token: this stands for a secret that is kept as it is/,
    );
    expect(ours().token).toBe(token);
  });

  it("shows no password in the endpoint, and does not store what stands in its place", async () => {
    ours().endpoint = "https://scim:hunter2@cloud.example/scim";
    const { scimProvider } = await mcp.ok("scim_provider_get", { client: "nextcloud" });
    expect(scimProvider.endpoint).toBe("https://scim:[redacted]@cloud.example/scim");
    const { endpoint } = scimProvider;
    expect(await mcp.fails("scim_provider_update", { client: "nextcloud", endpoint })).toMatch(
      /endpoint: this stands for a secret that is kept as it is/,
    );
    expect(ours().endpoint).toBe("https://scim:hunter2@cloud.example/scim");
  });

  it("sends nothing for what is no endpoint", async () => {
    expect(await mcp.fails("scim_provider_update", { client: "nextcloud", endpoint: null })).toMatch(/endpoint/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("scim_provider_delete", () => {
  it("deletes it", async () => {
    expect(await mcp.ok("scim_provider_delete", { client: "Nextcloud" })).toEqual({
      client: { id: "nextcloud", name: "Nextcloud" },
      deleted: true,
    });
    expect(providers()).toEqual([]);
  });

  it("changes nothing where there is none", async () => {
    expect(await mcp.fails("scim_provider_delete", { client: "immich" })).toMatch(/has no SCIM provider/);
    expect(holds(mcp).changes()).toEqual([]);
  });
});

describe("scim_provider_sync", () => {
  let application: Server;
  let asked: string[];
  let authorization: Set<string | undefined>;

  /** An application that takes whatever it is sent. */
  beforeEach(async () => {
    asked = [];
    authorization = new Set();
    application = createServer((request, response) => {
      asked.push(`${request.method} ${request.url?.split("?")[0]}`);
      authorization.add(request.headers.authorization);
      request.resume().on("end", () => {
        const body = request.method === "GET" ? { Resources: [] } : { id: `remote-${asked.length}` };
        response.writeHead(200, { "content-type": "application/scim+json" }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
    const address = application.address();
    ours().endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  });
  afterEach(() => new Promise((resolve) => application.close(resolve).closeAllConnections()));

  it("pushes users and groups now, and says when", async () => {
    ours().lastSyncedAt = null;
    const answer = await mcp.ok("scim_provider_sync", { client: "nextcloud" });
    expect(asked).toContain("POST /Users");
    expect(asked.filter((request) => request === "POST /Groups")).toHaveLength(2);
    expect([...authorization]).toEqual([`Bearer ${token}`]);
    expect(ours().lastSyncedAt).not.toBeNull();
    expect(answer.scimProvider).toMatchObject({ lastSyncedAt: ours().lastSyncedAt, hasToken: true });
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  it("fails without a repeat when the application does", async () => {
    const before = ours().lastSyncedAt;
    application.removeAllListeners("request");
    application.on("request", (_request, response) => response.writeHead(500).end());
    expect(await mcp.fails("scim_provider_sync", { client: "nextcloud" })).toMatch(/Something went wrong/i);
    expect(holds(mcp).changes()).toEqual([`POST /api/scim/service-provider/${ours().id}/sync`]);
    expect(ours().lastSyncedAt).toBe(before);
  });

  it("changes nothing where there is none", async () => {
    expect(await mcp.fails("scim_provider_sync", { client: "immich" })).toMatch(/has no SCIM provider/);
    expect(holds(mcp).changes()).toEqual([]);
  });
});

describe("provisioning before Pocket ID 2.0", () => {
  it.each([
    ["scim_provider_get", {}],
    ["scim_provider_create", { endpoint: "https://a.example" }],
    ["scim_provider_update", { token: null }],
    ["scim_provider_delete", {}],
    ["scim_provider_sync", {}],
  ])("%s says that it came later", async (tool, values) => {
    await mcp.reconnect({ version: "1.16" });
    expect(await mcp.fails(tool, { client: "nextcloud", ...values })).toMatch(
      /1\.16\.0 has no operation.*came with 2\.0\.0/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });
});
