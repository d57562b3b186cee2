import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
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
const { ok, fails, secrets } = servers;
secrets.add(pocketId.apiKey);
const live: Live = { ok, fails, secrets, pocketId, mail };

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
  describe("provisioning", () => scimProviders(live));
  describe("configuration", () => configuration(live, folder));
  describe("keys and audit log", () => keysAudit(live));

  it("has been asked by every tool that there is", () => {
    expect(servers.offered.size).toBe(57);
    expect([...servers.called].sort()).toEqual([...servers.offered.keys()].sort());
  });

  it("could do what every tool is for, but for what this version or this place lacks", () => {
    const lacking = [
      "app_config_sync_ldap",
      ...(pocketId.codeByApi ? [] : ["oidc_client_revoke_authorization"]),
      ...(pocketId.atLeast("2.2.0") ? [] : ["api_key_renew"]),
      ...(pocketId.atLeast("2.0.0")
        ? []
        : [
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
