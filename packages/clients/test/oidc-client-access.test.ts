import type { SandboxVersion } from "@pocketid-mcp/sandbox";
import { beforeEach, describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { addCimdClient, cimdId, holds, named } from "./holds.ts";

const mcp = useServer(tools);

const playing = async (version: SandboxVersion) => {
  await mcp.reconnect({ version });
};

type Start = "everyone" | "nobody" | readonly string[];

/** Puts a client into a state before the change. */
function admit(start: Start, clientId = "immich") {
  const client = holds(mcp).client(clientId);
  client.isGroupRestricted = mcp.sandbox.version !== "1.16.0" && start !== "everyone";
  client.allowedUserGroupIds = typeof start === "string" ? [] : holds(mcp).groupIds(...start);
}

/** Who may sign in now, by Pocket ID's own rule. */
function admitted(clientId = "immich"): Set<string> {
  const { isGroupRestricted, allowedUserGroupIds } = holds(mcp).client(clientId);
  const restricted = mcp.sandbox.version === "1.16.0" ? allowedUserGroupIds.length > 0 : isGroupRestricted;
  const users = [...mcp.sandbox.state.users.values()].filter(
    ({ userGroupIds }) => !restricted || userGroupIds.some((id) => allowedUserGroupIds.includes(id)),
  );
  return new Set(users.map(({ username }) => username));
}

/** Everything about Immich but who may sign in. */
function otherSettings() {
  const { isGroupRestricted: _, allowedUserGroupIds: __, ...others } = holds(mcp).client("immich");
  return others;
}

/** Notes at every request who may sign in at that moment. */
function watch(clientId = "immich"): Set<string>[] {
  const moments: Set<string>[] = [];
  mcp.sandbox.intercept = () => {
    moments.push(admitted(clientId));
    return false;
  };
  return moments;
}

const flag = "PUT /api/oidc/clients/immich";
const groups = "PUT /api/oidc/clients/immich/allowed-user-groups";

const transitions: readonly [Start, Record<string, unknown>, Start, readonly string[]][] = [
  ["everyone", { access: "everyone" }, "everyone", []],
  ["everyone", { access: "nobody" }, "nobody", [flag]],
  ["everyone", { access: "groups", groups: ["board", "juniors"] }, ["board", "juniors"], [groups, flag]],
  ["everyone", { groups: ["board"] }, ["board"], [groups, flag]],
  ["everyone", { access: "groups", add: ["board"] }, ["board"], [groups, flag]],
  ["nobody", { access: "everyone" }, "everyone", [flag]],
  ["nobody", { access: "nobody" }, "nobody", []],
  ["nobody", { access: "groups", groups: ["board"] }, ["board"], [groups]],
  ["nobody", { add: ["board", "juniors"] }, ["board", "juniors"], [groups]],
  ["nobody", { remove: ["board"] }, "nobody", []],
  [["members", "juniors"], { access: "everyone" }, "everyone", [flag]],
  [["members", "juniors"], { access: "nobody" }, "nobody", [groups]],
  [["members", "juniors"], { groups: ["board"] }, ["board"], [groups]],
  [["members", "juniors"], { groups: ["members", "coaches"] }, ["members", "coaches"], [groups]],
  [["members", "juniors"], { add: ["coaches"] }, ["members", "juniors", "coaches"], [groups]],
  [["members", "juniors"], { add: ["coaches"], remove: ["members"] }, ["juniors", "coaches"], [groups]],
  [["members", "juniors"], { remove: ["juniors"] }, ["members"], [groups]],
  [["members"], { remove: ["members"] }, "nobody", [groups]],
  [["members", "juniors"], { add: ["members"] }, ["members", "juniors"], []],
  [["members", "juniors"], { remove: ["board"] }, ["members", "juniors"], []],
  [["members", "juniors"], { groups: ["juniors", "members"] }, ["members", "juniors"], []],
];

const accessOf = (state: Start) => (typeof state === "string" ? state : "groups");
const sorted = (values: readonly string[]) => [...values].sort();
const groupsOf = (state: Start) => (typeof state === "string" ? [] : state);

describe("oidc_client_update_allowed_groups", () => {
  it.each(transitions)("from %j with %j to %j", async (start, change, end, requests) => {
    admit(start);
    const before = admitted();
    const settings = otherSettings();
    const moments = watch();
    const answer = await mcp.ok("oidc_client_update_allowed_groups", { client: "Immich", ...change });

    const stored = holds(mcp).client("immich");
    expect(stored.isGroupRestricted).toBe(end !== "everyone");
    expect(sorted(stored.allowedUserGroupIds)).toEqual(sorted(holds(mcp).groupIds(...groupsOf(end))));
    expect(holds(mcp).changes()).toEqual(requests);
    expect(otherSettings()).toEqual(settings);

    expect(answer.client).toEqual({ id: "immich", name: "Immich" });
    expect(answer.before.access).toBe(accessOf(start));
    expect(sorted(named(answer.before.groups))).toEqual(sorted(groupsOf(start)));
    expect(answer.after.access).toBe(accessOf(end));
    expect(sorted(named(answer.after.groups))).toEqual(sorted(groupsOf(end)));
    expect(sorted(named(answer.added))).toEqual(
      sorted(groupsOf(end).filter((name) => !groupsOf(start).includes(name))),
    );
    expect(sorted(named(answer.removed))).toEqual(
      sorted(groupsOf(start).filter((name) => !groupsOf(end).includes(name))),
    );

    const after = admitted();
    for (const moment of moments) {
      // Nobody gets in on the way who could not before and cannot afterwards, and nobody is shut out who can both times.
      expect([...moment].filter((user) => !before.has(user) && !after.has(user))).toEqual([]);
      expect([...before].filter((user) => after.has(user) && !moment.has(user))).toEqual([]);
    }
  });

  it("does not let in the groups that an open client named to no effect", async () => {
    admit(["members"]);
    holds(mcp).client("immich").isGroupRestricted = false;
    const moments = watch();
    const answer = await mcp.ok("oidc_client_update_allowed_groups", { client: "immich", access: "nobody" });
    expect(answer).toMatchObject({
      before: { access: "everyone", groups: [] },
      after: { access: "nobody", groups: [] },
    });
    expect(holds(mcp).client("immich")).toMatchObject({ isGroupRestricted: true, allowedUserGroupIds: [] });
    expect(moments.length).toBeGreaterThan(0);
    expect(admitted()).toEqual(new Set());
  });

  it("restricts an open client to just the groups that are named", async () => {
    admit(["members"]);
    holds(mcp).client("immich").isGroupRestricted = false;
    await mcp.ok("oidc_client_update_allowed_groups", { client: "immich", access: "groups", add: ["board"] });
    expect(holds(mcp).client("immich")).toMatchObject({
      isGroupRestricted: true,
      allowedUserGroupIds: holds(mcp).groupIds("board"),
    });
  });

  it("works for a client that registers itself", async () => {
    const stored = addCimdClient(mcp);
    await mcp.ok("oidc_client_update_allowed_groups", { client: cimdId, groups: ["board"] });
    expect(stored).toMatchObject({ isGroupRestricted: true, allowedUserGroupIds: holds(mcp).groupIds("board") });
  });

  it("says that the client is still open when the second step fails", async () => {
    admit("everyone");
    mcp.sandbox.intercept = ({ method, url }, response) => {
      if (`${method} ${url}` !== flag) return false;
      response.writeHead(500, { "content-type": "application/json" }).end('{"error":"Something went wrong"}');
      return true;
    };
    expect(await mcp.fails("oidc_client_update_allowed_groups", { client: "immich", groups: ["board"] })).toMatch(
      /^The groups are named, but the client is still open to everyone\./,
    );
  });

  it.each([
    [{}, /there is nothing to change/],
    [{ access: "groups" }, /groups: access "groups" needs the groups/],
    [{ access: "groups", groups: [] }, /an empty list would lock everyone out/],
    [{ groups: [] }, /an empty list would lock everyone out/],
    [{ access: "everyone", groups: ["board"] }, /"everyone" takes no groups/],
    [{ access: "nobody", add: ["board"] }, /"nobody" takes no groups/],
    [{ groups: ["board"], add: ["juniors"] }, /give either groups, or add and remove/],
    [{ groups: ["board"], remove: ["juniors"] }, /give either groups, or add and remove/],
    [{ replace: ["board"] }, /replace: there is no such argument/],
    [{ access: "somebody" }, /access/],
  ])("sends nothing at all for %j", async (change, reason) => {
    expect(await mcp.fails("oidc_client_update_allowed_groups", { client: "immich", ...change })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it.each([{ add: ["board"] }, { remove: ["members"] }])(
    "asks what is meant by a change of groups while everyone may sign in: %j",
    async (change) => {
      admit("everyone");
      expect(await mcp.fails("oidc_client_update_allowed_groups", { client: "immich", ...change })).toMatch(
        /the client is open to everyone\. Say access: "groups" as well/,
      );
      expect(holds(mcp).changes()).toEqual([]);
    },
  );

  it.each([{ groups: ["board", "nope"] }, { add: ["board", "nope"] }, { remove: ["board", "nope"] }])(
    "changes nothing when a group is unknown: %j",
    async (change) => {
      expect(await mcp.fails("oidc_client_update_allowed_groups", { client: "immich", ...change })).toMatch(
        /\[1\]: there is no group "nope"/,
      );
      expect(holds(mcp).changes()).toEqual([]);
    },
  );

  it("refuses a group that is to come in and go out", async () => {
    expect(
      await mcp.fails("oidc_client_update_allowed_groups", { client: "immich", add: ["board"], remove: ["Board"] }),
    ).toMatch(/remove: .* is in add, too/);
    expect(holds(mcp).changes()).toEqual([]);
  });
});

describe("oidc_client_update_allowed_groups on Pocket ID 1.16, where groups alone decide", () => {
  beforeEach(() => playing("1.16"));

  it.each([
    ["everyone", { groups: ["board"] }, ["board"], [groups]],
    ["everyone", { access: "everyone" }, "everyone", []],
    [["members"], { access: "everyone" }, "everyone", [groups]],
    [["members"], { add: ["board"] }, ["members", "board"], [groups]],
    [["members", "board"], { remove: ["members"] }, ["board"], [groups]],
    [["members"], { groups: ["board"] }, ["board"], [groups]],
  ] as [Start, Record<string, unknown>, Start, string[]][])(
    "from %j with %j to %j",
    async (start, change, end, requests) => {
      admit(start);
      const before = admitted();
      const moments = watch();
      const answer = await mcp.ok("oidc_client_update_allowed_groups", { client: "immich", ...change });
      expect(sorted(holds(mcp).client("immich").allowedUserGroupIds)).toEqual(
        sorted(holds(mcp).groupIds(...groupsOf(end))),
      );
      expect(holds(mcp).changes()).toEqual(requests);
      expect([answer.before.access, answer.after.access]).toEqual([accessOf(start), accessOf(end)]);
      const after = admitted();
      for (const moment of moments)
        expect([...moment].filter((user) => !before.has(user) && !after.has(user))).toEqual([]);
    },
  );

  it.each([{ access: "nobody" }, { remove: ["members"] }])("cannot close a client: %j", async (change) => {
    admit(["members"]);
    expect(await mcp.fails("oidc_client_update_allowed_groups", { client: "immich", ...change })).toMatch(
      /access: Pocket ID before 2\.0 cannot close a client/,
    );
    expect(holds(mcp).changes()).toEqual([]);
    expect(holds(mcp).client("immich").allowedUserGroupIds).toEqual(holds(mcp).groupIds("members"));
  });
});
