import { PocketIdClient } from "@pocketid-mcp/core";
import type { Api, ApiGrant, SandboxVersion } from "@pocketid-mcp/sandbox";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { addCimdClient, cimdId, holds } from "./holds.ts";

const mcp = useServer(tools);

const versions = ["2.14", "2.13", "2.12"] as const;
const api = "Boat booking";
const read = { key: "boats:read", name: "See bookings" };
const book = { key: "boats:book", name: "Book boats" };
const nothing = {
  userDelegatedAccess: false,
  userDelegatedPermissions: [],
  clientAccess: false,
  clientPermissions: [],
};

const boats = (): Api => holds(mcp).api(api);
/** What a client may do with boats, with keys in the place of ids. */
const held = (client: string) => {
  const grant = holds(mcp).grant(boats().id, client);
  const keys = (ids: string[] = []) =>
    boats()
      .permissions.filter(({ id }) => ids.includes(id))
      .map(({ key }) => key);
  return (
    grant && {
      userDelegatedAccess: grant.userDelegatedAccess,
      userDelegatedPermissions: keys(grant.userDelegatedPermissionIds),
      clientAccess: grant.clientAccess,
      clientPermissions: keys(grant.clientPermissionIds),
    }
  );
};

/** Another API, at which clients may do something as well. */
function addApi(name: string, keys: string[]): Api {
  const permissions = keys.map((key) => ({
    id: crypto.randomUUID(),
    key,
    name: key,
    description: null,
    allowedForCimdClients: false,
  }));
  const added = { ...boats(), id: crypto.randomUUID(), name, resource: `urn:${name}`, permissions };
  mcp.sandbox.state.apis.set(added.id, added);
  return added;
}

function addGrant(of: Api, clientId: string, userDelegated: string[], client: string[] = []): void {
  const ids = (keys: string[]) => of.permissions.filter(({ key }) => keys.includes(key)).map(({ id }) => id);
  mcp.sandbox.state.grants.push({
    apiId: of.id,
    clientId,
    userDelegatedAccess: userDelegated.length > 0,
    clientAccess: client.length > 0,
    userDelegatedPermissionIds: ids(userDelegated),
    clientPermissionIds: ids(client),
  });
}

describe.each(versions)("api_grant_client on %s", (version) => {
  const playing = () => mcp.reconnect({ version });

  it("lets a client act in the name of people", async () => {
    await playing();
    const answer = await mcp.ok("api_grant_client", { api, client: "Gitea", userDelegatedPermissions: ["boats:read"] });
    expect(held("gitea")).toEqual({
      ...nothing,
      userDelegatedAccess: true,
      userDelegatedPermissions: ["boats:read"],
    });
    expect(answer).toMatchObject({
      api: { id: boats().id, name: api, resource: boats().resource },
      client: { id: "gitea", name: "Gitea" },
      grant: { ...nothing, userDelegatedAccess: true, userDelegatedPermissions: [read] },
      notApplied: [],
    });
    expect(answer.changed.toSorted()).toEqual(["userDelegatedAccess", "userDelegatedPermissions"]);
  });

  it("adds to what it may do, for people and as itself", async () => {
    await playing();
    addGrant(boats(), "gitea", ["boats:read"], ["boats:read"]);
    const more = { userDelegatedPermissions: ["boats:book"], clientPermissions: ["boats:book"] };
    const { grant, changed } = await mcp.ok("api_grant_client", { api, client: "gitea", ...more });
    expect(grant).toMatchObject({ userDelegatedPermissions: [read, book], clientPermissions: [read, book] });
    expect(held("gitea")?.clientPermissions).toEqual(["boats:read", "boats:book"]);
    expect(changed.toSorted()).toEqual(["clientPermissions", "userDelegatedPermissions"]);
  });

  it("reports what a public client does not take, and gives it the rest", async () => {
    await playing();
    const answer = await mcp.ok("api_grant_client", {
      api,
      client: "Home Assistant",
      userDelegatedPermissions: ["boats:book"],
      clientPermissions: ["boats:read"],
    });
    expect(held("home-assistant")).toEqual({
      ...nothing,
      userDelegatedAccess: true,
      userDelegatedPermissions: ["boats:read", "boats:book"],
    });
    expect(answer).toMatchObject({
      grant: { clientAccess: false, clientPermissions: [] },
      changed: ["userDelegatedPermissions"],
    });
    expect(answer.notApplied.map(({ field }: { field: string }) => field).toSorted()).toEqual([
      "clientAccess",
      "clientPermissions",
    ]);
    expect(answer.notApplied[0].reason).toMatch(/public client/);
  });

  it("sends no change where it may do so already", async () => {
    await playing();
    const values = { api, client: "home-assistant", userDelegatedPermissions: ["boats:read"] };
    expect((await mcp.ok("api_grant_client", values)).changed).toEqual([]);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("changes nothing for a permission, an API or a client that is not there", async () => {
    await playing();
    const known = { api, client: "gitea", clientPermissions: ["boats:read"] };
    for (const [wrong, reason] of [
      [{ clientPermissions: ["boats:read", "boats:sink"] }, /clientPermissions\[1\]: Boat booking has no permission/],
      [{ api: "Boats" }, /api: there is no API "Boats"\. Close ones: Boat booking \(https/],
      [{ client: "Gitee" }, /client: there is no client "Gitee"\. Close ones: Gitea/],
    ] as const) {
      expect(await mcp.fails("api_grant_client", { ...known, ...wrong })).toMatch(reason);
    }
    expect(holds(mcp).changes()).toEqual([]);
  });
});

describe("access without a permission", () => {
  it("can be given since 2.14", async () => {
    const { grant } = await mcp.ok("api_grant_client", { api, client: "gitea", clientAccess: true });
    expect(grant).toMatchObject({ ...nothing, clientAccess: true });
    expect(held("gitea")).toEqual({ ...nothing, clientAccess: true });
  });

  it("is refused before, unless it comes with one", async () => {
    await mcp.reconnect({ version: "2.13" });
    expect(await mcp.fails("api_grant_client", { api, client: "gitea", clientAccess: true })).toMatch(
      /^Nothing was changed\. clientAccess: Pocket ID before 2\.14 knows no access without a permission\. Name some in clientPermissions\./,
    );
    expect(holds(mcp).changes()).toEqual([]);
    await mcp.ok("api_grant_client", { api, client: "gitea", clientAccess: true, clientPermissions: ["boats:read"] });
    expect(held("gitea")).toMatchObject({ clientAccess: true, clientPermissions: ["boats:read"] });
  });

  it("stays when the last permission is taken, and the answer says so", async () => {
    const values = { api, client: "home-assistant", userDelegatedPermissions: ["boats:read"] };
    const { grant, notes } = await mcp.ok("api_revoke_client", values);
    expect(grant).toMatchObject({ userDelegatedAccess: true, userDelegatedPermissions: [] });
    expect(notes).toEqual([expect.stringMatching(/may still call the API for signed-in users, without a permission/)]);
    const { notes: after } = await mcp.ok("api_revoke_client", { ...values, userDelegatedAccess: true });
    expect(after).toBeUndefined();
    expect(held("home-assistant")).toBeUndefined();
  });

  it("ends with the last permission before", async () => {
    await mcp.reconnect({ version: "2.13" });
    const values = { api, client: "home-assistant", userDelegatedPermissions: ["boats:read"] };
    const { grant, notes } = await mcp.ok("api_revoke_client", values);
    expect(grant).toEqual(nothing);
    expect(notes).toBeUndefined();
  });
});

describe.each(versions)("api_revoke_client on %s", (version) => {
  const playing = async () => {
    await mcp.reconnect({ version });
    addGrant(boats(), "gitea", ["boats:read", "boats:book"], ["boats:read"]);
  };

  it("takes all access to the API away", async () => {
    await playing();
    const { grant, changed } = await mcp.ok("api_revoke_client", { api, client: "Gitea" });
    expect(held("gitea")).toBeUndefined();
    expect(grant).toMatchObject(nothing);
    expect(changed).toHaveLength(4);
    const own = `DELETE /api/apis/${boats().id}/clients/gitea`;
    expect(holds(mcp).changes()).toEqual([version === "2.14" ? own : "PUT /api/api-access/gitea"]);
    expect(held("home-assistant")).toBeDefined();
  });

  it("takes what is named", async () => {
    await playing();
    const { grant } = await mcp.ok("api_revoke_client", {
      api,
      client: "gitea",
      userDelegatedPermissions: ["boats:book"],
    });
    expect(grant).toMatchObject({ userDelegatedPermissions: [read], clientPermissions: [read] });
    expect(held("gitea")).toMatchObject({
      userDelegatedPermissions: ["boats:read"],
      clientPermissions: ["boats:read"],
    });
  });

  it("takes one half and leaves the other", async () => {
    await playing();
    const { grant } = await mcp.ok("api_revoke_client", { api, client: "gitea", userDelegatedAccess: true });
    expect(grant).toMatchObject({ ...nothing, clientAccess: true, clientPermissions: [read] });
    expect(held("gitea")).toEqual({ ...nothing, clientAccess: true, clientPermissions: ["boats:read"] });
  });

  it("sends no change where there is nothing to take", async () => {
    await playing();
    expect((await mcp.ok("api_revoke_client", { api, client: "Immich" })).changed).toEqual([]);
    const { changed } = await mcp.ok("api_revoke_client", { api, client: "gitea", clientPermissions: ["boats:book"] });
    expect(changed).toEqual([]);
    expect(holds(mcp).changes()).toEqual([]);
  });
});

describe("the library", () => {
  it("does not take an empty list for everything", async () => {
    const { url, apiKey } = mcp.sandbox;
    const pocketId = new PocketIdClient({ url, apiKey });
    const before = held("home-assistant");
    const revoked = pocketId.apis.revoke(api, "home-assistant", { userDelegatedPermissions: [] });
    await expect(revoked).rejects.toThrow(/there is nothing to change/);
    expect(held("home-assistant")).toEqual(before);
    await pocketId.close();
  });
});

describe("bad arguments", () => {
  it.each([
    ["api_grant_client", {}, /userDelegatedPermissions: there is nothing to grant/],
    ["api_grant_client", { clientAccess: false }, /clientAccess: say true, or leave it out.* api_revoke_client/],
    ["api_grant_client", { clientPermissions: [] }, /clientPermissions: /],
    ["api_grant_client", { clientPermissions: "boats:read" }, /clientPermissions: /],
    ["api_revoke_client", { userDelegatedPermissions: [] }, /userDelegatedPermissions: /],
    ["api_revoke_client", { userDelegatedAccess: false }, /userDelegatedAccess: say true, or leave it out/],
    ["api_revoke_client", { permissions: ["boats:read"] }, /permissions: there is no such argument/],
  ])("to %s send nothing: %j", async (tool, values, reason) => {
    expect(await mcp.fails(tool, { api, client: "gitea", ...values })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe.each(["2.14", "2.13", "2.12"] satisfies SandboxVersion[])("a change of one grant on %s", (version) => {
  const key = fc.constantFrom("boats:read", "boats:book");
  const change = fc.record({
    tool: fc.constantFrom("api_grant_client", "api_revoke_client"),
    userDelegatedPermissions: fc.option(fc.uniqueArray(key, { minLength: 1 }), { nil: undefined }),
    clientPermissions: fc.option(fc.uniqueArray(key, { minLength: 1 }), { nil: undefined }),
  });
  const some = (...keys: string[]) => fc.subarray(keys);

  it("touches neither other APIs, nor other clients, nor the half that it does not name", async () => {
    await mcp.reconnect({ version });
    const results = addApi("Results", ["boats:read", "results:write"]);
    const weather = addApi("Weather", ["weather:read"]);
    const clients = ["gitea", "grafana", "home-assistant"];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...clients),
        change,
        fc.array(fc.tuple(some("boats:read", "boats:book"), some("boats:read", "boats:book")), {
          minLength: 3,
          maxLength: 3,
        }),
        fc.array(fc.tuple(some("boats:read", "results:write"), some("results:write"), some("weather:read")), {
          minLength: 3,
          maxLength: 3,
        }),
        async (client, { tool, ...permissions }, here, elsewhere) => {
          const { state } = mcp.sandbox;
          state.grants = [];
          for (const [index, id] of clients.entries()) {
            // A public client has nothing of its own.
            const own = (keys: string[] = []) => (id === "home-assistant" ? [] : keys);
            addGrant(boats(), id, here[index]?.[0] ?? [], own(here[index]?.[1]));
            addGrant(results, id, elsewhere[index]?.[0] ?? [], own(elsewhere[index]?.[1]));
            addGrant(weather, id, [], own(elsewhere[index]?.[2]));
          }
          state.grants = state.grants.filter(
            ({ userDelegatedAccess, clientAccess }) => userDelegatedAccess || clientAccess,
          );
          const before = structuredClone(state.grants);
          const nothingNamed = Object.values(permissions).every((keys) => keys === undefined);
          if (tool === "api_grant_client" && nothingNamed) return;
          await mcp.ok(tool, { api, client, ...permissions });
          const isOther = ({ apiId, clientId }: ApiGrant) => apiId !== boats().id || clientId !== client;
          expect(byPair(state.grants.filter(isOther))).toEqual(byPair(before.filter(isOther)));
          const then = before.find((grant) => !isOther(grant));
          const now = state.grants.find((grant) => !isOther(grant));
          if (nothingNamed) return;
          if (permissions.userDelegatedPermissions === undefined)
            expect(now?.userDelegatedPermissionIds.toSorted() ?? []).toEqual(
              then?.userDelegatedPermissionIds.toSorted() ?? [],
            );
          if (permissions.clientPermissions === undefined)
            expect(now?.clientPermissionIds.toSorted() ?? []).toEqual(then?.clientPermissionIds.toSorted() ?? []);
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Grants without the order that Pocket ID does not keep. */
const byPair = (grants: ApiGrant[]) =>
  Object.fromEntries(
    grants.map((grant) => [
      `${grant.clientId} ${grant.apiId}`,
      {
        ...grant,
        userDelegatedPermissionIds: grant.userDelegatedPermissionIds.toSorted(),
        clientPermissionIds: grant.clientPermissionIds.toSorted(),
      },
    ]),
  );

describe("a client that registers itself", () => {
  it.each(["2.14", "2.13"] as const)(
    "is granted access on %s like any other, by the URL that is its id",
    async (version) => {
      await mcp.reconnect({ version });
      addCimdClient(mcp);
      await mcp.ok("api_grant_client", { api, client: cimdId, userDelegatedPermissions: ["boats:book"] });
      expect(held(cimdId)).toMatchObject({ userDelegatedPermissions: ["boats:book"] });
      const segment = `~${Buffer.from(cimdId).toString("base64url")}`;
      expect(holds(mcp).changes()).toEqual([
        version === "2.14" ? `PUT /api/apis/${boats().id}/clients/${segment}` : `PUT /api/api-access/${segment}`,
      ]);
      await mcp.ok("api_revoke_client", { api, client: "Notes" });
      expect(held(cimdId)).toBeUndefined();
    },
  );

  it("keeps what all of them may do, and the answer says so", async () => {
    addCimdClient(mcp);
    boats().allowCimdClients = true;
    const { grant, notes } = await mcp.ok("api_revoke_client", { api, client: "Notes" });
    expect(grant).toEqual({ ...nothing, cimdGrantedAccess: true, cimdGrantedPermissions: [] });
    expect(notes).toEqual([expect.stringMatching(/open to all clients that register themselves.*api_set_cimd_access/)]);
  });
});

describe.each(versions)("api_client_list on %s", (version) => {
  it("names the clients of an API, and what they may do", async () => {
    await mcp.reconnect({ version });
    addGrant(boats(), "gitea", [], ["boats:book"]);
    addGrant(addApi("Results", ["results:write"]), "immich", ["results:write"]);
    const { clients, totalItems, hasMore } = await mcp.ok("api_client_list", { api });
    expect(clients).toMatchObject([
      {
        client: { id: "gitea", name: "Gitea", isPublic: false },
        ...nothing,
        clientAccess: true,
        clientPermissions: [book],
      },
      {
        client: { id: "home-assistant", name: "Home Assistant", isPublic: true },
        ...nothing,
        userDelegatedAccess: true,
        userDelegatedPermissions: [read],
      },
    ]);
    expect({ totalItems, hasMore }).toEqual({ totalItems: 2, hasMore: false });
  });

  it("searches, sorts and goes through pages", async () => {
    await mcp.reconnect({ version });
    for (const client of ["gitea", "grafana", "immich"]) addGrant(boats(), client, ["boats:read"]);
    const idsOf = ({ clients }: { clients: { client: { id: string } }[] }) => clients.map(({ client }) => client.id);
    expect(idsOf(await mcp.ok("api_client_list", { api, search: "g" }))).toEqual(["gitea", "grafana"]);
    const second = await mcp.ok("api_client_list", { api, sort: "name desc", limit: 2, page: 2 });
    expect(idsOf(second)).toEqual(["grafana", "gitea"]);
    expect(second).toMatchObject({ page: 2, totalItems: 4, hasMore: false });
    expect(idsOf(await mcp.ok("api_client_list", { api, all: true }))).toHaveLength(4);
  });
});

describe("api_client_list", () => {
  it("shows those that may call an API because it is open to all that register themselves", async () => {
    addCimdClient(mcp);
    boats().allowCimdClients = true;
    for (const permission of boats().permissions.slice(1)) permission.allowedForCimdClients = true;
    const { clients } = await mcp.ok("api_client_list", { api, search: "Notes" });
    expect(clients).toEqual([
      {
        client: { id: cimdId, name: "Notes", isPublic: true, clientType: "cimd" },
        ...nothing,
        cimdGrantedAccess: true,
        cimdGrantedPermissions: [book],
      },
    ]);
  });

  it("asks once on 2.14", async () => {
    await mcp.ok("api_client_list", { api: boats().id });
    expect(mcp.sandbox.requests.filter(({ path }) => /clients|api-access/.test(path))).toHaveLength(1);
  });
});

describe.each(versions)("api_access_list on %s", (version) => {
  it("names the APIs that a client may call, and what it may do there", async () => {
    await mcp.reconnect({ version });
    addGrant(addApi("Results", ["results:write"]), "home-assistant", ["results:write"]);
    addApi("Weather", ["weather:read"]);
    const answer = await mcp.ok("api_access_list", { client: "Home Assistant" });
    expect(answer).toMatchObject({
      client: { id: "home-assistant", name: "Home Assistant" },
      apis: [
        {
          api: { id: boats().id, name: api, resource: boats().resource },
          ...nothing,
          userDelegatedAccess: true,
          userDelegatedPermissions: [read],
        },
        { api: { name: "Results" }, userDelegatedPermissions: [{ key: "results:write", name: "results:write" }] },
      ],
    });
    expect(answer.apis).toHaveLength(2);
    expect(answer.apis[0].api).not.toHaveProperty("permissions");
  });

  it("is empty for a client that may call none", async () => {
    await mcp.reconnect({ version });
    expect((await mcp.ok("api_access_list", { client: "immich" })).apis).toEqual([]);
  });
});

describe("the action log", () => {
  it("says which API and client a grant was about, and which halves changed", async () => {
    await mcp.ok("api_grant_client", { api, client: "gitea", userDelegatedPermissions: ["boats:read"] });
    const [line] = mcp.actions();
    expect(line).toMatchObject({
      tool: "api_grant_client",
      risk: "danger",
      httpMethod: "PUT",
      path: `/api/apis/${boats().id}/clients/gitea`,
      targets: [`api:${boats().id}`, "client:gitea"],
      outcome: "ok",
    });
    expect(line?.changed).toEqual(["userDelegatedAccess", "userDelegatedPermissions"]);
  });
});
