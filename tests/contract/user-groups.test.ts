import { describe, expect, it } from "vitest";
import { column, contract, expectRefusal, type Json, nobody, notFound, query } from "./pocket-id.ts";

contract("user groups", (pocketId) => {
  const create = (fields: object) => pocketId.post("/api/user-groups", fields);
  const read = (id: string) => pocketId.read(`/api/user-groups/${id}`);
  const row = async ({ name }: Json) => (await pocketId.get(`/api/user-groups${query({ search: name })}`)).body.data[0];
  const required = (field: string, name: string) =>
    ({
      until212: [400, `${name} is required`],
      since213: [400, "validation_failed", { fields: [{ field, code: "required" }] }],
    }) as const;

  describe("POST /api/user-groups", () => {
    it("makes a group of a name and a friendly name, and wants both", async () => {
      const fields = { name: pocketId.unique("group"), friendlyName: "Friends" };
      const { status, body } = await create(fields);
      expect(status).toBe(201);
      expect(body).toMatchObject({ ...fields, ldapId: null, users: [], customClaims: [] });
      expectRefusal(pocketId, await create({ name: fields.name }), required("friendlyName", "FriendlyName"));
      expectRefusal(pocketId, await create({ friendlyName: "Friends" }), required("name", "Name"));
    });

    it.each([
      ["friendlyName", 1, 400],
      ["friendlyName", 2, 201],
      ["friendlyName", 50, 201],
      ["friendlyName", 51, 400],
      ["name", 1, 400],
      ["name", 255, 201],
      ["name", 256, 400],
    ])("answers a %s of %d characters with %d", async (field, length, expected) => {
      const name = pocketId.unique("group");
      const value = field === "name" ? name.padEnd(length, "ü").slice(0, length) : "ü".repeat(length);
      expect((await create({ name, friendlyName: "Friends", [field]: value })).status).toBe(expected);
    });

    it("refuses a name that is taken (400, since 2.13 409), and not a friendly name", async () => {
      const friends = await pocketId.group();
      expectRefusal(pocketId, await create({ name: friends.name, friendlyName: "Others" }), {
        until212: [400, "Name is already in use"],
        since213: [409, "already_in_use", { property: "name" }],
      });
      const shouted = { name: friends.name.toUpperCase(), friendlyName: friends.friendlyName };
      const other = await create(shouted);
      expect([other.status, other.body.name]).toEqual([201, shouted.name]);
      await pocketId.delete(`/api/user-groups/${other.body.id}`);
    });
  });

  describe("PUT /api/user-groups/:id", () => {
    it("wants both names again", async () => {
      const { id, name, friendlyName } = await pocketId.group();
      expectRefusal(
        pocketId,
        await pocketId.put(`/api/user-groups/${id}`, { name }),
        required("friendlyName", "FriendlyName"),
      );
      expectRefusal(pocketId, await pocketId.put(`/api/user-groups/${id}`, { friendlyName }), required("name", "Name"));
    });

    it("changes nothing but the names, whatever it says of the rest, and answers with all that the group has", async () => {
      const [friends, ada] = [await pocketId.group(), await pocketId.user()];
      await pocketId.done("PUT", `/api/user-groups/${friends.id}/users`, { userIds: [ada.id] });
      await pocketId.done("PUT", `/api/custom-claims/user-group/${friends.id}`, [{ key: "team", value: "blue" }]);
      const before = await read(friends.id);
      const names = { name: pocketId.unique("group"), friendlyName: "Renamed" };
      const renamed = await pocketId.put(`/api/user-groups/${friends.id}`, {
        ...names,
        users: [],
        userIds: [],
        customClaims: [],
        ldapId: "x",
      });
      expect(renamed.status).toBe(200);
      expect(column(renamed.body.users, "id")).toEqual([ada.id]);
      expect(renamed.body.customClaims).toEqual([{ key: "team", value: "blue" }]);
      expect(await read(friends.id)).toEqual({ ...before, ...names });
    });

    it("does not know a group that is not there", async () => {
      const fields = { name: pocketId.unique("group"), friendlyName: "Friends" };
      expectRefusal(pocketId, await pocketId.put(`/api/user-groups/${nobody}`, fields), notFound("User group"));
    });
  });

  describe("GET /api/user-groups", () => {
    it("counts members and shows claims; a group by itself shows the members", async () => {
      const [friends, ada, ben] = [await pocketId.group(), await pocketId.user(), await pocketId.user()];
      await pocketId.done("PUT", `/api/user-groups/${friends.id}/users`, { userIds: [ada.id, ben.id] });
      await pocketId.done("PUT", `/api/custom-claims/user-group/${friends.id}`, [{ key: "team", value: "blue" }]);
      expect(await row(friends)).toMatchObject({ userCount: 2, customClaims: [{ key: "team", value: "blue" }] });
      const whole = await read(friends.id);
      expect(column(whole.users, "id").sort()).toEqual([ada.id, ben.id].sort());
      expect(whole.customClaims).toEqual([{ key: "team", value: "blue" }]);
    });

    it("does not load what the members have", async () => {
      const [friends, ada] = [await pocketId.group(), await pocketId.user()];
      await pocketId.done("PUT", `/api/user-groups/${friends.id}/users`, { userIds: [ada.id] });
      await pocketId.done("PUT", `/api/custom-claims/user/${ada.id}`, [{ key: "team", value: "blue" }]);
      expect((await read(friends.id)).users[0]).toMatchObject({ id: ada.id, userGroups: [], customClaims: [] });
    });

    it("does not know a group that is not there", async () => {
      expectRefusal(pocketId, await pocketId.get(`/api/user-groups/${nobody}`), notFound("User group"));
    });
  });

  describe("PUT /api/user-groups/:id/users", () => {
    it("replaces all members, and drops ids of nobody without a word", async () => {
      const [friends, ada, ben] = [await pocketId.group(), await pocketId.user(), await pocketId.user()];
      const path = `/api/user-groups/${friends.id}/users`;
      await pocketId.done("PUT", path, { userIds: [ada.id] });
      const replaced = await pocketId.put(path, { userIds: [ben.id, nobody] });
      expect(replaced.status).toBe(200);
      expect(column(replaced.body.users, "id")).toEqual([ben.id]);
      expect(column((await read(friends.id)).users, "id")).toEqual([ben.id]);
      await pocketId.done("PUT", path, { userIds: [] });
      expect((await read(friends.id)).users).toEqual([]);
    });

    it("leaves the other groups of a member alone", async () => {
      const [friends, others, ada] = [await pocketId.group(), await pocketId.group(), await pocketId.user()];
      await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [others.id] });
      await pocketId.done("PUT", `/api/user-groups/${friends.id}/users`, { userIds: [ada.id] });
      const { userGroups } = await pocketId.read(`/api/users/${ada.id}`);
      expect(column(userGroups, "id").sort()).toEqual([friends.id, others.id].sort());
    });

    it("wants the list to be there", async () => {
      const { id } = await pocketId.group();
      expectRefusal(pocketId, await pocketId.put(`/api/user-groups/${id}/users`, {}), required("userIds", "UserIDs"));
    });

    it("does not know a group that is not there", async () => {
      expectRefusal(
        pocketId,
        await pocketId.put(`/api/user-groups/${nobody}/users`, { userIds: [] }),
        notFound("User group"),
      );
    });
  });

  describe.runIf(pocketId.since("2.0"))("PUT /api/user-groups/:id/allowed-oidc-clients (since 2.0)", () => {
    it("replaces the clients of the group, drops ids of nothing, and restricts none of them", async () => {
      const [friends, wiki, forum] = [await pocketId.group(), await pocketId.client(), await pocketId.client()];
      const path = `/api/user-groups/${friends.id}/allowed-oidc-clients`;
      await pocketId.done("PUT", path, { oidcClientIds: [wiki.id] });
      const replaced = await pocketId.put(path, { oidcClientIds: [forum.id, nobody] });
      expect(replaced.status).toBe(200);
      expect(column(replaced.body.allowedOidcClients, "id")).toEqual([forum.id]);
      expect(column((await read(friends.id)).allowedOidcClients, "id")).toEqual([forum.id]);
      const shown = await pocketId.read(`/api/oidc/clients/${forum.id}`);
      expect(shown.isGroupRestricted).toBe(false);
      expect(column(shown.allowedUserGroups, "id")).toEqual([friends.id]);
    });

    it("wants the list to be there", async () => {
      const { id } = await pocketId.group();
      const refused = await pocketId.put(`/api/user-groups/${id}/allowed-oidc-clients`, {});
      expectRefusal(pocketId, refused, required("oidcClientIds", "OidcClientIDs"));
    });
  });

  describe("DELETE /api/user-groups/:id", () => {
    it("takes memberships and places in clients along, and leaves users and clients", async () => {
      const [friends, ada] = [await pocketId.group(), await pocketId.user()];
      const wiki = await pocketId.client({ isGroupRestricted: true });
      await pocketId.done("PUT", `/api/user-groups/${friends.id}/users`, { userIds: [ada.id] });
      await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}/allowed-user-groups`, { userGroupIds: [friends.id] });
      expect((await pocketId.delete(`/api/user-groups/${friends.id}`)).status).toBe(204);
      expect((await pocketId.read(`/api/users/${ada.id}`)).userGroups).toEqual([]);
      const client = await pocketId.read(`/api/oidc/clients/${wiki.id}`);
      expect(client.allowedUserGroups).toEqual([]);
      if (pocketId.since("2.0")) expect(client.isGroupRestricted).toBe(true);
    });

    it("does not know a group that is not there", async () => {
      expectRefusal(pocketId, await pocketId.delete(`/api/user-groups/${nobody}`), notFound("User group"));
    });
  });
});
