import { describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { useServer } from "../support/use-server.ts";

// A Pocket ID, or something in front of it, that answers what it should not: nothing that was not asked for may come of it.
// Nobody is asked: what a question looks at would be one more look at the same object.
const mcp = useServer(
  servers.flatMap(({ tools }) => tools),
  { env: { POCKETID_CONFIRM: "off" } },
);

const changes = () =>
  mcp.sandbox.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
const user = (username: string) => {
  const found = [...mcp.sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (found === undefined) throw new Error(`the sandbox holds no ${username}`);
  return found;
};
const group = (name: string) => {
  const found = [...mcp.sandbox.state.userGroups.values()].find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the sandbox holds no group ${name}`);
  return found;
};
const client = (id: string) => {
  const found = mcp.sandbox.state.oidcClients.get(id);
  if (found === undefined) throw new Error(`the sandbox holds no client ${id}`);
  return found;
};
const members = (id: string) =>
  [...mcp.sandbox.state.users.values()]
    .filter(({ userGroupIds }) => userGroupIds.includes(id))
    .map(({ username }) => username);

// biome-ignore lint/suspicious/noExplicitAny: whatever the sandbox answers
type Json = any;

/** What the sandbox answers to a GET by itself. */
const read = async (path: string): Promise<Json> =>
  (await fetch(mcp.sandbox.url + path, { headers: { "x-api-key": mcp.sandbox.apiKey } })).json();

/** Lets it answer something else there from now on. */
async function answers(path: string, change: (body: Json) => unknown): Promise<void> {
  const body = JSON.stringify(change(await read(path)));
  mcp.sandbox.intercept = ({ method, url }, response) => {
    if (method !== "GET" || url?.split("?")[0] !== path) return false;
    response.writeHead(200, { "content-type": "application/json" }).end(body);
    return true;
  };
}

const without =
  (...path: string[]) =>
  (body: Json): Json => {
    const last = path.at(-1) ?? "";
    delete path.slice(0, -1).reduce((value, key) => value[key], body)[last];
    return body;
  };

describe("an answer that is not whole", () => {
  const userFields = "username email emailVerified firstName lastName displayName isAdmin locale disabled userGroups";
  const clientFields =
    "name description launchURL callbackURLs logoutCallbackURLs isPublic pkceEnabled requiresReauthentication requiresPushedAuthorizationRequests skipConsent isGroupRestricted accessTokenDurationMinutes refreshTokenDurationMinutes credentials";
  const cases: [string, () => string, Record<string, unknown>, string][] = [
    ...userFields
      .split(" ")
      .map((field): [string, () => string, Record<string, unknown>, string] => [
        "user_update",
        () => `/api/users/${user("alice").id}`,
        { user: "alice", ...(field === "displayName" ? { locale: "de" } : { displayName: "A." }) },
        field,
      ]),
    ...clientFields
      .split(" ")
      .map((field): [string, () => string, Record<string, unknown>, string] => [
        "oidc_client_update",
        () => "/api/oidc/clients/grafana",
        { client: "grafana", logoutCallbackURLs: ["https://stats.example/out"] },
        field,
      ]),
    [
      "user_group_update",
      () => `/api/user-groups/${group("board").id}`,
      { group: "board", name: "bord" },
      "friendlyName",
    ],
    ["user_update_groups", () => `/api/users/${user("alice").id}`, { user: "alice", add: ["board"] }, "userGroups"],
    [
      "user_group_update_users",
      () => `/api/user-groups/${group("board").id}`,
      { group: "board", add: ["alice"] },
      "users",
    ],
    [
      "custom_claim_set_user",
      () => `/api/users/${user("grace").id}`,
      { user: "grace", set: { a: "b" } },
      "customClaims",
    ],
    [
      "custom_claim_set_group",
      () => `/api/user-groups/${group("board").id}`,
      { group: "board", set: { a: "b" } },
      "customClaims",
    ],
    [
      "oidc_client_update_allowed_groups",
      () => "/api/oidc/clients/immich",
      { client: "immich", add: ["board"] },
      "allowedUserGroups",
    ],
    [
      "oidc_client_update_allowed_groups",
      () => "/api/oidc/clients/gitea",
      { client: "gitea", access: "groups", groups: ["board"] },
      "callbackURLs",
    ],
    [
      "scim_provider_update",
      () => "/api/oidc/clients/nextcloud/scim-service-provider",
      { client: "nextcloud", endpoint: "https://cloud.example/scim" },
      "token",
    ],
  ];
  it.each(cases)("keeps %s from writing %s %j back without %s", async (tool, path, args, field) => {
    await answers(path(), without(field));
    expect(await mcp.fails(tool, args)).toMatch(new RegExp(`not as expected at ${field}`));
    expect(changes()).toEqual([]);
  });

  it("keeps a set of allowed clients that was not sent", async () => {
    await answers(`/api/user-groups/${group("board").id}`, without("allowedOidcClients"));
    await mcp.fails("user_group_update_allowed_clients", { group: "board", add: ["immich"] });
    expect(changes()).toEqual([]);
  });

  it.each(["smtpPassword", "smtpHost", "accentColor", "signupDefaultCustomClaims", "cimdUrlAllowlist"])(
    "keeps app_config_update from resetting %s",
    async (key) => {
      await answers("/api/application-configuration/all", (rows: { key: string }[]) =>
        rows.filter((row) => row.key !== key),
      );
      expect(await mcp.fails("app_config_update", { appName: "Other" })).toMatch(
        new RegExp(`not as expected at ${key}`),
      );
      expect(changes()).toEqual([]);
    },
  );

  it("is not written back with a key that is there twice", async () => {
    await answers("/api/application-configuration/all", (rows) => [
      ...rows,
      { key: "allowUserSignups", value: "open" },
    ]);
    expect(await mcp.fails("app_config_update", { appName: "Other" })).toMatch(/not as expected at key/);
    expect(changes()).toEqual([]);
  });

  it("is not written back with what stands in the place of a password", async () => {
    await answers("/api/application-configuration/all", (rows: { key: string; value: string }[]) =>
      rows.map((row) => (row.key === "smtpPassword" ? { ...row, value: "XXXXXXXXXX" } : row)),
    );
    expect(await mcp.fails("app_config_update", { appName: "Other" })).toMatch(/hides smtpPassword/);
    expect(changes()).toEqual([]);
    await mcp.ok("app_config_update", { appName: "Other", smtpPassword: "a new one" });
    expect(mcp.sandbox.state.configuration.get("smtpPassword")).toBe("a new one");
  });

  it("of a list is said to be short", async () => {
    await answers("/api/users", ({ data }) => ({
      data: data.slice(0, 2),
      pagination: { totalPages: 1, totalItems: 250, currentPage: 1, itemsPerPage: 100 },
    }));
    for (const args of [{ all: true }, { emailDomain: "nowhere.example" }, {}])
      expect((await mcp.ok("user_list", args)).notes, JSON.stringify(args)).toEqual([
        expect.stringMatching(/more than it lists/),
      ]);
  });

  it("of a list without end does not keep anybody busy", async () => {
    await answers("/api/users", ({ data }) => ({
      data,
      pagination: { totalPages: 1e9, totalItems: 1e11, currentPage: 1, itemsPerPage: 100 },
    }));
    await mcp.ok("user_list", { all: true });
    await mcp.fails("user_get", { user: "nobody" });
    expect(mcp.sandbox.requests.length).toBeLessThan(50);
  });
});

describe("an answer about something else", () => {
  it("changes and deletes nobody", async () => {
    const grace = await read(`/api/users/${user("grace").id}`);
    const { id } = user("alice");
    await answers(`/api/users/${id}`, () => grace);
    for (const [tool, args] of [
      ["user_update", { user: id, disabled: true }],
      ["user_update", { user: "alice", displayName: "A." }],
      ["user_delete", { users: [id] }],
      ["user_update_groups", { user: "alice", add: ["board"] }],
    ] as const)
      expect(await mcp.fails(tool, args)).toMatch(/not as expected at id/);
    expect(changes()).toEqual([]);
  });

  it.each([
    ["a page", 404, "text/html", "<h1>Not found</h1>"],
    ["plain text", 404, "text/plain", "404 page not found"],
  ])("is not taken for the answer that there is none (%s)", async (_case, status, type, body) => {
    mcp.sandbox.intercept = ({ url }, response) => {
      if (!url?.includes("scim-service-provider")) return false;
      response.writeHead(status, { "content-type": type }).end(body);
      return true;
    };
    await mcp.fails("scim_provider_create", { client: "nextcloud", endpoint: "https://cloud.example/scim" });
    expect(changes()).toEqual([]);
  });

  it("does not make a deletion that failed look done", async () => {
    let deletions = 0;
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "DELETE") return false;
      if (++deletions === 1) response.writeHead(502).end();
      else response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found");
      return true;
    };
    const { isError, content, text } = await mcp.call("user_delete", { users: ["ben"] });
    expect(isError || content.results[0].deleted === false, text).toBe(true);
    expect(user("ben").username).toBe("ben");
  });

  it("leads from an id that is gone to nobody who has it as a name", async () => {
    const { id } = user("alice");
    await mcp.ok("user_delete", { users: ["alice"] });
    user("ben").username = id;
    expect(await mcp.fails("user_update", { user: id, isAdmin: true })).toMatch(/there is no user/);
    expect(await mcp.fails("user_delete", { users: [id, id, id, id] })).toMatch(/there is no user/);
    expect(user(id).isAdmin).toBe(false);
  });
});

describe("a change that got no clear answer", () => {
  it.each([502, 503, 504, 500])("may have been made, and the answer says so (%i)", async (status) => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method === "POST") response.writeHead(status).end();
      return method === "POST";
    };
    expect(await mcp.fails("user_create", { username: "nora" })).toMatch(/the change may have been made/);
  });

  it.each([302, 304])("was not made if it was a redirect (%i)", async (status) => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "GET") response.writeHead(status, { location: "https://login.example/" }).end();
      return method !== "GET";
    };
    expect(await mcp.fails("user_update", { user: "alice", displayName: "A." })).not.toMatch(/Done before that/);
  });

  it("is not said to be done if a page came instead", async () => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method === "DELETE") response.writeHead(200, { "content-type": "text/html" }).end("<h1>Sign in</h1>");
      return method === "DELETE";
    };
    const text = JSON.stringify(await mcp.call("user_delete", { users: ["ben"] }));
    expect(text).not.toMatch(/Done before that/);
    expect(text).toMatch(/Whether the change was made is unknown/);
  });
});

describe("somebody else", () => {
  it("keeps the change that was made while ours was waiting", async () => {
    let asked = 0;
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "PUT" || ++asked > 1) return false;
      client("gitea").isGroupRestricted = true;
      client("gitea").allowedUserGroupIds = [group("board").id];
      response.writeHead(429, { "retry-after": "0", "content-type": "application/json" }).end("{}");
      return true;
    };
    await mcp.ok("oidc_client_update", { client: "gitea", name: "Forge" });
    expect(client("gitea")).toMatchObject({
      name: "Forge",
      isGroupRestricted: true,
      allowedUserGroupIds: [group("board").id],
    });
  });

  /** Lets somebody else change something between the first and the second look at it. Who is found by a name is seen in the list first. */
  const changesMeanwhile = (path: string, change: () => void, firstSeen: "in the list" | "there" = "there") => {
    let looks = firstSeen === "there" ? 0 : 1;
    mcp.sandbox.intercept = ({ method, url }) => {
      if (method === "GET" && url === path && ++looks === 2) change();
      return false;
    };
  };

  it("who changes another field meanwhile keeps the change, and is named", async () => {
    const disable = () => {
      user("ben").disabled = true;
    };
    changesMeanwhile(`/api/users/${user("ben").id}`, disable, "in the list");
    const answer = await mcp.ok("user_update", { user: "ben", displayName: "B." });
    expect(answer).toMatchObject({
      changed: ["displayName"],
      notes: ["Somebody else changed disabled meanwhile; that was kept."],
    });
    expect(user("ben")).toMatchObject({ displayName: "B.", disabled: true });
  });

  it("who changes a client meanwhile does, too", async () => {
    changesMeanwhile("/api/oidc/clients/gitea", () => {
      client("gitea").isGroupRestricted = true;
    });
    const { notes } = await mcp.ok("oidc_client_update", { client: "gitea", name: "Forge" });
    expect(notes).toEqual(["Somebody else changed isGroupRestricted meanwhile; that was kept."]);
    expect(client("gitea")).toMatchObject({ name: "Forge", isGroupRestricted: true });
  });

  it("who changes the configuration meanwhile does, too", async () => {
    changesMeanwhile("/api/application-configuration/all", () => {
      mcp.sandbox.state.configuration.set("smtpPassword", "theirs");
    });
    const { notes } = await mcp.ok("app_config_update", { appName: "Other" });
    expect(notes).toEqual(["Somebody else changed smtpPassword meanwhile; that was kept."]);
    expect(mcp.sandbox.state.configuration.get("smtpPassword")).toBe("theirs");
  });

  it("who puts in a member meanwhile does, too", async () => {
    const { id } = group("board");
    changesMeanwhile(`/api/user-groups/${id}`, () => void user("zoe").userGroupIds.push(id));
    const { added, notes } = await mcp.ok("user_group_update_users", { group: id, add: ["ines"] });
    expect(added).toMatchObject([{ username: "ines" }]);
    expect(notes).toEqual(["Somebody else changed zoe meanwhile; that was kept."]);
    expect(members(id)).toEqual(expect.arrayContaining(["ines", "zoe"]));
  });

  it("who sets a claim meanwhile does, too", async () => {
    const claim = () => {
      user("ben").customClaims = [{ key: "theirs", value: "1" }];
    };
    changesMeanwhile(`/api/users/${user("ben").id}`, claim, "in the list");
    const { changed, notes } = await mcp.ok("custom_claim_set_user", { user: "ben", set: { ours: "1" } });
    expect(changed).toEqual(["ours"]);
    expect(notes).toEqual(["Somebody else changed theirs meanwhile; that was kept."]);
    expect(
      user("ben")
        .customClaims.map(({ key }) => key)
        .sort(),
    ).toEqual(["ours", "theirs"]);
  });

  it("who allows a group meanwhile does, too", async () => {
    const { id } = group("coaches");
    changesMeanwhile("/api/oidc/clients/immich", () => void client("immich").allowedUserGroupIds.push(id));
    const { added, notes } = await mcp.ok("oidc_client_update_allowed_groups", { client: "immich", add: ["board"] });
    expect(added).toMatchObject([{ name: "board" }]);
    expect(notes).toEqual(["Somebody else changed coaches meanwhile; that was kept."]);
    expect(client("immich").allowedUserGroupIds).toEqual(expect.arrayContaining([id, group("board").id]));
  });

  it("who takes a member out again at once is noticed", async () => {
    const { id } = group("board");
    const before = await read(`/api/user-groups/${id}`);
    mcp.sandbox.intercept = ({ method, url }, response) => {
      if (method !== "GET" || url !== `/api/user-groups/${id}`) return false;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(before));
      return true;
    };
    const { added, notApplied } = await mcp.ok("user_group_update_users", { group: "board", add: ["ines"] });
    expect(added).toEqual([]);
    expect(notApplied).toEqual([{ field: "add", reason: expect.stringMatching(/^ines is not there afterwards/) }]);
  });
});

describe("calls at the same time", () => {
  it("of one user keep both changes", async () => {
    await Promise.all([
      mcp.ok("user_update", { user: "alice", disabled: true }),
      mcp.ok("user_update", { user: "alice", displayName: "A." }),
    ]);
    expect(user("alice")).toMatchObject({ disabled: true, displayName: "A." });
  });

  it("of one group keep every member, from whichever side they are added", async () => {
    const { id } = group("board");
    const before = members(id);
    await Promise.all([
      mcp.ok("user_group_update_users", { group: "board", add: ["ines"] }),
      mcp.ok("user_group_update_users", { group: "board", add: ["jonas"] }),
      mcp.ok("user_update_groups", { user: "ben", add: ["board"] }),
    ]);
    expect(members(id).sort()).toEqual([...before, "ines", "jonas", "ben"].sort());
  });

  it("of one account's claims keep them all", async () => {
    await Promise.all(
      ["a", "b", "c"].map((key) => mcp.ok("custom_claim_set_user", { user: "grace", set: { [key]: key } })),
    );
    expect(user("grace").customClaims.map(({ key }) => key)).toEqual(expect.arrayContaining(["a", "b", "c"]));
  });
});

it("a Pocket ID that passes for an older one still gets a closed client", async () => {
  mcp.sandbox.intercept = ({ url }, response) => {
    if (url !== "/api/version/current") return false;
    response.writeHead(200, { "content-type": "application/json" }).end('{"currentVersion":"1.16.0"}');
    return true;
  };
  await mcp.call("oidc_client_create", { name: "Miniflux", groups: ["board"] });
  const [made] = [...mcp.sandbox.state.oidcClients.values()].filter(({ name }) => name === "Miniflux");
  expect(made).toMatchObject({ isGroupRestricted: true, allowedUserGroupIds: [group("board").id] });
});
