import { readFileSync } from "node:fs";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { connect } from "../support/connect.ts";

/** What each server offers: exactly this, on no other server. */
const expected: Readonly<Record<string, string>> = {
  users: `user_list user_get user_get_current user_create user_update user_enable user_disable user_delete user_groups user_update_groups
    user_create_one_time_access_token user_send_access_email user_passkey_list user_passkey_delete user_get_profile_picture
    user_set_profile_picture user_reset_profile_picture signup_token_list signup_token_create signup_token_delete
    custom_claim_suggestions custom_claim_set_user`,
  groups: `user_group_list user_group_get user_group_create user_group_update user_group_delete user_group_update_users
    user_group_update_allowed_clients custom_claim_set_group`,
  clients: `oidc_client_list oidc_client_get oidc_client_create oidc_client_update oidc_client_delete oidc_client_list_secrets
    oidc_client_create_secret oidc_client_rotate_secret oidc_client_delete_secret oidc_client_get_logo oidc_client_set_logo
    oidc_client_delete_logo oidc_client_refresh_metadata oidc_client_update_allowed_groups oidc_client_preview_claims
    oidc_client_authorized_list oidc_client_revoke_authorization oidc_client_accessible_list
    scim_provider_get scim_provider_create scim_provider_update scim_provider_delete scim_provider_sync oidc_discovery oidc_jwks
    api_list api_get api_create api_update api_delete api_set_permissions api_set_cimd_access api_grant_client api_revoke_client
    api_client_list api_access_list`,
  "admin-config": `app_config_get app_config_get_all app_config_update app_config_test_email app_config_sync_ldap app_image_get
    app_image_update_logo app_image_update_favicon app_image_update_background app_image_update_email_logo
    app_image_update_default_profile_picture app_image_delete_logo app_image_delete_background
    app_image_delete_default_profile_picture health_check setup_status version_current version_latest`,
  "keys-audit": `api_key_list api_key_current api_key_create api_key_renew api_key_delete passkey_list passkey_rename passkey_delete
    audit_log_list audit_log_list_all audit_log_filter_clients audit_log_filter_users audit_event_types
    action_log_search action_log_verify`,
};

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

interface Schema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  additionalProperties?: boolean | Schema;
}

/** Every object in a schema, with where it stands. Not where a secret is: that stands in seven arguments, and the instructions explain it once. */
function objectsIn(schema: Schema, path = ""): { path: string; schema: Schema }[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, value]) => objectsIn(value, `${path}.${name}`));
  const items = schema.items === undefined ? [] : objectsIn(schema.items, `${path}[]`);
  return [...(schema.type === "object" && schema.properties ? [{ path, schema }] : []), ...inner, ...items];
}

describe.each(servers)("the contract of $name", ({ name, tools }) => {
  const listed = async () => {
    const mcp = await connect(tools);
    const { tools: offered } = await mcp.client.listTools();
    await mcp.close();
    return offered;
  };

  it("has exactly its tools", async () => {
    expect((await listed()).map((tool) => tool.name)).toEqual(expected[name]?.split(/\s+/));
  });

  it("is counted where people look for it", () => {
    expect(text("README.md")).toContain(`| [${name}](docs/tools/${name}.md) | ${tools.length} |`);
    expect(text(`packages/${name}/README.md`)).toContain(`An MCP server with ${tools.length} tools `);
  });

  it("has title, description, all four hints, and a closed schema in which every field is described", async () => {
    for (const tool of await listed()) {
      expect(tool.title, tool.name).toBeTruthy();
      expect(tool.description, tool.name).toBeTruthy();
      const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = tool.annotations ?? {};
      for (const hint of [readOnlyHint, destructiveHint, idempotentHint, openWorldHint])
        expect(hint, tool.name).toBeTypeOf("boolean");
      expect(tool.inputSchema.additionalProperties, tool.name).toBe(false);
      for (const { path, schema } of objectsIn(tool.inputSchema as Schema)) {
        for (const [field, { description }] of Object.entries(schema.properties ?? {})) {
          expect(description, `${tool.name}${path}.${field}`).toBeTruthy();
        }
      }
    }
  });

  it("says of each tool what it can do", async () => {
    const offered = new Map((await listed()).map((tool) => [tool.name, tool.annotations]));
    for (const { name: tool, risk } of tools) {
      expect(offered.get(tool), tool).toMatchObject({
        readOnlyHint: risk === "read",
        destructiveHint: risk === "danger",
      });
    }
  });
});

describe("all contracts together", () => {
  it("share no tool, and have 99", () => {
    const names = servers.flatMap(({ tools }) => tools.map((tool) => tool.name));
    expect(names).toHaveLength(99);
    expect(new Set(names).size).toBe(99);
  });

  it("cost a model at most 100 tokens a tool on average, and none above 900", async () => {
    const mcp = await connect(servers.flatMap(({ tools }) => tools));
    const { tools } = await mcp.client.listTools();
    await mcp.close();
    const costs = tools.map(({ name, description, inputSchema }) => ({
      name,
      tokens: encode(JSON.stringify({ name, description, inputSchema })).length,
    }));
    const average = costs.reduce((sum, { tokens }) => sum + tokens, 0) / costs.length;
    expect(costs.filter(({ tokens }) => tokens > 900)).toEqual([]);
    expect(average).toBeLessThanOrEqual(100);
  });

  it("declare no operation that a tool which changes nothing could change something with", () => {
    for (const { name, risk, routes } of servers.flatMap(({ tools }) => tools)) {
      if (risk === "read")
        expect(
          routes.filter((route) => !route.startsWith("GET ")),
          name,
        ).toEqual([]);
    }
  });
});
