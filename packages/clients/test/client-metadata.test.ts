import type { ClientMetadataDocument } from "@pocketid-mcp/sandbox";
import { beforeEach, describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { addCimdClient, cimdId, holds } from "./holds.ts";

const mcp = useServer(tools);

/** What the application publishes when nothing has changed. */
const published: ClientMetadataDocument = {
  client_name: "Notes",
  redirect_uris: ["https://notes.example/callback"],
  grant_types: ["authorization_code"],
};
const publish = (document: ClientMetadataDocument) =>
  mcp.sandbox.state.clientMetadataDocuments.set(cimdId, { ...published, ...document });
const refresh = () => mcp.ok("oidc_client_refresh_metadata", { client: "Notes" });
const consents = () => mcp.sandbox.state.authorizedClients.filter(({ clientId }) => clientId === cimdId);

describe("oidc_client_refresh_metadata", () => {
  beforeEach(() => {
    const { state } = mcp.sandbox;
    const client = addCimdClient(mcp);
    Object.assign(client, { logoutCallbackURLs: [], metadataGrantTypes: ["authorization_code"] });
    state.configuration.set("cimdUrlAllowlist", '["https://notes.example/*"]');
    state.authorizedClients.push({
      userId: holds(mcp).user("alice").id,
      clientId: cimdId,
      scopes: ["openid"],
      lastUsedAt: "2026-01-05T10:00:00Z",
    });
  });

  it("reads the document again, and says what changed and that consents are gone", async () => {
    publish({ redirect_uris: ["https://notes.example/new"], post_logout_redirect_uris: ["https://notes.example/bye"] });
    const answer = await refresh();
    expect(answer.changed.sort()).toEqual(["callbackURLs", "logoutCallbackURLs"]);
    expect(answer.client).toMatchObject({
      id: cimdId,
      callbackURLs: ["https://notes.example/new"],
      logoutCallbackURLs: ["https://notes.example/bye"],
      clientType: "cimd",
      access: "everyone",
    });
    expect(answer.notes).toEqual([expect.stringMatching(/^Everybody's consent to this client was revoked/)]);
    expect(holds(mcp).client(cimdId).callbackURLs).toEqual(["https://notes.example/new"]);
    expect(consents()).toEqual([]);
    expect(holds(mcp).changes()).toEqual([
      `POST /api/oidc/clients/~${Buffer.from(cimdId).toString("base64url")}/refresh`,
    ]);
  });

  it("shows what Pocket ID holds afterwards, whatever it answers to the refresh itself", async () => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "POST") return false;
      holds(mcp).client(cimdId).callbackURLs = ["https://notes.example/new"];
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ ...published, id: "gitea", name: "Gitea" }));
      return true;
    };
    const answer = await refresh();
    expect(answer.client).toMatchObject({ id: cimdId, callbackURLs: ["https://notes.example/new"] });
    expect(answer.changed).toEqual(["callbackURLs"]);
  });

  it("does not say so where the name alone has changed", async () => {
    publish({ client_name: "Notebook" });
    const answer = await refresh();
    expect(answer.changed).toEqual(["name"]);
    expect(answer.notes).toEqual([expect.stringMatching(/^Pocket ID does not show the grant types/)]);
    expect(consents()).toHaveLength(1);
  });

  it("says where nothing seems to have changed what it cannot see", async () => {
    publish({ grant_types: ["authorization_code", "refresh_token"] });
    const answer = await refresh();
    expect(answer.changed).toEqual([]);
    expect(answer.notes).toEqual([
      "Pocket ID does not show the grant types in the document: if they changed, everybody's consent was revoked.",
    ]);
    expect(consents()).toEqual([]);
  });

  it("keeps what an administrator has decided", async () => {
    publish({ redirect_uris: ["https://notes.example/new"] });
    Object.assign(holds(mcp).client(cimdId), { description: "Ours", skipConsent: true, isGroupRestricted: true });
    const before = structuredClone(holds(mcp).client(cimdId));
    await refresh();
    expect(holds(mcp).client(cimdId)).toEqual({ ...before, callbackURLs: ["https://notes.example/new"] });
  });

  it("passes on that the address is not allowed, or answers nothing", async () => {
    expect(await mcp.fails("oidc_client_refresh_metadata", { client: cimdId })).toMatch(/failed to fetch/i);
    mcp.sandbox.state.configuration.set("cimdUrlAllowlist", "[]");
    expect(await mcp.fails("oidc_client_refresh_metadata", { client: cimdId })).toMatch(/allowlist/i);
    expect(consents()).toHaveLength(1);
  });

  it("sends no change for a client that did not register itself", async () => {
    expect(await mcp.fails("oidc_client_refresh_metadata", { client: "immich" })).toBe(
      "Nothing was changed. client: Immich has no metadata document: it did not register itself. Change it with oidc_client_update.",
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("says before 2.13 which version it needs", async () => {
    await mcp.reconnect({ version: "2.12" });
    expect(await mcp.fails("oidc_client_refresh_metadata", { client: "immich" })).toMatch(/It came with 2\.13\.0/);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("sends nothing without a client", async () => {
    expect(await mcp.fails("oidc_client_refresh_metadata", {})).toMatch(/client: this argument is needed/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
