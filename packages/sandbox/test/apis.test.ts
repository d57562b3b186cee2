import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, column, isSince, type PocketId, pocketId, present, query, textAt } from "./pocket-id.ts";

const withApis = sandboxVersions.filter((version) => isSince(version, "2.10"));

const boats = ({ sandbox }: PocketId): string => present([...sandbox.state.apis.keys()][0]);
const permissionIds = ({ sandbox }: PocketId): string[] =>
  present([...sandbox.state.apis.values()][0]).permissions.map(({ id }) => id);

describe.each(withApis)("APIs of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("show their permissions, without a description that is not there", async () => {
    const instance = await playing();
    const cimd = isSince(version, "2.14");
    present([...instance.sandbox.state.apis.values()][0]).permissions.forEach((permission, number) => {
      if (number === 1) permission.description = null;
    });
    const list = await instance.get("/api/apis");
    expect(at(list.body, "data", 0)).toMatchObject({ name: "Boat booking", ...(cimd && { allowCimdClients: false }) });
    const permissions = at(list.body, "data", 0, "permissions");
    expect(column(permissions, "key")).toEqual(["boats:read", "boats:book"]);
    expect(column(permissions, "description")).toEqual(["Who has which boat", undefined]);
    expect(column(permissions, "allowedForCimdClients")).toEqual(cimd ? [false, false] : [undefined, undefined]);
  });

  it("are found by name and by resource", async () => {
    const instance = await playing();
    for (const search of ["boat", "riverside-rowing.example/api"]) {
      expect(column((await instance.get(`/api/apis${query({ search })}`)).body, "name")).toEqual(["Boat booking"]);
    }
  });

  it("take a slash from the end of the resource since 2.14, and before keep both apart", async () => {
    const instance = await playing();
    const created = await instance.post("/api/apis", { name: "Results", resource: "https://results.example/" });
    const trims = isSince(version, "2.14");
    expect(textAt(created.body, "resource")).toBe(trims ? "https://results.example" : "https://results.example/");
    const other = await instance.post("/api/apis", { name: "Other", resource: "https://results.example" });
    expect(other.status).toBe(trims ? 409 : 201);
  });

  it("get a resource once, and keep it", async () => {
    const instance = await playing();
    const created = await instance.post("/api/apis", { name: "Results", resource: "https://results.example" });
    expect(created).toMatchObject({ status: 201, body: { resource: "https://results.example", permissions: [] } });
    const again = await instance.post("/api/apis", { name: "Other", resource: "https://results.example" });
    expect(again.status).toBe(isSince(version, "2.13") ? 409 : 400);
    const renamed = await instance.put(`/api/apis/${textAt(created.body, "id")}`, {
      name: "Race results",
      resource: "https://elsewhere.example",
    });
    expect(renamed.body).toMatchObject({ name: "Race results", resource: "https://results.example" });
  });

  it.each(["", "results", "javascript:alert(1)", "data:,x", "https://a.example/#part", "https://a.example/a b"])(
    "refuse the resource %j",
    async (resource) => {
      const instance = await playing();
      expect((await instance.post("/api/apis", { name: "Results", resource })).status).toBe(400);
    },
  );

  it("refuse Pocket ID itself as a resource", async () => {
    const instance = await playing();
    const refused = await instance.post("/api/apis", { name: "Us", resource: instance.url });
    expect(refused.status).toBe(400);
    if (isSince(version, "2.13")) {
      expect(refused.body).toMatchObject({ details: { fields: [{ field: "resource", code: "reserved" }] } });
    }
  });

  it("keep the ids and grants of permissions that stay, by key; the others go with all grants", async () => {
    const instance = await playing();
    const { grants } = instance.sandbox.state;
    const [read = "", book = ""] = permissionIds(instance);
    grants.push({
      apiId: boats(instance),
      clientId: "gitea",
      userDelegatedAccess: false,
      clientAccess: true,
      userDelegatedPermissionIds: [],
      clientPermissionIds: [book],
    });
    const replaced = await instance.put(`/api/apis/${boats(instance)}/permissions`, {
      permissions: [
        { key: "boats:cancel", name: "Cancel" },
        { key: "boats:read", name: "Read" },
      ],
    });
    expect(replaced.status).toBe(200);
    const byKey = Object.fromEntries(
      column(at(replaced.body, "permissions"), "key").map((key, row) => [key, at(replaced.body, "permissions", row)]),
    );
    expect(Object.keys(byKey).toSorted()).toEqual(["boats:cancel", "boats:read"]);
    expect(byKey["boats:read"]).toMatchObject({ id: read, name: "Read" });
    expect(at(byKey["boats:read"], "description")).toBeUndefined();
    expect(grants.map(({ clientId }) => clientId)).toEqual(["home-assistant"]);
  });

  it("lose all permissions with {}", async () => {
    const instance = await playing();
    const emptied = await instance.put(`/api/apis/${boats(instance)}/permissions`, {});
    expect(emptied).toMatchObject({ status: 200, body: { permissions: [] } });
    expect(instance.sandbox.state.grants).toEqual([]);
  });

  it.each([
    [[{ key: "openid", name: "x" }]],
    [[{ key: "Groups", name: "x" }]],
    [[{ key: "a b", name: "x" }]],
    [[{ key: "", name: "x" }]],
    [[{ key: "a", name: "" }]],
    [[{ key: "a".repeat(129), name: "x" }]],
    [[{ key: "a", name: "x".repeat(51) }]],
    [[{ key: "a", name: "x", description: "x".repeat(201) }]],
    [
      [
        { key: "a", name: "x" },
        { key: "a", name: "y" },
      ],
    ],
  ])("refuse the permissions %j", async (permissions) => {
    const instance = await playing();
    const refused = await instance.put(`/api/apis/${boats(instance)}/permissions`, { permissions });
    expect(refused.status).toBe(400);
  });

  it("take their permissions and grants along when deleted", async () => {
    const instance = await playing();
    expect((await instance.delete(`/api/apis/${boats(instance)}`)).status).toBe(204);
    expect(instance.sandbox.state.grants).toEqual([]);
    expect((await instance.get("/api/apis")).body).toMatchObject({ data: [] });
  });
});

describe("grants in Pocket ID 2.14", () => {
  const grantPath = (instance: PocketId, clientId: string) => `/api/apis/${boats(instance)}/clients/${clientId}`;

  it("are one for a client and an API, and replaced as a whole", async () => {
    const instance = await pocketId();
    const [read = "", book = ""] = permissionIds(instance);
    const granted = await instance.put(grantPath(instance, "gitea"), {
      userDelegatedPermissionIds: [book, "no-such-permission"],
      clientAccess: true,
    });
    expect(granted).toMatchObject({
      status: 200,
      body: {
        userDelegatedAccess: true,
        clientAccess: true,
        userDelegatedPermissionIds: [book],
        clientPermissionIds: [],
      },
    });
    const other = await instance.put(grantPath(instance, "gitea"), { clientPermissionIds: [read] });
    expect(other.body).toMatchObject({ userDelegatedAccess: false, clientAccess: true, clientPermissionIds: [read] });
    const nothing = await instance.put(grantPath(instance, "gitea"), {});
    expect(nothing).toMatchObject({ status: 200, body: { userDelegatedAccess: false, clientAccess: false } });
    expect(column((await instance.get(`/api/apis/${boats(instance)}/clients`)).body, "client", "id")).toEqual([
      "home-assistant",
    ]);
  });

  it("give a public client nothing for itself", async () => {
    const instance = await pocketId();
    const granted = await instance.put(grantPath(instance, "home-assistant"), {
      clientAccess: true,
      clientPermissionIds: permissionIds(instance),
    });
    expect(granted).toMatchObject({ status: 200, body: { clientAccess: false } });
  });

  it("are listed from both sides, next to what could still be granted", async () => {
    const instance = await pocketId();
    const clients = await instance.get(`/api/apis/${boats(instance)}/clients`);
    expect(at(clients.body, "data", 0)).toMatchObject({
      client: { id: "home-assistant", name: "Home Assistant", clientType: "standard", isPublic: true },
      userDelegatedAccess: true,
      cimdGrantedAccess: false,
    });
    const assignable = await instance.get(`/api/apis/${boats(instance)}/assignable-clients`);
    expect(column(assignable.body, "id")).toEqual(["immich", "nextcloud", "grafana", "paperless", "gitea"]);
    const apis = await instance.get("/api/api-access/home-assistant/apis");
    expect(column(apis.body, "api", "name")).toEqual(["Boat booking"]);
    expect((await instance.get("/api/api-access/home-assistant/assignable-apis")).body).toMatchObject({ data: [] });
    expect(column((await instance.get("/api/api-access/gitea/assignable-apis")).body, "name")).toEqual([
      "Boat booking",
    ]);
  });

  it("can be taken away", async () => {
    const instance = await pocketId();
    expect((await instance.delete(grantPath(instance, "home-assistant"))).status).toBe(204);
    expect(instance.sandbox.state.grants).toEqual([]);
    expect((await instance.delete(grantPath(instance, "nothing"))).status).toBe(404);
  });

  it("let a client act as itself, with the permissions that it has", async () => {
    const instance = await pocketId();
    const [read = ""] = permissionIds(instance);
    await instance.put(grantPath(instance, "gitea"), { clientPermissionIds: [read] });
    const issued = (more: Record<string, string>) =>
      instance.anonymous.post(
        "/api/oidc/token",
        new URLSearchParams({
          grant_type: "client_credentials",
          client_id: "gitea",
          client_secret: "Rt4yUi7oPl0kJh3gFd6sAz9xCv2bNm5q",
          resource: "https://boats.riverside-rowing.example/api",
          ...more,
        }),
      );
    expect((await issued({})).body).toMatchObject({ scope: "boats:read" });
    expect(await issued({ scope: "boats:book" })).toMatchObject({ status: 400, body: { error: "invalid_scope" } });
    expect(await issued({ resource: "https://other.example" })).toMatchObject({ body: { error: "invalid_target" } });
  });
});

describe("access of clients that register themselves, in Pocket ID 2.14", () => {
  it("is replaced as a whole; {} closes it and forgets the selection", async () => {
    const instance = await pocketId();
    const path = `/api/apis/${boats(instance)}/cimd-access`;
    const [read = ""] = permissionIds(instance);
    const opened = await instance.put(path, { enabled: true, permissionIds: [read, "no-such-permission"] });
    expect(opened).toMatchObject({ status: 200, body: { allowCimdClients: true } });
    expect(column(at(opened.body, "permissions"), "allowedForCimdClients")).toEqual([true, false]);
    const paused = await instance.put(path, { enabled: false, permissionIds: [read] });
    expect(paused.body).toMatchObject({ allowCimdClients: false });
    expect(column(at(paused.body, "permissions"), "allowedForCimdClients")).toEqual([true, false]);
    const closed = await instance.put(path, {});
    expect(column(at(closed.body, "permissions"), "allowedForCimdClients")).toEqual([false, false]);
  });
});

describe.each(["2.13", "2.12"] as const)("grants in Pocket ID %s", (version) => {
  it("are replaced for a client on all APIs at once", async () => {
    const instance = await pocketId({ version });
    const [read = "", book = ""] = permissionIds(instance);
    const path = "/api/api-access/gitea";
    expect((await instance.get(path)).body).toEqual({ userDelegatedPermissionIds: [], clientPermissionIds: [] });
    const granted = await instance.put(path, { userDelegatedPermissionIds: [read], clientPermissionIds: [book] });
    expect(granted).toMatchObject({
      status: 200,
      body: { userDelegatedPermissionIds: [read], clientPermissionIds: [book] },
    });
    const replaced = await instance.put(path, { userDelegatedPermissionIds: [book] });
    expect(replaced.body).toMatchObject({ userDelegatedPermissionIds: [book], clientPermissionIds: [] });
    expect((await instance.get("/api/api-access/gitea/apis")).body).toEqual({ error: "API endpoint not found" });
  });
});
