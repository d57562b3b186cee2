import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

/** The board has the claims role=board and nextcloud_quota=100 GB. */
const claimsOf = (name: string) => {
  const group = [...mcp.sandbox.state.userGroups.values()].find((candidate) => candidate.name === name);
  return Object.fromEntries((group?.customClaims ?? []).map(({ key, value }) => [key, value]));
};
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const asMap = (claims: { key: string; value: string }[]) =>
  Object.fromEntries(claims.map(({ key, value }) => [key, value]));

describe("custom_claim_set_group", () => {
  it("sets claims, and leaves the others as they are", async () => {
    const answer = await mcp.ok("custom_claim_set_group", {
      group: "Board",
      set: { nextcloud_quota: "200 GB", site: "boathouse" },
    });
    expect(claimsOf("board")).toEqual({ role: "board", nextcloud_quota: "200 GB", site: "boathouse" });
    expect(asMap(answer.customClaims)).toEqual(claimsOf("board"));
    expect(answer.changed).toEqual(["nextcloud_quota", "site"]);
    expect(answer.removed).toEqual([]);
    expect(answer.group).toMatchObject({ name: "board", friendlyName: "Board" });
  });

  it("takes claims as the list that Pocket ID has them in, too", async () => {
    const answer = await mcp.ok("custom_claim_set_group", {
      group: "juniors",
      set: [
        { key: "curfew", value: "21:00" },
        { key: "boats", value: '["optimist"]' },
      ],
    });
    expect(claimsOf("juniors")).toEqual({ curfew: "21:00", boats: '["optimist"]' });
    expect(answer.changed).toEqual(["curfew", "boats"]);
  });

  it("removes claims by key", async () => {
    const answer = await mcp.ok("custom_claim_set_group", { group: "board", remove: ["nextcloud_quota"] });
    expect(claimsOf("board")).toEqual({ role: "board" });
    expect(answer).toMatchObject({ changed: [], removed: ["nextcloud_quota"] });
  });

  it("sets and removes in one change", async () => {
    await mcp.ok("custom_claim_set_group", { group: "board", set: { role: "trustee" }, remove: ["nextcloud_quota"] });
    expect(claimsOf("board")).toEqual({ role: "trustee" });
    expect(changingRequests()).toHaveLength(1);
  });

  it.each([
    [{ role: "trustee", desk: "1" }],
    [
      [
        { key: "role", value: "trustee" },
        { key: "desk", value: "1" },
      ],
    ],
  ])("replaces all claims: %j", async (replace) => {
    const answer = await mcp.ok("custom_claim_set_group", { group: "board", replace });
    expect(claimsOf("board")).toEqual({ role: "trustee", desk: "1" });
    expect([...answer.changed].sort()).toEqual(["desk", "role"]);
    expect(answer.removed).toEqual(["nextcloud_quota"]);
  });

  it("takes all claims away with an empty replacement", async () => {
    expect((await mcp.ok("custom_claim_set_group", { group: "board", replace: {} })).customClaims).toEqual([]);
    expect(claimsOf("board")).toEqual({});
  });

  it("leaves members and names of the group alone", async () => {
    const group = [...mcp.sandbox.state.userGroups.values()].find(({ name }) => name === "board");
    const { customClaims: _, ...before } = structuredClone(group) ?? {};
    await mcp.ok("custom_claim_set_group", { group: "board", set: { role: "trustee" } });
    const { customClaims: __, ...now } = group ?? {};
    expect(now).toEqual(before);
  });

  it("works for a group from LDAP, whose claims are Pocket ID's own", async () => {
    for (const group of mcp.sandbox.state.userGroups.values()) group.ldapId = `cn=${group.name}`;
    mcp.sandbox.state.configuration.set("ldapEnabled", "true");
    await mcp.ok("custom_claim_set_group", { group: "board", set: { role: "trustee" } });
    expect(claimsOf("board")).toMatchObject({ role: "trustee" });
  });

  it.each([{ set: { role: "board" } }, { replace: { role: "board", nextcloud_quota: "100 GB" } }])(
    "sends no change where nothing would change: %j",
    async (change) => {
      const answer = await mcp.ok("custom_claim_set_group", { group: "board", ...change });
      expect(answer).toMatchObject({ changed: [], removed: [] });
      expect(asMap(answer.customClaims)).toEqual(claimsOf("board"));
      expect(changingRequests()).toEqual([]);
    },
  );

  it.each([
    [{ set: { email: "x@example.com" } }, /email is reserved/],
    [{ replace: { sub: "1" } }, /sub is reserved/],
    [{ set: [{ key: "groups", value: "x" }] }, /groups is reserved/],
    [{ set: { role: "" } }, /key and value must not be empty/],
    [{ set: { role: "x" }, remove: ["role"] }, /role is in remove, too/],
    [{ set: { role: "x" }, replace: { role: "y" } }, /replace: it stands for all claims/],
    [
      {
        set: [
          { key: "role", value: "x" },
          { key: "role", value: "y" },
        ],
      },
      /give each key once/,
    ],
    [{}, /there is nothing to change/],
    [{ set: {} }, /there is nothing to change/],
    [{ set: { role: 5 } }, /set\.role/],
  ])("sends nothing at all for %j", async (change, reason) => {
    expect(await mcp.fails("custom_claim_set_group", { group: "board", ...change })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("refuses to remove a claim that is not there, and names those that are", async () => {
    expect(
      await mcp.fails("custom_claim_set_group", { group: "board", set: { role: "x" }, remove: ["quota"] }),
    ).toMatch(/remove\[0\]: there is no claim "quota"\. There are: role, nextcloud_quota/);
    expect(changingRequests()).toEqual([]);
    expect(claimsOf("board")).toEqual({ role: "board", nextcloud_quota: "100 GB" });
  });

  it("changes nothing for a group that is not there", async () => {
    expect(await mcp.fails("custom_claim_set_group", { group: "trustees", set: { role: "x" } })).toMatch(
      /there is no group "trustees"/,
    );
    expect(changingRequests()).toEqual([]);
  });
});
