/**
 * What real Pocket ID instances were seen to do, one test for one observation. The versions named are the ones that were
 * run (or, for 2.12 and later, whose source says the same).
 */
import { describe, expect, it } from "vitest";
import { type SandboxVersion, sandboxVersions } from "../src/index.ts";
import { at, column, group, isSince, person, pocketId, query, sessionToken, textAt } from "./pocket-id.ts";

const before213 = sandboxVersions.filter((version) => !isSince(version, "2.13"));
const since213 = sandboxVersions.filter((version) => isSince(version, "2.13"));

const alice = { username: "alice.w", email: "alice.w@example.com", firstName: "Alice", displayName: "Alice W" };

describe.each(sandboxVersions)("Pocket ID %s", (version) => {
  const playing = (seed: "club" | "empty" = "club") => pocketId({ version, seed });

  describe("1 collections and names", () => {
    it("sends a collection that was not loaded as an empty list", async () => {
      const instance = await playing();
      const id = person(instance, "alice");
      const before = await instance.get(`/api/users/${id}`);
      expect(column(at(before.body, "customClaims"), "key")).toEqual(["locker", "boats"]);
      const after = await instance.put(`/api/users/${id}`, { ...alice, username: "alice" });
      expect(after.status).toBe(200);
      expect(after.body).toMatchObject({ customClaims: [], userGroups: [] });
      const read = await instance.get(`/api/users/${id}`);
      expect(column(at(read.body, "userGroups"), "name")).toEqual(["members", "coaches"]);
    });

    it("stores a lastName that was left out as an empty text", async () => {
      const instance = await playing();
      const created = await instance.post("/api/users", alice);
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({ lastName: "" });
      const read = await instance.get(`/api/users/${textAt(created.body, "id")}`);
      expect(read.body).toMatchObject({ lastName: "" });
    });

    it("answers an empty list of claim suggestions with 200", async () => {
      const instance = await playing("empty");
      const suggestions = await instance.get("/api/custom-claims/suggestions");
      expect(suggestions).toMatchObject({ status: 200, body: [] });
    });

    it("loads the users in the answer of PUT /user-groups/:id", async () => {
      const instance = await playing();
      const renamed = await instance.put(`/api/user-groups/${group(instance, "coaches")}`, {
        name: "coaches",
        friendlyName: "All coaches",
      });
      expect(column(at(renamed.body, "users"), "username")).toEqual(["alice", "femi"]);
    });
  });

  describe("2 values that look harmless", () => {
    it("refuses an empty e-mail address", async () => {
      const instance = await playing();
      const refused = await instance.post("/api/users", { ...alice, email: "" });
      expect(refused).toMatchObject({ status: 400, body: { error: "Email must be a valid email address" } });
    });

    it("refuses no e-mail address while requireUserEmail is on", async () => {
      const instance = await playing();
      const refused = await instance.post("/api/users", { ...alice, email: null });
      expect(refused.status).toBe(400);
      if (isSince(version, "2.13")) {
        expect(refused.body).toMatchObject({
          code: "validation_failed",
          details: { fields: [{ field: "email", code: "required" }] },
        });
      } else {
        expect(refused.body).toEqual({ error: "The user does not have an email address set" });
      }
    });

    it("accepts no e-mail address once requireUserEmail is off", async () => {
      const instance = await playing();
      instance.sandbox.state.configuration.set("requireUserEmail", "false");
      const created = await instance.post("/api/users", { ...alice, email: null });
      expect(created).toMatchObject({ status: 201, body: { email: null } });
    });

    it("refuses an empty launch URL", async () => {
      const instance = await playing();
      const refused = await instance.post("/api/oidc/clients", { name: "Wiki", launchURL: "" });
      expect(refused).toMatchObject({ status: 400, body: { error: "LaunchURL must be a valid URL" } });
    });

    it("wants a display name up to 2.3", async () => {
      const instance = await playing();
      const { displayName, ...nameless } = alice;
      const id = person(instance, "ben");
      for (const reply of [
        await instance.post("/api/users", nameless),
        await instance.put(`/api/users/${id}`, { ...nameless, username: "ben", email: "ben@example.com" }),
      ]) {
        if (isSince(version, "2.4")) expect(reply.body).toMatchObject({ displayName: "" });
        else expect(reply).toMatchObject({ status: 400, body: { error: "DisplayName is required" } });
      }
    });

    it("accepts empty lists of members and callback URLs, and none at all", async () => {
      const instance = await playing();
      const members = await instance.put(`/api/user-groups/${group(instance, "coaches")}/users`, { userIds: [] });
      expect(members).toMatchObject({ status: 200, body: { users: [] } });
      expect((await instance.post("/api/oidc/clients", { name: "Wiki", callbackURLs: [] })).status).toBe(201);
      expect((await instance.post("/api/oidc/clients", { name: "Wiki" })).status).toBe(201);
    });

    it("gives a signup token without a ttl one hour", async () => {
      const instance = await playing();
      const created = await instance.post("/api/signup-tokens", { usageLimit: 1 });
      expect(created.status).toBe(201);
      const lifetime = Date.parse(textAt(created.body, "expiresAt")) - Date.now();
      expect(Math.round(lifetime / 60_000)).toBe(60);
    });

    it("does not know days as a unit of time", async () => {
      const instance = await playing();
      const refused = await instance.post("/api/signup-tokens", { usageLimit: 1, ttl: "7d" });
      expect(refused.status).toBe(isSince(version, "2.13") ? 400 : 500);
      if (isSince(version, "2.13")) expect(refused.body).toMatchObject({ code: "invalid_request_body" });
    });

    it("refuses a ttl of more than 31 days", async () => {
      const instance = await playing();
      expect((await instance.post("/api/signup-tokens", { usageLimit: 1, ttl: "744h" })).status).toBe(201);
      const refused = await instance.post("/api/signup-tokens", { usageLimit: 1, ttl: "745h" });
      expect(refused.status).toBe(400);
      if (isSince(version, "2.13")) {
        expect(refused.body).toMatchObject({ details: { fields: [{ field: "ttl", code: "ttl" }] } });
      } else {
        expect(refused.body).toEqual({ error: "TTL is invalid" });
      }
    });

    it("takes null as a list of claims for all claims deleted", async () => {
      const instance = await playing();
      const id = person(instance, "alice");
      expect(await instance.put(`/api/custom-claims/user/${id}`, null)).toMatchObject({ status: 200, body: [] });
      expect((await instance.get(`/api/users/${id}`)).body).toMatchObject({ customClaims: [] });
    });

    it("answers claims of an unknown user with 500 up to 2.12, then with 404", async () => {
      const instance = await playing();
      const refused = await instance.put("/api/custom-claims/user/7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11", [
        { key: "a", value: "b" },
      ]);
      if (isSince(version, "2.13")) expect(refused).toMatchObject({ status: 404, body: { code: "user_not_found" } });
      else expect(refused.status).toBe(500);
    });
  });

  it("3 wants the scopes of a claims preview separated by spaces; commas lose the profile", async () => {
    const instance = await playing();
    const path = `/api/oidc/clients/gitea/preview/${person(instance, "alice")}`;
    const spaces = await instance.get(path + query({ scopes: "openid profile" }));
    expect(spaces.body).toMatchObject({ idToken: { given_name: "Alice", locker: 12 } });
    const commas = await instance.get(path + query({ scopes: "openid,profile" }));
    expect(commas.status).toBe(200);
    expect(at(commas.body, "idToken", "given_name")).toBeUndefined();
    expect(at(commas.body, "idToken", "sub")).toBe(person(instance, "alice"));
  });

  describe("4 paths", () => {
    it("answers a wrong method like an unknown path", async () => {
      const instance = await playing();
      for (const reply of [await instance.patch("/api/users"), await instance.get("/api/nothing-here")]) {
        expect(reply).toMatchObject({ status: 404, body: { error: "API endpoint not found" } });
      }
    });

    it("sends a path with a trailing slash to the one without", async () => {
      const instance = await playing();
      const reply = await instance.get("/api/users/");
      expect(reply.status).toBe(301);
      expect(reply.headers.get("location")).toBe("/api/users");
    });
  });

  it("5 is a Pocket ID on SQLite: a malformed id is not found, search does not look at the case", async () => {
    const instance = await playing();
    expect((await instance.get("/api/users/no-uuid")).status).toBe(404);
    const found = await instance.get(`/api/users${query({ search: "ALICE" })}`);
    expect(column(found.body, "username")).toEqual(["alice"]);
  });

  it("6 takes memberships along when a group goes, and the SCIM provider when its client goes", async () => {
    const instance = await playing();
    await instance.delete(`/api/user-groups/${group(instance, "coaches")}`);
    const read = await instance.get(`/api/users/${person(instance, "alice")}`);
    expect(column(at(read.body, "userGroups"), "name")).toEqual(["members"]);
    await instance.delete("/api/oidc/clients/nextcloud");
    expect(instance.sandbox.state.scimProviders.size).toBe(0);
  });

  it("8 counts characters, not bytes", async () => {
    const instance = await playing();
    const name = (length: number) => ({ name: "rowers", friendlyName: "ü".repeat(length) });
    expect((await instance.post("/api/user-groups", name(51))).status).toBe(400);
    expect((await instance.post("/api/user-groups", name(50))).status).toBe(201);
  });

  it("9 uses the id of a new user since 2.12, and fails when it is taken", async () => {
    const instance = await playing();
    const id = "11111111-2222-4333-8444-555555555555";
    const created = await instance.post("/api/users", { ...alice, id });
    expect(created.status).toBe(201);
    expect(textAt(created.body, "id") === id).toBe(isSince(version, "2.12"));
    const again = await instance.post("/api/users", { ...alice, id, username: "other", email: "other@example.com" });
    expect(again.status).toBe(isSince(version, "2.12") ? 500 : 201);
  });

  it("fails to make a one-time access token without a body", async () => {
    const instance = await playing();
    const reply = await instance.post(`/api/users/${person(instance, "ben")}/one-time-access-token`);
    expect(reply.status).toBe(isSince(version, "2.13") ? 400 : 500);
  });

  it("refuses one-time access by e-mail while it is off", async () => {
    const instance = await playing();
    const refused = await instance.anonymous.post("/api/one-time-access-email", { email: "nobody@example.com" });
    expect(refused.status).toBe(isSince(version, "2.13") ? 403 : 400);
  });

  it("cannot send a test mail without a mail server", async () => {
    const instance = await playing("empty");
    const refused = await instance.post("/api/application-configuration/test-email");
    expect(refused).toMatchObject({ status: 500, body: { error: "Something went wrong" } });
  });

  it("refuses to sync LDAP while it is off", async () => {
    const instance = await playing();
    const refused = await instance.post("/api/application-configuration/sync-ldap");
    if (isSince(version, "2.13")) expect(refused).toMatchObject({ status: 409, body: { code: "ldap_disabled" } });
    else expect(refused).toMatchObject({ status: 500, body: { error: "Something went wrong" } });
  });

  it("wants configuration values as texts", async () => {
    const instance = await playing();
    const all = await instance.get("/api/application-configuration/all");
    const values = Object.fromEntries(
      column(all.body, "key").map((key, row) => [String(key), at(all.body, row, "value")]),
    );
    const refused = await instance.put("/api/application-configuration", { ...values, disableAnimations: true });
    expect(refused.status).toBe(isSince(version, "2.13") ? 400 : 500);
  });

  it("erases a mail password that is left out", async () => {
    const instance = await playing();
    const all = await instance.get("/api/application-configuration/all");
    const { smtpPassword, ...values } = Object.fromEntries(
      column(all.body, "key").map((key, row) => [String(key), at(all.body, row, "value")]),
    );
    expect(smtpPassword).toBe("eight-oars-and-a-cox");
    expect((await instance.put("/api/application-configuration", values)).status).toBe(200);
    expect(instance.sandbox.state.configuration.get("smtpPassword")).toBe("");
  });

  it("makes a key with a key up to 2.2, later only with a session", async () => {
    const instance = await playing();
    const wish = { name: "assistant", expiresAt: "2040-01-01T00:00:00Z" };
    const withKey = await instance.post("/api/api-keys", wish);
    expect(withKey.status).toBe(isSince(version, "2.3") ? 403 : 201);
    const { adminId } = instance.sandbox;
    const made = await instance.post(`/api/users/${adminId}/one-time-access-token`, { userId: adminId });
    const signedIn = await instance.anonymous.post(`/api/one-time-access-token/${textAt(made.body, "token")}`);
    const session = instance.with({ cookie: `access_token=${sessionToken(signedIn)}` });
    const withSession = await session.post("/api/api-keys", wish);
    expect(withSession.status).toBe(201);
    const fresh = instance.with({ "x-api-key": textAt(withSession.body, "token") });
    expect((await fresh.get("/api/users/me")).body).toMatchObject({ username: "robin" });
  });

  it("repeats the last page when asked for one after it", async () => {
    const instance = await playing();
    const page = (number: number) =>
      instance.get(`/api/users${query({ "pagination[limit]": 5, "pagination[page]": number })}`);
    const last = await page(3);
    expect(column(last.body, "username")).toHaveLength(2);
    expect((await page(9)).body).toEqual(last.body);
  });

  it("falls back to the defaults for a limit that is no number", async () => {
    const instance = await playing();
    const reply = await instance.get(`/api/users${query({ "pagination[limit]": "abc" })}`);
    expect(reply).toMatchObject({ status: 200, body: { pagination: { itemsPerPage: 20, currentPage: 1 } } });
  });

  it("refuses a username that differs only in case", async () => {
    const instance = await playing();
    const refused = await instance.post("/api/users", { ...alice, username: "ALICE" });
    expect(refused.status).toBe(isSince(version, "2.13") ? 409 : 400);
  });

  it("says the same to a wrong key and to none", async () => {
    const instance = await playing();
    for (const caller of [instance.anonymous, instance.with({ "x-api-key": "wrong" })]) {
      const refused = await caller.get("/api/users/me");
      expect(refused).toMatchObject({ status: 401, body: { error: "You are not signed in" } });
    }
  });
});

it.each(before213)("answers errors with a text alone on %s", async (version) => {
  const instance = await pocketId({ version });
  const refused = await instance.anonymous.get("/api/users");
  expect(refused.body).toEqual({ error: "You are not signed in" });
  expect(refused.headers.get("x-request-id")).toBeNull();
});

it.each(since213)("answers errors with code and request id on %s", async (version) => {
  const instance = await pocketId({ version });
  const refused = await instance.anonymous.get("/api/users");
  expect(refused.body).toEqual({
    error: "You are not signed in",
    code: "not_signed_in",
    request_id: refused.headers.get("x-request-id"),
  });
});

describe("client secrets", () => {
  it("ignores the body of POST …/secret on 2.9 and replaces the old secret, of public clients as well", async () => {
    const instance = await pocketId({ version: "2.9" });
    const own = "a-secret-of-my-own-choice";
    const first = await instance.post("/api/oidc/clients/gitea/secret", { secret: own });
    expect(first.status).toBe(200);
    expect(at(first.body, "secret")).not.toBe(own);
    const second = await instance.post("/api/oidc/clients/gitea/secret");
    expect(instance.sandbox.state.oidcClients.get("gitea")?.secrets).toMatchObject([
      { value: at(second.body, "secret") },
    ]);
    expect((await instance.post("/api/oidc/clients/home-assistant/secret")).status).toBe(200);
  });

  it("knows no POST …/secret any more on 2.14", async () => {
    const instance = await pocketId({ version: "2.14" });
    const gone = await instance.post("/api/oidc/clients/gitea/secret");
    expect(gone).toMatchObject({ status: 404, body: { error: "API endpoint not found" } });
  });
});

it.each<SandboxVersion>(["2.14", "2.9", "2.7"])("makes two SCIM providers for one client on %s", async (version) => {
  const instance = await pocketId({ version });
  const provider = { endpoint: "https://scim.example", oidcClientId: "gitea" };
  const made = [
    await instance.post("/api/scim/service-provider", provider),
    await instance.post("/api/scim/service-provider", provider),
  ];
  expect(made.map(({ status }) => status)).toEqual([201, 201]);
  const shown = await instance.get("/api/oidc/clients/gitea/scim-service-provider");
  expect(made.map(({ body }) => at(body, "id"))).toContain(at(shown.body, "id"));
});

it("refuses to renew a key with a key since 2.3, before it looks at which one", async () => {
  const instance = await pocketId({ version: "2.7" });
  const refused = await instance.post("/api/api-keys/7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11/renew", {
    expiresAt: "2040-01-01T00:00:00Z",
  });
  expect(refused.status).toBe(403);
});

it("has no logo on 2.14 until one is uploaded", async () => {
  const instance = await pocketId({ version: "2.14" });
  const missing = await instance.anonymous.get("/api/application-images/logo");
  expect(missing).toMatchObject({ status: 404, body: { code: "image_not_found" } });
});
