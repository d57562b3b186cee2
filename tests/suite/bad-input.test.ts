import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { type Connected, connect } from "../support/connect.ts";

/** One thing that each tool refuses before anything is sent, and the argument that the error names. */
const bad: Readonly<Record<string, readonly [Record<string, unknown>, string]>> = {
  user_list: [{ limit: 1_000 }, "limit"],
  user_get: [{ user: "../user-groups/x" }, "user"],
  user_get_current: [{ user: "alice" }, "user"],
  user_create: [{ username: "-" }, "username"],
  user_update: [{ user: "alice", email: "nowhere" }, "email"],
  user_enable: [{ users: [] }, "users"],
  user_disable: [{ user: "alice" }, "user"],
  user_delete: [{ users: "alice" }, "users"],
  user_groups: [{}, "user"],
  user_update_groups: [{ user: "alice", replace: [], add: ["board"] }, "replace"],
  user_create_one_time_access_token: [{ user: "alice", ttl: "32d" }, "ttl"],
  user_send_access_email: [{ user: "alice", ttl: "soon" }, "ttl"],
  user_passkey_list: [{ user: "a/../b" }, "user"],
  user_passkey_delete: [{ user: "alice", passkeys: [".."] }, "passkeys[0]"],
  user_get_profile_picture: [{ user: "alice", size: 300 }, "size"],
  user_set_profile_picture: [{ user: "alice", file: "a.png", data: "eA==" }, "file"],
  user_reset_profile_picture: [{ users: ["alice"] }, "user"],
  signup_token_list: [{ sort: "token" }, "sort"],
  signup_token_create: [{ usageLimit: 0 }, "usageLimit"],
  signup_token_delete: [{ signupTokens: [".."] }, "signupTokens[0]"],
  custom_claim_suggestions: [{ search: "x" }, "search"],
  custom_claim_set_user: [{ user: "alice", set: { sub: "x" } }, "set[0]"],
  user_group_list: [{ empty: "yes" }, "empty"],
  user_group_get: [{ group: 7 }, "group"],
  user_group_create: [{ name: "x" }, "name"],
  user_group_update: [{ group: "board", friendlyName: "x".repeat(51) }, "friendlyName"],
  user_group_delete: [{ group: "board" }, "groups"],
  user_group_update_users: [{ group: "board" }, "add"],
  user_group_update_allowed_clients: [{ group: "board", add: [""] }, "add[0]"],
  custom_claim_set_group: [{ group: "board", remove: ["a"], replace: {} }, "replace"],
  oidc_client_list: [{ access: "some" }, "access"],
  oidc_client_get: [{ client: ".." }, "client"],
  oidc_client_create: [{ name: "x", callbackURLs: ["javascript:alert(1)"] }, "callbackURLs[0]"],
  oidc_client_update: [{ client: "immich", accessTokenDurationMinutes: 0 }, "accessTokenDurationMinutes"],
  oidc_client_delete: [{ clients: [], all: true }, "all"],
  oidc_client_list_secrets: [{ client: "gitea", secret: "x" }, "secret"],
  oidc_client_create_secret: [{ client: "gitea", expiresAt: "2001-01-01" }, "expiresAt"],
  oidc_client_rotate_secret: [{ client: "gitea", overlap: "soon" }, "overlap"],
  oidc_client_delete_secret: [{ client: "gitea", secrets: [] }, "secrets"],
  oidc_client_get_logo: [{ client: "gitea", mode: "grey" }, "mode"],
  oidc_client_set_logo: [{ client: "gitea", file: "a.png", data: "eA==" }, "file"],
  oidc_client_delete_logo: [{ client: "gitea" }, "mode"],
  oidc_client_refresh_metadata: [{ clients: ["gitea"] }, "client"],
  oidc_client_update_allowed_groups: [{ client: "immich", access: "groups", groups: [] }, "groups"],
  oidc_client_preview_claims: [{ client: "immich", user: "alice", scopes: ["openid profile"] }, "scopes[0]"],
  oidc_client_authorized_list: [{}, "user"],
  oidc_client_revoke_authorization: [{ clients: ["gitea"] }, "client"],
  oidc_client_accessible_list: [{ user: "alice" }, "user"],
  scim_provider_get: [{ client: "gitea", token: true }, "token"],
  scim_provider_create: [{ client: "gitea", endpoint: "ftp://x" }, "endpoint"],
  scim_provider_update: [{ client: "nextcloud", token: 7 }, "token"],
  scim_provider_delete: [{ id: "x" }, "client"],
  scim_provider_sync: [{ client: "a/../b" }, "client"],
  oidc_discovery: [{ issuer: "x" }, "issuer"],
  oidc_jwks: [{ kid: "x" }, "kid"],
  api_list: [{ sort: "permissions" }, "sort"],
  api_get: [{ api: "../users/x" }, "api"],
  api_create: [{ name: "Boats", resource: "boats" }, "resource"],
  api_update: [{ api: "Boat booking", name: "Boats", resource: "urn:boats" }, "resource"],
  api_delete: [{ apis: [] }, "apis"],
  api_set_permissions: [{ api: "Boat booking", add: [{ key: "openid", name: "x" }] }, "add[0].key"],
  api_set_cimd_access: [{ api: "Boat booking" }, "enabled"],
  api_grant_client: [{ api: "Boat booking", client: "gitea" }, "userDelegatedPermissions"],
  api_revoke_client: [{ api: "Boat booking", client: "gitea", clientPermissions: [] }, "clientPermissions"],
  api_client_list: [{ client: "gitea" }, "api"],
  api_access_list: [{ client: ".." }, "client"],
  app_config_get: [{ key: "appName" }, "key"],
  app_config_get_all: [{ showSecrets: true }, "showSecrets"],
  app_config_update: [{ smtpPassword: "[redacted]" }, "smtpPassword"],
  app_config_test_email: [{ to: "x@example.com" }, "to"],
  app_config_sync_ldap: [{ force: true }, "force"],
  app_image_get: [{ image: "favicon", mode: "dark" }, "mode"],
  app_image_update_logo: [{ data: "eA==", fileName: "logo.png" }, "fileName"],
  app_image_update_favicon: [{ file: "../../etc/passwd" }, "file"],
  app_image_update_background: [{ data: "eA==" }, "file"],
  app_image_update_email_logo: [{ data: "PHN2Zy8+" }, "file"],
  app_image_update_default_profile_picture: [{ file: "a.png", data: "eA==" }, "file"],
  app_image_delete_logo: [{}, "mode"],
  app_image_delete_background: [{ mode: "dark" }, "mode"],
  app_image_delete_default_profile_picture: [{ user: "alice" }, "user"],
  health_check: [{ verbose: true }, "verbose"],
  setup_status: [{ token: "x" }, "token"],
  version_current: [{ verbose: true }, "verbose"],
  version_latest: [{ force: true }, "force"],
  api_key_list: [{ page: 0 }, "page"],
  api_key_current: [{ apiKey: "Assistant" }, "apiKey"],
  api_key_create: [{ name: "ci", expiresAt: "90d" }, "name"],
  api_key_renew: [{ apiKey: "Backup script", expiresAt: "2001-01-01" }, "expiresAt"],
  api_key_delete: [{ apiKeys: ["a/../b"] }, "apiKeys[0]"],
  passkey_list: [{ user: "alice" }, "user"],
  passkey_rename: [{ passkey: "1Password", name: "" }, "name"],
  passkey_delete: [{ passkeys: [] }, "passkeys"],
  audit_log_list: [{ event: "LOGIN" }, "event"],
  audit_log_list_all: [{ since: "yesterday" }, "since"],
  audit_log_filter_clients: [{ search: "x" }, "search"],
  audit_log_filter_users: [{ search: "x" }, "search"],
  audit_event_types: [{ event: "SIGN_IN" }, "event"],
  action_log_search: [{ outcome: "done" }, "outcome"],
  action_log_verify: [{ expect: "abc" }, "expect"],
};

let mcp: Connected;
beforeAll(async () => {
  mcp = await connect(servers.flatMap(({ tools }) => tools));
});
beforeEach(() => {
  mcp.sandbox.requests.length = 0;
});
afterAll(() => mcp.close());

describe("bad input", () => {
  it("is tried on every tool", () => {
    expect(Object.keys(bad).sort()).toEqual(servers.flatMap(({ tools }) => tools.map(({ name }) => name)).sort());
  });

  it.each(Object.entries(bad))(
    "to %s is refused by the name of the argument, and nothing is sent",
    async (tool, [args, field]) => {
      const text = await mcp.fails(tool, args);
      expect(text).toContain(`${field}: `);
      expect(text).toMatch(/^Nothing was changed\./);
      expect(mcp.sandbox.requests).toEqual([]);
    },
  );

  it.each([
    ["a name that an object cannot hold", '{"user":"alice","set":{"__proto__":"x"}}', "set.__proto__: there can be no"],
    ["what has no bottom", `{"user":${"[".repeat(2_000)}${"]".repeat(2_000)}}`, "user: it is nested too deeply"],
  ])("with %s is refused, too", async (_case, json, reason) => {
    const text = await mcp.fails("custom_claim_set_user", JSON.parse(json));
    expect(text).toContain(`Nothing was changed. ${reason}`);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
