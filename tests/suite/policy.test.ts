import { afterEach, describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { type Connected, connect } from "../support/connect.ts";

const tools = servers.flatMap((server) => server.tools);
const named = (risk: (risk: string) => boolean) => tools.filter((tool) => risk(tool.risk)).map(({ name }) => name);
const reading = named((risk) => risk === "read");
const changing = named((risk) => risk !== "read");

/** Arguments with which each changing tool would change something. */
const valid: Readonly<Record<string, Record<string, unknown>>> = {
  user_create: { username: "nina", email: "nina@example.com" },
  user_update: { user: "alice", displayName: "Al" },
  user_enable: { users: ["dmitri"] },
  user_disable: { users: ["alice"] },
  user_delete: { users: ["alice"] },
  user_update_groups: { user: "alice", replace: [] },
  user_create_one_time_access_token: { user: "alice" },
  user_send_access_email: { user: "alice" },
  user_passkey_delete: { user: "ben", passkeys: ["1Password"] },
  user_set_profile_picture: { user: "alice", data: "R0lGODlhAQABAAAAADs=", fileName: "alice.gif" },
  user_reset_profile_picture: { user: "alice" },
  signup_token_create: {},
  signup_token_delete: { signupTokens: ["b7f5cfd9-3b1e-4a6b-9a53-111111111111"] },
  custom_claim_set_user: { user: "alice", set: { team: "blue" } },
  user_group_create: { name: "rowers", friendlyName: "Rowers" },
  user_group_update: { group: "board", friendlyName: "The board" },
  user_group_delete: { groups: ["board"] },
  user_group_update_users: { group: "board", add: ["alice"] },
  user_group_update_allowed_clients: { group: "board", add: ["gitea"] },
  custom_claim_set_group: { group: "board", set: { team: "blue" } },
  oidc_client_create: { name: "Wiki" },
  oidc_client_update: { client: "immich", name: "Photos" },
  oidc_client_delete: { clients: ["immich"] },
  oidc_client_create_secret: { client: "immich" },
  oidc_client_rotate_secret: { client: "immich" },
  oidc_client_delete_secret: { client: "gitea", secrets: ["Mn8b"] },
  oidc_client_set_logo: { client: "immich", data: "AAABAAEAEBAAAAEAIAAAAAAAFgAAAA==", fileName: "logo.ico" },
  oidc_client_delete_logo: { client: "immich", mode: "dark" },
  oidc_client_refresh_metadata: { client: "immich" },
  oidc_client_update_allowed_groups: { client: "immich", access: "everyone" },
  oidc_client_revoke_authorization: { client: "immich" },
  scim_provider_create: { client: "gitea", endpoint: "https://git.example/scim" },
  scim_provider_update: { client: "nextcloud", endpoint: "https://cloud.example/scim" },
  scim_provider_delete: { client: "nextcloud" },
  scim_provider_sync: { client: "nextcloud" },
  api_create: { name: "Boats", resource: "https://boats.example" },
  api_update: { api: "Boat booking", name: "Boats" },
  api_delete: { apis: ["Boat booking"] },
  api_set_permissions: { api: "Boat booking", remove: ["boats:read"] },
  api_set_cimd_access: { api: "Boat booking", enabled: true },
  api_grant_client: { api: "Boat booking", client: "gitea", clientPermissions: ["boats:read"] },
  api_revoke_client: { api: "Boat booking", client: "gitea" },
  app_config_update: { appName: "Rowing" },
  app_config_test_email: {},
  app_config_sync_ldap: {},
  app_image_update_logo: { data: "AAABAAEAEBAAAAEAIAAAAAAAFgAAAA==", fileName: "logo.ico" },
  app_image_update_favicon: { data: "AAABAAEAEBAAAAEAIAAAAAAAFgAAAA==", fileName: "logo.ico" },
  app_image_update_background: { data: "AAABAAEAEBAAAAEAIAAAAAAAFgAAAA==", fileName: "logo.ico" },
  app_image_update_email_logo: { data: "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==", fileName: "logo.jpg" },
  app_image_update_default_profile_picture: { data: "R0lGODlhAQABAAAAADs=", fileName: "somebody.gif" },
  app_image_delete_logo: { mode: "dark" },
  app_image_delete_background: {},
  app_image_delete_default_profile_picture: {},
  api_key_create: { name: "Export", expiresIn: "1d" },
  api_key_renew: { apiKey: "Backup script", expiresIn: "1d" },
  api_key_delete: { apiKeys: ["Backup script"] },
  passkey_rename: { passkey: "YubiKey 5", name: "Key in the safe" },
  passkey_delete: { passkeys: ["YubiKey 5"] },
};

let mcp: Connected;
afterEach(() => mcp.close());

async function open(env: Record<string, string>) {
  mcp = await connect(tools, { env });
}
const listed = async () => (await mcp.client.listTools()).tools.map(({ name }) => name);
const actions = () => mcp.actions().map(({ tool, outcome }) => ({ tool, outcome }));

describe("a read-only server", () => {
  it("lists the tools that change nothing, and no other", async () => {
    await open({ POCKETID_READ_ONLY: "true" });
    expect(await listed()).toEqual(reading);
    expect(reading).toContain("user_list");
    expect(changing).toHaveLength(Object.keys(valid).length);
  });

  it("refuses every other that is called anyway; nothing is sent, and each attempt is a line in the action log", async () => {
    await open({ POCKETID_READ_ONLY: "true" });
    for (const name of changing)
      expect(await mcp.fails(name, valid[name])).toBe(
        `Nothing was changed. ${name} changes something, and this server is read-only (POCKETID_READ_ONLY).`,
      );
    expect(mcp.sandbox.requests).toEqual([]);
    expect(actions()).toEqual(changing.map((tool) => ({ tool, outcome: "refused" })));
  });

  it("still reads", async () => {
    await open({ POCKETID_READ_ONLY: "true" });
    expect((await mcp.ok("user_get", { user: "alice" })).user.username).toBe("alice");
    expect((await mcp.ok("audit_log_list_all", { groupBy: "event" })).totalItems).toBeGreaterThan(0);
  });

  it.each(["false", "0", "no"])("is not what POCKETID_READ_ONLY=%s makes", async (value) => {
    await open({ POCKETID_READ_ONLY: value });
    expect(await listed()).toHaveLength(tools.length);
  });
});

describe("POCKETID_TOOLS", () => {
  it("offers what its names and globs match, and no other", async () => {
    await open({ POCKETID_TOOLS: "user_g*, health_check" });
    expect(await listed()).toEqual(tools.map(({ name }) => name).filter((name) => /^user_g|^health_check$/.test(name)));
    await mcp.ok("user_get", { user: "alice" });
    await mcp.ok("user_group_update", valid.user_group_update);
  });

  it("refuses every other that is called anyway, with nothing sent", async () => {
    await open({ POCKETID_TOOLS: "user_g*" });
    const refusal = (name: string) =>
      `Nothing was changed. ${name} is not among the tools that the operator allows (POCKETID_TOOLS).`;
    expect(await mcp.fails("user_update", valid.user_update)).toBe(refusal("user_update"));
    expect(await mcp.fails("user_list")).toBe(refusal("user_list"));
    expect(mcp.sandbox.requests).toEqual([]);
    // A tool that changes nothing leaves no line.
    expect(actions()).toEqual([{ tool: "user_update", outcome: "refused" }]);
  });

  it("does not lift read-only", async () => {
    await open({ POCKETID_TOOLS: "user_*", POCKETID_READ_ONLY: "true" });
    expect(await listed()).toEqual(reading.filter((name) => name.startsWith("user_")));
    expect(await mcp.fails("user_update", valid.user_update)).toMatch(/read-only/);
  });
});

describe("POCKETID_EXCLUDE_TOOLS", () => {
  it("takes away what its names and globs match, and refuses it when it is called anyway", async () => {
    await open({ POCKETID_EXCLUDE_TOOLS: "*_delete,api_key_*" });
    const left = tools.map(({ name }) => name).filter((name) => !/_delete$|^api_key_/.test(name));
    expect(await listed()).toEqual(left);
    for (const name of ["user_delete", "api_key_create"])
      expect(await mcp.fails(name, valid[name])).toBe(
        `Nothing was changed. ${name} is switched off by the operator (POCKETID_EXCLUDE_TOOLS).`,
      );
    expect(mcp.sandbox.requests).toEqual([]);
    expect(actions()).toEqual([
      { tool: "user_delete", outcome: "refused" },
      { tool: "api_key_create", outcome: "refused" },
    ]);
    await mcp.ok("user_update", valid.user_update);
  });

  it("wins over POCKETID_TOOLS", async () => {
    await open({ POCKETID_TOOLS: "user_*", POCKETID_EXCLUDE_TOOLS: "user_group_*" });
    expect(await listed()).toEqual(
      tools.map(({ name }) => name).filter((name) => /^user_/.test(name) && !/^user_group_/.test(name)),
    );
    expect(await mcp.fails("user_group_delete", valid.user_group_delete)).toMatch(/POCKETID_EXCLUDE_TOOLS/);
  });
});
