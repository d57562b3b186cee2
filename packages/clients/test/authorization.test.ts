import type { SandboxVersion } from "@pocketid-mcp/sandbox";
import { beforeEach, describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { holds } from "./holds.ts";

const mcp = useServer(tools);

const playing = async (version: SandboxVersion) => {
  await mcp.reconnect({ version });
};

/** Makes these the only authorizations, the first used last. */
function authorized(...pairs: (readonly [userId: string, clientId: string])[]) {
  const { authorizedClients } = mcp.sandbox.state;
  authorizedClients.length = 0;
  for (const [index, [userId, clientId]] of pairs.entries())
    authorizedClients.push({
      userId,
      clientId,
      scopes: ["openid"],
      lastUsedAt: `2026-01-${String(28 - index).padStart(2, "0")}T10:00:00Z`,
    });
}

describe("oidc_client_preview_claims", () => {
  it.each(["2.14", "2.9"] as const)("says on %s what tokens would tell, groups included", async (version) => {
    await playing(version);
    const answer = await mcp.ok("oidc_client_preview_claims", { client: "Immich", user: "alice" });
    expect(answer.client).toEqual({ id: "immich", name: "Immich" });
    expect(answer.user).toEqual({ id: holds(mcp).user("alice").id, username: "alice" });
    expect(answer.idToken).toMatchObject({ email: "alice@riverside-rowing.example", preferred_username: "alice" });
    expect([...answer.userInfo.groups].sort()).toEqual(["coaches", "members"]);
    expect(answer.accessToken.sub).toBe(holds(mcp).user("alice").id);
  });

  it("asks for openid, profile, email and groups, separated as Pocket ID reads them", async () => {
    await mcp.ok("oidc_client_preview_claims", { client: "immich", user: "alice" });
    const asked = mcp.sandbox.requests.find(({ path }) => path.includes("/preview/"));
    expect(new URLSearchParams(asked?.query).get("scopes")).toBe("openid profile email groups");
  });

  it("asks for the scopes that are given, and no others", async () => {
    const { userInfo } = await mcp.ok("oidc_client_preview_claims", {
      client: "immich",
      user: "alice",
      scopes: ["openid", "email"],
    });
    expect(userInfo).toHaveProperty("email");
    expect(userInfo).not.toHaveProperty("groups");
    expect(userInfo).not.toHaveProperty("name");
  });

  it.each(["2.14", "2.9"] as const)("is refused on %s for somebody who may not sign in", async (version) => {
    await playing(version);
    expect(await mcp.fails("oidc_client_preview_claims", { client: "grafana", user: "ben" })).toMatch(
      /The user is not in any of the groups that may use this client/,
    );
  });

  it("says that the account is disabled, which Pocket ID does not look at", async () => {
    const { notes } = await mcp.ok("oidc_client_preview_claims", { client: "immich", user: "dmitri" });
    expect(notes).toEqual(["dmitri is disabled and cannot sign in at all."]);
    expect(await mcp.ok("oidc_client_preview_claims", { client: "immich", user: "alice" })).not.toHaveProperty("notes");
  });

  it("is refused for everybody where nobody may sign in", async () => {
    expect(await mcp.fails("oidc_client_preview_claims", { client: "paperless", user: "robin" })).toMatch(
      /not in any of the groups/,
    );
  });

  it("names close ones for a user who is not there", async () => {
    expect(await mcp.fails("oidc_client_preview_claims", { client: "immich", user: "alise" })).toMatch(
      /user: there is no user "alise"\. Close ones: alice/,
    );
  });

  it.each([{ scopes: ["openid email"] }, { scopes: [] }, { scopes: ["openid", ""] }])(
    "sends nothing for %j",
    async (values) => {
      expect(await mcp.fails("oidc_client_preview_claims", { client: "immich", user: "alice", ...values })).toMatch(
        /scopes/,
      );
      expect(mcp.sandbox.requests).toEqual([]);
    },
  );
});

describe("oidc_client_authorized_list", () => {
  beforeEach(() => {
    const [alice, ben] = [holds(mcp).user("alice").id, holds(mcp).user("ben").id];
    authorized([alice, "immich"], [ben, "immich"], [alice, "grafana"], [alice, "nextcloud"]);
  });
  const ids = (rows: { client: { id: string } }[]) => rows.map(({ client }) => client.id);

  it("lists the clients of one user, the last used first", async () => {
    const answer = await mcp.ok("oidc_client_authorized_list", { user: "alice@riverside-rowing.example" });
    expect(ids(answer.authorizedClients)).toEqual(["immich", "grafana", "nextcloud"]);
    expect(answer).toMatchObject({ totalItems: 3, hasMore: false });
    expect(answer.authorizedClients[0]).toEqual({
      client: { id: "immich", name: "Immich", launchURL: "https://photos.riverside-rowing.example" },
      lastUsedAt: "2026-01-28T10:00:00Z",
    });
  });

  it.each(["lastUsedAt", "lastUsedAt asc"])("lists the last used last, if asked to: %s", async (sort) => {
    const { authorizedClients } = await mcp.ok("oidc_client_authorized_list", { user: "alice", sort });
    expect(ids(authorizedClients)).toEqual(["nextcloud", "grafana", "immich"]);
  });

  it("pages", async () => {
    const second = await mcp.ok("oidc_client_authorized_list", { user: "alice", limit: 2, page: 2 });
    expect(ids(second.authorizedClients)).toEqual(["nextcloud"]);
    expect(second).toMatchObject({ totalItems: 3, hasMore: false, page: 2 });
  });

  it.each([
    [true, ["immich", "nextcloud"]],
    [false, ["grafana"]],
  ])("finds those with a launch URL or without one: %j", async (hasLaunchURL, expected) => {
    const answer = await mcp.ok("oidc_client_authorized_list", { user: "alice", hasLaunchURL });
    expect(ids(answer.authorizedClients)).toEqual(expected);
    expect(answer.totalItems).toBe(expected.length);
  });

  it("does so, too, where Pocket ID cannot", async () => {
    await playing("2.9");
    authorized([holds(mcp).user("alice").id, "immich"], [holds(mcp).user("alice").id, "grafana"]);
    const answer = await mcp.ok("oidc_client_authorized_list", { user: "alice", hasLaunchURL: false });
    expect(ids(answer.authorizedClients)).toEqual(["grafana"]);
  });

  it("is empty for somebody who has authorized nothing", async () => {
    expect(await mcp.ok("oidc_client_authorized_list", { user: "zoe" })).toMatchObject({
      authorizedClients: [],
      totalItems: 0,
    });
  });

  it("says that a user is not there", async () => {
    expect(await mcp.fails("oidc_client_authorized_list", { user: "nobody-here" })).toMatch(
      /user: there is no user "nobody-here"/,
    );
  });

  it("sends nothing without a user", async () => {
    expect(await mcp.fails("oidc_client_authorized_list")).toMatch(/user: this argument is needed/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("oidc_client_accessible_list", () => {
  const ids = (rows: { id: string }[]) => rows.map(({ id }) => id);
  /** Robin, who owns the key, is in these groups alone. */
  const inGroups = (...names: string[]) => {
    holds(mcp).user("robin").userGroupIds = holds(mcp).groupIds(...names);
  };

  it("lists what the owner of the key may sign in to, and what was used when", async () => {
    inGroups("coaches");
    authorized([mcp.sandbox.adminId, "gitea"], [holds(mcp).user("alice").id, "home-assistant"]);
    const answer = await mcp.ok("oidc_client_accessible_list");
    expect(answer).toEqual({
      accessibleClients: [
        {
          id: "gitea",
          name: "Gitea",
          launchURL: "https://git.riverside-rowing.example",
          lastUsedAt: "2026-01-28T10:00:00Z",
        },
        {
          id: "home-assistant",
          name: "Home Assistant",
          launchURL: "https://home.riverside-rowing.example",
          lastUsedAt: null,
        },
      ],
      page: 1,
      totalItems: 2,
      hasMore: false,
    });
  });

  it("shows everything that Pocket ID tells of them, if asked to", async () => {
    inGroups();
    const { accessibleClients } = await mcp.ok("oidc_client_accessible_list", { full: true });
    expect(accessibleClients).toEqual([
      {
        id: "gitea",
        name: "Gitea",
        description: "The source of our website",
        launchURL: "https://git.riverside-rowing.example",
        hasLogo: false,
        hasDarkLogo: false,
        clientType: "standard",
        lastUsedAt:
          mcp.sandbox.state.authorizedClients.find(
            ({ userId, clientId }) => userId === mcp.sandbox.adminId && clientId === "gitea",
          )?.lastUsedAt ?? null,
      },
    ]);
  });

  it("pages, and sorts by the last use", async () => {
    inGroups("members", "board");
    authorized([mcp.sandbox.adminId, "nextcloud"], [mcp.sandbox.adminId, "gitea"]);
    const order = { sort: "lastUsedAt desc", limit: 2 };
    const first = await mcp.ok("oidc_client_accessible_list", order);
    expect(ids(first.accessibleClients)).toEqual(["nextcloud", "gitea"]);
    expect(first).toMatchObject({ totalItems: 4, hasMore: true });
    const second = await mcp.ok("oidc_client_accessible_list", { ...order, page: 2 });
    expect(ids(second.accessibleClients).sort()).toEqual(["grafana", "immich"]);
    expect(second).toMatchObject({ page: 2, hasMore: false });
    expect(ids((await mcp.ok("oidc_client_accessible_list", { all: true })).accessibleClients)).toHaveLength(4);
  });

  it.each(["2.14", "2.12"] as const)("finds on %s those with a launch URL or without one", async (version) => {
    await playing(version);
    inGroups("board");
    const find = async (hasLaunchURL: boolean) =>
      ids((await mcp.ok("oidc_client_accessible_list", { hasLaunchURL })).accessibleClients);
    expect(await find(true)).toEqual(["gitea", "nextcloud"]);
    expect(await find(false)).toEqual(["grafana"]);
  });

  it("says where Pocket ID goes by groups alone", async () => {
    await playing("2.9");
    inGroups();
    const { accessibleClients, notes } = await mcp.ok("oidc_client_accessible_list");
    expect(ids(accessibleClients)).toEqual(["gitea", "paperless"]);
    expect(notes).toEqual([expect.stringMatching(/although nobody may sign in to them/)]);
    expect(await mcp.fails("oidc_client_preview_claims", { client: "paperless", user: "robin" })).toMatch(/not in any/);
  });

  it("does not say so before 2.0, where groups alone decide", async () => {
    await playing("1.16");
    expect(await mcp.ok("oidc_client_accessible_list")).not.toHaveProperty("notes");
  });

  it("sends nothing for a search, which Pocket ID lacks here", async () => {
    expect(await mcp.fails("oidc_client_accessible_list", { search: "git" })).toMatch(/search: there is no such/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("oidc_client_revoke_authorization", () => {
  it("takes back what the owner of the key authorized, and nothing of anybody else", async () => {
    const [robin, alice] = [mcp.sandbox.adminId, holds(mcp).user("alice").id];
    authorized([robin, "immich"], [alice, "immich"], [robin, "gitea"]);
    expect(await mcp.ok("oidc_client_revoke_authorization", { client: "Immich" })).toEqual({
      client: { id: "immich", name: "Immich" },
      revoked: true,
    });
    expect(mcp.sandbox.state.authorizedClients.map(({ userId, clientId }) => [userId, clientId])).toEqual([
      [alice, "immich"],
      [robin, "gitea"],
    ]);
  });

  it("fails where the owner has authorized nothing", async () => {
    authorized([holds(mcp).user("alice").id, "immich"]);
    expect(await mcp.fails("oidc_client_revoke_authorization", { client: "immich" })).toMatch(/not found/i);
    expect(mcp.sandbox.state.authorizedClients).toHaveLength(1);
  });

  it("changes nothing for a client that is not there", async () => {
    expect(await mcp.fails("oidc_client_revoke_authorization", { client: "nope" })).toMatch(/no client "nope"/);
    expect(holds(mcp).changes()).toEqual([]);
  });
});
