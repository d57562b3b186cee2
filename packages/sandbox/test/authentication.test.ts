import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import {
  column,
  isSince,
  type PocketId,
  person,
  pocketId,
  present,
  sessionToken,
  signedInAs,
  textAt,
} from "./pocket-id.ts";

const user = (instance: PocketId, username: string) =>
  present(instance.sandbox.state.users.get(person(instance, username)));

/** A second key, of somebody else. */
async function keyOf(instance: PocketId, username: string): Promise<string> {
  const session = await signedInAs(instance, person(instance, username));
  const made = await session.post("/api/api-keys", { name: "theirs", expiresAt: "2040-01-01T00:00:00Z" });
  return textAt(made.body, "token");
}

describe.each(sandboxVersions)("signing in to Pocket ID %s", (version) => {
  it("lets a key do what its owner may do now", async () => {
    const instance = await pocketId({ version });
    const ben = instance.with({ "x-api-key": await keyOf(instance, "ben") });
    expect(await ben.get("/api/users/me")).toMatchObject({ status: 200, body: { username: "ben", isAdmin: false } });
    const refused = await ben.get("/api/users");
    expect(refused).toMatchObject({
      status: 403,
      body: { error: "You don't have permission to perform this action" },
    });
    user(instance, "ben").isAdmin = true;
    expect((await ben.get("/api/users")).status).toBe(200);
    user(instance, "ben").disabled = true;
    expect(await ben.get("/api/users/me")).toMatchObject({
      status: 403,
      body: { error: "User account is disabled" },
    });
  });

  it("says the same to a wrong, a missing and an expired key", async () => {
    const instance = await pocketId({ version });
    const key = present([...instance.sandbox.state.apiKeys.values()].find(({ name }) => name === "Assistant"));
    key.expiresAt = "2020-01-01T00:00:00Z";
    const replies = [
      await instance.get("/api/users/me"),
      await instance.anonymous.get("/api/users/me"),
      await instance.with({ "x-api-key": "wrong" }).get("/api/users/me"),
    ];
    for (const reply of replies) {
      expect(reply).toMatchObject({ status: 401, body: { error: "You are not signed in" } });
    }
  });

  it("does not mind how the key's header is spelled, and notes every use", async () => {
    const instance = await pocketId({ version });
    const key = present([...instance.sandbox.state.apiKeys.values()].find(({ name }) => name === "Assistant"));
    expect(key.lastUsedAt).toBeNull();
    const shouted = instance.with({ "X-API-KEY": instance.sandbox.apiKey });
    expect((await shouted.get("/api/users/me")).status).toBe(200);
    expect(Date.now() - Date.parse(present(key.lastUsedAt))).toBeLessThan(10_000);
  });

  it("takes the key away with its owner", async () => {
    const instance = await pocketId({ version });
    const key = await keyOf(instance, "ben");
    await instance.delete(`/api/users/${person(instance, "ben")}`);
    expect((await instance.with({ "x-api-key": key }).get("/api/users/me")).status).toBe(401);
  });

  it("finds a session in the cookie and behind any word in Authorization", async () => {
    const instance = await pocketId({ version });
    const { adminId } = instance.sandbox;
    const made = await instance.post(`/api/users/${adminId}/one-time-access-token`, { userId: adminId });
    const token = sessionToken(
      await instance.anonymous.post(`/api/one-time-access-token/${textAt(made.body, "token")}`),
    );
    for (const headers of [
      { cookie: `theme=dark; access_token=${token}` },
      { authorization: `Bearer ${token}` },
      { authorization: `Whatever ${token}` },
    ]) {
      expect((await instance.with(headers).get("/api/users")).status).toBe(200);
    }
    expect((await instance.with({ authorization: token }).get("/api/users")).status).toBe(401);
  });

  it("tries the session first, and what it says about its user is final", async () => {
    const instance = await pocketId({ version });
    const session = await signedInAs(instance, person(instance, "ben"));
    const both = { headers: { "x-api-key": instance.sandbox.apiKey } };
    expect((await session.send("GET", "/api/users", both)).status).toBe(403);
    user(instance, "ben").disabled = true;
    expect((await session.send("GET", "/api/users/me", both)).status).toBe(403);
    instance.sandbox.state.sessions.clear();
    expect((await session.send("GET", "/api/users", both)).status).toBe(200);
  });

  it("falls through to the key when the cookie holds no session, without looking at Authorization", async () => {
    const instance = await pocketId({ version });
    const reply = await instance.send("GET", "/api/users/me", { headers: { cookie: "access_token=not-a-session" } });
    expect(reply.status).toBe(200);
  });

  it("makes new keys in a session only, since 2.3, whatever the key", async () => {
    const instance = await pocketId({ version });
    const wish = { name: "another", expiresAt: "2040-01-01T00:00:00Z" };
    const withKey = await instance.post("/api/api-keys", wish);
    const withNonsense = await instance.with({ "x-api-key": "nonsense" }).post("/api/api-keys", wish);
    const without = await instance.anonymous.post("/api/api-keys", wish);
    expect(without.status).toBe(401);
    if (!isSince(version, "2.3")) {
      expect([withKey.status, withNonsense.status]).toEqual([201, 401]);
      return;
    }
    for (const refused of [withKey, withNonsense]) {
      expect(refused).toMatchObject({
        status: 403,
        body: { error: "API key authentication is not allowed for this endpoint" },
      });
      if (isSince(version, "2.13")) expect(refused.body).toMatchObject({ code: "api_key_auth_not_allowed" });
    }
  });

  it("takes the key of the environment since 2.2, whose owner comes with its first use and has no keys", async () => {
    const staticApiKey = "static-key-of-the-environment";
    const instance = await pocketId({ version, staticApiKey });
    const before = instance.sandbox.state.users.size;
    const owner = instance.with({ "x-api-key": staticApiKey });
    const me = await owner.get("/api/users/me");
    if (!isSince(version, "2.2")) {
      expect(me.status).toBe(401);
      return;
    }
    expect(me.body).toMatchObject({
      id: "00000000-0000-0000-0000-000000000000",
      username: expect.stringMatching(/^static-api-user-[a-zA-Z0-9]{6}$/),
      displayName: "Static API User",
      email: null,
      isAdmin: true,
    });
    expect((await owner.get("/api/users/me")).body).toEqual(me.body);
    expect(instance.sandbox.state.users.size).toBe(before + 1);
    expect(column((await owner.get("/api/api-keys")).body, "id")).toEqual([]);
    expect((await owner.get("/api/users")).status).toBe(200);
  });

  it("asks nobody who wants to delete a client's logo, up to 2.2", async () => {
    const instance = await pocketId({ version });
    const client = present(instance.sandbox.state.oidcClients.get("gitea"));
    client.logo = { extension: "png", bytes: Buffer.from("png") };
    const reply = await instance.anonymous.delete("/api/oidc/clients/gitea/logo");
    expect(reply.status).toBe(isSince(version, "2.3") ? 401 : 204);
  });

  it("marks the session cookie Secure even over plain http", async () => {
    const instance = await pocketId({ version });
    const { adminId } = instance.sandbox;
    const made = await instance.post(`/api/users/${adminId}/one-time-access-token`, { userId: adminId });
    const redeemed = await instance.anonymous.post(`/api/one-time-access-token/${textAt(made.body, "token")}`);
    const attributes = isSince(version, "2.13") ? "HttpOnly; Secure; SameSite=Lax" : "HttpOnly; Secure";
    expect(redeemed.headers.get("set-cookie")).toMatch(
      new RegExp(`^access_token=[\\w-]+\\.[\\w-]+\\.[\\w-]+; Path=/; Max-Age=3600; ${attributes}$`),
    );
  });
});

it("names the cookie after https when APP_URL is", async () => {
  const instance = await pocketId({ issuer: "https://id.club.example" });
  const { adminId } = instance.sandbox;
  const made = await instance.post(`/api/users/${adminId}/one-time-access-token`, {});
  const redeemed = await instance.anonymous.post(`/api/one-time-access-token/${textAt(made.body, "token")}`);
  const cookie = present(redeemed.headers.get("set-cookie"));
  expect(cookie).toMatch(/^__Host-access_token=/);
  const name = cookie.split(";")[0] ?? "";
  expect((await instance.with({ cookie: name }).get("/api/users/me")).status).toBe(200);
});

it("ends sessions at once when sessionDuration is 0, but for a minute between clocks", async () => {
  const instance = await pocketId();
  instance.sandbox.state.configuration.set("sessionDuration", "-2");
  const session = await signedInAs(instance, person(instance, "ben"));
  expect((await session.get("/api/users/me")).status).toBe(401);
});

describe("who may call what", () => {
  const anySignedIn: [string, string, number][] = [
    ["GET", "/api/users/me", 200],
    ["GET", "/api/api-keys", 200],
    ["GET", "/api/audit-logs", 200],
    ["GET", "/api/version/current", 200],
    ["GET", "/api/webauthn/credentials", 200],
    ["POST", "/api/webauthn/logout", 204],
    ["GET", "/api/oidc/users/me/authorized-clients", 200],
    ["GET", "/api/oidc/users/me/clients", 200],
  ];
  it.each(anySignedIn)("any signed-in user: %s %s", async (method, path, status) => {
    const instance = await pocketId();
    const ben = instance.with({ "x-api-key": await keyOf(instance, "ben") });
    expect((await ben.send(method, path)).status).toBe(status);
    expect((await instance.anonymous.send(method, path)).status).toBe(401);
  });

  const everybody: [string, string, number][] = [
    ["GET", "/api/application-configuration", 200],
    ["GET", "/api/application-images/background", 200],
    ["GET", "/api/application-images/favicon", 200],
    ["GET", "/api/application-images/email", 200],
    ["GET", "/api/oidc/clients/gitea/meta", 200],
    ["GET", "/api/oidc/clients/gitea/logo", 404],
    ["GET", "/api/version/latest", 200],
    ["GET", "/api/signup/setup", 404],
    ["GET", "/.well-known/openid-configuration", 200],
    ["GET", "/.well-known/oauth-authorization-server", 200],
    ["GET", "/.well-known/jwks.json", 200],
    ["GET", "/healthz", 204],
  ];
  it.each(everybody)("everybody: %s %s", async (method, path, status) => {
    const instance = await pocketId();
    expect((await instance.anonymous.send(method, path)).status).toBe(status);
  });

  const administrators: [string, string][] = [
    ["GET", "/api/users"],
    ["POST", "/api/users"],
    ["GET", "/api/users/x"],
    ["DELETE", "/api/users/x"],
    ["PUT", "/api/users/x/profile-picture"],
    ["POST", "/api/users/x/one-time-access-token"],
    ["POST", "/api/users/x/one-time-access-email"],
    ["GET", "/api/users/x/webauthn-credentials"],
    ["GET", "/api/user-groups"],
    ["GET", "/api/custom-claims/suggestions"],
    ["GET", "/api/oidc/clients"],
    ["GET", "/api/oidc/clients/gitea"],
    ["POST", "/api/oidc/clients/gitea/logo"],
    ["GET", "/api/oidc/clients/gitea/secrets"],
    ["GET", "/api/oidc/clients/gitea/preview/x"],
    ["GET", "/api/oidc/users/x/authorized-clients"],
    ["POST", "/api/scim/service-provider/x/sync"],
    ["GET", "/api/apis"],
    ["GET", "/api/api-access/gitea/apis"],
    ["GET", "/api/signup-tokens"],
    ["GET", "/api/application-configuration/all"],
    ["PUT", "/api/application-configuration"],
    ["GET", "/api/application-images/default-profile-picture"],
    ["PUT", "/api/application-images/logo"],
    ["GET", "/api/audit-logs/all"],
    ["GET", "/api/audit-logs/filters/users"],
  ];
  it.each(administrators)("administrators: %s %s", async (method, path) => {
    const instance = await pocketId();
    expect((await instance.anonymous.send(method, path)).status).toBe(401);
    const ben = instance.with({ "x-api-key": await keyOf(instance, "ben") });
    expect(await ben.send(method, path)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });

  const sessionsOnly: [string, string][] = [
    ["POST", "/api/api-keys"],
    ["POST", "/api/api-keys/x/renew"],
    ["GET", "/api/webauthn/register/start"],
    ["POST", "/api/webauthn/register/finish"],
    ["POST", "/api/webauthn/reauthenticate"],
    ["POST", "/api/device-login/verification"],
    ["POST", "/api/oidc/device/verify"],
    ["GET", "/api/oidc/device/info"],
  ];
  it.each(sessionsOnly)("no API keys: %s %s", async (method, path) => {
    const instance = await pocketId();
    expect(await instance.send(method, path)).toMatchObject({
      status: 403,
      body: { code: "api_key_auth_not_allowed" },
    });
    expect(await instance.anonymous.send(method, path)).toMatchObject({ status: 401, body: { code: "not_signed_in" } });
  });
});
