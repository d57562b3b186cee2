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
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const locker = { key: "locker", value: "12" };
const boats = { key: "boats", value: '["single","quad"]' };

describe("custom_claim_suggestions", () => {
  it("answers the keys in use, the most used first", async () => {
    stored("ben").customClaims = [{ key: "boats", value: "eight" }];
    stored("grace").customClaims = [{ key: "boats", value: "pair" }];
    const keys = [...mcp.sandbox.state.users.values(), ...mcp.sandbox.state.userGroups.values()].flatMap(
      ({ customClaims }) => customClaims.map(({ key }) => key),
    );
    const { suggestions } = await mcp.ok("custom_claim_suggestions");
    expect([...suggestions].sort()).toEqual([...new Set(keys)].sort());
    const uses = suggestions.map((key: string) => keys.filter((used) => used === key).length);
    expect(uses).toEqual([...uses].sort((a, b) => b - a));
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("custom_claim_suggestions", { search: "b" })).toMatch(/search/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("custom_claim_set_user", () => {
  it("sets claims, and leaves the others as they are", async () => {
    const answer = await mcp.ok("custom_claim_set_user", { user: "alice", set: { locker: "14", team: "blue" } });
    expect(stored("alice").customClaims).toEqual([
      { key: "locker", value: "14" },
      boats,
      { key: "team", value: "blue" },
    ]);
    expect(answer).toMatchObject({
      user: { id: stored("alice").id, username: "alice" },
      customClaims: stored("alice").customClaims,
      changed: ["locker", "team"],
      removed: [],
    });
  });

  it("takes a list of keys and values, as Pocket ID shows them, too", async () => {
    const { changed } = await mcp.ok("custom_claim_set_user", { user: "ben", set: [{ key: "team", value: "red" }] });
    expect(stored("ben").customClaims).toEqual([{ key: "team", value: "red" }]);
    expect(changed).toEqual(["team"]);
  });

  it("leaves every other claim as it was, whichever one is set", async () => {
    const claim = fc.record({
      key: fc.stringMatching(/^x_[a-z0-9]{1,12}$/),
      value: fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }),
      asList: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(claim, async ({ key, value, asList }) => {
        const others = stored("alice").customClaims.filter((held) => held.key !== key);
        await mcp.ok("custom_claim_set_user", { user: "alice", set: asList ? [{ key, value }] : { [key]: value } });
        const now = stored("alice").customClaims;
        expect(now.filter((held) => held.key !== key)).toEqual(others);
        expect(now.find((held) => held.key === key)?.value).toBe(value.normalize("NFC"));
      }),
      { numRuns: 40 },
    );
  });

  it("removes claims by key, also while it sets others", async () => {
    const answer = await mcp.ok("custom_claim_set_user", { user: "alice", set: { team: "blue" }, remove: ["boats"] });
    expect(stored("alice").customClaims).toEqual([locker, { key: "team", value: "blue" }]);
    expect(answer).toMatchObject({ changed: ["team"], removed: ["boats"] });
  });

  it("replaces all claims", async () => {
    const answer = await mcp.ok("custom_claim_set_user", { user: "alice", replace: { locker: "12", team: "blue" } });
    expect(stored("alice").customClaims).toEqual([locker, { key: "team", value: "blue" }]);
    expect(answer).toMatchObject({ changed: ["team"], removed: ["boats"] });
  });

  it.each([{}, []])("removes every claim with an empty replacement (%j)", async (replace) => {
    const { customClaims, removed } = await mcp.ok("custom_claim_set_user", { user: "alice", replace });
    expect(stored("alice").customClaims).toEqual([]);
    expect(customClaims).toEqual([]);
    expect(removed).toEqual(["locker", "boats"]);
  });

  it("sends no change where nothing would change", async () => {
    const answer = await mcp.ok("custom_claim_set_user", { user: "alice", set: { locker: "12" } });
    expect(answer).toMatchObject({ changed: [], removed: [], customClaims: [locker, boats] });
    expect(changingRequests()).toEqual([]);
  });

  it("names the claims that there are, for one to remove that is not there", async () => {
    expect(await mcp.fails("custom_claim_set_user", { user: "alice", remove: ["lockers"] })).toMatch(
      /remove\[0\]: there is no claim "lockers"\. There are: locker, boats/,
    );
    expect(changingRequests()).toEqual([]);
  });

  it.each([
    ["a reserved key", { set: { groups: "admin" } }, /set\[0\]: groups is reserved/],
    ["a key that is reserved on newer versions only", { set: { client_id: "x" } }, /client_id is reserved/],
    ["a reserved key in a replacement", { replace: { team: "blue", sub: "x" } }, /replace\[1\]: sub is reserved/],
    [
      "a key that is there twice",
      {
        set: [
          { key: "team", value: "a" },
          { key: "team", value: "b" },
        ],
      },
      /set: give each key once/,
    ],
    ["a key to set and to remove", { set: { team: "blue" }, remove: ["team"] }, /is in remove, too/],
    ["an empty value", { set: { team: "" } }, /must not be empty/],
    ["an empty key", { set: { " ": "blue" } }, /must not be empty/],
    ["a value that is no text", { set: { team: 8 } }, /set\.team/],
    ["a change and a replacement", { set: { team: "blue" }, replace: {} }, /either replace, or set and remove/],
    ["no change", {}, /there is nothing to change/],
    ["an empty change", { set: {}, remove: [] }, /there is nothing to change/],
  ])("sends nothing for %s", async (_case, change, message) => {
    expect(await mcp.fails("custom_claim_set_user", { user: "alice", ...change })).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
    expect(stored("alice").customClaims).toEqual([locker, boats]);
  });
});
