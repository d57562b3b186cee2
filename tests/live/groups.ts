import { beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./instance.ts";
import { changesOnly, ids, type Live, newClient, newGroup, newUser } from "./live.ts";

export function groups({ ok, fails, pocketId }: Live): void {
  const { prefix, read, send, done, rows, atLeast } = pocketId;

  describe("user_group_create", () => {
    it("makes a group, called by its name where no other is given", async () => {
      const { group } = await ok("user_group_create", { name: `${prefix}-plain` });
      expect(await read(`/api/user-groups/${group.id}`)).toMatchObject({
        name: `${prefix}-plain`,
        friendlyName: `${prefix}-plain`,
        users: [],
      });
      const other = await ok("user_group_create", { name: `${prefix}-friendly`, friendlyName: "Fr. Iendly" });
      expect(await read(`/api/user-groups/${other.group.id}`)).toMatchObject({ friendlyName: "Fr. Iendly" });
    });

    it("refuses a name that is taken", async () => {
      const before = await rows("/api/user-groups");
      expect(await fails("user_group_create", { name: `${prefix}-plain` })).toMatch(/already_in_use/);
      expect(ids(await rows("/api/user-groups"))).toEqual(ids(before));
    });
  });

  describe("user_group_get and user_group_list", () => {
    let group: Json;
    let member: Json;
    let client: Json;
    beforeAll(async () => {
      member = await newUser(pocketId, "member");
      group = await newGroup(pocketId, "looked-at", [member]);
      client = await newClient(pocketId, "of looked-at", [group]);
      await done("PUT", `/api/custom-claims/user-group/${group.id}`, [{ key: "floor", value: "2" }]);
    });

    it("finds by name, friendly name and id, and shows members, claims and clients", async () => {
      for (const name of [group.name, group.friendlyName, group.id]) {
        const { group: shown } = await ok("user_group_get", { group: name });
        expect(shown).toMatchObject({
          id: group.id,
          name: group.name,
          users: [{ id: member.id, username: member.username }],
          customClaims: [{ key: "floor", value: "2" }],
        });
        if (atLeast("2.0.0")) expect(shown.allowedOidcClients).toEqual([{ id: client.id, name: client.name }]);
      }
    });

    it("lists groups with their true numbers of members", async () => {
      const { groups, totalItems } = await ok("user_group_list", { search: prefix, all: true, full: true });
      const held = await rows(`/api/user-groups?search=${prefix}`);
      expect(totalItems).toBe(held.length);
      const counts = (list: Json[]) => Object.fromEntries(list.map(({ name, userCount }) => [name, userCount]));
      expect(counts(groups)).toEqual(counts(held));
      expect(counts(groups)).toMatchObject({ [group.name]: 1, [`${prefix}-plain`]: 0 });
    });

    it("finds empty ones, and those that are not", async () => {
      const names = async (empty: boolean) =>
        (await ok("user_group_list", { search: prefix, empty, all: true })).groups.map((row: Json) => row.name);
      expect(await names(true)).toContain(`${prefix}-plain`);
      expect(await names(true)).not.toContain(group.name);
      expect(await names(false)).toContain(group.name);
      expect(await names(false)).not.toContain(`${prefix}-plain`);
    });

    it.each(["name", "friendlyName", "userCount", "createdAt"])(
      "sorts by %s as Pocket ID itself does",
      async (sort) => {
        for (const direction of ["asc", "desc"]) {
          const { groups } = await ok("user_group_list", { search: prefix, sort: `${sort} ${direction}`, limit: 100 });
          const query = `search=${prefix}&sort[column]=${sort}&sort[direction]=${direction}&pagination[limit]=100`;
          const { data } = await read(`/api/user-groups?${query}`);
          const valuesOf = (list: Json[]) => list.map((row) => row[sort === "createdAt" ? "name" : sort]);
          expect(valuesOf(groups)).toEqual(valuesOf(data));
        }
      },
    );
  });

  describe("user_group_update", () => {
    it.each([
      ["friendlyName", "Another Name"],
      ["name", `${prefix}-another`],
    ])("changes %s, and nothing else", async (field, value) => {
      const group = await newGroup(pocketId, `renamed-${field}`, [await newUser(pocketId, `renamed-${field}`)]);
      await newClient(pocketId, `of ${field}`, [group]);
      await done("PUT", `/api/custom-claims/user-group/${group.id}`, [{ key: "floor", value: "3" }]);
      const answer = await changesOnly(pocketId, `/api/user-groups/${group.id}`, { [field]: value }, () =>
        ok("user_group_update", { group: group.name, [field]: value }),
      );
      expect(answer).toMatchObject({ changed: [field], notApplied: [], group: { [field]: value } });
    });
  });

  describe("user_group_update_users", () => {
    let group: Json;
    let people: Json[];
    beforeAll(async () => {
      people = await Promise.all(["crew-a", "crew-b", "crew-c"].map((name) => newUser(pocketId, name)));
      group = await newGroup(pocketId, "crew");
    });
    const held = async () => ids((await read(`/api/user-groups/${group.id}`)).users);
    const change = (args: object) => ok("user_group_update_users", { group: group.name, ...args });

    it("adds, removes and replaces", async () => {
      const [a, b, c] = people;
      expect(ids((await change({ add: [a.username, b.email] })).added)).toEqual(ids([a, b]));
      expect(await held()).toEqual(ids([a, b]));
      expect(await change({ add: [c.id], remove: [b.username] })).toMatchObject({ removed: [{ id: b.id }] });
      expect(await held()).toEqual(ids([a, c]));
      await change({ replace: people.map(({ username }) => username) });
      expect(await held()).toEqual(ids(people));
      await change({ replace: [] });
      expect(await held()).toEqual([]);
    });

    it("changes nothing where one name is unknown", async () => {
      await change({ replace: [people[0].username] });
      const args = { group: group.name, add: [people[1].username, `${prefix}-nobody-at-all`] };
      expect(await fails("user_group_update_users", args)).toMatch(/^Nothing was changed\. add\[1\]/);
      expect(await held()).toEqual([people[0].id]);
    });
  });

  describe("user_group_update_allowed_clients", () => {
    it.runIf(atLeast("2.0.0"))("adds, removes and replaces the clients, and restricts none of them", async () => {
      const group = await newGroup(pocketId, "allowed");
      const other = await newGroup(pocketId, "allowed-other");
      const restricted = await newClient(pocketId, "restricted", [other]);
      const open = await newClient(pocketId, "open");
      const held = async () => ids((await read(`/api/user-groups/${group.id}`)).allowedOidcClients);
      const change = (args: object) => ok("user_group_update_allowed_clients", { group: group.name, ...args });
      const added = await change({ add: [restricted.name, open.id] });
      expect(added.notes.join(" ")).toContain(open.name);
      expect(await held()).toEqual(ids([restricted, open]));
      const client = await read(`/api/oidc/clients/${restricted.id}`);
      expect(client).toMatchObject({ isGroupRestricted: true });
      expect(ids(client.allowedUserGroups)).toEqual(ids([group, other]));
      expect(await read(`/api/oidc/clients/${open.id}`)).toMatchObject({ isGroupRestricted: false });
      expect(await change({ remove: [open.name] })).toMatchObject({ removed: [{ id: open.id }] });
      expect(await held()).toEqual([restricted.id]);
      await change({ replace: [] });
      expect(await held()).toEqual([]);
    });

    it.runIf(!atLeast("2.0.0"))("says which version it needs, and changes nothing", async () => {
      const group = await newGroup(pocketId, "allowed");
      const client = await newClient(pocketId, "open");
      await changesOnly(pocketId, `/api/oidc/clients/${client.id}`, {}, async () => {
        const args = { group: group.name, add: [client.name] };
        expect(await fails("user_group_update_allowed_clients", args)).toMatch(/2\.0/);
      });
    });
  });

  describe("custom_claim_set_group", () => {
    it("sets, removes and replaces, and leaves the rest of the group alone", async () => {
      const group = await newGroup(pocketId, "claims", [await newUser(pocketId, "in-claims")]);
      const path = `/api/user-groups/${group.id}`;
      const change = (args: object) => ok("custom_claim_set_group", { group: group.name, ...args });
      const set = { role: "crew", boat: "eight" };
      const customClaims = Object.entries(set).map(([key, value]) => ({ key, value }));
      await changesOnly(pocketId, path, { customClaims }, () => change({ set }));
      await changesOnly(pocketId, path, { customClaims: [{ key: "role", value: "cox" }] }, () =>
        change({ set: { role: "cox" }, remove: ["boat"] }),
      );
      await changesOnly(pocketId, path, { customClaims: [] }, () => change({ replace: {} }));
    });
  });

  describe("user_group_delete", () => {
    it("deletes several at once; the members stay", async () => {
      const member = await newUser(pocketId, "survivor");
      const doomed = [await newGroup(pocketId, "doomed-a", [member]), await newGroup(pocketId, "doomed-b")];
      const answer = await ok("user_group_delete", { groups: doomed.map(({ name }) => name) });
      expect(answer.groups).toMatchObject([{ deleted: true }, { deleted: true }]);
      for (const { id } of doomed) expect((await send("GET", `/api/user-groups/${id}`)).status).toBe(404);
      expect(await read(`/api/users/${member.id}`)).toMatchObject({ userGroups: [] });
    });
  });
}
