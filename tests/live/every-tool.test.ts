import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { apis } from "./apis.ts";
import { addPasskey } from "./authenticator.ts";
import { clients } from "./clients.ts";
import { configuration } from "./configuration.ts";
import { declaredTools } from "./contract.ts";
import { exclusions } from "./excluded.ts";
import { groups } from "./groups.ts";
import { openInstance } from "./instance.ts";
import { keysAudit } from "./keys-audit.ts";
import { ldap } from "./ldap.ts";
import { findSlapd } from "./ldap-directory.ts";
import type { Live } from "./live.ts";
import { startMailServer } from "./mail-server.ts";
import { scimProviders } from "./scim-providers.ts";
import { startServers } from "./servers.ts";
import { users } from "./users.ts";

// Every tool of the built servers on a real Pocket ID, each effect read back over plain HTTP. What it makes bears a prefix and is taken away
// again, and settings and images are put back; still, give it an instance that nobody else is using. Mail and provisioning come to this
// machine's loopback, so the instance has to run on it.
const pocketId = await openInstance(process.env);
// As an administrator has one: without any, what comes by mail would be the only way in, and guarded.
const passkey = await addPasskey(pocketId, await pocketId.signIn(pocketId.owner.id));
const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-live-"));
const mail = await startMailServer();
const servers = await startServers({
  POCKETID_URL: pocketId.url,
  POCKETID_API_KEY: pocketId.apiKey,
  POCKETID_FILES_DIR: folder,
  POCKETID_AUDIT_FILE: join(folder, "audit.log"),
});
const { ok, shows, fails, declines, secrets } = servers;
secrets.add(pocketId.apiKey);
const live: Live = { ok, shows, fails, declines, secrets, pocketId, mail };

afterAll(async () => {
  await servers.close();
  await pocketId.send("DELETE", `/api/webauthn/credentials/${passkey.id}`);
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
  describe("LDAP", () => ldap(live));
  describe("keys and audit log", () => keysAudit(live));

  const excluded = exclusions(pocketId, { slapd: findSlapd(process.env) !== undefined });
  const without = excluded.flatMap(({ tools }) => tools);

  it("has been asked by every tool that there is", () => {
    expect([...servers.offered.keys()].sort()).toEqual([...declaredTools.keys()].sort());
    expect([...servers.called].sort()).toEqual([...declaredTools.keys()].sort());
  });

  it("was changed in no dangerous way without a question, and in no other with one", () => {
    const dangerous = [...declaredTools].filter(([, tool]) => tool.annotations.destructiveHint).map(([name]) => name);
    // No client hangs on the groups that these are tried with.
    const harmlessHere = ["user_group_update_users", "user_update_groups"];
    const done = dangerous.filter((tool) => servers.succeeded.has(tool) && !harmlessHere.includes(tool));
    expect(done.filter((tool) => !servers.asked.has(tool))).toEqual([]);
    expect([...servers.asked].filter((tool) => !dangerous.includes(tool))).toEqual([]);
  });

  it("could do what every tool is for, but for those that are excluded by name", () => {
    const { size } = declaredTools;
    const lines = excluded.map(({ tools, reason }) => `  ${tools.join(", ")}: ${reason}`);
    const counts = `${servers.called.size} of ${size} tools were called, ${servers.succeeded.size} of ${size} did their job`;
    console.info([`Pocket ID ${pocketId.version}: ${counts}, ${without.length} are excluded.`, ...lines].join("\n"));
    const undone = [...declaredTools.keys()].filter((tool) => !servers.succeeded.has(tool));
    expect(undone.sort()).toEqual(without.sort());
  });
});
