import { describe, expect, it } from "vitest";
import { askedOf } from "../../../tests/support/asked-of.ts";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

// Whoever is asked here says no, so that a question is all that comes of it.
const mcp = useServer(tools, { person: () => "no" });

const state = () => mcp.sandbox.state;
const own = () => [...state().webauthnCredentials.values()].filter(({ userId }) => userId === mcp.sandbox.adminId);

/** A key more of the administrator. */
function hold(digit: number, name: string, more: { expiresAt?: string; lastUsedAt?: string } = {}): void {
  const id = `${String(digit).repeat(8)}-1111-4111-8111-111111111111`;
  const [any] = state().apiKeys.values();
  if (any === undefined) throw new Error("the sandbox holds no key");
  state().apiKeys.set(id, { ...any, id, name, key: id, lastUsedAt: null, expiresAt: "2999-01-01T00:00:00Z", ...more });
}

const asked = (tool: string, args: Record<string, unknown>) => askedOf(mcp, tool, args);

describe("a person is asked", () => {
  it.each([
    [
      "api_key_create",
      { name: "Export", expiresAt: "90d" },
      'Make an API key "Export"? Whoever has it can do everything here that "robin" can, for 90 days.',
    ],
    [
      "api_key_create",
      { name: 'Export" and "more', expiresAt: "2099-06-30" },
      `Make an API key "Export' and 'more"? Whoever has it can do everything here that "robin" can, until 2099-06-30.`,
    ],
    [
      "api_key_renew",
      { apiKey: "Backup script", expiresAt: "1d" },
      'Bring the expired API key "Backup script" back, with a new value? Whoever has it can do everything here that "robin" can, for 1 day.',
    ],
    ["passkey_delete", { passkeys: ["YubiKey 5"] }, 'Delete 1 passkey of "robin": "YubiKey 5"? 1 passkey is left.'],
  ])("before %s %j", async (tool, args, question) => {
    expect(await asked(tool, args)).toBe(question);
  });

  it("before the last passkey of the owner goes, where another administrator has one", async () => {
    for (const user of state().users.values()) if (user.username === "ben") user.isAdmin = true;
    expect(await asked("passkey_delete", { passkeys: own().map(({ id }) => id) })).toBe(
      'Delete 2 passkeys of "robin": "iCloud Keychain", "YubiKey 5"? None is left: only a link that another administrator makes signs in.',
    );
  });

  it("before keys are deleted, with what shows whether they are in use", async () => {
    hold(1, "Export");
    hold(2, "Import", { lastUsedAt: "2026-10-01T12:34:56Z" });
    const expired = [...state().apiKeys.values()].find(({ name }) => name === "Backup script")?.expiresAt.slice(0, 10);
    expect(await asked("api_key_delete", { apiKeys: ["Export", "Import", "Backup script"] })).toBe(
      `Delete 3 API keys: "Export" (never used), "Import" (last used on 2026-10-01), "Backup script" (expired on ${expired})? What uses them stops working.`,
    );
  });

  it("and the answer still counts when the key was used in between", async () => {
    const now = new Date().toISOString();
    hold(1, "Import", { lastUsedAt: `${now.slice(0, 10)}T00:00:00Z` });
    await mcp.reconnect({
      person() {
        for (const key of state().apiKeys.values()) if (key.name === "Import") key.lastUsedAt = now;
        return "yes";
      },
    });
    hold(1, "Import", { lastUsedAt: `${now.slice(0, 10)}T00:00:00Z` });
    await mcp.ok("api_key_delete", { apiKeys: ["Import"] });
    expect([...state().apiKeys.values()].map(({ name }) => name)).not.toContain("Import");
  });
});

describe("nobody is asked", () => {
  it("before a passkey gets another name", async () => {
    await mcp.reconnect({ person: null });
    await mcp.ok("passkey_rename", { passkey: "YubiKey 5", name: "Key in the safe" });
  });
});
