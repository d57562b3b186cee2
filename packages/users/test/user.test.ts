import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

const stored = (username: string) => {
  const user = [...mcp.sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`the sandbox holds no ${username}`);
  return user;
};
const groupId = (name: string) =>
  [...mcp.sandbox.state.userGroups.values()].find((group) => group.name === name)?.id ?? "";
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");

describe("user_list", () => {
  it("answers short rows of everybody, sorted by username", async () => {
    const { users, totalItems, hasMore } = await mcp.ok("user_list");
    expect(users).toHaveLength(mcp.sandbox.state.users.size);
    expect(totalItems).toBe(users.length);
    expect(hasMore).toBe(false);
    expect(Object.keys(users[0])).toEqual(["id", "username", "displayName", "email", "isAdmin", "disabled"]);
    const names = users.map((user: { username: string }) => user.username);
    expect(names).toEqual([...names].sort());
  });

  it("pages, and says whether there is more", async () => {
    const first = await mcp.ok("user_list", { limit: 5 });
    const second = await mcp.ok("user_list", { limit: 5, page: 2 });
    expect(first.hasMore).toBe(true);
    expect([...first.users, ...second.users].map(({ id }) => id)).toHaveLength(10);
    expect(new Set([...first.users, ...second.users].map(({ id }) => id)).size).toBe(10);
  });

  it("answers nothing for a page past the end, where Pocket ID repeats the last one", async () => {
    const { users, totalItems, hasMore } = await mcp.ok("user_list", { limit: 5, page: 99 });
    expect(users).toEqual([]);
    expect(totalItems).toBe(mcp.sandbox.state.users.size);
    expect(hasMore).toBe(false);
  });

  it("finds by the domain of the e-mail address, which Pocket ID cannot", async () => {
    const domain = "mailbox.example";
    const expected = [...mcp.sandbox.state.users.values()].filter(({ email }) => email?.endsWith(`@${domain}`));
    const { users, totalItems } = await mcp.ok("user_list", { emailDomain: domain });
    expect(expected.length).toBeGreaterThan(0);
    expect(totalItems).toBe(expected.length);
    expect(users.map(({ username }: { username: string }) => username).sort()).toEqual(
      expected.map(({ username }) => username).sort(),
    );
  });

  it("finds members of a group and those who are not in it, by the name of the group", async () => {
    const members = [...mcp.sandbox.state.users.values()].filter(({ userGroupIds }) =>
      userGroupIds.includes(groupId("coaches")),
    );
    expect((await mcp.ok("user_list", { group: "coaches" })).totalItems).toBe(members.length);
    expect((await mcp.ok("user_list", { notInGroup: "Coaches" })).totalItems).toBe(
      mcp.sandbox.state.users.size - members.length,
    );
  });

  it("finds those who are in no group", async () => {
    const expected = [...mcp.sandbox.state.users.values()].filter(({ userGroupIds }) => userGroupIds.length === 0);
    expect(expected.length).toBeGreaterThan(0);
    const { users, totalItems } = await mcp.ok("user_list", { noGroup: true });
    expect(users.map(({ id }: { id: string }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
    expect((await mcp.ok("user_list", { noGroup: false })).totalItems).toBe(mcp.sandbox.state.users.size - totalItems);
  });

  it("says where it searches when it finds nothing", async () => {
    const { totalItems, notes } = await mcp.ok("user_list", { search: "Alice Moreau" });
    expect({ totalItems, notes }).toEqual({
      totalItems: 0,
      notes: ["The search looks in username, email, first and last name, each by itself."],
    });
  });

  it("finds accounts from LDAP", async () => {
    stored("ben").ldapId = "uid=ben";
    const { users } = await mcp.ok("user_list", { ldap: true });
    expect(users.map(({ username }: { username: string }) => username)).toEqual(["ben"]);
  });

  it("filters by what Pocket ID can, and combines filters", async () => {
    const { users } = await mcp.ok("user_list", { disabled: true, emailDomain: "riverside-rowing.example" });
    const expected = [...mcp.sandbox.state.users.values()].filter(
      ({ disabled, email }) => disabled && email?.endsWith("@riverside-rowing.example"),
    );
    expect(users.map(({ id }: { id: string }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
  });

  it("shows groups and claims in full rows", async () => {
    const { users } = await mcp.ok("user_list", { search: "alice", full: true });
    expect(users[0].userGroups.map(({ name }: { name: string }) => name).sort()).toEqual(["coaches", "members"]);
    expect(users[0].customClaims).toContainEqual({ key: "locker", value: "12" });
  });

  it("refuses a filter that the running version would ignore", async () => {
    await mcp.reconnect({ version: "1.16" });
    expect(await mcp.fails("user_list", { emailVerified: true })).toMatch(
      /emailVerified: it needs Pocket ID 2\.2\.0 or later/,
    );
    expect(await mcp.fails("user_list", { sort: "emailVerified" })).toMatch(
      /sort: it needs Pocket ID 2\.2\.0 or later/,
    );
  });
});

describe("user_get", () => {
  it.each(["alice", "ALICE", "alice@riverside-rowing.example"])("finds %s", async (user) => {
    const answer = await mcp.ok("user_get", { user });
    expect(answer.user).toMatchObject({ id: stored("alice").id, username: "alice", locale: "fr" });
    expect(answer.user.userGroups).toHaveLength(2);
    expect(answer.user.customClaims).toHaveLength(2);
  });

  it("finds by id, in one request, and anew with each call", async () => {
    const { id } = stored("ben");
    expect((await mcp.ok("user_get", { user: id })).user.username).toBe("ben");
    stored("ben").username = "benjamin";
    mcp.sandbox.requests.length = 0;
    expect((await mcp.ok("user_get", { user: id })).user.username).toBe("benjamin");
    expect(mcp.sandbox.requests.map(({ path }) => path)).toEqual([`/api/users/${id}`]);
  });

  it("reads an account that is changed again after it was found by id", async () => {
    const { id } = stored("ben");
    await mcp.ok("user_update", { user: id, locale: "de" });
    const reads = mcp.sandbox.requests.filter(({ method, path }) => method === "GET" && path === `/api/users/${id}`);
    expect(reads.length).toBeGreaterThan(1);
  });

  it("names close ones for a name that nobody has", async () => {
    expect(await mcp.fails("user_get", { user: "allice" })).toMatch(
      /user: there is no user "allice"\. Close ones: alice \(Alice Moreau\)/,
    );
  });

  it("refuses to guess when a name leads to two accounts", async () => {
    stored("ben").username = "alice@riverside-rowing.example";
    expect(await mcp.fails("user_get", { user: "alice@riverside-rowing.example" })).toMatch(/2 of them are called/);
  });
});

describe("user_get_current", () => {
  it.each(["2.14", "1.16"] as const)("shows the owner of the API key with groups and claims (%s)", async (version) => {
    await mcp.reconnect({ version });
    stored("robin").customClaims = [{ key: "locker", value: "1" }];
    const { user } = await mcp.ok("user_get_current");
    expect(user).toMatchObject({ id: mcp.sandbox.adminId, username: "robin", isAdmin: true });
    expect(user).toEqual((await mcp.ok("user_get", { user: "robin" })).user);
    expect(user.userGroups.length).toBeGreaterThan(0);
    expect(user.customClaims).toEqual([{ key: "locker", value: "1" }]);
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("user_get_current", { user: "alice" })).toMatch(/user: there is no such argument/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_create", () => {
  it("needs a username and an e-mail address alone, and makes the display name of the names", async () => {
    const { user } = await mcp.ok("user_create", {
      username: "nina",
      email: "nina@example.com",
      firstName: "Nina",
      lastName: "Berg",
    });
    expect(stored("nina")).toMatchObject({
      id: user.id,
      displayName: "Nina Berg",
      isAdmin: false,
      disabled: false,
      email: "nina@example.com",
    });
  });

  it("needs the username alone where Pocket ID needs no e-mail address", async () => {
    mcp.sandbox.state.configuration.set("requireUserEmail", "false");
    await mcp.ok("user_create", { username: "nina" });
    expect(stored("nina")).toMatchObject({ email: null, displayName: "", firstName: "" });
  });

  it("puts the account into groups by name", async () => {
    const { user } = await mcp.ok("user_create", {
      username: "nina",
      email: "nina@example.com",
      groups: ["members", "Board"],
    });
    expect(stored("nina").userGroupIds.sort()).toEqual([groupId("members"), groupId("board")].sort());
    expect(user.userGroups.map(({ name }: { name: string }) => name).sort()).toEqual(["board", "members"]);
  });

  it("shows claims that Pocket ID gives to everyone new, which its own answer leaves out", async () => {
    mcp.sandbox.state.configuration.set("signupDefaultCustomClaims", '[{"key":"tier","value":"basic"}]');
    const { user } = await mcp.ok("user_create", { username: "nina", email: "nina@example.com" });
    expect(user.customClaims).toEqual([{ key: "tier", value: "basic" }]);
  });

  it("sends nothing for a group that is not there", async () => {
    expect(await mcp.fails("user_create", { username: "nina", groups: ["nope"] })).toMatch(
      /groups\[0\]: there is no group "nope"/,
    );
    expect(changingRequests()).toEqual([]);
  });

  it("works on a Pocket ID that takes no groups on creation and needs names", async () => {
    await mcp.reconnect({ version: "1.16" });
    await mcp.ok("user_create", { username: "nina", email: "nina@example.com", groups: ["members"] });
    expect(stored("nina")).toMatchObject({
      firstName: "nina",
      displayName: "nina",
      userGroupIds: [groupId("members")],
    });
  });

  it("says what is wrong when the username is taken", async () => {
    expect(await mcp.fails("user_create", { username: "Alice", email: "other@example.com" })).toMatch(
      /already in use/i,
    );
  });
});

describe("user_update", () => {
  const changes = fc.oneof(
    fc.record({ displayName: fc.string({ minLength: 1, maxLength: 30 }) }),
    fc.record({ firstName: fc.option(fc.stringMatching(/^[a-zA-Zäöü ]{1,20}$/)) }),
    fc.record({ lastName: fc.option(fc.stringMatching(/^[a-zA-Zäöü ]{1,20}$/)) }),
    fc.record({ email: fc.stringMatching(/^[a-z]{1,10}@[a-z]{1,10}\.example$/) }),
    fc.record({ emailVerified: fc.boolean() }),
    fc.record({ isAdmin: fc.boolean() }),
    fc.record({ disabled: fc.boolean() }),
    fc.record({ locale: fc.option(fc.constantFrom("de", "fr", "en")) }),
    fc.record({ username: fc.stringMatching(/^[a-z]{3,12}[0-9]{3}$/) }),
  );

  it("leaves every other field as it was, whichever one is changed", async () => {
    const user = stored("alice");
    await fc.assert(
      fc.asyncProperty(changes, async (change) => {
        const before = structuredClone({ ...user, profilePicture: null });
        const answer = await mcp.ok("user_update", { user: user.id, ...change });
        const [[field, value]] = Object.entries(change) as [[keyof typeof before, unknown]];
        const { [field]: now, updatedAt: _now, ...others } = { ...user, profilePicture: null };
        const { [field]: was, updatedAt: _was, ...othersBefore } = before;
        expect(others).toEqual(othersBefore);
        expect(now ?? "").toEqual(typeof value === "string" ? value.normalize("NFC") : (value ?? ""));
        expect(answer.changed).toEqual((was ?? "") === (now ?? "") ? [] : [field]);
        expect(answer.notApplied).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("shows groups and claims as they are, although the answer of Pocket ID shows none", async () => {
    const { user, changed } = await mcp.ok("user_update", { user: "alice", displayName: "Al" });
    expect(changed).toEqual(["displayName"]);
    expect(user.userGroups).toHaveLength(2);
    expect(user.customClaims).toHaveLength(2);
  });

  it("refuses to change nothing at all", async () => {
    expect(await mcp.fails("user_update", { user: "alice" })).toMatch(/there is nothing to change/);
  });

  it("sends no change where nothing would change", async () => {
    expect((await mcp.ok("user_update", { user: "alice", displayName: stored("alice").displayName })).changed).toEqual(
      [],
    );
    expect(changingRequests()).toEqual([]);
  });

  it("says which fields did not take for an account from LDAP, and why", async () => {
    stored("alice").ldapId = "uid=alice";
    mcp.sandbox.state.configuration.set("ldapEnabled", "true");
    const answer = await mcp.ok("user_update", { user: "alice", displayName: "Al", locale: "de" });
    expect(answer.changed).toEqual(["locale"]);
    expect(answer.notApplied).toEqual([{ field: "displayName", reason: expect.stringMatching(/LDAP/) }]);
    expect(stored("alice")).toMatchObject({ locale: "de", displayName: "Alice Moreau" });
  });

  it("refuses a field that the running version does not have", async () => {
    await mcp.reconnect({ version: "1.16" });
    expect(await mcp.fails("user_update", { user: "alice", emailVerified: true })).toMatch(
      /emailVerified: it needs Pocket ID 2\.2\.0/,
    );
    expect(changingRequests()).toEqual([]);
  });

  it("refuses to clear what cannot be empty", async () => {
    expect(await mcp.fails("user_update", { user: "alice", username: null })).toMatch(/username/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_delete", () => {
  it("deletes several, with a result for each", async () => {
    const ids = [stored("ben").id, stored("chloe").id];
    const { users } = await mcp.ok("user_delete", { users: ["ben", "chloe@riverside-rowing.example"] });
    expect(users).toEqual([
      { id: ids[0], name: "ben", deleted: true },
      { id: ids[1], name: "chloe", deleted: true },
    ]);
    for (const id of ids) expect(mcp.sandbox.state.users.has(id)).toBe(false);
  });

  it("goes on after one that Pocket ID refuses, and says why", async () => {
    stored("ben").ldapId = "uid=ben";
    mcp.sandbox.state.configuration.set("ldapEnabled", "true");
    const { users } = await mcp.ok("user_delete", { users: ["ben", "chloe"] });
    expect(users[0]).toMatchObject({ name: "ben", deleted: false, error: expect.stringMatching(/LDAP/) });
    expect(users[1]).toMatchObject({ name: "chloe", deleted: true });
    expect(stored("ben")).toBeDefined();
  });

  it("deletes nobody when one of them is unknown", async () => {
    expect(await mcp.fails("user_delete", { users: ["ben", "nobody-here"] })).toMatch(/users\[1\]/);
    expect(changingRequests()).toEqual([]);
  });
});
