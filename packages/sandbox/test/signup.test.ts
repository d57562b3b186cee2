import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import {
  at,
  column,
  group,
  isSince,
  members,
  type PocketId,
  pocketId,
  present,
  query,
  sessionToken,
  textAt,
} from "./pocket-id.ts";

const newcomer = { username: "nia", email: "nia@example.com", firstName: "Nia", lastName: "Owusu" };

describe.each(sandboxVersions)("setting up Pocket ID %s", (version) => {
  /** Nobody has claimed it yet. */
  async function fresh(): Promise<PocketId> {
    const instance = await pocketId({ version, seed: "empty" });
    instance.sandbox.state.users.clear();
    instance.sandbox.state.apiKeys.clear();
    return instance;
  }

  it("makes the first administrator, once, and writes nothing down", async () => {
    const instance = await fresh();
    const created = await instance.anonymous.post("/api/signup/setup", newcomer);
    expect(created).toMatchObject({ status: 200, body: { username: "nia", displayName: "Nia Owusu", isAdmin: true } });
    const session = instance.with({ authorization: `Bearer ${sessionToken(created)}` });
    expect((await session.get("/api/users")).status).toBe(200);
    expect(instance.sandbox.state.auditLog).toEqual([]);
    const again = await instance.anonymous.post("/api/signup/setup", newcomer);
    expect(again.status).toBe(isSince(version, "2.13") ? 409 : isSince(version, "2.6") ? 404 : 400);
  });

  it("can be asked for, since 2.6", async () => {
    const instance = await fresh();
    const ask = async () => (await instance.anonymous.get("/api/signup/setup")).status;
    const open = await ask();
    await instance.anonymous.post("/api/signup/setup", newcomer);
    expect([open, await ask()]).toEqual(isSince(version, "2.6") ? [204, 404] : [404, 404]);
  });

  it("stays open while there is only the user of a static API key", async () => {
    const instance = await pocketId({ version, seed: "empty" });
    const admin = present(instance.sandbox.state.users.get(instance.sandbox.adminId));
    const id = "00000000-0000-0000-0000-000000000000";
    instance.sandbox.state.users.clear();
    instance.sandbox.state.users.set(id, { ...admin, id, username: "static-api-user-a1b2c3", email: null });
    expect((await instance.anonymous.post("/api/signup/setup", newcomer)).status).toBe(200);
  });
});

describe.each(sandboxVersions)("signing up at Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("is open to everybody, to holders of a token, or to nobody", async () => {
    const instance = await playing();
    const { configuration } = instance.sandbox.state;
    for (const closed of ["disabled", "withToken"]) {
      configuration.set("allowUserSignups", closed);
      const refused = await instance.anonymous.post("/api/signup", newcomer);
      expect(refused).toMatchObject({ status: 403, body: { error: "Open user signup is not enabled" } });
    }
    configuration.set("allowUserSignups", "open");
    const created = await instance.anonymous.post("/api/signup", newcomer);
    expect(created).toMatchObject({ status: 201, body: { username: "nia", isAdmin: false } });
    const nia = instance.with({ authorization: `Bearer ${sessionToken(created)}` });
    expect((await nia.get("/api/users/me")).body).toMatchObject({ username: "nia" });
    expect((await nia.get("/api/audit-logs")).body).toMatchObject({
      data: [{ event: "ACCOUNT_CREATED", data: { method: "open_signup" } }],
    });
  });

  it("counts the uses of a token, joins its groups, and leaves it readable in the log", async () => {
    const instance = await playing();
    const made = await instance.post("/api/signup-tokens", {
      ttl: "1h",
      usageLimit: 1,
      userGroupIds: [group(instance, "juniors"), "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11"],
    });
    const token = textAt(made.body, "token");
    const created = await instance.anonymous.post("/api/signup", { ...newcomer, token });
    expect(created.status).toBe(201);
    expect(column(at(created.body, "userGroups"), "name")).toEqual(isSince(version, "2.0") ? ["juniors"] : []);
    const list = await instance.get(`/api/signup-tokens${query({ "pagination[limit]": 100 })}`);
    expect(column(list.body, "token")).toContain(token);
    expect(column(list.body, "usageCount")).toContain(1);
    expect(instance.sandbox.state.auditLog.at(-1)).toMatchObject({
      event: "ACCOUNT_CREATED",
      data: { signupToken: token },
    });
    const late = await instance.anonymous.post("/api/signup", {
      ...newcomer,
      username: "late",
      email: "l@example.com",
      token,
    });
    expect(late.status).toBe(isSince(version, "2.4") ? 401 : 400);
  });

  it("does not take a token that has expired or never was", async () => {
    const instance = await playing();
    present([...instance.sandbox.state.signupTokens.values()][0]).expiresAt = "2020-01-01T00:00:00Z";
    for (const token of ["JuniorsJoin4Fun7", "nonsense"]) {
      const refused = await instance.anonymous.post("/api/signup", { ...newcomer, token });
      expect(refused).toMatchObject({
        status: isSince(version, "2.4") ? 401 : 400,
        body: { error: "Token is invalid or expired" },
      });
    }
  });

  it("gives new users the default groups when the token has none", async () => {
    const instance = await playing();
    const { configuration } = instance.sandbox.state;
    configuration.set("allowUserSignups", "open");
    configuration.set("signupDefaultUserGroupIDs", JSON.stringify([group(instance, "members")]));
    const created = await instance.anonymous.post("/api/signup", newcomer);
    expect(column(at(created.body, "userGroups"), "name")).toEqual(["members"]);
  });
});

describe.each(sandboxVersions)("signup tokens of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("are readable in the list", async () => {
    const instance = await playing();
    const list = await instance.get("/api/signup-tokens");
    expect(at(list.body, "data", 0)).toMatchObject({ token: "JuniorsJoin4Fun7", usageLimit: 10, usageCount: 2 });
    expect(members(at(list.body, "data", 0))).toEqual([
      ...["id", "token", "expiresAt", "usageLimit", "usageCount"],
      ...(isSince(version, "2.0") ? ["userGroups"] : []),
      "createdAt",
    ]);
  });

  it("disappear from the list when they expire, since 2.12", async () => {
    const instance = await playing();
    present([...instance.sandbox.state.signupTokens.values()][0]).expiresAt = "2020-01-01T00:00:00Z";
    const list = await instance.get("/api/signup-tokens");
    expect(column(list.body, "token")).toEqual(isSince(version, "2.12") ? [] : ["JuniorsJoin4Fun7"]);
  });

  it.each([
    [0, false],
    [1, true],
    [100, true],
    [101, false],
  ])("are good for %d uses: %s", async (usageLimit, allowed) => {
    const instance = await playing();
    expect((await instance.post("/api/signup-tokens", { ttl: "1h", usageLimit })).status).toBe(allowed ? 201 : 400);
  });

  it.each<[unknown, number | "unreadable" | "refused"]>([
    ["90m", 5400],
    ["1h30m", 5400],
    [7200, 7200],
    [0, 3600],
    ["744h", 2_678_400],
    ["1s", "refused"],
    [1, "refused"],
    [-5, "refused"],
    ["745h", "refused"],
    ["7d", "unreadable"],
    ["soon", "unreadable"],
    [true, "unreadable"],
  ])("live for %j: %s seconds", async (ttl, expected) => {
    const instance = await playing();
    const made = await instance.post("/api/signup-tokens", { ttl, usageLimit: 1 });
    if (expected === "refused") expect(made.status).toBe(400);
    else if (expected === "unreadable") expect(made.status).toBe(isSince(version, "2.13") ? 400 : 500);
    else {
      const lifetime = (Date.parse(textAt(made.body, "expiresAt")) - Date.now()) / 1000;
      expect(Math.abs(lifetime - expected)).toBeLessThan(3);
    }
  });

  it("are deleted by id, and one that is not there as well", async () => {
    const instance = await playing();
    const [id] = column((await instance.get("/api/signup-tokens")).body, "id");
    expect((await instance.delete("/api/signup-tokens/JuniorsJoin4Fun7")).status).toBe(204);
    expect(instance.sandbox.state.signupTokens.size).toBe(1);
    expect((await instance.delete(`/api/signup-tokens/${id}`)).status).toBe(204);
    expect(instance.sandbox.state.signupTokens.size).toBe(0);
  });
});
