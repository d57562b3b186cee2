import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import {
  at,
  column,
  group,
  isSince,
  members,
  PNG,
  type PocketId,
  person,
  pocketId,
  present,
  query,
  signedInAs,
  textAt,
  upload,
} from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";
const uma = { username: "uma", email: "uma@example.com", firstName: "Uma", lastName: "Rao", displayName: "Uma Rao" };

const stored = (instance: PocketId, username: string) =>
  present(instance.sandbox.state.users.get(person(instance, username)));

describe.each(sandboxVersions)("users of Pocket ID %s", (version) => {
  const playing = (seed: "club" | "empty" = "club") => pocketId({ version, seed });

  it("have these members and no others", async () => {
    const instance = await playing();
    const alice = await instance.get(`/api/users/${person(instance, "alice")}`);
    expect(members(alice.body).toSorted()).toEqual(
      [
        ...["customClaims", "disabled", "displayName", "email", "firstName", "id", "isAdmin", "lastName", "ldapId"],
        ...["locale", "userGroups", "username"],
        ...(isSince(version, "2.2") ? ["emailVerified"] : []),
      ].toSorted(),
    );
  });

  it("are the same in the list and on their own", async () => {
    const instance = await playing();
    const list = await instance.get("/api/users");
    const alone = await instance.get(`/api/users/${person(instance, "alice")}`);
    expect(at(list.body, "data", 1)).toEqual(alone.body);
  });

  it("are created with what was sent and nothing more", async () => {
    const instance = await playing();
    const created = await instance.post("/api/users", uma);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ ...uma, isAdmin: false, disabled: false, locale: null, ldapId: null });
    expect((await instance.get(`/api/users/${textAt(created.body, "id")}`)).body).toEqual(created.body);
  });

  it("join the default groups and get the default claims when created", async () => {
    const instance = await playing();
    const { configuration } = instance.sandbox.state;
    configuration.set("signupDefaultUserGroupIDs", JSON.stringify([group(instance, "juniors"), NOBODY]));
    configuration.set("signupDefaultCustomClaims", JSON.stringify([{ key: "locker", value: "none" }]));
    const created = await instance.post("/api/users", uma);
    expect(column(at(created.body, "userGroups"), "name")).toEqual(["juniors"]);
    expect(at(created.body, "customClaims")).toEqual([]);
    const read = await instance.get(`/api/users/${textAt(created.body, "id")}`);
    expect(at(read.body, "customClaims")).toEqual([{ key: "locker", value: "none" }]);
  });

  it("join the groups that were sent, since 2.0; those that do not exist are dropped without a word", async () => {
    const instance = await playing();
    instance.sandbox.state.configuration.set("signupDefaultUserGroupIDs", JSON.stringify([group(instance, "juniors")]));
    const created = await instance.post("/api/users", { ...uma, userGroupIds: [group(instance, "board"), NOBODY] });
    expect(created.status).toBe(201);
    expect(column(at(created.body, "userGroups"), "name")).toEqual([isSince(version, "2.0") ? "board" : "juniors"]);
  });

  it("lose with a PUT what it does not say", async () => {
    const instance = await playing();
    Object.assign(stored(instance, "alice"), { isAdmin: true, disabled: true });
    const id = person(instance, "alice");
    const required = isSince(version, "2.4") ? {} : { firstName: "Alice", displayName: "A" };
    const changed = await instance.put(`/api/users/${id}`, { username: "alice", email: "a@example.com", ...required });
    expect(changed.status).toBe(200);
    expect(stored(instance, "alice")).toMatchObject({
      isAdmin: false,
      disabled: false,
      lastName: "",
      locale: null,
      customClaims: [{ key: "locker" }, { key: "boats" }],
    });
    expect(stored(instance, "alice").userGroupIds).toHaveLength(2);
    if (isSince(version, "2.4")) expect(stored(instance, "alice")).toMatchObject({ firstName: "", displayName: "" });
    if (isSince(version, "2.2")) expect(stored(instance, "alice").emailVerified).toBe(false);
  });

  it("keep their groups in a PUT that names others", async () => {
    const instance = await playing();
    const id = person(instance, "ben");
    await instance.put(`/api/users/${id}`, { ...uma, userGroupIds: [group(instance, "board")] });
    const read = await instance.get(`/api/users/${id}`);
    expect(column(at(read.body, "userGroups"), "name")).toEqual(["members"]);
  });

  it("may demote, disable and delete themselves, the last administrator included", async () => {
    const instance = await playing();
    const { adminId } = instance.sandbox;
    expect((await instance.put(`/api/users/${adminId}`, { ...uma, isAdmin: true, disabled: true })).status).toBe(200);
    expect((await instance.get("/api/users/me")).status).toBe(403);
    stored(instance, "uma").disabled = false;
    expect((await instance.delete(`/api/users/${adminId}`)).status).toBe(204);
    expect((await instance.get("/api/users/me")).status).toBe(401);
  });

  it("take everything of theirs along when deleted, but not the clients they made", async () => {
    const instance = await playing();
    const id = person(instance, "alice");
    const { state } = instance.sandbox;
    await signedInAs(instance, id);
    present(state.oidcClients.get("gitea")).createdById = id;
    state.oneTimeAccessTokens.set("ABCDEF", {
      token: "ABCDEF",
      userId: id,
      deviceToken: null,
      expiresAt: "2040-01-01T00:00:00Z",
    });
    const traces = () => [
      state.auditLog.filter(({ userId }) => userId === id),
      state.authorizedClients.filter(({ userId }) => userId === id),
      [...state.webauthnCredentials.values()].filter(({ userId }) => userId === id),
    ];
    for (const rows of traces()) expect(rows).not.toEqual([]);
    expect((await instance.delete(`/api/users/${id}`)).status).toBe(204);
    expect(traces()).toEqual([[], [], []]);
    expect(state.oidcClients.get("gitea")?.createdById).toBeNull();
    expect((await instance.delete(`/api/users/${id}`)).status).toBe(404);
    expect((await instance.anonymous.post("/api/one-time-access-token/ABCDEF")).status).not.toBe(200);
  });

  it("change their groups as a whole, and show them at once", async () => {
    const instance = await playing();
    const id = person(instance, "alice");
    const changed = await instance.put(`/api/users/${id}/user-groups`, {
      userGroupIds: [group(instance, "board"), NOBODY],
    });
    expect(changed.status).toBe(200);
    expect(column(at(changed.body, "userGroups"), "name")).toEqual(["board"]);
    expect(column(at(changed.body, "customClaims"), "key")).toEqual(["locker", "boats"]);
    expect((await instance.put(`/api/users/${id}/user-groups`, { userGroupIds: [] })).body).toMatchObject({
      userGroups: [],
    });
    expect((await instance.put(`/api/users/${id}/user-groups`, {})).status).toBe(400);
  });

  it("list their groups without what is in them", async () => {
    const instance = await playing();
    const groups = await instance.get(`/api/users/${person(instance, "alice")}/groups`);
    expect(column(groups.body, "name")).toEqual(["members", "coaches"]);
    expect(column(groups.body, "customClaims")).toEqual([[], []]);
    expect(column(groups.body, "users")).toEqual([[], []]);
    if (isSince(version, "2.0")) expect(column(groups.body, "allowedOidcClients")).toEqual([[], []]);
  });

  it.each<[string, boolean | string]>([
    ["ab", true],
    ["a", "2.5"],
    ["a.b_c-d@e", true],
    ["_ab", false],
    ["ab-", false],
    ["a b", false],
    ["x".repeat(50), true],
    ["x".repeat(51), false],
    ["", false],
  ])("may be called %j: %s", async (username, allowed) => {
    const instance = await playing();
    const reply = await instance.post("/api/users", { ...uma, username });
    const isAllowed = typeof allowed === "string" ? isSince(version, allowed) : allowed;
    expect(reply.status).toBe(isAllowed ? 201 : 400);
  });

  it("have names in Unicode's composed form since 2.13", async () => {
    const instance = await playing();
    const created = await instance.post("/api/users", { ...uma, firstName: "Zoe\u0308" });
    expect(created.body).toMatchObject({ firstName: isSince(version, "2.13") ? "Zo\u00eb" : "Zoe\u0308" });
  });

  it("keep to the lengths", async () => {
    const instance = await playing();
    for (const [field, most] of [
      ["firstName", 50],
      ["lastName", 50],
      ["displayName", 100],
    ] as const) {
      const tried = async (length: number) =>
        (
          await instance.post("/api/users", {
            ...uma,
            username: field + length,
            email: `${field}${length}@example.com`,
            [field]: "x".repeat(length),
          })
        ).status;
      expect([await tried(most), await tried(most + 1)]).toEqual([201, 400]);
    }
  });

  it("change their own account, but not what they are", async () => {
    const instance = await playing();
    const ben = await signedInAs(instance, person(instance, "ben"));
    const changed = await ben.put("/api/users/me", { ...uma, isAdmin: true, disabled: true });
    expect(changed).toMatchObject({ status: 200, body: { username: "uma", isAdmin: false, disabled: false } });
    if (isSince(version, "2.2")) expect(changed.body).toMatchObject({ emailVerified: false });
  });

  it("change only their locale while allowOwnAccountEdit is off", async () => {
    const instance = await playing();
    instance.sandbox.state.configuration.set("allowOwnAccountEdit", "false");
    const ben = await signedInAs(instance, person(instance, "ben"));
    const changed = await ben.put("/api/users/me", { ...uma, locale: "nl" });
    expect(changed).toMatchObject({ status: 200, body: { username: "ben", firstName: "Ben", locale: "nl" } });
  });
});

describe.each(sandboxVersions)("profile pictures of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("are always there, for everybody to see", async () => {
    const instance = await playing();
    const picture = await instance.anonymous.get(`/api/users/${person(instance, "ben")}/profile-picture.png`);
    expect(picture.status).toBe(200);
    expect(picture.headers.get("content-type")).toBe("image/png");
    expect(picture.headers.get("cache-control")).toMatch(/^public/);
  });

  it("may be asked for fresh", async () => {
    const instance = await playing();
    const path = `/api/users/${person(instance, "ben")}/profile-picture.png`;
    const picture = await instance.anonymous.get(path + query({ skipCache: "true" }));
    expect(picture.headers.get("cache-control")).not.toMatch(/^public/);
  });

  it("can be replaced and given back", async () => {
    const instance = await playing();
    const path = `/api/users/${person(instance, "ben")}/profile-picture`;
    const initials = await instance.get(`${path}.png`);
    expect((await instance.send("PUT", path, { body: upload("ben.png", PNG) })).status).toBe(204);
    expect((await instance.get(`${path}.png`)).body).not.toEqual(initials.body);
    expect((await instance.delete(path)).status).toBe(204);
    expect((await instance.get(`${path}.png`)).body).toEqual(initials.body);
  });

  it("have to be pictures, whatever the file is called", async () => {
    const instance = await playing();
    const path = `/api/users/${person(instance, "ben")}/profile-picture`;
    const refused = await instance.send("PUT", path, { body: upload("ben.png", "no picture") });
    if (isSince(version, "2.13")) expect(refused).toMatchObject({ status: 400, body: { code: "invalid_image" } });
    else expect(refused.status).toBe(500);
    expect((await instance.send("PUT", path, { body: upload("ben.svg", "<svg/>") })).status).not.toBe(204);
  });

  it("belong to an id that is one", async () => {
    const instance = await playing();
    expect((await instance.get("/api/users/no-uuid/profile-picture.png")).status).toBe(400);
    expect((await instance.get(`/api/users/${NOBODY}/profile-picture.png`)).status).toBe(404);
  });

  it("can be changed by their owners", async () => {
    const instance = await playing();
    const ben = await signedInAs(instance, person(instance, "ben"));
    const path = "/api/users/me/profile-picture";
    expect((await ben.send("PUT", path, { body: upload("ben.png", PNG) })).status).toBe(204);
    expect(stored(instance, "ben").profilePicture).not.toBeNull();
    expect((await ben.delete(path)).status).toBe(204);
    expect(stored(instance, "ben").profilePicture).toBeNull();
  });
});

describe("e-mail verification, since 2.2", () => {
  it("sends a token that verifies the address, once", async () => {
    const instance = await pocketId();
    stored(instance, "ben").emailVerified = false;
    const ben = await signedInAs(instance, person(instance, "ben"));
    expect((await ben.post("/api/users/me/send-email-verification")).status).toBe(204);
    const mail = instance.sandbox.state.mails.at(-1);
    expect(mail).toMatchObject({ kind: "email-verification", to: "ben@riverside-rowing.example" });
    expect((await ben.post("/api/users/me/verify-email", { token: "wrong" })).body).toMatchObject({
      code: "invalid_email_verification_token",
    });
    expect((await ben.post("/api/users/me/verify-email", { token: mail?.token })).status).toBe(204);
    expect(stored(instance, "ben").emailVerified).toBe(true);
    expect((await ben.post("/api/users/me/verify-email", { token: mail?.token })).status).toBe(400);
  });

  it("is no route of 1.16", async () => {
    const instance = await pocketId({ version: "1.16" });
    expect((await instance.post("/api/users/me/send-email-verification")).body).toEqual({
      error: "API endpoint not found",
    });
  });
});
