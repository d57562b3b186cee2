import { createServer, type IncomingMessage } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { type SandboxVersion, sandboxVersions } from "../src/index.ts";
import { at, column, isSince, members, type PocketId, pocketId, present, textAt } from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";
const provider = { endpoint: "https://scim.example/v2", token: "s3cret", oidcClientId: "gitea" };

const withScim = sandboxVersions.filter((version) => isSince(version, "2.0"));

describe.each(withScim)("SCIM providers of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("show their token in clear, and a client that was not loaded", async () => {
    const instance = await playing();
    const shown = await instance.get("/api/oidc/clients/nextcloud/scim-service-provider");
    expect(shown).toMatchObject({
      status: 200,
      body: { token: "scim-7c1e5d0a9b3f4826", oidcClient: { id: "", name: "" } },
    });
    expect(members(shown.body)).toEqual([...["id", "endpoint", "token", "lastSyncedAt", "oidcClient", "createdAt"]]);
    expect((await instance.get("/api/oidc/clients/gitea/scim-service-provider")).status).toBe(404);
  });

  it("lose their token with a PUT that does not say it", async () => {
    const instance = await playing();
    const created = await instance.post("/api/scim/service-provider", provider);
    expect(created).toMatchObject({ status: 201, body: { token: "s3cret", lastSyncedAt: null } });
    const changed = await instance.put(`/api/scim/service-provider/${textAt(created.body, "id")}`, {
      endpoint: "https://scim.example/v3",
      oidcClientId: "gitea",
    });
    expect(changed).toMatchObject({ status: 200, body: { endpoint: "https://scim.example/v3", token: "" } });
  });

  it("need an address and a client that exists", async () => {
    const instance = await playing();
    const made = (change: object) => instance.post("/api/scim/service-provider", { ...provider, ...change });
    expect((await made({ endpoint: "" })).status).toBe(400);
    expect((await made({ endpoint: "no address" })).status).toBe(400);
    expect((await made({ oidcClientId: "" })).status).toBe(400);
    expect((await made({ oidcClientId: "nothing" })).status).toBe(isSince(version, "2.13") ? 404 : 500);
  });

  it("can be deleted", async () => {
    const instance = await playing();
    const shown = await instance.get("/api/oidc/clients/nextcloud/scim-service-provider");
    expect((await instance.delete(`/api/scim/service-provider/${textAt(shown.body, "id")}`)).status).toBe(204);
    expect((await instance.get("/api/oidc/clients/nextcloud/scim-service-provider")).status).toBe(404);
  });

  it("cannot be reached: 500 and no reason", async () => {
    const instance = await playing();
    const gone = await scimServer();
    await gone.close();
    const id = await providerAt(instance, gone.url);
    const refused = await instance.post(`/api/scim/service-provider/${id}/sync`);
    expect(refused).toMatchObject({ status: 500, body: { error: "Something went wrong" } });
    expect((await instance.get("/api/oidc/clients/nextcloud/scim-service-provider")).body).toMatchObject({
      lastSyncedAt: at(instance.sandbox.state.scimProviders.get(id), "lastSyncedAt"),
    });
    expect((await instance.post(`/api/scim/service-provider/${NOBODY}/sync`)).status).toBe(404);
  });
});

describe("a SCIM sync", () => {
  it("brings the members of the client over, and deletes whoever was there before", async () => {
    const instance = await pocketId();
    const remote = await scimServer({ id: "9", userName: "legacy" });
    const id = await providerAt(instance, remote.url);
    const synced = await instance.post(`/api/scim/service-provider/${id}/sync`);
    expect(synced).toMatchObject({ status: 200, body: null });
    expect(remote.names("Users")).toEqual(["robin", "alice", "ben", "chloe", "dmitri", "femi", "grace", "zoe"]);
    expect(remote.names("Groups")).toEqual(["Members", "Board"]);
    expect(at(remote.resources("Groups"), 1, "members")).toHaveLength(3);
    expect(new Set(remote.authorizations)).toEqual(new Set(["Bearer token-of-the-test"]));
    const shown = await instance.get("/api/oidc/clients/nextcloud/scim-service-provider");
    expect(Date.now() - Date.parse(textAt(shown.body, "lastSyncedAt"))).toBeLessThan(10_000);
  });

  it("updates those whom it knows", async () => {
    const instance = await pocketId();
    const remote = await scimServer();
    const id = await providerAt(instance, remote.url);
    await instance.post(`/api/scim/service-provider/${id}/sync`);
    present([...instance.sandbox.state.users.values()].find(({ username }) => username === "ben")).disabled = true;
    await instance.post(`/api/scim/service-provider/${id}/sync`);
    expect(remote.names("Users")).toHaveLength(8);
    expect(column(remote.resources("Users"), "active")).toEqual([true, true, false, true, false, true, true, true]);
  });

  it("empties the other side of a client that is restricted to nobody", async () => {
    const instance = await pocketId();
    const remote = await scimServer({ id: "9", userName: "legacy" });
    const id = await providerAt(instance, remote.url);
    present(instance.sandbox.state.scimProviders.get(id)).oidcClientId = "paperless";
    expect((await instance.post(`/api/scim/service-provider/${id}/sync`)).status).toBe(200);
    expect([remote.names("Users"), remote.names("Groups")]).toEqual([[], []]);
  });
});

it.each<SandboxVersion>(["1.16"])("%s knows no SCIM", async (version) => {
  const instance = await pocketId({ version });
  const unknown = await instance.post("/api/scim/service-provider", provider);
  expect(unknown).toMatchObject({ status: 404, body: { error: "API endpoint not found" } });
});

/** Points the club's provider at an address and says its id. */
async function providerAt(instance: PocketId, endpoint: string): Promise<string> {
  const shown = await instance.get("/api/oidc/clients/nextcloud/scim-service-provider");
  const id = textAt(shown.body, "id");
  await instance.put(`/api/scim/service-provider/${id}`, {
    endpoint,
    token: "token-of-the-test",
    oidcClientId: "nextcloud",
  });
  return id;
}

type Kind = "Users" | "Groups";

/** The least that calls itself a SCIM service. */
async function scimServer(...users: { id: string; userName: string }[]) {
  const resources: Record<Kind, Map<string, object>> = {
    Users: new Map(users.map((user) => [user.id, user])),
    Groups: new Map(),
  };
  const authorizations: string[] = [];
  let next = 100;
  const server = createServer(async (request, response) => {
    authorizations.push(request.headers.authorization ?? "");
    const [, kind, id = String(next++)] = /^\/(Users|Groups)(?:\/([^?]+))?/.exec(request.url ?? "") ?? [];
    const stored = resources[kind === "Groups" ? "Groups" : "Users"];
    const sent = await bodyOf(request);
    if (request.method === "DELETE") stored.delete(id);
    if (request.method === "POST" || request.method === "PUT") stored.set(id, { ...sent, id });
    const answer = request.method === "GET" ? { Resources: [...stored.values()] } : (stored.get(id) ?? {});
    response.setHeader("content-type", "application/scim+json");
    response.end(request.method === "DELETE" ? undefined : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close,
    authorizations,
    resources: (kind: Kind) => [...resources[kind].values()],
    names: (kind: Kind) => column([...resources[kind].values()], kind === "Users" ? "userName" : "displayName"),
  };
}

async function bodyOf(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : JSON.parse(text);
}
