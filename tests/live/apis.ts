import { beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./instance.ts";
import { changesOnly, type Live, newClient, settled } from "./live.ts";

export function apis({ ok, fails, pocketId }: Live): void {
  const { prefix, read, send, done, atLeast } = pocketId;
  const oneGrantEach = atLeast("2.14.0");
  const resourceOf = (name: string) => `https://${name}.${prefix}.example`;

  describe.runIf(atLeast("2.10.0"))("APIs", () => {
    let api: Json;
    let other: Json;
    let client: Json;
    let publicClient: Json;
    const seeing = { key: "see", name: "See", description: "Who has which" };
    const booking = { key: "book", name: "Book" };
    const path = () => `/api/apis/${api.id}`;
    const idOf = (key: string) => api.permissions.find((permission: Json) => permission.key === key).id;

    /** What a client may do at an API, as Pocket ID holds it: ids of permissions, for people and as itself. */
    const granted = async (at: Json, to: Json): Promise<[string[], string[]]> => {
      const own = at.permissions.map(({ id }: Json) => id);
      const here = oneGrantEach
        ? (await read(`/api/api-access/${to.id}/apis`)).find((row: Json) => row.api.id === at.id)
        : await read(`/api/api-access/${to.id}`);
      const of = (ids: string[] | null | undefined) => (ids ?? []).filter((id) => own.includes(id)).sort();
      return [of(here?.userDelegatedPermissionIds), of(here?.clientPermissionIds)];
    };

    beforeAll(async () => {
      client = await newClient(pocketId, "calls apis");
      publicClient = await newClient(pocketId, "calls apis in public", [], { isPublic: true });
      const { id } = await done("POST", "/api/apis", { name: `${prefix} other`, resource: resourceOf("other") });
      other = await done("PUT", `/api/apis/${id}/permissions`, { permissions: [booking, { key: "win", name: "Win" }] });
      const all = other.permissions.map((permission: Json) => permission.id);
      const grants = { userDelegatedPermissionIds: all, clientPermissionIds: [all[0]] };
      if (oneGrantEach) await done("PUT", `/api/apis/${id}/clients/${client.id}`, grants);
      else await done("PUT", `/api/api-access/${client.id}`, grants);
    });

    it("api_create makes one with its permissions, which nobody has", async () => {
      const made = await ok("api_create", {
        name: `${prefix} boats`,
        resource: resourceOf("boats"),
        permissions: [seeing, booking],
      });
      api = await read(`/api/apis/${made.api.id}`);
      expect(api).toMatchObject({ name: `${prefix} boats`, resource: resourceOf("boats") });
      const texts = api.permissions.map(({ key, name, description }: Json) => ({ key, name, description }));
      expect(settled(texts)).toEqual([{ ...booking, description: undefined }, seeing]);
      expect(settled(made.api)).toMatchObject(settled(api));
      expect(await granted(api, client)).toEqual([[], []]);
    });

    it("api_list and api_get find it by name, resource and id", async () => {
      const { apis } = await ok("api_list", { search: prefix, all: true });
      expect(apis.map(({ id }: Json) => id).sort()).toEqual([api.id, other.id].sort());
      for (const reference of [api.name, api.resource, api.id])
        expect(settled((await ok("api_get", { api: reference })).api)).toMatchObject(settled(api));
    });

    it("api_update renames it, and changes nothing else", async () => {
      const name = `${prefix} boats again`;
      await changesOnly(pocketId, path(), { name }, () => ok("api_update", { api: api.name, name }));
    });

    it("api_grant_client gives what is named, and keeps what the client may do at the other API", async () => {
      const elsewhere = await granted(other, client);
      expect(elsewhere.map(({ length }) => length)).toEqual([2, 1]);
      await ok("api_grant_client", { api: api.id, client: client.name, userDelegatedPermissions: ["see"] });
      expect(await granted(api, client)).toEqual([[idOf("see")], []]);
      const more = { userDelegatedPermissions: ["book"], clientPermissions: ["book"] };
      const { grant } = await ok("api_grant_client", { api: api.resource, client: client.id, ...more });
      expect(await granted(api, client)).toEqual([[idOf("see"), idOf("book")].sort(), [idOf("book")]]);
      expect(grant.clientPermissions).toEqual([booking]);
      expect(await granted(other, client)).toEqual(elsewhere);
    });

    it("api_grant_client says what a public client does not take", async () => {
      const values = { userDelegatedPermissions: ["see"], clientPermissions: ["see"] };
      const { notApplied } = await ok("api_grant_client", { api: api.id, client: publicClient.id, ...values });
      expect(notApplied.length).toBeGreaterThan(0);
      expect(await granted(api, publicClient)).toEqual([[idOf("see")], []]);
    });

    it("api_client_list and api_access_list show it from both sides", async () => {
      const { clients } = await ok("api_client_list", { api: api.id, search: prefix });
      expect(clients.map((row: Json) => row.client.id).sort()).toEqual([client.id, publicClient.id].sort());
      const { apis } = await ok("api_access_list", { client: client.name });
      expect(apis.map((row: Json) => row.api.id).sort()).toEqual([api.id, other.id].sort());
    });

    it("api_set_permissions keeps ids and grants of what it does not name, and says who lost the rest", async () => {
      const [see, book] = [idOf("see"), idOf("book")];
      const before = await granted(other, client);
      const answer = await ok("api_set_permissions", {
        api: api.id,
        add: [{ key: "cancel", name: "Cancel" }],
        change: [{ key: "see", name: "See all", description: null }],
        remove: ["book"],
      });
      api = await read(path());
      expect(api.permissions.map(({ key }: Json) => key).sort()).toEqual(["cancel", "see"]);
      expect(api.permissions.find(({ id }: Json) => id === see)).toMatchObject({ key: "see", name: "See all" });
      if (oneGrantEach) expect(answer.lost).toMatchObject([{ client: { id: client.id }, permissions: [booking] }]);
      const ids = oneGrantEach
        ? await granted(api, client)
        : Object.values(await read(`/api/api-access/${client.id}`)).flat();
      expect(ids.flat()).toContain(see);
      expect(ids.flat()).not.toContain(book);
      expect(await granted(other, client)).toEqual(before);
    });

    it.runIf(oneGrantEach)("api_set_cimd_access opens and closes it, and keeps the choice", async () => {
      const chosen = async () =>
        (await read(path())).permissions.filter((one: Json) => one.allowedForCimdClients).map(({ key }: Json) => key);
      await ok("api_set_cimd_access", { api: api.id, enabled: true, add: ["see"] });
      expect(await chosen()).toEqual(["see"]);
      await changesOnly(pocketId, path(), { allowCimdClients: false }, () =>
        ok("api_set_cimd_access", { api: api.id, enabled: false }),
      );
    });
    it.runIf(!oneGrantEach)("api_set_cimd_access says which version it needs", async () => {
      expect(await fails("api_set_cimd_access", { api: api.id, enabled: true })).toMatch(/2\.14\.0/);
    });

    it("api_revoke_client takes what is named, then the rest, and nothing at the other API", async () => {
      const before = await granted(other, client);
      await ok("api_grant_client", { api: api.id, client: client.id, clientPermissions: ["see", "cancel"] });
      await ok("api_revoke_client", { api: api.id, client: client.id, clientPermissions: ["see"] });
      expect(await granted(api, client)).toEqual([[idOf("see")], [idOf("cancel")]]);
      await ok("api_revoke_client", { api: api.id, client: client.name });
      expect(await granted(api, client)).toEqual([[], []]);
      expect(await granted(other, client)).toEqual(before);
    });

    it("api_delete deletes several at once", async () => {
      const { apis } = await ok("api_delete", { apis: [api.id, other.resource] });
      expect(apis).toMatchObject([{ deleted: true }, { deleted: true }]);
      for (const { id } of [api, other]) expect((await send("GET", `/api/apis/${id}`)).status).toBe(404);
    });
  });

  describe.runIf(!atLeast("2.10.0"))("APIs", () => {
    it.each([
      ["api_list", {}],
      ["api_get", { api: "Boats" }],
      ["api_create", { name: "Boats", resource: "urn:boats" }],
      ["api_update", { api: "Boats", name: "Ships" }],
      ["api_delete", { apis: ["Boats"] }],
      ["api_set_permissions", { api: "Boats", remove: ["see"] }],
      ["api_set_cimd_access", { api: "Boats", enabled: true }],
      ["api_grant_client", { api: "Boats", clientPermissions: ["see"] }],
      ["api_revoke_client", { api: "Boats" }],
      ["api_client_list", { api: "Boats" }],
      ["api_access_list", {}],
    ])("%s says which version it needs, and changes nothing", async (tool, args) => {
      const { id } = await newClient(pocketId, `for ${tool}`);
      const about = /_client$|_access_list$/.test(tool) ? { client: id } : {};
      await changesOnly(pocketId, `/api/oidc/clients/${id}`, {}, async () => {
        expect(await fails(tool, { ...args, ...about })).toMatch(
          /It came with 2\.10\.0\. Update Pocket ID to 2\.10\.0/,
        );
      });
      expect((await send("GET", "/api/apis")).status).toBe(404);
    });
  });
}
