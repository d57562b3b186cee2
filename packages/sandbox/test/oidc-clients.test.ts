import { describe, expect, it } from "vitest";
import { blankClient } from "../src/clients.ts";
import { sandboxVersions } from "../src/index.ts";
import {
  at,
  column,
  group,
  isSince,
  members,
  type PocketId,
  person,
  pocketId,
  present,
  query,
  textAt,
} from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";

const mayUse = async (instance: PocketId, clientId: string, username: string): Promise<boolean> => {
  const path = `/api/oidc/clients/${clientId}/preview/${person(instance, username)}`;
  const { status } = await instance.get(path + query({ scopes: "openid" }));
  return status === 200;
};

describe.each(sandboxVersions)("OIDC clients of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("have these members and no others", async () => {
    const instance = await playing();
    const client = await instance.get("/api/oidc/clients/immich");
    const since = (first: string, ...names: string[]) => (isSince(version, first) ? names : []);
    expect(members(client.body).toSorted()).toEqual(
      [
        ...[
          "allowedUserGroups",
          "callbackURLs",
          "credentials",
          "hasDarkLogo",
          "hasLogo",
          "id",
          "isPublic",
          "launchURL",
        ],
        ...["logoutCallbackURLs", "name", "pkceEnabled", "requiresReauthentication"],
        ...since("2.0", "isGroupRestricted"),
        ...since("2.9", "requiresPushedAuthorizationRequests"),
        ...since("2.10", "description", "skipConsent"),
        ...since("2.13", "accessTokenDurationMinutes", "clientType", "refreshTokenDurationMinutes"),
      ].toSorted(),
    );
    const list = await instance.get("/api/oidc/clients");
    expect(at(list.body, "data", 0, "allowedUserGroups")).toBeUndefined();
    expect(column(list.body, "allowedUserGroupsCount")).toEqual([2, 2, 1, 0, 0, 1]);
  });

  it("show everybody what they are called, and no more", async () => {
    const instance = await playing();
    const meta = await instance.anonymous.get("/api/oidc/clients/immich/meta");
    expect(meta).toMatchObject({ status: 200, body: { id: "immich", name: "Immich" } });
    expect(at(meta.body, "callbackURLs")).toBeUndefined();
    expect(at(meta.body, "credentials")).toBeUndefined();
  });

  it("are created without a secret, under an id of their own or a new one", async () => {
    const instance = await playing();
    const named = await instance.post("/api/oidc/clients", { id: "wiki_1.0", name: "Wiki" });
    expect(named).toMatchObject({ status: 201, body: { id: "wiki_1.0", isPublic: false, allowedUserGroups: [] } });
    const unnamed = await instance.post("/api/oidc/clients", { name: "Wiki" });
    expect(textAt(unnamed.body, "id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(instance.sandbox.state.oidcClients.get("wiki_1.0")?.secrets).toEqual([]);
  });

  it.each([
    ["w", false],
    ["wi", true],
    ["w".repeat(128), true],
    ["w".repeat(129), false],
    ["wiki/1", false],
    ["wiki 1", false],
  ])("take the id %j: %s", async (id, allowed) => {
    const instance = await playing();
    expect((await instance.post("/api/oidc/clients", { id, name: "Wiki" })).status).toBe(allowed ? 201 : 400);
  });

  it("lose with a PUT what it does not say, but not their secrets and logos", async () => {
    const instance = await playing();
    const grafana = present(instance.sandbox.state.oidcClients.get("grafana"));
    grafana.secrets = [
      { id: "s", prefix: "abcd", value: "abcdefgh", createdAt: "2026-01-01T00:00:00Z", expiresAt: null },
    ];
    grafana.logo = { extension: "png", bytes: Buffer.from("png") };
    const changed = await instance.put("/api/oidc/clients/grafana", { name: "Grafana" });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      callbackURLs: [],
      logoutCallbackURLs: [],
      launchURL: null,
      requiresReauthentication: false,
      hasLogo: true,
    });
    expect(at(changed.body, "credentials", "federatedIdentities")).toBeUndefined();
    expect(grafana.secrets).toHaveLength(1);
    if (isSince(version, "2.13")) {
      expect(changed.body).toMatchObject({ accessTokenDurationMinutes: 60, refreshTokenDurationMinutes: 43_200 });
    }
  });

  it("are opened to everybody by a PUT without isGroupRestricted, and forget their groups, since 2.0", async () => {
    const instance = await playing();
    expect(await mayUse(instance, "grafana", "ben")).toBe(false);
    await instance.put("/api/oidc/clients/grafana", { name: "Grafana" });
    expect(await mayUse(instance, "grafana", "ben")).toBe(isSince(version, "2.0"));
    expect(instance.sandbox.state.oidcClients.get("grafana")?.allowedUserGroupIds).toHaveLength(
      isSince(version, "2.0") ? 0 : 1,
    );
  });

  it("let in whom their groups let in: by the flag since 2.0, by having groups before", async () => {
    const instance = await playing();
    expect(await mayUse(instance, "grafana", "chloe")).toBe(true);
    expect(await mayUse(instance, "grafana", "alice")).toBe(false);
    expect(await mayUse(instance, "gitea", "ines")).toBe(true);
    expect(await mayUse(instance, "paperless", "robin")).toBe(!isSince(version, "2.0"));
    const path = "/api/oidc/clients/gitea/allowed-user-groups";
    const linked = await instance.put(path, { userGroupIds: [group(instance, "board"), NOBODY] });
    expect(linked.status).toBe(200);
    expect(instance.sandbox.state.oidcClients.get("gitea")?.allowedUserGroupIds).toEqual([group(instance, "board")]);
    expect(await mayUse(instance, "gitea", "ines")).toBe(isSince(version, "2.0"));
  });

  it("answer a change of their groups without the groups", async () => {
    const instance = await playing();
    const linked = await instance.put("/api/oidc/clients/gitea/allowed-user-groups", { userGroupIds: [] });
    expect(linked.status).toBe(200);
    expect(at(linked.body, "allowedUserGroups")).toBeUndefined();
    expect((await instance.put("/api/oidc/clients/gitea/allowed-user-groups", {})).status).toBe(400);
  });

  it("always use PKCE when they are public", async () => {
    const instance = await playing();
    const created = await instance.post("/api/oidc/clients", { name: "App", isPublic: true, pkceEnabled: false });
    expect(created.body).toMatchObject({ isPublic: true, pkceEnabled: true });
  });

  it.each<[string, until?: string]>([
    ["https://wiki.example/callback"],
    ["app.wiki:///callback"],
    ["*"],
    ["https://*.example/callback"],
    ["javascript:alert(1)", "2.6"],
    ["data:text/html,x", "2.6"],
    ["https://*.example:port/callback", "2.10"],
    ["no scheme", "1.0"],
  ])("take the callback URL %j, until before %s", async (callback, until = "9.0") => {
    const instance = await playing();
    for (const field of ["callbackURLs", "logoutCallbackURLs"]) {
      const reply = await instance.post("/api/oidc/clients", { name: "Wiki", [field]: [callback] });
      expect(reply.status).toBe(isSince(version, until) ? 400 : 201);
    }
  });

  it("take everything of theirs along when deleted", async () => {
    const instance = await playing();
    const { state } = instance.sandbox;
    const traces = () => [
      ...state.authorizedClients.filter(({ clientId }) => clientId === "nextcloud"),
      ...[...state.scimProviders.values()].filter(({ oidcClientId }) => oidcClientId === "nextcloud"),
    ];
    expect(traces()).not.toEqual([]);
    expect((await instance.delete("/api/oidc/clients/nextcloud")).status).toBe(204);
    expect(traces()).toEqual([]);
    expect((await instance.get("/api/oidc/clients/nextcloud")).status).toBe(404);
  });

  it("tell where they are opened", async () => {
    const instance = await playing();
    const opened = await instance.post("/api/oidc/clients", { name: "Wiki", launchURL: "https://wiki.example" });
    expect(opened.body).toMatchObject({ launchURL: "https://wiki.example" });
    expect((await instance.post("/api/oidc/clients", { name: "Wiki", launchURL: "wiki" })).status).toBe(400);
  });

  it("fetch no logo from a private address, but are created all the same", async () => {
    const instance = await playing();
    const logoUrl = `${instance.url}/api/application-images/background`;
    const refused = await instance.post("/api/oidc/clients", { id: "wiki", name: "Wiki", logoUrl });
    if (isSince(version, "2.13")) {
      expect(refused).toMatchObject({
        status: 400,
        body: { code: "validation_failed", details: { fields: [{ field: "logoUrl" }] } },
      });
    } else {
      expect(refused.status).toBe(500);
    }
    expect((await instance.get("/api/oidc/clients/wiki")).status).toBe(200);
  });

  it("keep federated identities, which are left out when there are none", async () => {
    const instance = await playing();
    const identity = { issuer: "https://ci.example", subject: "repo:wiki" };
    const created = await instance.post("/api/oidc/clients", {
      name: "Wiki",
      credentials: { federatedIdentities: [{ ...identity, replayProtection: true }] },
    });
    expect(at(created.body, "credentials", "federatedIdentities")).toEqual([
      { ...identity, ...(isSince(version, "2.10") && { replayProtection: true }) },
    ]);
    const immich = await instance.get("/api/oidc/clients/immich");
    expect(at(immich.body, "credentials", "federatedIdentities")).toBeUndefined();
  });
});

describe("fields that came later", () => {
  it("are ignored by the versions before them", async () => {
    const instance = await pocketId({ version: "2.7" });
    const created = await instance.post("/api/oidc/clients", {
      name: "Wiki",
      description: "x".repeat(151),
      skipConsent: true,
      requiresPushedAuthorizationRequests: true,
      accessTokenDurationMinutes: -5,
    });
    expect(created.status).toBe(201);
    expect(instance.sandbox.state.oidcClients.get(textAt(created.body, "id"))).toMatchObject({
      description: "",
      skipConsent: false,
      requiresPushedAuthorizationRequests: false,
      accessTokenDurationMinutes: 60,
    });
  });

  it("2.9 forces requiresPushedAuthorizationRequests off for public clients, later versions do not", async () => {
    const wish = { name: "App", isPublic: true, requiresPushedAuthorizationRequests: true };
    for (const [version, kept] of [
      ["2.9", false],
      ["2.12", true],
      ["2.14", true],
    ] as const) {
      const created = await (await pocketId({ version })).post("/api/oidc/clients", wish);
      expect(created.body).toMatchObject({ requiresPushedAuthorizationRequests: kept });
    }
  });

  it.each([
    [0, 60],
    [1, 1],
    [525_600, 525_600],
  ])("2.13 takes %d for a token duration as %d minutes", async (sent, stored) => {
    const instance = await pocketId({ version: "2.13" });
    const created = await instance.post("/api/oidc/clients", { name: "Wiki", accessTokenDurationMinutes: sent });
    expect(created).toMatchObject({ status: 201, body: { accessTokenDurationMinutes: stored } });
  });

  it.each([-1, 525_601])("2.13 refuses a token duration of %d", async (sent) => {
    const instance = await pocketId({ version: "2.13" });
    const refused = await instance.post("/api/oidc/clients", { name: "Wiki", refreshTokenDurationMinutes: sent });
    expect(refused).toMatchObject({
      status: 400,
      body: { details: { fields: [{ field: "refreshTokenDurationMinutes", code: "token_duration" }] } },
    });
  });

  it("shows pkceSupported only when it is true, and a PUT without pkceEnabled clears it", async () => {
    const instance = await pocketId();
    present(instance.sandbox.state.oidcClients.get("gitea")).pkceSupported = true;
    expect((await instance.get("/api/oidc/clients/gitea")).body).toMatchObject({ pkceSupported: true });
    const changed = await instance.put("/api/oidc/clients/gitea", { name: "Gitea" });
    expect(at(changed.body, "pkceSupported")).toBeUndefined();
  });

  it("shows the allowed groups in the answer of a PUT since 2.13", async () => {
    for (const version of ["2.14", "2.12"] as const) {
      const instance = await pocketId({ version });
      const changed = await instance.put("/api/oidc/clients/grafana", { name: "Grafana", isGroupRestricted: true });
      expect(column(at(changed.body, "allowedUserGroups"), "name")).toEqual(version === "2.14" ? ["board"] : []);
    }
  });
});

describe("clients that register themselves (CIMD), since 2.13", () => {
  const id = "https://app.example/oauth/metadata.json";
  const inPath = `~${Buffer.from(id).toString("base64url")}`;

  async function withClient(version: "2.14" | "2.13" | "2.12" = "2.14"): Promise<PocketId> {
    const instance = await pocketId({ version });
    const { state } = instance.sandbox;
    state.oidcClients.set(id, {
      ...blankClient(id, "2026-01-01T00:00:00Z", null),
      name: "App",
      clientType: "cimd",
      isPublic: true,
      pkceEnabled: true,
      callbackURLs: ["https://app.example/callback"],
      metadataGrantTypes: ["authorization_code"],
    });
    state.configuration.set("cimdUrlAllowlist", '["https://app.example/**"]');
    state.authorizedClients.push({
      userId: instance.sandbox.adminId,
      clientId: id,
      scopes: ["openid"],
      lastUsedAt: "2026-01-01T00:00:00Z",
    });
    return instance;
  }

  const consents = ({ sandbox }: PocketId) => sandbox.state.authorizedClients.filter(({ clientId }) => clientId === id);

  it("are written as ~base64url in paths", async () => {
    const instance = await withClient();
    const found = await instance.get(`/api/oidc/clients/${inPath}`);
    expect(found).toMatchObject({ status: 200, body: { id, clientType: "cimd" } });
    expect((await instance.get(`/api/oidc/clients/${encodeURIComponent(id)}`)).status).toBe(404);
  });

  it("take only part of a PUT, which has to send the name all the same", async () => {
    const instance = await withClient();
    const changed = await instance.put(`/api/oidc/clients/${inPath}`, {
      name: "Other",
      description: "An app",
      callbackURLs: [],
      isPublic: false,
      skipConsent: true,
      isGroupRestricted: true,
    });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        name: "App",
        description: "An app",
        callbackURLs: ["https://app.example/callback"],
        isPublic: true,
        skipConsent: true,
        isGroupRestricted: true,
      },
    });
    expect((await instance.put(`/api/oidc/clients/${inPath}`, {})).status).toBe(400);
  });

  it("lose all consents when their document changes more than the name", async () => {
    const instance = await withClient();
    const documents = instance.sandbox.state.clientMetadataDocuments;
    documents.set(id, { client_name: "App 2", redirect_uris: ["https://app.example/callback"] });
    const renamed = await instance.post(`/api/oidc/clients/${inPath}/refresh`);
    expect(renamed).toMatchObject({ status: 200, body: { name: "App 2" } });
    expect(consents(instance)).toHaveLength(1);
    documents.set(id, { client_name: "App 2", redirect_uris: ["https://app.example/elsewhere"] });
    const moved = await instance.post(`/api/oidc/clients/${inPath}/refresh`);
    expect(moved.body).toMatchObject({ callbackURLs: ["https://app.example/elsewhere"] });
    expect(consents(instance)).toEqual([]);
  });

  it("cannot be refreshed without a document, without permission, or when they are no such client", async () => {
    const instance = await withClient();
    const unfetchable = await instance.post(`/api/oidc/clients/${inPath}/refresh`);
    expect(unfetchable).toMatchObject({ status: 400, body: { code: "validation_failed" } });
    expect((await instance.post("/api/oidc/clients/gitea/refresh")).status).toBe(400);
    const unknown = `~${Buffer.from("https://app.example/other").toString("base64url")}`;
    expect((await instance.post(`/api/oidc/clients/${unknown}/refresh`)).status).toBe(500);
    instance.sandbox.state.configuration.set("cimdUrlAllowlist", "[]");
    const forbidden = await instance.post(`/api/oidc/clients/${inPath}/refresh`);
    expect(forbidden).toMatchObject({ status: 400, body: { code: "validation_failed" } });
  });

  it("do not exist for 2.12, which reads ~ as any other letter", async () => {
    const instance = await withClient("2.12");
    expect((await instance.get(`/api/oidc/clients/${inPath}`)).status).toBe(404);
    expect((await instance.post("/api/oidc/clients/gitea/refresh")).body).toEqual({ error: "API endpoint not found" });
  });
});
