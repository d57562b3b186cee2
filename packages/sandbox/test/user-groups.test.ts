import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, column, group, isSince, members, person, pocketId, present, textAt } from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";

describe.each(sandboxVersions)("user groups of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("count their members in the list and nowhere else", async () => {
    const instance = await playing();
    const list = await instance.get("/api/user-groups");
    expect(column(list.body, "userCount")).toEqual([8, 2, 3, 2, 0]);
    expect(members(at(list.body, "data", 0))).toEqual([
      ...["id", "friendlyName", "name", "customClaims", "userCount", "ldapId", "createdAt"],
    ]);
    const alone = await instance.get(`/api/user-groups/${group(instance, "board")}`);
    expect(at(alone.body, "userCount")).toBeUndefined();
    const alice = await instance.get(`/api/users/${person(instance, "alice")}`);
    expect(column(at(alice.body, "userGroups"), "userCount")).toEqual(
      isSince(version, "2.0") ? [0, 0] : [undefined, undefined],
    );
  });

  it("show their members, claims and clients on their own", async () => {
    const instance = await playing();
    const { body } = await instance.get(`/api/user-groups/${group(instance, "board")}`);
    expect(column(at(body, "users"), "username")).toEqual(["robin", "chloe", "grace"]);
    expect(column(at(body, "users"), "userGroups")).toEqual([[], [], []]);
    expect(column(at(body, "users"), "customClaims")).toEqual([[], [], []]);
    expect(at(body, "customClaims")).toEqual([
      { key: "role", value: "board" },
      { key: "nextcloud_quota", value: "100 GB" },
    ]);
    if (isSince(version, "2.0")) expect(column(at(body, "allowedOidcClients"), "id")).toEqual(["nextcloud", "grafana"]);
    else expect(at(body, "allowedOidcClients")).toBeUndefined();
  });

  it("are created empty, with names in composed form since 2.13", async () => {
    const instance = await playing();
    const created = await instance.post("/api/user-groups", { name: "cafe\u0301", friendlyName: "Cafe\u0301" });
    const end = isSince(version, "2.13") ? "\u00e9" : "e\u0301";
    expect(created).toMatchObject({
      status: 201,
      body: { name: `caf${end}`, friendlyName: `Caf${end}`, users: [], customClaims: [], ldapId: null },
    });
  });

  it.each([
    [1, 2, false],
    [2, 2, true],
    [255, 50, true],
    [256, 50, false],
    [255, 51, false],
  ])("have a name of %d and a friendly name of %d characters: %s", async (name, friendlyName, allowed) => {
    const instance = await playing();
    const reply = await instance.post("/api/user-groups", {
      name: "n".repeat(name),
      friendlyName: "f".repeat(friendlyName),
    });
    expect(reply.status).toBe(allowed ? 201 : 400);
  });

  it("keep members and claims when renamed, and want both names", async () => {
    const instance = await playing();
    const path = `/api/user-groups/${group(instance, "board")}`;
    const renamed = await instance.put(path, { name: "committee", friendlyName: "Committee" });
    expect(renamed.status).toBe(200);
    expect(column(at(renamed.body, "users"), "username")).toHaveLength(3);
    expect(column(at(renamed.body, "customClaims"), "key")).toHaveLength(2);
    expect((await instance.put(path, { name: "committee" })).status).toBe(400);
    expect((await instance.put(path, { name: "members", friendlyName: "Committee" })).status).toBe(
      isSince(version, "2.13") ? 409 : 400,
    );
  });

  it("change their members as a whole; who does not exist is dropped without a word", async () => {
    const instance = await playing();
    const path = `/api/user-groups/${group(instance, "coaches")}/users`;
    const changed = await instance.put(path, { userIds: [person(instance, "zoe"), NOBODY] });
    expect(changed.status).toBe(200);
    expect(column(at(changed.body, "users"), "username")).toEqual(["zoe"]);
    expect((await instance.put(path, {})).status).toBe(400);
  });

  it("leave their members and claims behind when deleted", async () => {
    const instance = await playing();
    const path = `/api/user-groups/${group(instance, "juniors")}`;
    expect((await instance.delete(path)).status).toBe(204);
    expect((await instance.get(path)).status).toBe(404);
    expect((await instance.delete(path)).status).toBe(404);
    expect(instance.sandbox.state.users.get(person(instance, "hugo"))?.userGroupIds).toEqual([]);
  });

  it("are not there for an id that nobody has", async () => {
    const instance = await playing();
    expect((await instance.put(`/api/user-groups/${NOBODY}/users`, { userIds: [] })).status).toBe(404);
  });
});

describe("groups and clients", () => {
  it("leave a client to nobody when its last group is deleted, since 2.0, and to everybody before", async () => {
    for (const version of ["2.14", "1.16"] as const) {
      const instance = await pocketId({ version });
      await instance.delete(`/api/user-groups/${group(instance, "coaches")}`);
      const path = `/api/oidc/clients/home-assistant/preview/${person(instance, "alice")}?scopes=openid`;
      expect((await instance.get(path)).status).toBe(version === "2.14" ? 403 : 200);
    }
  });

  it("link the clients of a group as a whole, without restricting them", async () => {
    const instance = await pocketId();
    const path = `/api/user-groups/${group(instance, "board")}/allowed-oidc-clients`;
    const linked = await instance.put(path, { oidcClientIds: ["gitea", "no-such-client"] });
    expect(linked.status).toBe(200);
    expect(column(at(linked.body, "allowedOidcClients"), "id")).toEqual(["gitea"]);
    expect((await instance.get("/api/oidc/clients/gitea")).body).toMatchObject({
      isGroupRestricted: false,
      allowedUserGroups: [{ name: "board" }],
    });
    expect((await instance.get("/api/oidc/clients/grafana")).body).toMatchObject({ allowedUserGroups: [] });
    expect((await instance.put(path, {})).status).toBe(400);
  });

  it("takes a removed member from the group without marking the group as changed", async () => {
    const instance = await pocketId();
    const { state } = instance.sandbox;
    const coaches = present(state.userGroups.get(group(instance, "coaches")));
    await instance.put(`/api/users/${person(instance, "alice")}/user-groups`, {
      userGroupIds: [group(instance, "members")],
    });
    expect(coaches.updatedAt).toBeNull();
    await instance.put(`/api/user-groups/${coaches.id}/users`, { userIds: [] });
    expect(coaches.updatedAt).not.toBeNull();
  });
});

it("creates groups with a time that reads back in whole seconds", async () => {
  const instance = await pocketId();
  const created = await instance.post("/api/user-groups", { name: "new", friendlyName: "New" });
  const read = await instance.get(`/api/user-groups/${textAt(created.body, "id")}`);
  expect(textAt(created.body, "createdAt")).toMatch(/\.\d{3}Z$/);
  expect(textAt(read.body, "createdAt")).toMatch(/:\d{2}Z$/);
});
