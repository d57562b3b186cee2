import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

const group = (name: string) => {
  const found = [...mcp.sandbox.state.userGroups.values()].find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the sandbox holds no group ${name}`);
  return found;
};
const user = (username: string) => {
  const found = [...mcp.sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (found === undefined) throw new Error(`the sandbox holds no user ${username}`);
  return found;
};
const client = (id: string) => {
  const found = mcp.sandbox.state.oidcClients.get(id);
  if (found === undefined) throw new Error(`the sandbox holds no client ${id}`);
  return found;
};
const membersOf = (name: string) =>
  [...mcp.sandbox.state.users.values()]
    .filter(({ userGroupIds }) => userGroupIds.includes(group(name).id))
    .map(({ username }) => username)
    .sort();
const clientsOf = (name: string) =>
  [...mcp.sandbox.state.oidcClients.values()]
    .filter(({ allowedUserGroupIds }) => allowedUserGroupIds.includes(group(name).id))
    .map(({ id }) => id)
    .sort();
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const fromLdap = (name: string) => {
  group(name).ldapId = `cn=${name}`;
  mcp.sandbox.state.configuration.set("ldapEnabled", "true");
};
const named = (rows: { name: string }[]) => rows.map(({ name }) => name);
const usernames = (rows: { username: string }[]) => rows.map(({ username }) => username).sort();

describe("user_group_list", () => {
  it("answers short rows with true member counts, sorted by name", async () => {
    const { groups, totalItems, hasMore } = await mcp.ok("user_group_list");
    expect(named(groups)).toEqual(["board", "coaches", "juniors", "members", "regatta-2027"]);
    expect(groups[0]).toEqual({
      id: group("board").id,
      name: "board",
      friendlyName: "Board",
      userCount: membersOf("board").length,
    });
    expect({ totalItems, hasMore }).toEqual({ totalItems: 5, hasMore: false });
  });

  it("searches names", async () => {
    expect(named((await mcp.ok("user_group_list", { search: "regatta" })).groups)).toEqual(["regatta-2027"]);
  });

  it("finds groups without members, or with some, which Pocket ID cannot", async () => {
    user("elif").userGroupIds = [];
    user("hugo").userGroupIds = [];
    const empty = await mcp.ok("user_group_list", { empty: true });
    expect(empty).toMatchObject({ totalItems: 2, hasMore: false });
    expect(named(empty.groups)).toEqual(["juniors", "regatta-2027"]);
    const used = await mcp.ok("user_group_list", { empty: false, limit: 2 });
    expect(used).toMatchObject({ totalItems: 3, hasMore: true });
    expect(named(used.groups)).toEqual(["board", "coaches"]);
  });

  it("pages without overlap, and answers nothing past the end", async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((page) => mcp.ok("user_group_list", { limit: 2, page })));
    expect(pages.flatMap(({ groups }) => named(groups))).toEqual([
      "board",
      "coaches",
      "juniors",
      "members",
      "regatta-2027",
    ]);
    expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, false, false]);
    expect(pages.map(({ totalItems }) => totalItems)).toEqual([5, 5, 5, 5]);
  });

  it.each([
    [{ sort: "userCount desc" }, "members"],
    [{ sort: "userCount asc" }, "regatta-2027"],
    [{ sort: "userCount" }, "regatta-2027"],
    [{ sort: "createdAt desc" }, "regatta-2027"],
    [{ sort: "friendlyName" }, "board"],
    [{ sort: "name desc" }, "regatta-2027"],
  ])("sorts by %j", async (order, first) => {
    expect(named((await mcp.ok("user_group_list", order)).groups)[0]).toBe(first);
  });

  it("shows claims and more in full rows", async () => {
    group("board").ldapId = "cn=board";
    const { groups } = await mcp.ok("user_group_list", { search: "board", full: true });
    expect(groups).toEqual([
      {
        id: group("board").id,
        name: "board",
        friendlyName: "Board",
        userCount: 3,
        customClaims: group("board").customClaims,
        ldapId: "cn=board",
        createdAt: group("board").createdAt,
      },
    ]);
  });

  it("sends nothing for a column that Pocket ID would not sort by", async () => {
    for (const sort of ["ldapId", "ldapId desc", "name down", "name desc desc", "desc", ""])
      expect(await mcp.fails("user_group_list", { sort })).toMatch(
        /sort: give name or friendlyName or userCount or createdAt, with desc behind it to turn it round\./,
      );
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_group_get", () => {
  it.each(["board", "Board", "BOARD"])("finds %s, with members, claims and clients", async (name) => {
    const answer = await mcp.ok("user_group_get", { group: name });
    expect(answer.group).toMatchObject({
      id: group("board").id,
      name: "board",
      friendlyName: "Board",
      customClaims: group("board").customClaims,
    });
    expect(usernames(answer.group.users)).toEqual(membersOf("board"));
    expect(named(answer.group.allowedOidcClients).sort()).toEqual(["Grafana", "Nextcloud"]);
  });

  it("finds by id", async () => {
    expect((await mcp.ok("user_group_get", { group: group("juniors").id })).group.name).toBe("juniors");
  });

  it("prefers the group that has the name to one that has it as its friendly name", async () => {
    group("juniors").friendlyName = "board";
    expect((await mcp.ok("user_group_get", { group: "board" })).group.id).toBe(group("board").id);
  });

  it("refuses to guess between two groups of the same friendly name", async () => {
    group("juniors").friendlyName = "Coaches";
    expect((await mcp.ok("user_group_get", { group: "coaches" })).group.name).toBe("coaches");
    expect(await mcp.fails("user_group_get", { group: "Coaches" })).toMatch(/2 of them are called "Coaches"/);
  });

  it("names close ones for a name that no group has", async () => {
    expect(await mcp.fails("user_group_get", { group: "bord" })).toMatch(
      /group: there is no group "bord"\. Close ones: board \(Board\)/,
    );
  });

  it("knows no clients on a Pocket ID that does not tell them", async () => {
    await mcp.reconnect({ version: "1.16" });
    const answer = await mcp.ok("user_group_get", { group: "board" });
    expect(answer.group).not.toHaveProperty("allowedOidcClients");
    expect(usernames(answer.group.users)).toEqual(membersOf("board"));
  });
});

describe("user_group_create", () => {
  it("creates a group, and calls it for people as for machines if nothing else is said", async () => {
    const answer = await mcp.ok("user_group_create", { name: "masters" });
    expect(group("masters")).toMatchObject({ id: answer.group.id, friendlyName: "masters" });
    expect(answer.group).toMatchObject({ users: [], customClaims: [], allowedOidcClients: [] });
  });

  it("takes a friendly name", async () => {
    await mcp.ok("user_group_create", { name: "masters", friendlyName: "Masters 2027" });
    expect(group("masters").friendlyName).toBe("Masters 2027");
  });

  it("says what is wrong when the name is taken", async () => {
    expect(await mcp.fails("user_group_create", { name: "board" })).toMatch(/already in use/i);
    expect(mcp.sandbox.state.userGroups.size).toBe(5);
  });

  it("sends nothing for a name that is too short", async () => {
    expect(await mcp.fails("user_group_create", { name: "m" })).toMatch(/name/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_group_update", () => {
  it("leaves everything else as it was, whichever name is changed", async () => {
    const changes = fc.oneof(
      fc.record({ name: fc.string({ minLength: 2, maxLength: 60 }) }),
      fc.record({ friendlyName: fc.string({ minLength: 2, maxLength: 50 }) }),
    );
    const stored = group("board");
    const seen = () => {
      const { updatedAt: _, ...fields } = structuredClone(stored);
      const members = [...mcp.sandbox.state.users.values()].filter((one) => one.userGroupIds.includes(stored.id));
      const clients = [...mcp.sandbox.state.oidcClients.values()].filter((one) =>
        one.allowedUserGroupIds.includes(stored.id),
      );
      return { ...fields, members: members.map(({ id }) => id), clients: clients.map(({ id }) => id) };
    };
    await fc.assert(
      fc.asyncProperty(changes, async (change) => {
        const before = seen();
        const answer = await mcp.ok("user_group_update", { group: stored.id, ...change });
        const now = seen();
        expect(now).toEqual({ ...before, ...change });
        expect(answer.changed).toEqual(
          before.name === now.name && before.friendlyName === now.friendlyName ? [] : Object.keys(change),
        );
        expect(answer.notApplied).toEqual([]);
        expect(answer.group.users).toHaveLength(3);
        expect(answer.group.customClaims).toHaveLength(2);
        expect(answer.group.allowedOidcClients).toHaveLength(2);
      }),
      { numRuns: 40 },
    );
  });

  it("sends no change where nothing would change", async () => {
    expect((await mcp.ok("user_group_update", { group: "board", friendlyName: "Board" })).changed).toEqual([]);
    expect(changingRequests()).toEqual([]);
  });

  it("says that a group from LDAP is changed in the directory", async () => {
    fromLdap("board");
    expect(await mcp.fails("user_group_update", { group: "board", friendlyName: "Trustees" })).toMatch(
      /LDAP.*change it in the directory/,
    );
    expect(group("board").friendlyName).toBe("Board");
  });

  it("refuses to clear what cannot be empty", async () => {
    expect(await mcp.fails("user_group_update", { group: "board", friendlyName: null })).toMatch(/friendlyName/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_group_delete", () => {
  it("deletes several, with a result for each", async () => {
    const ids = [group("coaches").id, group("juniors").id];
    const { groups } = await mcp.ok("user_group_delete", { groups: ["coaches", "Juniors"] });
    expect(groups).toEqual([
      { id: ids[0], name: "coaches", deleted: true },
      { id: ids[1], name: "juniors", deleted: true },
    ]);
    for (const id of ids) expect(mcp.sandbox.state.userGroups.has(id)).toBe(false);
    expect(client("home-assistant")).toMatchObject({ isGroupRestricted: true, allowedUserGroupIds: [] });
  });

  it("goes on after a group from LDAP, which Pocket ID refuses, and says why", async () => {
    fromLdap("coaches");
    const { groups } = await mcp.ok("user_group_delete", { groups: ["coaches", "juniors"] });
    expect(groups[0]).toMatchObject({ name: "coaches", deleted: false, error: expect.stringMatching(/LDAP/) });
    expect(groups[1]).toMatchObject({ name: "juniors", deleted: true });
    expect(group("coaches")).toBeDefined();
  });

  it("fails when not one of them could be deleted", async () => {
    fromLdap("coaches");
    expect(await mcp.fails("user_group_delete", { groups: ["coaches"] })).toMatch(/LDAP/);
  });

  it("deletes none when one of them is unknown", async () => {
    expect(await mcp.fails("user_group_delete", { groups: ["coaches", "nope"] })).toMatch(
      /groups\[1\]: there is no group "nope"/,
    );
    expect(changingRequests()).toEqual([]);
  });

  it("sends nothing for an empty list", async () => {
    expect(await mcp.fails("user_group_delete", { groups: [] })).toMatch(/groups/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_group_update_users", () => {
  it("adds by username, e-mail address and id, and names who came in", async () => {
    const before = membersOf("coaches");
    const users = ["ben", "CHLOE@riverside-rowing.example", user("zoe").id];
    const answer = await mcp.ok("user_group_update_users", { group: "Coaches", add: users });
    expect(membersOf("coaches")).toEqual([...before, "ben", "chloe", "zoe"].sort());
    expect(usernames(answer.users)).toEqual(membersOf("coaches"));
    expect(usernames(answer.added)).toEqual(["ben", "chloe", "zoe"]);
    expect(answer.removed).toEqual([]);
    expect(answer.group).toEqual({ id: group("coaches").id, name: "coaches", friendlyName: "Coaches" });
  });

  it("removes, and names who went out", async () => {
    const answer = await mcp.ok("user_group_update_users", { group: "board", remove: ["grace"] });
    expect(membersOf("board")).toEqual(["chloe", "robin"]);
    expect(usernames(answer.removed)).toEqual(["grace"]);
    expect(answer.added).toEqual([]);
  });

  it("adds and removes in one change", async () => {
    const answer = await mcp.ok("user_group_update_users", { group: "board", add: ["alice"], remove: ["grace"] });
    expect(membersOf("board")).toEqual(["alice", "chloe", "robin"]);
    expect([usernames(answer.added), usernames(answer.removed)]).toEqual([["alice"], ["grace"]]);
    expect(changingRequests()).toHaveLength(1);
  });

  it("replaces all members, and tells the difference", async () => {
    const answer = await mcp.ok("user_group_update_users", { group: "board", replace: ["chloe", "ines", "jonas"] });
    expect(membersOf("board")).toEqual(["chloe", "ines", "jonas"]);
    expect(usernames(answer.added)).toEqual(["ines", "jonas"]);
    expect(usernames(answer.removed)).toEqual(["grace", "robin"]);
  });

  it("empties a group with an empty replacement", async () => {
    expect((await mcp.ok("user_group_update_users", { group: "juniors", replace: [] })).users).toEqual([]);
    expect(membersOf("juniors")).toEqual([]);
  });

  it("leaves other groups of the people alone", async () => {
    await mcp.ok("user_group_update_users", { group: "board", replace: ["alice"] });
    expect(user("grace").userGroupIds).toEqual([group("members").id]);
    expect(user("alice").userGroupIds).toEqual(["members", "coaches", "board"].map((name) => group(name).id));
  });

  it.each([{ add: ["alice", "nobody-here"] }, { remove: ["nobody-here"] }, { replace: ["alice", "nobody-here"] }])(
    "changes nothing when somebody is unknown: %j",
    async (change) => {
      expect(await mcp.fails("user_group_update_users", { group: "board", ...change })).toMatch(
        /\[\d\]: there is no user "nobody-here"/,
      );
      expect(changingRequests()).toEqual([]);
    },
  );

  it.each([
    [{ replace: ["alice"], add: ["ben"] }, /replace: it stands for the whole set/],
    [{ replace: [], remove: ["ben"] }, /replace: it stands for the whole set/],
    [{}, /there is nothing to change/],
    [{ add: [] }, /there is nothing to change/],
    [{ add: ["../../users"] }, /add\[0\]: .* is a path/],
  ])("sends nothing at all for %j", async (change, reason) => {
    expect(await mcp.fails("user_group_update_users", { group: "board", ...change })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("refuses somebody who is to come in and go out", async () => {
    expect(
      await mcp.fails("user_group_update_users", { group: "board", add: [user("alice").id], remove: ["alice"] }),
    ).toMatch(/remove: .* is in add, too/);
    expect(changingRequests()).toEqual([]);
  });

  it.each([{ add: ["chloe"] }, { remove: ["ines"] }, { replace: ["grace", "robin", "chloe"] }])(
    "sends no change where nothing would change: %j",
    async (change) => {
      const answer = await mcp.ok("user_group_update_users", { group: "board", ...change });
      expect(usernames(answer.users)).toEqual(["chloe", "grace", "robin"]);
      expect([answer.added, answer.removed]).toEqual([[], []]);
      expect(changingRequests()).toEqual([]);
    },
  );
});

describe("user_group_update_allowed_clients", () => {
  it("adds clients by name and id, and names them", async () => {
    const answer = await mcp.ok("user_group_update_allowed_clients", {
      group: "regatta-2027",
      add: ["Grafana", "immich"],
    });
    expect(clientsOf("regatta-2027")).toEqual(["grafana", "immich"]);
    expect(named(answer.clients).sort()).toEqual(["Grafana", "Immich"]);
    expect(named(answer.added).sort()).toEqual(["Grafana", "Immich"]);
    expect(answer.removed).toEqual([]);
    expect(answer).not.toHaveProperty("notes");
    expect(client("grafana").allowedUserGroupIds).toEqual([group("board").id, group("regatta-2027").id]);
  });

  it("says that it changes nothing for a client that is open to everyone, which stays so", async () => {
    const { notes } = await mcp.ok("user_group_update_allowed_clients", { group: "board", add: ["gitea", "immich"] });
    expect(notes).toEqual([expect.stringMatching(/^Gitea is open to everyone/)]);
    expect(client("gitea").isGroupRestricted).toBe(false);
  });

  it("says which clients nobody can sign in to any more", async () => {
    const answer = await mcp.ok("user_group_update_allowed_clients", {
      group: "board",
      remove: ["Grafana", "Nextcloud"],
    });
    expect(clientsOf("board")).toEqual([]);
    expect(named(answer.removed).sort()).toEqual(["Grafana", "Nextcloud"]);
    expect(answer.notes).toEqual([
      expect.stringMatching(/^Grafana has no allowed group any more: nobody can sign in to it/),
    ]);
    expect(client("nextcloud").allowedUserGroupIds).toEqual([group("members").id]);
  });

  it("replaces the clients, and tells the difference", async () => {
    const answer = await mcp.ok("user_group_update_allowed_clients", {
      group: "board",
      replace: ["nextcloud", "paperless"],
    });
    expect(clientsOf("board")).toEqual(["nextcloud", "paperless"]);
    expect([named(answer.added), named(answer.removed)]).toEqual([["Paperless-ngx"], ["Grafana"]]);
  });

  it("changes nothing when a client is unknown", async () => {
    expect(await mcp.fails("user_group_update_allowed_clients", { group: "board", add: ["Immch"] })).toMatch(
      /add\[0\]: there is no client "Immch"\. Close ones: Immich/,
    );
    expect(changingRequests()).toEqual([]);
  });

  it("sends nothing at all for replace together with add", async () => {
    expect(
      await mcp.fails("user_group_update_allowed_clients", { group: "board", replace: ["gitea"], add: ["immich"] }),
    ).toMatch(/replace: it stands for the whole set/);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("sends no change where nothing would change", async () => {
    const answer = await mcp.ok("user_group_update_allowed_clients", { group: "board", add: ["grafana"] });
    expect([answer.added, answer.removed]).toEqual([[], []]);
    expect(changingRequests()).toEqual([]);
  });

  it.each([{ add: ["gitea"] }, { remove: ["grafana"] }, { replace: [] }])(
    "is refused on a Pocket ID that does not tell the clients of a group, and says what to use: %j",
    async (change) => {
      await mcp.reconnect({ version: "1.16" });
      const text = await mcp.fails("user_group_update_allowed_clients", { group: "board", ...change });
      expect(text).toMatch(/1\.16\.0|before 2\.0/);
      expect(text).toMatch(/oidc_client_update_allowed_groups/);
      expect(changingRequests()).toEqual([]);
      expect(clientsOf("board")).toEqual(["grafana", "nextcloud"]);
    },
  );
});
