import { describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
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
];

/** Values, names of people and secrets: nothing that the club holds or that a call brings may stand in a line. */
const personal =
  /alice|moreau|ben\b|carter|nina|berg|robin|riverside|oars|board|members|immich|photos|regatta|catch-a-crab|team|blue|backup|export|logo\.ico/i;

/** The one line that a call left besides the one that it began with, after a look at what every line has in common. */
function line(): Record<string, unknown> {
  const [only, ...others] = mcp.actions().filter(({ outcome }) => outcome !== "begun");
  expect(others).toEqual([]);
  const entry = only ?? {};
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
    const token = secretOf(await mcp.ok("api_key_create", { name: "Export", expiresIn: "1d" }));
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
    const entry = tool === "oidc_client_create_secret" ? mcp.actions()[1] : line();
    expect(entry).toMatchObject({ tool, outcome: "ok", risk: "danger" });
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
    await mcp.ok("app_image_update_logo", { data: ico, fileName: "logo.ico" });
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
    await mcp.fails("api_key_renew", { apiKey: "Backup script", expiresIn: "1d" });
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
