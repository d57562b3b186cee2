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
const groupsOf = (username: string) =>
  stored(username)
    .userGroupIds.map((id) => mcp.sandbox.state.userGroups.get(id)?.name)
    .sort();
const names = (groups: { name: string }[]) => groups.map(({ name }) => name).sort();
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");

describe("user_groups", () => {
  it("answers the groups of an account by id and name", async () => {
    const { user, groups } = await mcp.ok("user_groups", { user: "alice" });
    expect(user).toEqual({ id: stored("alice").id, username: "alice" });
    expect(groups).toHaveLength(2);
    expect(groups).toContainEqual({ id: groupId("coaches"), name: "coaches", friendlyName: "Coaches" });
    expect(groups).toContainEqual({ id: groupId("members"), name: "members", friendlyName: "Members" });
  });

  it("answers none for an account in no group", async () => {
    expect((await mcp.ok("user_groups", { user: "ines" })).groups).toEqual([]);
  });

  it("sends nothing for what is a path and no name", async () => {
    expect(await mcp.fails("user_groups", { user: "../user-groups" })).toMatch(/user: .* is a path/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_update_groups", () => {
  it("adds to groups, and leaves the others as they are", async () => {
    const answer = await mcp.ok("user_update_groups", { user: "alice", add: ["board", "Juniors"] });
    expect(groupsOf("alice")).toEqual(["board", "coaches", "juniors", "members"]);
    expect(names(answer.groups)).toEqual(["board", "coaches", "juniors", "members"]);
    expect(names(answer.added)).toEqual(["board", "juniors"]);
    expect(answer.removed).toEqual([]);
  });

  it("takes out of groups, by name and by id", async () => {
    const answer = await mcp.ok("user_update_groups", { user: "alice", remove: ["coaches", groupId("members")] });
    expect(groupsOf("alice")).toEqual([]);
    expect(answer.groups).toEqual([]);
    expect(names(answer.removed)).toEqual(["coaches", "members"]);
  });

  it("adds and removes in one call", async () => {
    const answer = await mcp.ok("user_update_groups", { user: "alice", add: ["board"], remove: ["coaches"] });
    expect(groupsOf("alice")).toEqual(["board", "members"]);
    expect(names(answer.added)).toEqual(["board"]);
    expect(names(answer.removed)).toEqual(["coaches"]);
    expect(changingRequests()).toHaveLength(1);
  });

  it("replaces the whole set, and names who came and went", async () => {
    const answer = await mcp.ok("user_update_groups", {
      user: "alice",
      replace: ["members", "board", "juniors", "regatta-2027", "Members"],
    });
    expect(groupsOf("alice")).toEqual(["board", "juniors", "members", "regatta-2027"]);
    expect(names(answer.added)).toEqual(["board", "juniors", "regatta-2027"]);
    expect(names(answer.removed)).toEqual(["coaches"]);
  });

  it("takes out of every group with an empty set", async () => {
    const { removed } = await mcp.ok("user_update_groups", { user: "alice", replace: [] });
    expect(groupsOf("alice")).toEqual([]);
    expect(names(removed)).toEqual(["coaches", "members"]);
  });

  it("touches nothing else of the account, and nobody else", async () => {
    const others = (username: string) => {
      const { userGroupIds: _groups, updatedAt: _time, ...rest } = stored(username);
      return structuredClone(rest);
    };
    const before = { alice: others("alice"), ben: structuredClone(stored("ben")) };
    await mcp.ok("user_update_groups", { user: "alice", replace: ["board"] });
    expect(others("alice")).toEqual(before.alice);
    expect(stored("ben")).toEqual(before.ben);
  });

  it.each([
    ["adding to a group that it is in", { add: ["coaches"] }],
    ["taking out of a group that it is not in", { remove: ["board"] }],
    ["a set that is the same", { replace: ["Members", "coaches"] }],
  ])("sends no change for %s", async (_case, change) => {
    const answer = await mcp.ok("user_update_groups", { user: "alice", ...change });
    expect(answer).toMatchObject({ added: [], removed: [] });
    expect(names(answer.groups)).toEqual(["coaches", "members"]);
    expect(changingRequests()).toEqual([]);
  });

  it.each([
    ["add", /add\[1\]: there is no group "bord"\. Close ones: board/],
    ["remove", /remove\[1\]: there is no group "bord"/],
    ["replace", /replace\[1\]: there is no group "bord"/],
  ])("sends no change when %s names a group that is not there", async (field, message) => {
    expect(await mcp.fails("user_update_groups", { user: "alice", [field]: ["members", "bord"] })).toMatch(message);
    expect(changingRequests()).toEqual([]);
    expect(groupsOf("alice")).toEqual(["coaches", "members"]);
  });

  it("sends no change for a group that is to come and to go", async () => {
    expect(await mcp.fails("user_update_groups", { user: "alice", add: ["board"], remove: ["Board"] })).toMatch(
      /remove: board is in add, too/,
    );
    expect(changingRequests()).toEqual([]);
  });

  it.each([
    ["no change", {}, /there is nothing to change/],
    ["an empty change", { add: [] }, /there is nothing to change/],
    ["a set and a change of it", { replace: ["board"], add: ["members"] }, /either replace, or add and remove/],
    ["a set that is no list", { replace: "board" }, /replace/],
  ])("sends nothing for %s", async (_case, change, message) => {
    expect(await mcp.fails("user_update_groups", { user: "alice", ...change })).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
