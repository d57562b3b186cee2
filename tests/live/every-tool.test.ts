import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { apis } from "./apis.ts";
import { clients } from "./clients.ts";
import { configuration } from "./configuration.ts";
import { groups } from "./groups.ts";
import { openInstance } from "./instance.ts";
import { keysAudit } from "./keys-audit.ts";
import type { Live } from "./live.ts";
import { startMailServer } from "./mail-server.ts";
import { scimProviders } from "./scim-providers.ts";
import { startServers } from "./servers.ts";
import { users } from "./users.ts";

// Every tool of the built servers on a real Pocket ID, each effect read back over plain HTTP. What it makes bears a prefix and is taken away
// again, and settings and images are put back; still, give it an instance that nobody else is using. Mail and provisioning come to this
// machine's loopback, so the instance has to run on it.
const pocketId = await openInstance(process.env);
const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-live-"));
const mail = await startMailServer();
const servers = await startServers({
  POCKETID_URL: pocketId.url,
  POCKETID_API_KEY: pocketId.apiKey,
  POCKETID_FILES_DIR: folder,
});
const { ok, shows, fails, secrets } = servers;
secrets.add(pocketId.apiKey);
const live: Live = { ok, shows, fails, secrets, pocketId, mail };

afterAll(async () => {
  await servers.close();
  await pocketId.restore();
  await mail.close();
  rmSync(folder, { recursive: true });
});

describe(`Pocket ID ${pocketId.version}`, () => {
  describe("users", () => users(live));
  describe("groups", () => groups(live));
  describe("clients", () => clients(live));
  describe("APIs", () => apis(live));
  describe("provisioning", () => scimProviders(live));
  describe("configuration", () => configuration(live, folder));
  describe("keys and audit log", () => keysAudit(live));

  it("has been asked by every tool that there is", () => {
    expect(servers.offered.size).toBe(97);
    expect([...servers.called].sort()).toEqual([...servers.offered.keys()].sort());
  });

  it("could do what every tool is for, but for what this version or this place lacks", () => {
    const lacking = [
      "app_config_sync_ldap",
      "oidc_client_refresh_metadata",
      ...(pocketId.codeByApi ? [] : ["oidc_client_revoke_authorization"]),
      ...(pocketId.atLeast("2.14.0")
        ? []
        : ["oidc_client_list_secrets", "oidc_client_delete_secret", "app_image_delete_logo"]),
      ...(pocketId.atLeast("2.14.0") ? [] : ["api_set_cimd_access"]),
      ...(pocketId.atLeast("2.10.0")
        ? []
        : [
            "api_list",
            "api_get",
            "api_create",
            "api_update",
            "api_delete",
            "api_set_permissions",
            "api_grant_client",
            "api_revoke_client",
            "api_client_list",
            "api_access_list",
          ]),
      ...(pocketId.atLeast("2.6.0") ? [] : ["setup_status"]),
      ...(pocketId.atLeast("2.5.0") ? [] : ["app_image_delete_background"]),
      ...(pocketId.atLeast("2.2.0") ? [] : ["api_key_renew"]),
      ...(pocketId.atLeast("2.0.0")
        ? []
        : [
            "app_image_update_email_logo",
            "scim_provider_get",
            "scim_provider_create",
            "scim_provider_update",
            "scim_provider_delete",
            "scim_provider_sync",
            "user_group_update_allowed_clients",
          ]),
    ];
    expect([...servers.offered.keys()].filter((tool) => !servers.succeeded.has(tool)).sort()).toEqual(lacking.sort());
  });
});
