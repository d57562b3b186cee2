import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./instance.ts";
import { changesOnly, type Live, newClient, newGroup, newUser } from "./live.ts";
import { type ScimEndpoint, startScimEndpoint } from "./scim-endpoint.ts";

export function scimProviders({ ok, fails, pocketId, secrets }: Live): void {
  const { read, send, atLeast } = pocketId;
  const token = "scim-token-of-the-live-tests";
  secrets.add(token);

  describe.runIf(atLeast("2.0.0"))("SCIM", () => {
    let endpoint: ScimEndpoint;
    let client: Json;
    let group: Json;
    let member: Json;
    beforeAll(async () => {
      endpoint = await startScimEndpoint();
      member = await newUser(pocketId, "provisioned");
      await newUser(pocketId, "not-provisioned");
      group = await newGroup(pocketId, "provisioned", [member]);
      client = await newClient(pocketId, "provisioned", [group]);
    });
    afterAll(() => endpoint.close());
    const path = () => `/api/oidc/clients/${client.id}/scim-service-provider`;

    it("scim_provider_get says that there is none", async () => {
      expect(await ok("scim_provider_get", { client: client.name })).toMatchObject({ scimProvider: null });
    });

    it("scim_provider_create sets it up, with its token, and not twice", async () => {
      const args = { client: client.name, endpoint: "https://scim.live.example/v2", token };
      const { scimProvider } = await ok("scim_provider_create", args);
      expect(scimProvider).toMatchObject({ endpoint: args.endpoint, hasToken: true });
      expect(await read(path())).toMatchObject({ id: scimProvider.id, endpoint: args.endpoint, token });
      await changesOnly(pocketId, path(), {}, async () => {
        expect(await fails("scim_provider_create", args)).toMatch(/^Nothing was changed\./);
      });
    });

    it("scim_provider_get shows what Pocket ID holds, but for the token", async () => {
      const { token: _, oidcClient: __, ...held } = await read(path());
      const { scimProvider } = await ok("scim_provider_get", { client: client.id });
      expect(scimProvider).toEqual({ ...held, hasToken: true });
    });

    it("scim_provider_update changes the endpoint, and keeps the token", async () => {
      const answer = await changesOnly(pocketId, path(), { endpoint: endpoint.url }, () =>
        ok("scim_provider_update", { client: client.id, endpoint: endpoint.url }),
      );
      expect(answer).toMatchObject({ changed: ["endpoint"], notApplied: [], scimProvider: { hasToken: true } });
    });

    it("scim_provider_sync makes the other side hold those who may sign in, and nobody else", async () => {
      endpoint.users.set("stranger", { id: "stranger", userName: "stranger", schemas: [], meta: meta() });
      const { scimProvider } = await ok("scim_provider_sync", { client: client.name });
      expect(Math.abs(Date.parse(scimProvider.lastSyncedAt) - Date.now())).toBeLessThan(60_000);
      expect((await read(path())).lastSyncedAt).toBe(scimProvider.lastSyncedAt);
      expect([...endpoint.users.values()]).toMatchObject([{ userName: member.username, externalId: member.id }]);
      const [user] = endpoint.users.keys();
      expect([...endpoint.groups.values()]).toMatchObject([{ externalId: group.id, members: [{ value: user }] }]);
      expect([...endpoint.authorizations]).toEqual([`Bearer ${token}`]);
    });

    it("scim_provider_update changes and removes the token", async () => {
      const other = "another-token-of-the-live-tests";
      secrets.add(other);
      await changesOnly(pocketId, path(), { token: other }, () =>
        ok("scim_provider_update", { client: client.id, token: other }),
      );
      const answer = await changesOnly(pocketId, path(), { token: "" }, () =>
        ok("scim_provider_update", { client: client.id, token: null }),
      );
      expect(answer).toMatchObject({ changed: ["token"], scimProvider: { hasToken: false } });
    });

    it("scim_provider_sync says that the other side failed", async () => {
      const closed = await newClient(pocketId, "out of reach", [group]);
      await ok("scim_provider_create", { client: closed.id, endpoint: "http://127.0.0.1:9/scim" });
      expect(await fails("scim_provider_sync", { client: closed.id })).toMatch(/Pocket ID hides the reason/);
      expect(await read(`/api/oidc/clients/${closed.id}/scim-service-provider`)).toMatchObject({ lastSyncedAt: null });
    });

    it("scim_provider_delete ends it; the accounts there stay", async () => {
      await ok("scim_provider_delete", { client: client.name });
      expect((await send("GET", path())).status).toBe(404);
      expect(endpoint.users.size).toBe(1);
      expect(await fails("scim_provider_delete", { client: client.name })).toMatch(/no SCIM provider/);
    });
  });

  describe.runIf(!atLeast("2.0.0"))("SCIM", () => {
    it.each([
      ["scim_provider_get", {}],
      ["scim_provider_create", { endpoint: "https://scim.live.example/v2", token }],
      ["scim_provider_update", { endpoint: "https://scim.live.example/v3" }],
      ["scim_provider_sync", {}],
      ["scim_provider_delete", {}],
    ])("%s says which version it needs, and changes nothing", async (tool, args) => {
      const client = await newClient(pocketId, `for ${tool}`.slice(0, 30));
      await changesOnly(pocketId, `/api/oidc/clients/${client.id}`, {}, async () => {
        expect(await fails(tool, { client: client.id, ...args })).toMatch(/2\.0\.0/);
      });
    });
  });
}

const meta = () => ({ created: new Date().toISOString(), lastModified: new Date().toISOString() });
