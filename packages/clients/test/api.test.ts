import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { addCimdClient, holds, named } from "./holds.ts";

const mcp = useServer(tools);

const boats = () => holds(mcp).api("Boat booking");
const resource = "https://boats.riverside-rowing.example/api";

const addApi = (name: string, uri: string, more: object = {}) => {
  const id = crypto.randomUUID();
  const createdAt = "2026-01-01T12:00:00Z";
  mcp.sandbox.state.apis.set(id, { ...boats(), id, name, resource: uri, createdAt, permissions: [], ...more });
  return id;
};

describe("api_list", () => {
  it("shows what one needs to pick an API", async () => {
    addApi("Results", "urn:results");
    expect(await mcp.ok("api_list")).toEqual({
      apis: [
        { id: boats().id, name: "Boat booking", resource, allowCimdClients: false },
        { id: holds(mcp).api("Results").id, name: "Results", resource: "urn:results", allowCimdClients: false },
      ],
      page: 1,
      totalItems: 2,
      hasMore: false,
    });
  });

  it.each(["booking", "rowing.example/api"])("finds %s by name or resource", async (search) => {
    addApi("Results", "urn:results");
    expect(named((await mcp.ok("api_list", { search })).apis)).toEqual(["Boat booking"]);
  });

  it("says where it looked when nothing was found", async () => {
    expect((await mcp.ok("api_list", { search: "kayak" })).notes).toEqual([
      expect.stringMatching(/in name and resource/),
    ]);
  });

  it("shows permissions in full, sorts, and goes through pages", async () => {
    for (const number of [3, 1, 2]) addApi(`API ${number}`, `urn:${number}`);
    const full = await mcp.ok("api_list", { search: "boat", full: true });
    expect(full.apis[0].permissions.map(({ key }: { key: string }) => key)).toEqual(["boats:read", "boats:book"]);
    const page = await mcp.ok("api_list", { search: "urn:", sort: "name desc", limit: 2, page: 1 });
    expect(named(page.apis)).toEqual(["API 3", "API 2"]);
    expect(page).toMatchObject({ totalItems: 3, hasMore: true });
  });
});

describe("api_get", () => {
  it.each([
    ["id", () => boats().id],
    ["resource", () => resource],
    ["resource with a slash", () => `${resource}/`],
    ["name", () => "Boat booking"],
    ["name in other letters", () => "boat BOOKING"],
  ])("finds one by its %s", async (_what, reference) => {
    const { api } = await mcp.ok("api_get", { api: reference() });
    expect(api).toEqual({ ...boats(), permissions: boats().permissions });
  });

  it("takes the one with exactly this resource before one that has it as its name", async () => {
    const id = addApi(resource, "urn:other");
    expect((await mcp.ok("api_get", { api: resource })).api.id).toBe(boats().id);
    expect((await mcp.ok("api_get", { api: id })).api.name).toBe(resource);
  });

  it("tells a resource with a slash from one without, as Pocket ID did before 2.14", async () => {
    await mcp.reconnect({ version: "2.13" });
    const id = addApi("With slash", `${resource}/`);
    expect((await mcp.ok("api_get", { api: `${resource}/` })).api.id).toBe(id);
    expect((await mcp.ok("api_get", { api: resource })).api.id).toBe(boats().id);
  });

  it("lists candidates for a name that several have, and for one that none has", async () => {
    addApi("Boat booking", "urn:second");
    expect(await mcp.fails("api_get", { api: "Boat booking" })).toMatch(
      /api: 2 of them are called "Boat booking": .*urn:second.* Give the id\./,
    );
    expect(await mcp.fails("api_get", { api: "Boat bookin" })).toMatch(/there is no API .*Close ones: Boat booking/);
  });

  it.each(["2.13", "2.12"] as const)("shows permissions on %s, which knows nothing of CIMD access", async (version) => {
    await mcp.reconnect({ version });
    const { api } = await mcp.ok("api_get", { api: "Boat booking" });
    expect(api).not.toHaveProperty("allowCimdClients");
    expect(api.permissions).toEqual(
      boats().permissions.map(({ allowedForCimdClients: _, ...permission }) => permission),
    );
  });
});

describe("api_create", () => {
  it.each(["2.14", "2.12"] as const)("makes an API with its permissions on %s", async (version) => {
    await mcp.reconnect({ version });
    const permissions = [
      { key: "results:read", name: "See results", description: "Of all races" },
      { key: "results:write", name: "Enter results" },
    ];
    const { api } = await mcp.ok("api_create", { name: "Results", resource: "https://results.example/", permissions });
    const held = holds(mcp).api("Results");
    expect(held).toMatchObject({ id: api.id, permissions: [permissions[0], { ...permissions[1], description: null }] });
    expect(api).toMatchObject({ name: "Results", resource: held.resource, permissions });
    expect(held.resource).toBe(version === "2.14" ? "https://results.example" : "https://results.example/");
    expect(mcp.sandbox.state.grants.filter(({ apiId }) => apiId === api.id)).toEqual([]);
  });

  it("sends one request where there are no permissions", async () => {
    await mcp.ok("api_create", { name: "Results", resource: "urn:results" });
    expect(holds(mcp).changes()).toEqual(["POST /api/apis"]);
  });

  it.each([
    [{ resource: "results" }, /resource: give an absolute URI/],
    [{ resource: "https://a.example/#x" }, /resource: give an absolute URI/],
    [{ resource: "javascript:alert(1)" }, /resource: give an absolute URI/],
    [{ name: "" }, /name: /],
    [{ permissions: [{ key: "openid", name: "x" }] }, /permissions\[0\]\.key: openid is a scope of Pocket ID's own/],
    [{ permissions: [{ key: "a b", name: "x" }] }, /permissions\[0\]\.key: a scope is printable ASCII/],
    [
      {
        permissions: [
          { key: "a", name: "x" },
          { key: "a", name: "y" },
        ],
      },
      /permissions\[1\]\.key: a is there twice/,
    ],
  ])("sends nothing for %j", async (values, reason) => {
    expect(await mcp.fails("api_create", { name: "Results", resource: "urn:results", ...values })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it.each(["2.14", "2.12"] as const)("passes on that a resource is taken on %s", async (version) => {
    await mcp.reconnect({ version });
    expect(await mcp.fails("api_create", { name: "Results", resource })).toMatch(/resource is already in use/i);
    expect(mcp.sandbox.state.apis.size).toBe(1);
  });

  it("says that the API is there when its permissions could not be stored", async () => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "PUT") return false;
      response.writeHead(500).end();
      return true;
    };
    const text = await mcp.fails("api_create", {
      name: "Results",
      resource: "urn:results",
      permissions: [{ key: "a", name: "A" }],
    });
    expect(text).toMatch(/The API [0-9a-f-]{36} was created; do not create it again\. But then: .*POST \/api\/apis/);
    expect(holds(mcp).api("Results").permissions).toEqual([]);
  });
});

describe("api_update", () => {
  it("renames an API and changes nothing else of it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[A-Za-zäöü ]{1,50}$/).filter((name) => name.trim() !== ""),
        fc.boolean(),
        fc.option(fc.constant("x"), { nil: null }),
        async (name, open, description) => {
          const api = boats();
          api.allowCimdClients = open;
          for (const permission of api.permissions)
            Object.assign(permission, { description, allowedForCimdClients: open });
          const before = structuredClone({ api, grants: mcp.sandbox.state.grants });
          await mcp.ok("api_update", { api: api.id, name });
          expect({ api, grants: mcp.sandbox.state.grants }).toEqual({ ...before, api: { ...before.api, name } });
          api.name = "Boat booking";
        },
      ),
      { numRuns: 15 },
    );
  });

  it("answers what holds now", async () => {
    const answer = await mcp.ok("api_update", { api: resource, name: "Boats" });
    expect(answer).toMatchObject({ api: { name: "Boats", resource }, changed: ["name"], notApplied: [] });
    expect(answer.api.permissions).toHaveLength(2);
  });

  it("sends no change where nothing would change", async () => {
    expect((await mcp.ok("api_update", { api: resource, name: "Boat booking" })).changed).toEqual([]);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("cannot change the resource", async () => {
    expect(await mcp.fails("api_update", { api: resource, name: "Boats", resource: "urn:boats" })).toMatch(
      /resource: /,
    );
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("api_delete", () => {
  it("deletes several, with a result for each, and their grants", async () => {
    const id = addApi("Results", "urn:results");
    const { apis } = await mcp.ok("api_delete", { apis: ["Results", resource] });
    expect(apis).toEqual([
      { id, name: "Results", deleted: true },
      { id: expect.any(String), name: "Boat booking", deleted: true },
    ]);
    expect(mcp.sandbox.state.apis.size).toBe(0);
    expect(mcp.sandbox.state.grants).toEqual([]);
  });

  it("deletes none if one of them is not there", async () => {
    expect(await mcp.fails("api_delete", { apis: ["Boat booking", "Kayaks"] })).toMatch(/apis\[1\]: there is no API/);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("sends nothing for an empty list", async () => {
    expect(await mcp.fails("api_delete", { apis: [] })).toMatch(/apis: it is empty/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("api_set_cimd_access", () => {
  const chosen = () =>
    boats()
      .permissions.filter(({ allowedForCimdClients }) => allowedForCimdClients)
      .map(({ key }) => key);

  it("opens an API with a choice of permissions, which the application then has", async () => {
    addCimdClient(mcp);
    const answer = await mcp.ok("api_set_cimd_access", { api: resource, enabled: true, add: ["boats:read"] });
    expect(boats().allowCimdClients).toBe(true);
    expect(chosen()).toEqual(["boats:read"]);
    expect(answer).toMatchObject({
      api: { allowCimdClients: true, permissions: [{ allowedForCimdClients: true }, { allowedForCimdClients: false }] },
      changed: ["allowCimdClients", "allowedForCimdClients"],
      added: [{ key: "boats:read", name: "See bookings" }],
      removed: [],
    });
    expect(answer).not.toHaveProperty("notes");
    const { apis } = await mcp.ok("api_access_list", { client: "Notes" });
    expect(apis).toMatchObject([{ cimdGrantedAccess: true, cimdGrantedPermissions: [{ key: "boats:read" }] }]);
  });

  it("keeps the choice when it closes and opens again", async () => {
    await mcp.ok("api_set_cimd_access", { api: resource, enabled: true, replace: ["boats:book"] });
    await mcp.ok("api_set_cimd_access", { api: resource, enabled: false });
    expect(boats().allowCimdClients).toBe(false);
    expect(chosen()).toEqual(["boats:book"]);
    await mcp.ok("api_set_cimd_access", { api: resource, enabled: true });
    expect(chosen()).toEqual(["boats:book"]);
  });

  it("changes the choice and keeps the API open or closed", async () => {
    boats().allowCimdClients = true;
    await mcp.ok("api_set_cimd_access", { api: resource, add: ["boats:read", "boats:book"] });
    expect(boats().allowCimdClients).toBe(true);
    const { removed } = await mcp.ok("api_set_cimd_access", { api: resource, remove: ["boats:read"] });
    expect(removed).toEqual([{ key: "boats:read", name: "See bookings" }]);
    expect(chosen()).toEqual(["boats:book"]);
    boats().allowCimdClients = false;
    const { notes } = await mcp.ok("api_set_cimd_access", { api: resource, replace: [] });
    expect(notes).toEqual([expect.stringMatching(/The API is closed to them/)]);
    expect(boats().allowCimdClients).toBe(false);
    expect(chosen()).toEqual([]);
  });

  it("changes nothing else of the API and of what clients were granted", async () => {
    const before = structuredClone({ api: boats(), grants: mcp.sandbox.state.grants });
    await mcp.ok("api_set_cimd_access", { api: resource, enabled: true, replace: ["boats:book"] });
    await mcp.ok("api_set_cimd_access", { api: resource, enabled: false, replace: [] });
    expect({ api: boats(), grants: mcp.sandbox.state.grants }).toEqual(before);
  });

  it("sends no change where nothing would change", async () => {
    expect((await mcp.ok("api_set_cimd_access", { api: resource, enabled: false })).changed).toEqual([]);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each([
    [{}, /enabled: there is nothing to change/],
    [{ add: [] }, /add: there is nothing to change/],
    [{ add: ["boats:read"], replace: [] }, /replace: it stands for the whole set/],
    [{ enabled: "yes" }, /enabled: /],
  ])("sends nothing for %j", async (values, reason) => {
    expect(await mcp.fails("api_set_cimd_access", { api: resource, ...values })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("changes nothing for a key that the API does not have, or that comes and goes", async () => {
    expect(await mcp.fails("api_set_cimd_access", { api: resource, enabled: true, add: ["boats:sink"] })).toMatch(
      /add\[0\]: Boat booking has no permission "boats:sink"\. It has: boats:read, boats:book\./,
    );
    expect(
      await mcp.fails("api_set_cimd_access", { api: resource, add: ["boats:read"], remove: ["boats:read"] }),
    ).toMatch(/remove: See bookings is in add, too/);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each([true, false])("says on 2.13 that it came later, for enabled: %s", async (enabled) => {
    await mcp.reconnect({ version: "2.13" });
    expect(await mcp.fails("api_set_cimd_access", { api: resource, enabled })).toMatch(
      /2\.13\.0 has no operation PUT \/api\/apis\/:id\/cimd-access\. It came with 2\.14\.0/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });
});

describe.each(["2.9", "1.16"] as const)("APIs on Pocket ID %s", (version) => {
  it.each([
    ["api_list", {}],
    ["api_get", { api: "Boats" }],
    ["api_create", { name: "Boats", resource: "urn:boats", permissions: [{ key: "a", name: "A" }] }],
    ["api_update", { api: "Boats", name: "Ships" }],
    ["api_delete", { apis: ["Boats"] }],
    ["api_set_permissions", { api: "Boats", remove: ["a"] }],
    ["api_set_cimd_access", { api: "Boats", enabled: true }],
    ["api_grant_client", { api: "Boats", client: "Immich", clientAccess: true }],
    ["api_revoke_client", { api: "Boats", client: "Immich" }],
    ["api_client_list", { api: "Boats" }],
    ["api_access_list", { client: "Immich" }],
  ])("%s says that they came later", async (tool, values) => {
    await mcp.reconnect({ version });
    expect(await mcp.fails(tool, values)).toMatch(
      /has no operation .*It came with 2\.10\.0\. Update Pocket ID to 2\.10/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });
});
