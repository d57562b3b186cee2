import { describe, expect, it } from "vitest";
import { column, contract, expectRefusal, type Json, nobody, notFound, query } from "./pocket-id.ts";

contract("APIs", (pocketId) => {
  const permissions = [
    { key: "boats:read", name: "Read" },
    { key: "boats:book", name: "Book", description: "Take a boat" },
  ];
  const byKey = (api: Json): Record<string, Json> =>
    Object.fromEntries(api.permissions.map((permission: Json) => [permission.key, permission]));
  async function withPermissions(): Promise<{ api: Json; read: Json; book: Json }> {
    const { id } = await pocketId.api();
    const { body } = await pocketId.put(`/api/apis/${id}/permissions`, { permissions });
    const { "boats:read": read, "boats:book": book } = byKey(body);
    return { api: body, read, book };
  }

  describe.runIf(pocketId.since("2.10"))("since 2.10", () => {
    it("have a name and a resource, which loses slashes at its end since 2.14 and can never be changed", async () => {
      const sent = `https://${pocketId.unique("api")}.example/`;
      const resource = pocketId.since("2.14") ? sent.slice(0, -1) : sent;
      const created = await pocketId.post("/api/apis", { name: pocketId.unique("api"), resource: sent });
      expect(created).toMatchObject({ status: 201, body: { resource, permissions: [] } });
      const name = pocketId.unique("renamed");
      const renamed = await pocketId.put(`/api/apis/${created.body.id}`, { name, resource: "https://other.example" });
      expect(renamed).toMatchObject({ status: 200, body: { name, resource } });
    });

    it("want a name of 50 characters and an absolute resource", async () => {
      const name = pocketId.unique("api");
      expectRefusal(pocketId, await pocketId.post("/api/apis", { name }), {
        until212: [400, "Resource is required"],
        since213: [400, "validation_failed", { fields: [{ field: "resource", code: "required" }] }],
      });
      const tried = async (fields: object) =>
        (await pocketId.post("/api/apis", { name, resource: "https://api.example", ...fields })).status;
      for (const resource of [
        "boats",
        "javascript:alert(1)",
        "data:,x",
        "https://a.example/#x",
        "https://a.example/ x",
      ])
        expect([resource, await tried({ resource })]).toEqual([resource, 400]);
      expect(await tried({ name: "x".repeat(51) })).toBe(400);
      expect(await tried({ name: "" })).toBe(400);
    });

    it("cannot have the resource of another (400, since 2.13 409)", async () => {
      const { resource } = await pocketId.api();
      expectRefusal(pocketId, await pocketId.post("/api/apis", { name: "Other", resource }), {
        until212: [400, "Resource is already in use"],
        since213: [409, "already_in_use", { property: "resource" }],
      });
    });

    it("cannot have Pocket ID itself for a resource", async () => {
      const { body } = await pocketId.get("/.well-known/openid-configuration");
      const refused = await pocketId.post("/api/apis", { name: "Us", resource: body.issuer });
      expect(refused.status).toBe(400);
      if (pocketId.since("2.13"))
        expect(refused.body.details.fields).toMatchObject([{ field: "resource", code: "reserved" }]);
    });

    it("are found by name and by resource", async () => {
      const { id, name, resource } = await pocketId.api({ resource: `https://${pocketId.unique("found")}.example` });
      for (const search of [name, resource])
        expect(column((await pocketId.get(`/api/apis${query({ search })}`)).body.data, "id")).toEqual([id]);
    });

    it("keep id of a permission whose key stays in a PUT of permissions; the rest is replaced", async () => {
      const { api, read, book } = await withPermissions();
      const replaced = await pocketId.put(`/api/apis/${api.id}/permissions`, {
        permissions: [
          { key: "boats:book", name: "Book a boat" },
          { key: "boats:cancel", name: "Cancel" },
        ],
      });
      expect(replaced.status).toBe(200);
      const now = byKey(replaced.body);
      expect(Object.keys(now).sort()).toEqual(["boats:book", "boats:cancel"]);
      expect(now["boats:book"]).toMatchObject({ id: book.id, name: "Book a boat" });
      expect(now["boats:book"].description).toBeUndefined();
      expect(now["boats:cancel"].id).not.toBe(read.id);
      expect(byKey(await pocketId.read(`/api/apis/${api.id}`))).toEqual(now);
    });

    it("lose all permissions with {}", async () => {
      const { api } = await withPermissions();
      const emptied = await pocketId.put(`/api/apis/${api.id}/permissions`, {});
      expect(emptied).toMatchObject({ status: 200, body: { permissions: [] } });
    });

    it.each([
      [{ key: "openid", name: "x" }],
      [{ key: "Groups", name: "x" }],
      [{ key: "a b", name: "x" }],
      [{ key: "", name: "x" }],
      [{ key: "a", name: "" }],
      [{ key: "a".repeat(129), name: "x" }],
      [{ key: "a", name: "x".repeat(51) }],
      [{ key: "a", name: "x", description: "x".repeat(201) }],
    ])("refuse the permission %j", async (permission) => {
      const { id } = await pocketId.api();
      expect((await pocketId.put(`/api/apis/${id}/permissions`, { permissions: [permission] })).status).toBe(400);
    });

    it("refuse a key that is there twice", async () => {
      const { id } = await pocketId.api();
      const twice = [
        { key: "a", name: "x" },
        { key: "a", name: "y" },
      ];
      expect((await pocketId.put(`/api/apis/${id}/permissions`, { permissions: twice })).status).toBe(400);
    });

    it("are a 404 when they are not there", async () => {
      expectRefusal(pocketId, await pocketId.get(`/api/apis/${nobody}`), notFound("API"));
      expectRefusal(pocketId, await pocketId.put(`/api/apis/${nobody}`, { name: "x" }), notFound("API"));
      expectRefusal(pocketId, await pocketId.put(`/api/apis/${nobody}/permissions`, {}), notFound("API"));
      const { id } = await pocketId.api();
      expect((await pocketId.delete(`/api/apis/${id}`)).status).toBe(204);
      expectRefusal(pocketId, await pocketId.get(`/api/apis/${id}`), notFound("API"));
    });
  });

  describe.runIf(pocketId.since("2.10") && !pocketId.since("2.14"))(
    "grants of a client, on all APIs at once (2.10 to 2.13)",
    () => {
      it("are two lists of permissions, replaced as a whole", async () => {
        const [{ read, book }, other, wiki] = [
          await withPermissions(),
          await withPermissions(),
          await pocketId.client(),
        ];
        const path = `/api/api-access/${wiki.id}`;
        expect((await pocketId.get(path)).body).toEqual({ userDelegatedPermissionIds: [], clientPermissionIds: [] });
        const granted = await pocketId.put(path, {
          userDelegatedPermissionIds: [read.id],
          clientPermissionIds: [book.id, other.read.id],
        });
        expect(granted.status).toBe(200);
        expect(granted.body.clientPermissionIds.toSorted()).toEqual([book.id, other.read.id].sort());
        const replaced = await pocketId.put(path, { clientPermissionIds: [book.id] });
        expect(replaced.body).toEqual({ userDelegatedPermissionIds: [], clientPermissionIds: [book.id] });
        expect((await pocketId.get(path)).body).toEqual(replaced.body);
      });
    },
  );

  describe.runIf(pocketId.since("2.14"))("grants of one client on one API (since 2.14)", () => {
    const path = ({ id }: Json, client: Json) => `/api/apis/${id}/clients/${client.id}`;
    const none = {
      userDelegatedAccess: false,
      clientAccess: false,
      userDelegatedPermissionIds: [],
      clientPermissionIds: [],
    };
    const lists = (grant: Json): Json => ({
      ...grant,
      userDelegatedPermissionIds: grant.userDelegatedPermissionIds ?? [],
      clientPermissionIds: grant.clientPermissionIds ?? [],
    });

    it("are replaced as a whole; a permission implies access, and ids of another API are dropped without a word", async () => {
      const [{ api, read, book }, other, wiki] = [
        await withPermissions(),
        await withPermissions(),
        await pocketId.client(),
      ];
      const granted = await pocketId.put(path(api, wiki), {
        userDelegatedPermissionIds: [read.id, other.read.id],
        clientAccess: true,
      });
      expect(granted.status).toBe(200);
      expect(lists(granted.body)).toMatchObject({
        ...none,
        userDelegatedAccess: true,
        clientAccess: true,
        userDelegatedPermissionIds: [read.id],
      });
      const replaced = await pocketId.put(path(api, wiki), { clientPermissionIds: [book.id] });
      expect(lists(replaced.body)).toMatchObject({ ...none, clientAccess: true, clientPermissionIds: [book.id] });
    });

    it("are all taken away by {}, with 200", async () => {
      const [{ api, read }, wiki] = [await withPermissions(), await pocketId.client()];
      await pocketId.put(path(api, wiki), { clientPermissionIds: [read.id] });
      const emptied = await pocketId.put(path(api, wiki), {});
      expect(emptied.status).toBe(200);
      expect(lists(emptied.body)).toMatchObject(none);
      expect((await pocketId.get(`/api/apis/${api.id}/clients`)).body.data).toEqual([]);
    });

    it("give a public client nothing for itself", async () => {
      const [{ api, read }, app] = [await withPermissions(), await pocketId.client({ isPublic: true })];
      const granted = await pocketId.put(path(api, app), { clientAccess: true, clientPermissionIds: [read.id] });
      expect(lists(granted.body)).toMatchObject(none);
    });

    it("go with the permission that is removed", async () => {
      const [{ api, read }, wiki] = [await withPermissions(), await pocketId.client()];
      await pocketId.put(path(api, wiki), { clientPermissionIds: [read.id] });
      await pocketId.put(`/api/apis/${api.id}/permissions`, { permissions: [permissions[1]] });
      expect((await pocketId.get(`/api/apis/${api.id}/clients`)).body.data).toEqual([]);
    });

    it("are listed from both sides, beside what could be granted", async () => {
      const [{ api, read }, wiki] = [await withPermissions(), await pocketId.client()];
      const search = query({ search: wiki.name });
      const assignable = async () => (await pocketId.get(`/api/apis/${api.id}/assignable-clients${search}`)).body.data;
      expect(column(await assignable(), "id")).toEqual([wiki.id]);
      await pocketId.put(path(api, wiki), { clientPermissionIds: [read.id] });
      expect(await assignable()).toEqual([]);
      const client = {
        id: wiki.id,
        name: wiki.name,
        clientType: "standard",
        isPublic: false,
        hasLogo: false,
        hasDarkLogo: false,
      };
      const [row] = (await pocketId.get(`/api/apis/${api.id}/clients`)).body.data;
      expect(lists(row)).toMatchObject({ client, clientAccess: true, clientPermissionIds: [read.id] });
      const apis = (await pocketId.get(`/api/api-access/${wiki.id}/apis`)).body;
      expect(apis).toMatchObject([{ api: { id: api.id }, clientAccess: true }]);
      const more = await pocketId.get(`/api/api-access/${wiki.id}/assignable-apis${query({ search: api.name })}`);
      expect(more.body.data).toEqual([]);
    });

    it("can be deleted, once", async () => {
      const [{ api, read }, wiki] = [await withPermissions(), await pocketId.client()];
      await pocketId.put(path(api, wiki), { clientPermissionIds: [read.id] });
      expect((await pocketId.delete(path(api, wiki))).status).toBe(204);
      expect((await pocketId.get(`/api/apis/${api.id}/clients`)).body.data).toEqual([]);
      expect((await pocketId.delete(path(api, { id: nobody }))).status).toBe(404);
    });
  });

  describe.runIf(pocketId.since("2.14"))("access of clients that register themselves (since 2.14)", () => {
    it("is replaced as a whole: {} closes it and forgets the selection", async () => {
      const { api, read } = await withPermissions();
      const put = (body: object) => pocketId.put(`/api/apis/${api.id}/cimd-access`, body);
      const selected = ({ body }: Json) =>
        body.permissions.filter((p: Json) => p.allowedForCimdClients).map((p: Json) => p.id);
      const opened = await put({ enabled: true, permissionIds: [read.id, nobody] });
      expect([opened.status, opened.body.allowCimdClients, selected(opened)]).toEqual([200, true, [read.id]]);
      const paused = await put({ enabled: false, permissionIds: [read.id] });
      expect([paused.body.allowCimdClients, selected(paused)]).toEqual([false, [read.id]]);
      expect(selected(await put({}))).toEqual([]);
    });
  });
});
