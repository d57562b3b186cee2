import { describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { changingCalls } from "../support/changing-calls.ts";
import { secretOf } from "../support/secret-of.ts";
import { useServer } from "../support/use-server.ts";

const tools = servers.flatMap((server) => server.tools);
const ico = "AAABAAEAEBAAAAEAIAAAAAAAFgAAAA==";

const mcp = useServer(tools);

const stored = (username: string) => {
  const user = [...mcp.sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`the sandbox holds no ${username}`);
  return user;
};
const groupId = (name: string) =>
  [...mcp.sandbox.state.userGroups.values()].find((group) => group.name === name)?.id ?? "";
const expiredKey = () => [...mcp.sandbox.state.apiKeys.values()].find(({ name }) => name === "Backup script")?.id ?? "";

/** The fields of a line, in order. */
const fields = [
  "level",
  "time",
  "tool",
  "httpMethod",
  "path",
  "resourceId",
  "success",
  "msg",
  "risk",
  "outcome",
  "status",
  "code",
  "requestId",
  "targets",
  "changed",
  "requests",
  "durationMs",
  "values",
  "instance",
  "server",
  "client",
  "confirmation",
  "call",
  "seq",
  "prev",
  "digest",
];

/** Values, names of people and secrets: nothing that the club holds or that a call brings may stand in a line. */
const personal =
  /alice|moreau|ben\b|carter|nina|berg|robin|riverside|oars|board|members|immich|photos|regatta|catch-a-crab|team|blue|backup|export|logo\.ico/i;

/** The last line of the one call that there was, after a look at what every line has in common. */
function line(): Record<string, unknown> {
  const entries = mcp.actions();
  const entry = entries.at(-1) ?? {};
  const begun = entries.slice(0, -1).map(({ call, outcome }) => ({ call, outcome }));
  const makesSecret = tools.some(({ name, reveals }) => name === entry.tool && reveals.size > 0);
  expect(begun).toEqual(makesSecret ? [{ call: entry.call, outcome: "begun" }] : []);
  expect(entry).toMatchObject({ instance: mcp.sandbox.url, server: "pocketid-mcp-test 0.0.0", seq: entries.length });
  expect(Object.keys(entry)).toEqual(fields);
  expect(new Date(String(entry.time)).toISOString()).toBe(entry.time);
  expect(entry.durationMs).toBeGreaterThanOrEqual(0);
  const text = JSON.stringify(entry);
  expect(text).not.toMatch(personal);
  const { sessions, apiKeys, oneTimeAccessTokens, signupTokens } = mcp.sandbox.state;
  const secrets = [
    mcp.sandbox.apiKey,
    ico,
    ...sessions.keys(),
    ...oneTimeAccessTokens.keys(),
    ...[...signupTokens.values()].map(({ token }) => token),
    ...[...apiKeys.values()].map(({ key }) => key),
  ];
  for (const secret of secrets) expect(text).not.toContain(secret);
  return entry;
}

describe("a line of the action log", () => {
  it("tells of an update: the object, the request, and the names of the fields that changed", async () => {
    await mcp.ok("user_update", { user: "alice", displayName: "Al", locale: "de", firstName: "Alice" });
    const { id } = stored("alice");
    const entry = line();
    expect(entry).toMatchObject({
      level: 30,
      tool: "user_update",
      httpMethod: "PUT",
      path: `/api/users/${id}`,
      resourceId: id,
      success: true,
      msg: `audit: user_update PUT /api/users/${id} OK`,
      risk: "danger",
      outcome: "ok",
      status: 200,
      code: null,
      targets: [`user:${id}`],
      requests: [`PUT /api/users/${id} 200`],
    });
    expect([entry.changed].flat().sort()).toEqual(["displayName", "locale"]);
    expect(entry.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("tells of a creation", async () => {
    await mcp.ok("user_create", { username: "nina", email: "nina@example.com", groups: ["members"] });
    expect(line()).toMatchObject({
      tool: "user_create",
      httpMethod: "POST",
      path: "/api/users",
      success: true,
      status: 201,
      msg: "audit: user_create POST /api/users OK",
    });
  });

  it("tells of a deletion of several, each of which is a target and a request", async () => {
    const ids = [stored("alice").id, stored("ben").id];
    await mcp.ok("user_delete", { users: ["alice", "ben"] });
    expect(line()).toMatchObject({
      tool: "user_delete",
      httpMethod: "DELETE",
      targets: ids.map((id) => `user:${id}`),
      requests: ids.map((id) => `DELETE /api/users/${id} 204`),
    });
  });

  it("tells of a membership", async () => {
    await mcp.ok("user_group_update_users", { group: "board", add: ["alice", "ben"] });
    expect(line()).toMatchObject({
      tool: "user_group_update_users",
      httpMethod: "PUT",
      path: `/api/user-groups/${groupId("board")}/users`,
      resourceId: groupId("board"),
      targets: expect.arrayContaining([`group:${groupId("board")}`, `user:${stored("alice").id}`]),
    });
  });

  it("tells of claims by their keys' owner alone", async () => {
    await mcp.ok("custom_claim_set_user", { user: "alice", remove: ["locker"] });
    expect(line()).toMatchObject({
      tool: "custom_claim_set_user",
      path: `/api/custom-claims/user/${stored("alice").id}`,
      success: true,
    });
  });

  it("tells of settings by their names, also of a password", async () => {
    await mcp.ok("app_config_update", { appName: "Riverside", smtpPassword: "catch-a-crab" });
    const entry = line();
    expect(entry).toMatchObject({
      tool: "app_config_update",
      path: "/api/application-configuration",
      resourceId: null,
    });
    expect([entry.changed].flat().sort()).toEqual(["appName", "smtpPassword"]);
  });

  it("tells of a secret that was made, and of the session it took, without any of them", async () => {
    const token = secretOf(await mcp.ok("api_key_create", { name: "Export", expiresAt: "1d" }));
    const entry = line();
    expect(entry).toMatchObject({
      tool: "api_key_create",
      httpMethod: "POST",
      path: "/api/api-keys",
      risk: "danger",
      status: 201,
      requests: [
        `POST /api/users/${mcp.sandbox.adminId}/one-time-access-token 201`,
        "POST /api/one-time-access-token/:token 200",
        "POST /api/api-keys 201",
        "POST /api/webauthn/logout 204",
      ],
    });
    expect(JSON.stringify(entry)).not.toContain(token);
  });

  it.each([
    ["user_create_one_time_access_token", { user: "alice" }],
    ["signup_token_create", { groups: ["members"] }],
    ["oidc_client_create_secret", { client: "immich" }],
  ])("tells of what %s made without showing it", async (tool, values) => {
    const secret = secretOf(await mcp.ok(tool, values));
    // The id of a client is its name here.
    if (tool === "oidc_client_create_secret") {
      const [begun, entry] = mcp.actions();
      expect(begun).toMatchObject({ tool, outcome: "begun", targets: ["client:immich"], requests: [] });
      expect(entry).toMatchObject({ tool, outcome: "ok", path: "/api/oidc/clients/immich/secrets" });
    } else {
      expect(line()).toMatchObject({ tool, outcome: "ok", risk: "danger" });
    }
    expect(JSON.stringify(mcp.actions())).not.toContain(secret);
  });

  it("tells that a secret is about to be made, and then how it went", async () => {
    await mcp.ok("user_create_one_time_access_token", { user: "alice" });
    const [begun, done, ...others] = mcp.actions();
    expect(begun).toMatchObject({
      level: 30,
      tool: "user_create_one_time_access_token",
      success: false,
      outcome: "begun",
      targets: [`user:${stored("alice").id}`],
      requests: [],
    });
    expect([done?.outcome, others]).toEqual(["ok", []]);
  });

  it("tells of an image without it", async () => {
    await mcp.ok("app_image_update_logo", { data: ico });
    expect(line()).toMatchObject({
      tool: "app_image_update_logo",
      httpMethod: "PUT",
      path: "/api/application-images/logo",
      status: 204,
      risk: "write",
    });
  });

  it("tells of a mail without the address", async () => {
    await mcp.ok("user_send_access_email", { user: "alice" });
    expect(line()).toMatchObject({
      tool: "user_send_access_email",
      path: `/api/users/${stored("alice").id}/one-time-access-email`,
    });
  });

  it("tells of a change that changed nothing, with no field and no request", async () => {
    await mcp.ok("user_update", { user: "alice", locale: "fr" });
    expect(line()).toMatchObject({ outcome: "ok", changed: [], requests: [], targets: [`user:${stored("alice").id}`] });
  });

  it.each([
    ["an argument that is wrong", { user: "alice", email: "moreau" }],
    ["an account that is not there", { user: "alicia", displayName: "Moreau" }],
    ["an argument that there is not", { user: "alice", nickname: "blue" }],
  ])("tells of a call that was refused for %s", async (_case, values) => {
    await mcp.fails("user_update", values);
    expect(line()).toMatchObject({
      level: 40,
      tool: "user_update",
      httpMethod: "PUT",
      path: "/api/users/:id",
      resourceId: null,
      success: false,
      msg: "audit: user_update PUT /api/users/:id REFUSED",
      outcome: "refused",
      status: null,
      changed: [],
      requests: [],
    });
  });

  it("tells of a call that was refused for what is missing, and what it was about", async () => {
    stored("alice").email = null;
    await mcp.fails("user_send_access_email", { user: "alice" });
    expect(line()).toMatchObject({ outcome: "refused", targets: [`user:${stored("alice").id}`], requests: [] });
  });

  it("tells of a call that failed, with Pocket ID's code and request id", async () => {
    const { id } = stored("alice");
    await mcp.fails("user_update", { user: "alice", username: "ben" });
    const entry = line();
    expect(entry).toMatchObject({
      level: 50,
      success: false,
      outcome: "failed",
      status: 409,
      code: "already_in_use",
      path: `/api/users/${id}`,
      msg: `audit: user_update PUT /api/users/${id} FAILED`,
      changed: [],
    });
    expect(entry.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("tells of a secret that could not be made, and that the session was ended", async () => {
    mcp.sandbox.intercept = ({ url, method }, response) => {
      const creation = method === "POST" && url === `/api/api-keys/${expiredKey()}/renew`;
      if (creation) response.writeHead(503).end();
      return creation;
    };
    await mcp.fails("api_key_renew", { apiKey: "Backup script", expiresAt: "1d" });
    const entry = line();
    expect(entry).toMatchObject({ outcome: "failed", status: 503, targets: [`apiKey:${expiredKey()}`] });
    expect([entry.requests].flat()).toEqual([
      `POST /api/users/${mcp.sandbox.adminId}/one-time-access-token 201`,
      "POST /api/one-time-access-token/:token 200",
      `POST /api/api-keys/${expiredKey()}/renew 503`,
      "POST /api/webauthn/logout 204",
    ]);
  });
});

describe("what changes nothing", () => {
  it("leaves no line, also when it is refused or fails", async () => {
    await mcp.ok("user_list");
    await mcp.ok("app_config_get_all");
    await mcp.ok("health_check");
    await mcp.ok("audit_log_list_all", { groupBy: "day" });
    await mcp.fails("user_get", { user: "nobody-here" });
    await mcp.fails("user_list", { limit: 0 });
    await mcp.ok("user_update", { user: "alice", locale: "de" });
    expect(line()).toMatchObject({ tool: "user_update" });
  });
});

describe("before a secret is made", () => {
  it("a line is on the disk that says so: a server that is killed then leaves a trace", async () => {
    let written = "";
    mcp.sandbox.intercept = ({ url, method }) => {
      if (method === "POST" && url === "/api/api-keys") written = JSON.stringify(mcp.actions());
      return false;
    };
    await mcp.ok("api_key_create", { name: "Export", expiresAt: "1d" });
    const [begun, ended] = mcp.actions();
    expect(JSON.parse(written)).toEqual([begun]);
    expect(begun).toMatchObject({
      level: 30,
      tool: "api_key_create",
      httpMethod: "POST",
      path: "/api/api-keys",
      success: false,
      outcome: "begun",
      msg: "audit: api_key_create POST /api/api-keys BEGUN",
      requests: [],
      changed: [],
      call: ended?.call,
    });
    expect(ended).toMatchObject({ outcome: "ok", time: begun?.time });
  });

  it("no line says so of a call that is refused, nor of one that makes none", async () => {
    await mcp.fails("api_key_create", { name: "ci", expiresAt: "1d" });
    await mcp.ok("user_update", { user: "alice", locale: "de" });
    expect(mcp.actions().map(({ outcome }) => outcome)).toEqual(["refused", "ok"]);
  });
});

describe("values before and after", () => {
  const valuesOf = (tool: string) => mcp.actions().find((entry) => entry.tool === tool)?.values;

  it("are told of switches, not of texts", async () => {
    const { id } = stored("alice");
    const email = "moreau@nina.example";
    await mcp.ok("user_update", { user: "alice", isAdmin: true, displayName: "Nina", email, locale: "de" });
    const entry = line();
    expect([entry.changed].flat().sort()).toEqual(["displayName", "email", "isAdmin", "locale"]);
    expect(entry.values).toEqual({ [`user:${id}`]: { isAdmin: { before: false, after: true } } });
  });

  it("are told of each of several accounts, and which field it was, also if one of them was like that before", async () => {
    const ids = ["alice", "ben"].map((name) => stored(name).id);
    await mcp.ok("user_disable", { users: ["alice", "ben", "dmitri"] });
    const entry = line();
    expect(entry.changed).toEqual(["disabled"]);
    const disabled = { before: false, after: true };
    expect(entry.values).toEqual(Object.fromEntries(ids.map((id) => [`user:${id}`, { disabled }])));
    await mcp.ok("user_enable", { users: ["ben"] });
    expect(mcp.actions().at(-1)).toMatchObject({
      changed: ["disabled"],
      values: { [`user:${ids[1]}`]: { disabled: { before: true, after: false } } },
    });
  });

  it("are told of what was done before a call failed", async () => {
    let [isWritten, reads] = [false, 0];
    mcp.sandbox.intercept = ({ url, method }, response) => {
      if (url !== "/api/oidc/clients/grafana") return false;
      isWritten ||= method === "PUT";
      // The update is read back once; what fails comes after it.
      const fails = isWritten && method === "GET" && ++reads > 1;
      if (fails) response.writeHead(500).end();
      return fails;
    };
    await mcp.fails("oidc_client_update_allowed_groups", { client: "Grafana", access: "everyone" });
    expect(mcp.actions()).toMatchObject([
      {
        outcome: "failed",
        changed: ["isGroupRestricted", "allowedUserGroups"],
        values: { "client:grafana": { isGroupRestricted: { before: true, after: false } } },
      },
    ]);
  });

  it("are told of settings by what their keys say they are", async () => {
    const board = groupId("board");
    await mcp.ok("app_config_update", {
      appName: "Robin",
      allowUserSignups: "open",
      sessionDuration: 90,
      disableAnimations: true,
      smtpPassword: "catch-a-crab",
      smtpTls: "tls",
      smtpPort: 465,
      signupDefaultUserGroupIDs: ["board"],
      signupDefaultCustomClaims: { team: "blue" },
      ldapUrl: "ldap://berg.example",
    });
    expect(line().values).toEqual({
      configuration: {
        allowUserSignups: { before: expect.any(String), after: "open" },
        sessionDuration: { before: expect.any(Number), after: 90 },
        disableAnimations: { before: false, after: true },
        smtpTls: { before: expect.any(String), after: "tls" },
        smtpPort: { before: expect.any(Number), after: 465 },
        signupDefaultUserGroupIDs: { before: [], after: [board] },
        signupDefaultCustomClaims: { before: 0, after: 1 },
      },
    });
  });

  it("are told of a client by switches, numbers and counts", async () => {
    await mcp.ok("oidc_client_update", {
      client: "Gitea",
      name: "Berg",
      requiresReauthentication: true,
      accessTokenDurationMinutes: 30,
      addCallbackURLs: ["https://robin.example/callback"],
      launchURL: "https://robin.example",
    });
    const entry = line();
    expect([entry.changed].flat().sort()).toEqual([
      "accessTokenDurationMinutes",
      "callbackURLs",
      "launchURL",
      "name",
      "requiresReauthentication",
    ]);
    expect(entry.values).toEqual({
      "client:gitea": {
        accessTokenDurationMinutes: { before: 60, after: 30 },
        callbackURLs: { before: 1, after: 2 },
        requiresReauthentication: { before: false, after: true },
      },
    });
  });

  it("are told of members by their number and ids", async () => {
    const [board, alice] = [groupId("board"), stored("alice").id];
    const members = (await mcp.ok("user_group_get", { group: "board" })).group.users.length;
    await mcp.ok("user_group_update_users", { group: "board", add: ["alice"] });
    expect(line()).toMatchObject({
      changed: ["users"],
      values: { [`group:${board}`]: { users: { before: members, after: members + 1, added: [alice], removed: [] } } },
    });
  });

  it("are told of who may sign in", async () => {
    const coaches = groupId("coaches");
    const named = [...(mcp.sandbox.state.oidcClients.get("grafana")?.allowedUserGroupIds ?? [])];
    await mcp.ok("oidc_client_update_allowed_groups", { client: "Grafana", groups: ["coaches"] });
    await mcp.ok("oidc_client_update_allowed_groups", { client: "Grafana", access: "everyone" });
    const [replaced, opened] = mcp.actions();
    expect(replaced).toMatchObject({
      changed: ["allowedUserGroups"],
      values: {
        "client:grafana": { allowedUserGroups: { before: named.length, after: 1, added: [coaches], removed: named } },
      },
    });
    expect(opened).toMatchObject({
      changed: ["isGroupRestricted", "allowedUserGroups", "access"],
      values: { "client:grafana": { access: { before: "groups", after: "everyone" } } },
    });
  });

  it("are told of claims, permissions and grants by their number or ids", async () => {
    await mcp.ok("custom_claim_set_user", { user: "alice", set: { team: "blue", boat: "eight" } });
    await mcp.ok("custom_claim_set_user", { user: "alice", remove: ["team"] });
    await mcp.ok("api_set_permissions", { api: "Boat booking", add: [{ key: "boats:cancel", name: "Cancel" }] });
    await mcp.ok("api_set_cimd_access", { api: "Boat booking", enabled: true, add: ["boats:cancel"] });
    await mcp.ok("api_grant_client", { api: "Boat booking", client: "Gitea", clientPermissions: ["boats:cancel"] });
    const [set, removed, permissions, cimd, grant] = mcp.actions();
    const held = mcp.sandbox.state.users.get(stored("alice").id)?.customClaims.length ?? 0;
    const of = { [`user:${stored("alice").id}`]: { customClaims: { before: held + 1, after: held } } };
    expect(set?.changed).toEqual(["team", "boat"]);
    expect(removed).toMatchObject({ changed: ["customClaims"], values: of });
    expect(Object.values(Object(permissions?.values))).toEqual([{ permissions: { before: 2, after: 3 } }]);
    expect(Object.values(Object(cimd?.values))).toEqual([
      {
        allowCimdClients: { before: false, after: true },
        allowedForCimdClients: { before: expect.any(Number), after: expect.any(Number) },
      },
    ]);
    expect(Object.values(Object(grant?.values))).toEqual([
      {
        clientAccess: { before: false, after: true },
        clientPermissionIds: { before: [], after: [expect.any(String)] },
      },
    ]);
  });

  it("are never a text, whatever tool it is", async () => {
    for (const [tool, values] of Object.entries(changingCalls)) await mcp.call(tool, values);
    const enums = /^(?:everyone|nobody|groups|disabled|withToken|open|none|starttls|tls)$/;
    for (const entry of mcp.actions())
      for (const fields of Object.values(Object(entry.values)))
        for (const [field, { before, after }] of Object.entries<Record<string, unknown>>(Object(fields)))
          for (const value of [before, after].flat())
            expect(
              typeof value !== "string" || enums.test(value) || isId(field, value),
              `${entry.tool} ${field}: ${value}`,
            ).toBe(true);
  });

  it("are not told where nothing changed", async () => {
    await mcp.ok("user_update", { user: "alice", disabled: false });
    expect(valuesOf("user_update")).toEqual({});
  });
});

const isId = (field: string, value: string): boolean => /I[dD]s$/.test(field) && /^[0-9a-f-]{36}$/.test(value);
