import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { holds } from "./holds.ts";

// Nobody is asked here: what others do between reading and writing is what this is about.
const unasked = { env: { POCKETID_CONFIRM: "off" } };
const mcp = useServer(tools, unasked);

const api = "Boat booking";
const boats = () => holds(mcp).api(api);
const idOf = (key: string) => boats().permissions.find((permission) => permission.key === key)?.id ?? "";
const keysOf = (permissions: { key: string }[]) => permissions.map(({ key }) => key);

/** Lets somebody else do something right before a request is answered: the one of this number that is asked for like this. */
function before(number: number, asked: RegExp, change: () => void): void {
  let count = 0;
  mcp.sandbox.intercept = ({ method, url }) => {
    if (asked.test(`${method} ${url}`) && ++count === number) change();
    return false;
  };
}

const addPermission = (key: string) =>
  boats().permissions.push({
    id: crypto.randomUUID(),
    key,
    name: key,
    description: null,
    allowedForCimdClients: false,
  });
const readApi = /^GET \/api\/apis\/[^/?]+$/;

describe("api_set_permissions", () => {
  it("keeps what somebody else adds while it looks who loses a permission", async () => {
    before(1, /^GET \/api\/apis\/.*\/clients/, () => addPermission("theirs"));
    const { removed, added, notes } = await mcp.ok("api_set_permissions", { api, remove: ["boats:read"] });
    expect(keysOf(boats().permissions)).toEqual(["boats:book", "theirs"]);
    expect([keysOf(removed), keysOf(added)]).toEqual([["boats:read"], []]);
    expect(notes).toEqual(["Somebody else changed theirs meanwhile; that was kept."]);
  });

  it("does not take for its own what somebody else changed while a write had to be repeated", async () => {
    let failed = false;
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "PUT" || failed) return false;
      failed = true;
      addPermission("theirs");
      response.writeHead(502).end();
      return true;
    };
    const answer = await mcp.ok("api_set_permissions", { api, add: [{ key: "mine", name: "Mine" }] });
    expect(answer.added).toEqual([{ key: "mine", name: "Mine" }]);
    expect(answer.notes).toEqual(["Somebody else changed theirs meanwhile; that was kept."]);
    expect(keysOf(boats().permissions)).toEqual(["boats:read", "boats:book", "theirs", "mine"]);
  });
});

describe("a change that may have been carried out", () => {
  it("is not said to have changed nothing, although the repeat of it is refused", async () => {
    const change = [{ key: "boats:read", name: "Look" }];
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "PUT") return false;
      boats().permissions.splice(0, 1);
      response.writeHead(502).end();
      return true;
    };
    const text = await mcp.fails("api_set_permissions", { api, change });
    expect(text).toMatch(/^change\[0\]: Boat booking has no permission "boats:read"/);
    expect(text).toMatch(/Whether this was done before that is unknown: PUT \/api\/apis\/\S+\/permissions\.$/);
    expect(mcp.actions()).toMatchObject([{ tool: "api_set_permissions", outcome: "failed" }]);
  });
});

describe("api_set_cimd_access", () => {
  it("keeps what somebody else selects and opens, and says so", async () => {
    before(2, readApi, () => {
      boats().allowCimdClients = true;
      for (const permission of boats().permissions) permission.allowedForCimdClients = permission.key === "boats:book";
    });
    const answer = await mcp.ok("api_set_cimd_access", { api, add: ["boats:read"] });
    expect(boats()).toMatchObject({
      allowCimdClients: true,
      permissions: [{ allowedForCimdClients: true }, { allowedForCimdClients: true }],
    });
    expect(answer).toMatchObject({ changed: ["allowedForCimdClients"], added: [{ key: "boats:read" }], removed: [] });
    expect(answer.notes).toEqual(["Somebody else changed allowCimdClients, boats:book meanwhile; that was kept."]);
  });

  it.each([
    ["allowCimdClients", (shown: Record<string, unknown>) => delete shown.allowCimdClients],
    [
      "permissions.0.allowedForCimdClients",
      ({ permissions }: { permissions: Record<string, unknown>[] }) => delete permissions[0]?.allowedForCimdClients,
    ],
  ])("writes nothing where the answer leaves out %s: it would be closed, or forgotten", async (field, leaveOut) => {
    const held = boats();
    held.allowCimdClients = true;
    for (const permission of held.permissions) permission.allowedForCimdClients = permission.key === "boats:read";
    const then = structuredClone(held);
    mcp.sandbox.intercept = ({ method, url }, response) => {
      if (!readApi.test(`${method} ${url}`)) return false;
      const shown = structuredClone({ ...held });
      leaveOut(shown as never);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(shown));
      return true;
    };
    const text = await mcp.fails("api_set_cimd_access", { api, add: ["boats:book"] });
    expect(text).toContain(`not as expected at ${field}`);
    expect(boats()).toEqual(then);
    expect(holds(mcp).changes()).toEqual([]);
  });
});

describe.each(["2.14", "2.13"] as const)("api_grant_client on %s", (version) => {
  const readGrants = /^GET \/api\/api-access\//;
  const grant = () => holds(mcp).grant(boats().id, "home-assistant");
  const giveBook = () => grant()?.userDelegatedPermissionIds.push(idOf("boats:book"));

  it("keeps what somebody else grants, and says so", async () => {
    await mcp.reconnect({ version, ...unasked });
    Object.assign(holds(mcp).client("home-assistant"), { isPublic: false });
    before(2, readGrants, giveBook);
    const answer = await mcp.ok("api_grant_client", {
      api,
      client: "Home Assistant",
      clientPermissions: ["boats:read"],
    });
    expect(grant()?.userDelegatedPermissionIds).toEqual([idOf("boats:read"), idOf("boats:book")]);
    expect(answer.changed.sort()).toEqual(["clientAccess", "clientPermissions"]);
    expect(answer.notes).toEqual(["Somebody else changed userDelegatedPermissions meanwhile; that was kept."]);
  });
});

describe("api_grant_client on 2.13", () => {
  it.each(["GET /api/api-access/home-assistant", "GET /api/oidc/clients/home-assistant"])(
    "keeps what somebody else grants at the same API until the last look: the last %s before it writes",
    async (last) => {
      await mcp.reconnect({ version: "2.13", ...unasked });
      Object.assign(holds(mcp).client("home-assistant"), { isPublic: false });
      const grant = () => holds(mcp).grant(boats().id, "home-assistant");
      const change = () => grant()?.userDelegatedPermissionIds.push(idOf("boats:book"));
      // References are resolved by the first look at the client; the grants are read when the call begins and before a write is prepared.
      before(last.includes("oidc") ? 2 : 3, new RegExp(`^${last}$`), change);
      await mcp.ok("api_grant_client", { api, client: "home-assistant", clientPermissions: ["boats:read"] });
      expect(grant()?.userDelegatedPermissionIds).toEqual([idOf("boats:read"), idOf("boats:book")]);
      expect(grant()?.clientPermissionIds).toEqual([idOf("boats:read")]);
    },
  );
});
