import type { Sandbox } from "@pocketid-mcp/sandbox";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PocketIdClient } from "../../packages/core/src/index.ts";
import { newestKnownVersion } from "../../packages/core/src/pocket-id/versions.ts";
import { servers } from "../../scripts/servers.ts";
import { changingCalls } from "../support/changing-calls.ts";
import { useServer } from "../support/use-server.ts";

const tools = servers.flatMap((server) => server.tools);
const mcp = useServer(tools);

/** Lets the sandbox say that it is another version. */
const play = (version: string, { sandbox }: { sandbox: Sandbox } = mcp) => {
  sandbox.intercept = ({ url }, response) => {
    if (url !== "/api/version/current") return false;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ currentVersion: version }));
    return true;
  };
};
const sent = () => mcp.sandbox.requests.map(({ method, path }) => `${method} ${path}`);
const changes = () => sent().filter((request) => !request.startsWith("GET "));
const remarks = () => mcp.warnings.filter((warning) => warning.includes("newer than"));
const [major, minor] = newestKnownVersion.split(".").map(Number);
const nextMinor = `${major}.${(minor ?? 0) + 1}.0`;
const update = (displayName: string) => ({ user: "alice", displayName });

describe("a newer Pocket ID of the same major version", () => {
  it("is administered as the newest known one, with one remark for the operator", async () => {
    play(nextMinor);
    await Promise.all([
      mcp.ok("user_update", update("Al")),
      mcp.ok("user_group_create", { name: "x1", friendlyName: "X1" }),
    ]);
    expect((await mcp.ok("user_update", update("Ally"))).changed).toEqual(["displayName"]);
    await mcp.ok("api_list");
    expect(remarks()).toEqual([
      `Pocket ID ${nextMinor} is newer than this version knows (${newestKnownVersion}): what it knows should work as before. Look for an update of pocketid-mcp.`,
    ]);
  });

  it.each([newestKnownVersion, "2.14.9", "unknown", "dev"])("is not what one that says %s is", async (version) => {
    play(version);
    await mcp.ok("user_update", update("Al"));
    expect(remarks()).toEqual([]);
  });
});

describe("the version", () => {
  it.each([
    ["2.15.0", "2.15.0\nfatal: \u001b[31mred"],
    ["2.15.1", " v2.15.1"],
    [`2.15.0-rc.1+${"x".repeat(35)}`, `2.15.0-rc.1+${"x".repeat(100_000)}`],
  ])("is %s where a text begins with that, and nothing else of it goes to the terminal", async (version, told) => {
    play(told);
    await mcp.ok("user_update", update("Al"));
    expect(remarks()).toEqual([expect.stringMatching(/^Pocket ID \S+ is newer than this version knows/)]);
    expect(remarks()[0]).toContain(`Pocket ID ${version} is newer`);
    expect(await mcp.ok("version_current")).toMatchObject({ currentVersion: version, exact: true });
  });

  it("is asked for before an object is read, so that nothing comes between reading and writing it", async () => {
    const [group] = [...mcp.sandbox.state.userGroups.values()].filter(({ name }) => name === "board");
    await mcp.ok("user_group_update", { group: "board", friendlyName: "The board" });
    const path = `/api/user-groups/${group?.id}`;
    const write = sent().indexOf(`PUT ${path}`);
    expect(sent().slice(write - 2, write)).toEqual(["GET /api/version/current", `GET ${path}`]);
  });
});

describe("a Pocket ID that is updated while the server runs", () => {
  afterEach(() => vi.useRealTimers());

  it("is noticed within ten minutes", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    play(newestKnownVersion);
    await mcp.ok("user_update", update("Al"));
    play("3.0.0");
    vi.advanceTimersByTime(601_000);
    expect(await mcp.fails("user_update", update("Ally"))).toMatch(/Pocket ID 3\.0\.0 is newer/);
    expect(changes()).toHaveLength(1);
    expect(remarks()).toHaveLength(1);
  });
});

describe("a Pocket ID of a later major version", () => {
  it.each<[string, Record<string, unknown>]>([
    ["user_update", update("Al")],
    ["user_create", { username: "nina", email: "nina@example.com" }],
    ["user_delete", { users: ["alice", "ben"] }],
    ["user_group_update_users", { group: "board", add: ["alice"] }],
    ["custom_claim_set_user", { user: "alice", set: { team: "blue" } }],
    ["oidc_client_set_logo", { client: "immich", data: "R0lGODlhAQABAAAAADs=" }],
    ["app_config_update", { appName: "Rowing" }],
    ["api_key_create", { name: "Export", expiresAt: "1d" }],
  ])("is not changed by %s: nothing is sent that could, and the log says that it was refused", async (name, args) => {
    play("3.0.0");
    expect(await mcp.fails(name, args)).toBe(
      `Nothing was changed. Pocket ID 3.0.0 is newer than this version of pocketid-mcp knows (${newestKnownVersion}), and may take a change in another way than it is meant. Update pocketid-mcp, or let the operator set POCKETID_ALLOW_UNKNOWN_VERSION=true.`,
    );
    expect(changes()).toEqual([]);
    expect(mcp.actions().filter(({ outcome }) => outcome !== "begun")).toMatchObject([
      { tool: name, outcome: "refused" },
    ]);
  });

  it.each(["3.0.0\nyes", "V3.0.0", " v3.0"])("is not changed where it calls itself %j", async (told) => {
    play(told);
    expect(await mcp.fails("user_update", update("Al"))).toMatch(/^Nothing was changed\. Pocket ID 3\.0\S* is newer/);
    expect(changes()).toEqual([]);
  });

  it("is not changed by any tool", async () => {
    play("3.1.4");
    for (const [name, args] of Object.entries(changingCalls)) await mcp.fails(name, args);
    expect(changes()).toEqual([]);
  });

  it("is read as ever, without being asked for its version", async () => {
    play("3.0.0");
    expect((await mcp.ok("user_get", { user: "alice" })).user.username).toBe("alice");
    await mcp.ok("user_list", { search: "ali" });
    await mcp.ok("audit_log_list_all");
    expect(sent()).not.toContain("GET /api/version/current");
    expect(remarks()).toEqual([]);
    await mcp.ok("api_list");
    await mcp.fails("user_update", update("Al"));
    expect(remarks()).toEqual([
      `Pocket ID 3.0.0 is newer than this version knows (${newestKnownVersion}): it reads, and changes nothing. Look for an update of pocketid-mcp.`,
    ]);
  });

  it("is changed where the operator allows it, with another remark", async () => {
    await mcp.reconnect({ env: { POCKETID_ALLOW_UNKNOWN_VERSION: "true" } });
    play("3.0.0");
    expect((await mcp.ok("user_update", update("Al"))).changed).toEqual(["displayName"]);
    await mcp.ok("user_update", update("Ally"));
    expect(remarks()).toEqual([
      `Pocket ID 3.0.0 is newer than this version knows (${newestKnownVersion}): it changes things there all the same (POCKETID_ALLOW_UNKNOWN_VERSION). Look for an update of pocketid-mcp.`,
    ]);
    expect(mcp.warnings[0]).toContain("also set: POCKETID_ALLOW_UNKNOWN_VERSION");
  });

  it("is treated the same by the library", async () => {
    play("3.0.0");
    const { url, apiKey } = mcp.sandbox;
    const told: string[] = [];
    const careful = new PocketIdClient({ url, apiKey, warn: (message) => told.push(message) });
    const bold = new PocketIdClient({ url, apiKey, allowUnknownVersion: true });
    await expect(careful.users.update("alice", { displayName: "Al" })).rejects.toThrow("Pocket ID 3.0.0 is newer than");
    expect(changes()).toEqual([]);
    expect(told).toHaveLength(1);
    expect((await bold.users.update("alice", { displayName: "Al" })).changed).toEqual(["displayName"]);
    await Promise.all([careful.close(), bold.close()]);
  });
});
