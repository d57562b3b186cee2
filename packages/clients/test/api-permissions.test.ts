import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { addCimdClient, holds } from "./holds.ts";

const mcp = useServer(tools);

const boats = () => holds(mcp).api("Boat booking");
const keysOf = (permissions: { key: string }[]) => permissions.map(({ key }) => key);
const idOf = (key: string) => boats().permissions.find((permission) => permission.key === key)?.id ?? "";
const read = { key: "boats:read", name: "See bookings" };
const book = { key: "boats:book", name: "Book boats" };

/** Lets Gitea do something with boats, in the name of people and as itself. */
const letGitea = (userDelegated: string[], client: string[] = []) =>
  mcp.sandbox.state.grants.push({
    apiId: boats().id,
    clientId: "gitea",
    userDelegatedAccess: userDelegated.length > 0,
    clientAccess: client.length > 0,
    userDelegatedPermissionIds: userDelegated.map(idOf),
    clientPermissionIds: client.map(idOf),
  });

describe("api_set_permissions", () => {
  it.each(["2.14", "2.12"] as const)("adds, changes and removes at once on %s", async (version) => {
    await mcp.reconnect({ version });
    const answer = await mcp.ok("api_set_permissions", {
      api: "Boat booking",
      add: [{ key: "boats:cancel", name: "Cancel", description: "One's own" }],
      change: [{ key: "boats:read", name: "See who has which boat" }],
      remove: ["boats:book"],
    });
    expect(boats().permissions).toMatchObject([
      { key: "boats:read", name: "See who has which boat", description: "Who has which boat" },
      { key: "boats:cancel", name: "Cancel", description: "One's own" },
    ]);
    expect(answer).toMatchObject({
      api: { id: boats().id, permissions: [{ key: "boats:read" }, { key: "boats:cancel" }] },
      added: [{ key: "boats:cancel", name: "Cancel" }],
      updated: [{ key: "boats:read", name: "See who has which boat" }],
      removed: [book],
    });
  });

  it.each(["2.14", "2.13"] as const)(
    "keeps the permissions that it does not name, with their ids and grants, on %s",
    async (version) => {
      await mcp.reconnect({ version });
      const name = fc.stringMatching(/^[A-Za-z ]{0,10}[A-Za-z]$/);
      const permission = fc.record({ name, description: fc.option(name), allowedForCimdClients: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(
          fc.array(permission, { minLength: 3, maxLength: 6 }),
          fc.subarray(["add", "change", "remove"], { minLength: 1 }),
          async (held, parts) => {
            const api = boats();
            api.permissions = held.map((one, index) => ({ ...one, key: `k${index}`, id: crypto.randomUUID() }));
            mcp.sandbox.state.grants = [];
            letGitea(["k0", "k1", "k2"], ["k1", "k2"]);
            const before = structuredClone(api.permissions);
            await mcp.ok("api_set_permissions", {
              api: api.id,
              ...(parts.includes("add") ? { add: [{ key: "new", name: "New" }] } : {}),
              ...(parts.includes("change") ? { change: [{ key: "k0", name: "Changed" }] } : {}),
              ...(parts.includes("remove") ? { remove: ["k1"] } : {}),
            });
            const now = new Map(api.permissions.map((one) => [one.key, one]));
            for (const [index, one] of before.entries()) {
              const changed = parts.includes("change") && index === 0 ? { name: "Changed" } : {};
              const expected = parts.includes("remove") && index === 1 ? undefined : { ...one, ...changed };
              expect(now.get(one.key)).toEqual(expected);
            }
            expect(now.has("new")).toBe(parts.includes("add"));
            const left = parts.includes("remove") ? ["k0", "k2"] : ["k0", "k1", "k2"];
            const grant = holds(mcp).grant(api.id, "gitea");
            expect(grant?.userDelegatedPermissionIds).toEqual(left.map(idOf));
            expect(grant?.clientPermissionIds).toEqual(left.filter((key) => key !== "k0").map(idOf));
          },
        ),
        { numRuns: 20 },
      );
    },
  );

  it("takes a description away with null", async () => {
    await mcp.ok("api_set_permissions", { api: "Boat booking", change: [{ key: "boats:read", description: null }] });
    expect(boats().permissions[0]).toMatchObject({ name: "See bookings", description: null });
    expect(boats().permissions[1]?.description).toBe("In the name of the member");
  });

  it("says which clients lost what, and which of them may no longer call the API", async () => {
    addCimdClient(mcp);
    letGitea(["boats:book"], ["boats:read", "boats:book"]);
    boats().allowCimdClients = true;
    for (const permission of boats().permissions) permission.allowedForCimdClients = true;
    const once = await mcp.ok("api_set_permissions", { api: "Boat booking", remove: ["boats:read"] });
    expect(once.lost).toEqual([
      { client: { id: "gitea", name: "Gitea" }, permissions: [read], access: true },
      { client: { id: "home-assistant", name: "Home Assistant" }, permissions: [read], access: false },
      { client: { id: "https://notes.example/client.json", name: "Notes" }, permissions: [read], access: true },
    ]);
    expect(holds(mcp).grant(boats().id, "home-assistant")).toBeUndefined();
    expect(holds(mcp).grant(boats().id, "gitea")).toMatchObject({ clientAccess: true });
    boats().allowCimdClients = false;
    const twice = await mcp.ok("api_set_permissions", { api: "Boat booking", remove: ["boats:book"] });
    expect(twice.lost).toEqual([{ client: { id: "gitea", name: "Gitea" }, permissions: [book], access: false }]);
    expect(boats().permissions).toEqual([]);
  });

  it("does not claim to know it on 2.13", async () => {
    await mcp.reconnect({ version: "2.13" });
    const answer = await mcp.ok("api_set_permissions", { api: "Boat booking", remove: ["boats:read"] });
    expect(answer).not.toHaveProperty("lost");
    expect(answer.notes).toEqual([expect.stringMatching(/before 2\.14 does not tell which/)]);
    expect(keysOf(boats().permissions)).toEqual(["boats:book"]);
    const added = await mcp.ok("api_set_permissions", { api: "Boat booking", add: [{ key: "x", name: "X" }] });
    expect(added).not.toHaveProperty("notes");
  });

  it("asks nobody about clients where nothing is removed", async () => {
    await mcp.ok("api_set_permissions", { api: boats().id, add: [{ key: "x", name: "X" }] });
    expect(mcp.sandbox.requests.filter(({ path }) => path.endsWith("/clients"))).toEqual([]);
  });

  it("sends no change where nothing would change", async () => {
    const change = [{ ...read, description: "Who has which boat" }];
    expect(await mcp.ok("api_set_permissions", { api: "Boat booking", change })).toMatchObject({
      added: [],
      updated: [],
      removed: [],
      lost: [],
    });
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each([
    [{}, /add: there is nothing to change/],
    [{ add: [], remove: [] }, /add: there is nothing to change/],
    [{ add: [{ key: "Profile", name: "x" }] }, /add\[0\]\.key: Profile is a scope of Pocket ID's own/],
    [{ add: [{ key: 'say "x"', name: "x" }] }, /add\[0\]\.key: a scope is printable ASCII/],
    [{ add: [{ key: "x" }] }, /add\[0\]\.name: this argument is needed/],
    [{ change: [{ key: "boats:read" }] }, /change\[0\]: there is nothing to change\..* A key cannot be renamed/],
    [{ change: [{ key: "boats:read", newKey: "boats:see" }] }, /change\[0\]\.newKey: there is no such field/],
    [{ change: [{ ...read, name: "" }] }, /change\[0\]\.name: /],
    [{ add: [{ key: "a", name: "a" }], remove: ["a"] }, /remove\[0\]: a is in add or change, too/],
    [{ replace: [] }, /replace: there is no such argument/],
    [{ permissions: [] }, /permissions: there is no such argument/],
  ])("sends nothing for %j", async (values, reason) => {
    expect(await mcp.fails("api_set_permissions", { api: "Boat booking", ...values })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it.each([
    [{ add: [read] }, /add\[0\]\.key: Boat booking has boats:read already\. Name it in change\./],
    [
      { remove: ["boats:read", "boats:sink"] },
      /remove\[1\]: .* no permission "boats:sink"\. It has: boats:read, boats:book/,
    ],
    [{ change: [{ key: "boats:see", name: "x" }] }, /change\[0\]: .* A key cannot be renamed, because clients/],
  ])("changes nothing for %j", async (values, reason) => {
    expect(await mcp.fails("api_set_permissions", { api: "Boat booking", ...values })).toMatch(reason);
    expect(holds(mcp).changes()).toEqual([]);
  });
});
