import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScimEndpoint, startScimEndpoint } from "../live/scim-endpoint.ts";
import { contract, expectRefusal, type Json, nobody, notFound } from "./pocket-id.ts";

contract("SCIM providers", (pocketId) => {
  const endpoint = "https://scim.contract.example/v2";
  const create = (fields: object) => pocketId.post("/api/scim/service-provider", fields);
  const of = (client: Json) => pocketId.get(`/api/oidc/clients/${client.id}/scim-service-provider`);
  const unknown = notFound("SCIM service provider");

  describe.runIf(pocketId.since("2.0"))("since 2.0", () => {
    async function provider(): Promise<{ client: Json; made: Json }> {
      const client = await pocketId.client();
      const { body } = await create({ endpoint, token: "s3cret", oidcClientId: client.id });
      return { client, made: body };
    }

    it("show their token in clear, always", async () => {
      const { client, made } = await provider();
      expect(made).toMatchObject({ endpoint, token: "s3cret", lastSyncedAt: null });
      expect((await of(client)).body).toMatchObject({ id: made.id, endpoint, token: "s3cret" });
      const changed = await pocketId.put(`/api/scim/service-provider/${made.id}`, {
        endpoint,
        token: "another",
        oidcClientId: client.id,
      });
      expect(changed).toMatchObject({ status: 200, body: { token: "another" } });
    });

    it("do not load their client: it has neither id nor name in any answer", async () => {
      const { client, made } = await provider();
      expect(made.oidcClient).toMatchObject({ id: "", name: "" });
      expect((await of(client)).body.oidcClient).toMatchObject({ id: "", name: "" });
    });

    it("lose their token with a PUT that leaves it out", async () => {
      const { client, made } = await provider();
      const changed = await pocketId.put(`/api/scim/service-provider/${made.id}`, {
        endpoint,
        oidcClientId: client.id,
      });
      expect(changed).toMatchObject({ status: 200, body: { token: "" } });
      expect((await of(client)).body).toEqual({ ...made, createdAt: expect.any(String), token: "" });
    });

    it("want endpoint and client again in a PUT", async () => {
      const { client, made } = await provider();
      const path = `/api/scim/service-provider/${made.id}`;
      expectRefusal(pocketId, await pocketId.put(path, { oidcClientId: client.id }), {
        until212: [400, "Endpoint is required"],
        since213: [400, "validation_failed", { fields: [{ field: "endpoint", code: "required" }] }],
      });
      expectRefusal(pocketId, await pocketId.put(path, { endpoint }), {
        until212: [400, "OidcClientID is required"],
        since213: [400, "validation_failed", { fields: [{ field: "oidcClientId", code: "required" }] }],
      });
    });

    it("need an endpoint that is a URL", async () => {
      const { id } = await pocketId.client();
      expectRefusal(pocketId, await create({ endpoint: "nowhere", oidcClientId: id }), {
        until212: [400, "Endpoint must be a valid URL"],
        since213: [400, "validation_failed", { fields: [{ field: "endpoint", code: "invalid_format" }] }],
      });
    });

    it("need a client that is there (500, since 2.13 404)", async () => {
      expectRefusal(pocketId, await create({ endpoint, oidcClientId: nobody }), {
        until212: [500],
        since213: [404, "not_found", { resource: "OIDC client" }],
      });
    });

    it("may be two for one client, of which one is shown", async () => {
      const { client, made } = await provider();
      const second = await create({ endpoint, oidcClientId: client.id });
      expect(second.status).toBe(201);
      expect([made.id, second.body.id]).toContain((await of(client)).body.id);
    });

    it("are a 404 where a client has none", async () => {
      expectRefusal(pocketId, await of(await pocketId.client()), unknown);
    });

    it("go with their client", async () => {
      const { client, made } = await provider();
      await pocketId.delete(`/api/oidc/clients/${client.id}`);
      expectRefusal(pocketId, await pocketId.post(`/api/scim/service-provider/${made.id}/sync`), unknown);
    });

    it("can be deleted: one that is not there with 204 until 2.12, 404 since", async () => {
      const { client, made } = await provider();
      const path = `/api/scim/service-provider/${made.id}`;
      expect((await pocketId.delete(path)).status).toBe(204);
      expectRefusal(pocketId, await of(client), unknown);
      expect((await pocketId.delete(path)).status).toBe(pocketId.since("2.13") ? 404 : 204);
      expectRefusal(pocketId, await pocketId.put(path, { endpoint, oidcClientId: client.id }), unknown);
    });

    describe("that are synced", () => {
      let remote: ScimEndpoint;
      beforeAll(async () => {
        remote = await startScimEndpoint();
      });
      afterAll(() => remote.close());

      /** A client for these groups, whose other side held an account and a group of its own before. */
      async function synced(groups: Json[]): Promise<Json> {
        for (const held of [remote.users, remote.groups]) {
          held.clear();
          held.set("theirs", { id: "theirs", userName: "theirs", displayName: "Theirs" });
        }
        const client = await pocketId.client({ isGroupRestricted: true });
        const userGroupIds = groups.map(({ id }) => id);
        await pocketId.done("PUT", `/api/oidc/clients/${client.id}/allowed-user-groups`, { userGroupIds });
        const made = await create({ endpoint: remote.url, token: "s3cret", oidcClientId: client.id });
        expect(await pocketId.post(`/api/scim/service-provider/${made.body.id}/sync`)).toMatchObject({
          status: 200,
          body: "",
        });
        return (await of(client)).body;
      }

      it("bring the members of the groups over, and delete whatever was there before", async () => {
        const [friends, ada] = [await pocketId.group(), await pocketId.user()];
        await pocketId.done("PUT", `/api/user-groups/${friends.id}/users`, { userIds: [ada.id] });
        const { lastSyncedAt } = await synced([friends]);
        expect(Math.abs(Date.parse(lastSyncedAt) - Date.now())).toBeLessThan(60_000);
        expect([...remote.users.values()]).toMatchObject([
          { externalId: ada.id, userName: ada.username, active: true },
        ]);
        expect([...remote.groups.values()]).toMatchObject([{ externalId: friends.id }]);
        expect(remote.authorizations).toEqual(new Set(["Bearer s3cret"]));
      });

      it("delete everything where the client is for nobody", async () => {
        await synced([]);
        expect([remote.users.size, remote.groups.size]).toEqual([0, 0]);
      });
    });

    it("that cannot be reached fail to sync with 500, without a reason", async () => {
      const { client, made } = await provider();
      const path = `/api/scim/service-provider/${made.id}`;
      await pocketId.done("PUT", path, { endpoint: "http://127.0.0.1:9/scim", oidcClientId: client.id });
      expectRefusal(pocketId, await pocketId.post(`${path}/sync`), {
        until212: [500],
        since213: [500, "internal_error"],
      });
      expect((await of(client)).body.lastSyncedAt).toBeNull();
    });
  });
});
