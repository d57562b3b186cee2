import { describe, expect, it } from "vitest";
import { askedOf } from "../../../tests/support/asked-of.ts";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

// Whoever is asked here says no, so that a question is all that comes of it.
const mcp = useServer(tools, { person: () => "no" });

const state = () => mcp.sandbox.state;
const group = (name: string) => {
  const found = [...state().userGroups.values()].find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the sandbox holds no group ${name}`);
  return found;
};

const asked = (tool: string, args: Record<string, unknown>) => askedOf(mcp, tool, args);

const roles = "Applications that take one as a role or a right follow it.";
const unless = ", unless another group lets them in.";

describe("a person is asked", () => {
  it.each([
    [
      "user_group_delete",
      { groups: ["board"] },
      `Delete the group "board" for good? 3 people lose it and its claims. This closes 2 clients: "Grafana", "Nextcloud"${unless} Nobody can sign in to "Grafana" any more.`,
    ],
    ["user_group_delete", { groups: ["regatta-2027"] }, 'Delete the group "regatta-2027" for good? Nobody is in it.'],
    [
      "user_group_delete",
      { groups: ["members", "juniors"] },
      `Delete 2 groups for good: "members", "juniors"? 10 people lose them and their claims. This closes 2 clients: "Immich", "Nextcloud"${unless} Nobody can sign in to "Immich" any more.`,
    ],
    [
      "user_group_update_users",
      { group: "board", add: ["ben", "hugo"] },
      'Put 2 people ("ben", "hugo") into "board"? This opens 2 clients: "Grafana", "Nextcloud". It brings the claims "nextcloud_quota", "role".',
    ],
    [
      "user_group_update_users",
      { group: "juniors", add: ["ines"] },
      'Put "ines" into "juniors"? This opens 1 client: "Immich".',
    ],
    [
      "user_group_update_users",
      { group: "board", replace: ["robin", "ben"] },
      'Put "ben" into "board"? This opens 1 client: "Grafana". It brings the claims "nextcloud_quota", "role". ' +
        `Take 2 people ("chloe", "grace") out of "board"? This closes 2 clients: "Grafana", "Nextcloud"${unless}`,
    ],
    [
      "user_group_update_users",
      { group: "board", replace: [] },
      `Take 3 people ("chloe", "grace", "robin") out of "board"? This closes 2 clients: "Grafana", "Nextcloud"${unless} Nobody can sign in to "Grafana" any more.`,
    ],
    [
      "user_group_update_users",
      { group: "coaches", remove: ["alice"] },
      `Take "alice" out of "coaches"? This closes 1 client: "Home Assistant"${unless}`,
    ],
    [
      "user_group_update_allowed_clients",
      { group: "juniors", add: ["grafana", "gitea"] },
      'Let "juniors" (2 people) sign in to 1 client: "Grafana"?',
    ],
    [
      "user_group_update_allowed_clients",
      { group: "regatta-2027", add: ["paperless"] },
      'Let "regatta-2027" (nobody yet) sign in to 1 client: "Paperless-ngx"?',
    ],
    [
      "user_group_update_allowed_clients",
      { group: "board", replace: ["nextcloud", "immich"] },
      'Let "board" (3 people) sign in to 1 client: "Immich"? Take 1 client: "Grafana" from "board" (3 people)? They stay out, unless another group lets them in. Nobody can sign in to "Grafana" any more.',
    ],
    [
      "user_group_update",
      { group: "board", name: "admins" },
      'Rename "board" to "admins"? Applications see the name of 3 members: what they give to the old one ends, and what they give to the new one begins.',
    ],
    [
      "custom_claim_set_group",
      { group: "board", set: { role: "admin", nextcloud_quota: "100 GB" } },
      `Set 1 claim of "board", which has 3 members: "role" to "admin"? ${roles}`,
    ],
  ])("before %s %j", async (tool, args, question) => expect(await asked(tool, args)).toBe(question));

  it("about a client whose last group goes before 2.0, where that opens it to everyone", async () => {
    await mcp.reconnect({ version: "1.16", person: () => "no" });
    expect(await asked("user_group_delete", { groups: ["board"] })).toBe(
      `Delete the group "board" for good? 3 people lose it and its claims. This closes 1 client: "Nextcloud"${unless} ` +
        'This opens 1 client: "Grafana" to everyone, because no other group is named there.',
    );
  });

  it("about members before 2.0, where groups do not tell their clients", async () => {
    await mcp.reconnect({ version: "1.16", person: () => "no" });
    expect(await asked("user_group_update_users", { group: "board", replace: [] })).toMatch(
      /Nobody can sign in to "Grafana" any more\.$/,
    );
  });

  it("about a client that is left to a group without members, which is nobody as well", async () => {
    state().oidcClients.get("grafana")?.allowedUserGroupIds.push(group("regatta-2027").id);
    expect(await asked("user_group_update_users", { group: "board", replace: [] })).toMatch(
      /Nobody can sign in to "Grafana" any more\.$/,
    );
    expect(await mcp.fails("user_group_delete", { groups: ["board"] })).toMatch(/said no/);
    expect(mcp.questions.at(-1)).toMatch(/Nobody can sign in to "Grafana" any more\./);
  });

  it("not at all about clients that people lose and have by another group", async () => {
    state().oidcClients.get("grafana")?.allowedUserGroupIds.push(group("members").id);
    // chloe stays a member, which opens both as well.
    expect(await asked("user_group_update_users", { group: "board", replace: [] })).not.toMatch(/Nobody can sign in/);
  });

  it("with the first few names, where there are many", async () => {
    for (const user of state().users.values()) user.userGroupIds = [...user.userGroupIds, group("regatta-2027").id];
    state().oidcClients.get("grafana")?.allowedUserGroupIds.push(group("regatta-2027").id);
    expect(await asked("user_group_update_users", { group: "regatta-2027", replace: [] })).toMatch(
      /^Take 12 people \("alice", "ben", "chloe", "dmitri", "elif" and 7 more\) out of "regatta-2027"\?/,
    );
  });
});

describe("nobody is asked", () => {
  it.each([
    ["user_group_create", { name: "rowers", friendlyName: "Rowers" }],
    ["user_group_update", { group: "board", friendlyName: "The board" }],
    ["user_group_update", { group: "board", name: "board", friendlyName: "The board" }],
    ["user_group_update", { group: "regatta-2027", name: "regatta-2028" }],
    ["user_group_update_users", { group: "regatta-2027", add: ["alice", "ben"] }],
    ["user_group_update_users", { group: "board", add: ["chloe"] }],
    ["user_group_update_users", { group: "board", remove: ["ben"] }],
    ["user_group_update_allowed_clients", { group: "board", add: ["gitea"] }],
    ["user_group_update_allowed_clients", { group: "board", add: ["grafana"] }],
    ["custom_claim_set_group", { group: "board", set: { role: "board" } }],
    ["custom_claim_set_group", { group: "board", remove: ["role"] }],
  ])("before %s %j", async (tool, args) => {
    await mcp.reconnect({ person: null });
    await mcp.ok(tool, args);
  });
});
