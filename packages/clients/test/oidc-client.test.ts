import type { SandboxVersion } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { addCimdClient, cimdId, holds, named } from "./holds.ts";

const mcp = useServer(tools);

const playing = async (version: SandboxVersion) => {
  await mcp.reconnect({ version });
};

describe("oidc_client_list", () => {
  it("answers short rows with who may sign in, sorted by name", async () => {
    const { clients, totalItems, hasMore } = await mcp.ok("oidc_client_list");
    expect(named(clients)).toEqual(["Gitea", "Grafana", "Home Assistant", "Immich", "Nextcloud", "Paperless-ngx"]);
    expect({ totalItems, hasMore }).toEqual({ totalItems: 6, hasMore: false });
    expect(clients[0]).toEqual({
      id: "gitea",
      name: "Gitea",
      isPublic: false,
      access: "everyone",
      allowedUserGroups: [],
    });
    expect(clients[5]).toMatchObject({ access: "nobody", allowedUserGroups: [] });
  });

  it("names the allowed groups, which Pocket ID only counts in its list", async () => {
    const { clients } = await mcp.ok("oidc_client_list", { search: "immich" });
    const [members, juniors] = holds(mcp).groupIds("members", "juniors");
    expect(clients).toEqual([
      {
        id: "immich",
        name: "Immich",
        isPublic: false,
        access: "groups",
        allowedUserGroups: [
          { id: members, name: "members", friendlyName: "Members" },
          { id: juniors, name: "juniors", friendlyName: "Juniors" },
        ],
      },
    ]);
  });

  it.each([
    ["2.14", "everyone", ["Gitea"]],
    ["2.14", "nobody", ["Paperless-ngx"]],
    ["2.14", "groups", ["Grafana", "Home Assistant", "Immich", "Nextcloud"]],
    // Up to 1.16 a client without groups is open to everyone, and no client is closed.
    ["1.16", "everyone", ["Gitea", "Paperless-ngx"]],
    ["1.16", "nobody", []],
    ["1.16", "groups", ["Grafana", "Home Assistant", "Immich", "Nextcloud"]],
  ] as const)("finds on %s by who may sign in: %s", async (version, access, expected) => {
    await playing(version);
    const { clients, totalItems } = await mcp.ok("oidc_client_list", { access });
    expect(named(clients)).toEqual(expected);
    expect(totalItems).toBe(expected.length);
    for (const client of clients) expect(client.access).toBe(access);
  });

  it.each(["2.14", "1.16"] as const)("finds on %s what is restricted to a group, by its name", async (version) => {
    await playing(version);
    const { clients, totalItems } = await mcp.ok("oidc_client_list", { group: "Board" });
    expect(named(clients)).toEqual(["Grafana", "Nextcloud"]);
    expect(totalItems).toBe(2);
  });

  it("does not find by a group that an open client names to no effect", async () => {
    holds(mcp).client("gitea").allowedUserGroupIds = holds(mcp).groupIds("board");
    expect(named((await mcp.ok("oidc_client_list", { group: "board" })).clients)).toEqual(["Grafana", "Nextcloud"]);
    const [gitea] = (await mcp.ok("oidc_client_list", { search: "gitea" })).clients;
    expect(gitea).toMatchObject({ access: "everyone", allowedUserGroups: [] });
  });

  it.each([
    [{ pkceEnabled: true }, ["Home Assistant", "Nextcloud"]],
    [{ requiresReauthentication: true }, ["Grafana"]],
    [{ skipConsent: true }, ["Immich"]],
    [{ requiresPushedAuthorizationRequests: true }, ["Immich"]],
    [{ clientType: "cimd" }, ["Notes"]],
    [{ pkceEnabled: true, access: "groups", group: "coaches" }, ["Home Assistant"]],
    [{ search: "a", access: "everyone" }, ["Gitea"]],
  ])("filters by %j", async (filters, expected) => {
    Object.assign(holds(mcp).client("immich"), { skipConsent: true, requiresPushedAuthorizationRequests: true });
    if ("clientType" in filters) addCimdClient(mcp);
    const { clients, totalItems } = await mcp.ok("oidc_client_list", filters);
    expect(named(clients)).toEqual(expected);
    expect(totalItems).toBe(expected.length);
  });

  it("counts for the price of one small answer", async () => {
    const answer = await mcp.ok("oidc_client_list", { access: "groups", limit: 1 });
    expect(answer).toMatchObject({ totalItems: 4, hasMore: true, page: 1 });
    expect(named(answer.clients)).toEqual(["Grafana"]);
    // The list, and the one client that is shown.
    expect(mcp.sandbox.requests.filter(({ path }) => path.startsWith("/api/oidc/clients"))).toHaveLength(2);
  });

  it.each([{}, { access: "groups" }])("pages without overlap: %j", async (filters) => {
    const pages = [];
    for (let page = 1; page <= 4; page++) pages.push(await mcp.ok("oidc_client_list", { ...filters, limit: 2, page }));
    const ids = pages.flatMap(({ clients }) => clients.map(({ id }: { id: string }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(pages[0].totalItems);
    const everything = await mcp.ok("oidc_client_list", { ...filters, all: true });
    expect(everything.clients.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  it.each([
    [{ sort: "createdAt" }, "Immich"],
    [{ sort: "createdAt desc" }, "Home Assistant"],
    [{ sort: "name desc" }, "Paperless-ngx"],
  ])("sorts by %j", async (order, first) => {
    expect((await mcp.ok("oidc_client_list", order)).clients[0].name).toBe(first);
  });

  it("shows all settings in full rows, and no secret", async () => {
    const { clients } = await mcp.ok("oidc_client_list", { search: "immich", full: true });
    const stored = holds(mcp).client("immich");
    expect(clients[0]).toMatchObject({
      callbackURLs: stored.callbackURLs,
      launchURL: stored.launchURL,
      description: stored.description,
      access: "groups",
      credentials: { secrets: [{ id: stored.secrets[0]?.id, prefix: "Xq7m", isActive: true }] },
    });
    expect(JSON.stringify(clients)).not.toContain(stored.secrets[0]?.value);
  });

  it.each([
    ["2.7", { requiresPushedAuthorizationRequests: true }, "2.9.0"],
    ["2.9", { skipConsent: true }, "2.10.0"],
    ["2.12", { clientType: "cimd" }, "2.13.0"],
  ] as const)("refuses on %s a filter that Pocket ID would ignore: %j", async (version, filters, since) => {
    await playing(version);
    const [field] = Object.keys(filters);
    expect(await mcp.fails("oidc_client_list", filters)).toContain(`${field}: it needs Pocket ID ${since} or later`);
    expect(mcp.sandbox.requests.filter(({ path }) => path === "/api/oidc/clients")).toEqual([]);
  });

  it("sends nothing for an access that there is not", async () => {
    expect(await mcp.fails("oidc_client_list", { access: "somebody" })).toMatch(/access/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("oidc_client_get", () => {
  it.each(["grafana", "Grafana", "GRAFANA"])("finds %s, with all settings", async (client) => {
    const answer = await mcp.ok("oidc_client_get", { client });
    const stored = holds(mcp).client("grafana");
    expect(answer.client).toMatchObject({
      id: "grafana",
      name: "Grafana",
      access: "groups",
      callbackURLs: stored.callbackURLs,
      requiresReauthentication: true,
      credentials: { federatedIdentities: stored.federatedIdentities },
      accessTokenDurationMinutes: 60,
      clientType: "standard",
    });
    expect(named(answer.client.allowedUserGroups)).toEqual(["board"]);
  });

  it("tells of secrets what Pocket ID tells, and never their values", async () => {
    const { client } = await mcp.ok("oidc_client_get", { client: "gitea" });
    expect(client.credentials.secrets).toMatchObject([
      { prefix: "Rt4y", isActive: true },
      { prefix: "Mn8b", isActive: false },
    ]);
    for (const { value } of holds(mcp).client("gitea").secrets) expect(JSON.stringify(client)).not.toContain(value);
  });

  it("finds one that registers itself by its URL", async () => {
    addCimdClient(mcp);
    expect((await mcp.ok("oidc_client_get", { client: cimdId })).client).toMatchObject({
      id: cimdId,
      clientType: "cimd",
    });
  });

  it.each([
    ["immich", "groups"],
    ["paperless", "everyone"],
  ])("knows that up to 1.16 groups alone decide: %s", async (client, access) => {
    await playing("1.16");
    expect((await mcp.ok("oidc_client_get", { client })).client.access).toBe(access);
  });

  it("names close ones for a name that no client has", async () => {
    expect(await mcp.fails("oidc_client_get", { client: "Grafna" })).toMatch(
      /client: there is no client "Grafna"\. Close ones: Grafana\./,
    );
  });

  it("refuses to guess when two clients have the name", async () => {
    holds(mcp).client("gitea").name = "Immich photos";
    holds(mcp).client("grafana").name = "Immich photos";
    expect(await mcp.fails("oidc_client_get", { client: "Immich photos" })).toMatch(
      /2 of them are called "Immich photos": .*id grafana; .*id gitea\./,
    );
  });

  it.each(["..", "../user-groups/x", "   "])("sends nothing for %j", async (client) => {
    expect(await mcp.fails("oidc_client_get", { client })).toMatch(/^Nothing was changed\. client: /);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("oidc_client_delete", () => {
  it("deletes several, with a result for each", async () => {
    const { clients } = await mcp.ok("oidc_client_delete", { clients: ["Nextcloud", "gitea"] });
    expect(clients).toEqual([
      { id: "nextcloud", name: "Nextcloud", deleted: true },
      { id: "gitea", name: "Gitea", deleted: true },
    ]);
    expect([...mcp.sandbox.state.oidcClients.keys()].sort()).toEqual([
      "grafana",
      "home-assistant",
      "immich",
      "paperless",
    ]);
    expect(holds(mcp).provider("nextcloud")).toBeUndefined();
  });

  it("goes on after one that Pocket ID refuses, and says why", async () => {
    mcp.sandbox.intercept = ({ method, url }, response) => {
      if (method !== "DELETE" || url !== "/api/oidc/clients/grafana") return false;
      response.writeHead(409, { "content-type": "application/json" }).end('{"error":"Client is in use"}');
      return true;
    };
    const { clients } = await mcp.ok("oidc_client_delete", { clients: ["grafana", "gitea"] });
    expect(clients[0]).toMatchObject({ id: "grafana", deleted: false, error: expect.stringMatching(/in use/) });
    expect(clients[1]).toMatchObject({ id: "gitea", deleted: true });
    expect(holds(mcp).client("grafana")).toBeDefined();
  });

  it("deletes none when one of them is unknown", async () => {
    expect(await mcp.fails("oidc_client_delete", { clients: ["gitea", "nope"] })).toMatch(
      /clients\[1\]: there is no client "nope"/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("sends nothing for an empty list", async () => {
    expect(await mcp.fails("oidc_client_delete", { clients: [] })).toMatch(/clients: it is empty/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
