import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import {
  at,
  column,
  isSince,
  members,
  type PocketId,
  person,
  pocketId,
  query,
  signedInAs,
  upload,
} from "./pocket-id.ts";

const entries = async (instance: PocketId, parameters: Record<string, string> = {}) =>
  (await instance.get(`/api/audit-logs/all${query({ "pagination[limit]": 100, ...parameters })}`)).body;

describe.each(sandboxVersions)("the audit log of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("says who, what, where and with what", async () => {
    const instance = await playing();
    const body = await entries(instance);
    expect(members(at(body, "data", 0))).toEqual([
      ...["id", "createdAt", "event", "ipAddress", "country", "city", "device", "userID", "username"],
      ...(isSince(version, "2.6") ? ["actorUsername"] : []),
      "data",
    ]);
    expect(column(body, "username")).toContain("alice");
    expect(column(body, "device")).toContain("Firefox on Linux x86_64");
    expect(new Set(column(body, "country")).size).toBeGreaterThan(3);
  });

  it("shows everybody their own entries, without the name", async () => {
    const instance = await playing();
    const id = person(instance, "alice");
    const alice = await signedInAs(instance, id);
    const own = await alice.get(`/api/audit-logs${query({ "pagination[limit]": 100 })}`);
    expect(new Set(column(own.body, "userID"))).toEqual(new Set([id]));
    expect(new Set(column(own.body, "username"))).toEqual(new Set([""]));
    expect((await alice.get("/api/audit-logs/all")).status).toBe(403);
  });

  it("filters by event, user and client name", async () => {
    const instance = await playing();
    const signIns = await entries(instance, { "filters[event]": "SIGN_IN" });
    expect(new Set(column(signIns, "event"))).toEqual(new Set(["SIGN_IN"]));
    const gitea = await entries(instance, { "filters[clientName]": "Gitea" });
    expect(new Set(column(gitea, "data", "clientName"))).toEqual(new Set(["Gitea"]));
    const both = await entries(instance, {
      "filters[clientName]": "Gitea",
      "filters[userID]": person(instance, "alice"),
    });
    expect(column(both, "data", "clientName").length).toBeLessThan(column(gitea, "id").length);
    expect(column(await entries(instance, { "filters[event]": "NO_SUCH_EVENT" }), "id")).toEqual([]);
  });

  it("finds no client whose name looks like a number", async () => {
    const instance = await playing();
    const [first] = instance.sandbox.state.auditLog;
    if (first !== undefined) first.data = { clientName: "1984" };
    expect(column(await entries(instance, { "filters[clientName]": "1984" }), "id")).toEqual([]);
  });

  it("knows what is inside, and finds nothing outside", async () => {
    const instance = await playing();
    const inside = await entries(instance, { "filters[location]": "internal" });
    expect(new Set(column(inside, "country"))).toEqual(new Set(["Internal Network"]));
    expect(column(await entries(instance, { "filters[location]": "external" }), "id")).toEqual([]);
    expect(column(await entries(instance, { "filters[location]": "elsewhere" }), "id")).toHaveLength(60);
  });

  it("is sorted when asked to be", async () => {
    const instance = await playing();
    const newest = await entries(instance, { "sort[column]": "createdAt", "sort[direction]": "desc" });
    const times = column(newest, "createdAt").map(String);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it("tells whom and which clients it knows", async () => {
    const instance = await playing();
    const users = await instance.get("/api/audit-logs/filters/users");
    expect(users.body).toMatchObject({ [person(instance, "alice")]: "alice" });
    const names = await instance.get("/api/audit-logs/filters/client-names");
    expect(names.body).toEqual(expect.arrayContaining(["Gitea", "Immich", "Nextcloud"]));
  });

  it("keeps the name that a client had", async () => {
    const instance = await playing();
    await instance.put("/api/oidc/clients/gitea", { name: "Forgejo" });
    const names = await instance.get("/api/audit-logs/filters/client-names");
    expect(names.body).toContain("Gitea");
    expect(names.body).not.toContain("Forgejo");
  });

  it("loses the entries of users who are deleted", async () => {
    const instance = await playing();
    const alice = person(instance, "alice");
    await instance.delete(`/api/users/${alice}`);
    expect(column(await entries(instance), "userID")).not.toContain(alice);
  });

  it("does not mention what administrators do", async () => {
    const instance = await playing();
    const before = instance.sandbox.state.auditLog.length;
    const ben = person(instance, "ben");
    const uma = { username: "uma", email: "uma@example.com", firstName: "Uma", displayName: "Uma" };
    const done = [
      await instance.post("/api/users", uma),
      await instance.put(`/api/users/${ben}`, { ...uma, username: "ben2", email: "ben2@example.com", disabled: true }),
      await instance.put(`/api/custom-claims/user/${ben}`, []),
      await instance.post("/api/user-groups", { name: "new", friendlyName: "New" }),
      await instance.post("/api/oidc/clients", { name: "Wiki" }),
      await instance.delete("/api/oidc/clients/gitea"),
      await instance.post("/api/signup-tokens", { ttl: "1h", usageLimit: 1 }),
      await instance.post(`/api/users/${ben}/one-time-access-token`, { userId: ben }),
      await instance.post(`/api/users/${ben}/one-time-access-email`, {}),
      await instance.send("PUT", "/api/application-images/background", { body: upload("b.png") }),
      await instance.post("/api/application-configuration/test-email"),
      await instance.post("/api/webauthn/logout"),
    ];
    for (const { status } of done) expect(status).toBeLessThan(300);
    expect(instance.sandbox.state.auditLog).toHaveLength(before);
  });
});
