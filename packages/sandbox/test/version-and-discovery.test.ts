import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, column, isSince, members, pocketId } from "./pocket-id.ts";

describe.each(sandboxVersions)("finding out about Pocket ID %s", (version) => {
  const playing = (options = {}) => pocketId({ version, ...options });

  it("is alive, without a word", async () => {
    const instance = await playing();
    expect(await instance.anonymous.get("/healthz")).toMatchObject({ status: 204, body: null });
  });

  it("tells its version to those who are signed in, since 2.3", async () => {
    const instance = await playing();
    const current = await instance.get("/api/version/current");
    if (isSince(version, "2.3"))
      expect(current).toMatchObject({ status: 200, body: { currentVersion: `${version}.0` } });
    else expect(current.status).toBe(404);
    expect((await instance.anonymous.get("/_app/version.json")).body).toEqual({ version: `${version}.0` });
  });

  it("tells everybody the newest release, if it can find out", async () => {
    const known = await (await playing({ latestVersion: "2.15.1" })).anonymous.get("/api/version/latest");
    expect(known).toMatchObject({ status: 200, body: { latestVersion: "2.15.1" } });
    expect(known.headers.get("cache-control")).toMatch(/^public/);
    const offline = await (await playing({ latestVersion: null })).anonymous.get("/api/version/latest");
    expect(offline.status).toBe(500);
    const disabled = await (await playing({ latestVersion: null, versionCheckDisabled: true })).get(
      "/api/version/latest",
    );
    if (isSince(version, "2.3")) expect(disabled).toMatchObject({ status: 200, body: { latestVersion: "" } });
    else expect(disabled.status).toBe(500);
  });

  it("describes itself with the fields of its version", async () => {
    const instance = await playing();
    const { body } = await instance.anonymous.get("/.well-known/openid-configuration");
    expect(at(body, "issuer")).toBe(instance.url);
    const fields = members(body);
    const firstVersions: Record<string, string> = {
      authorization_response_iss_parameter_supported: "1.6",
      code_challenge_methods_supported: "1.7",
      token_endpoint_auth_methods_supported: "2.5",
      prompt_values_supported: "2.6",
      pushed_authorization_request_endpoint: "2.9",
      request_parameter_supported: "2.10",
      client_id_metadata_document_supported: "2.13",
      service_documentation: "2.14",
      response_modes_supported: "2.14",
    };
    for (const [field, since] of Object.entries(firstVersions)) {
      expect([field, fields.includes(field)]).toEqual([field, isSince(version, since)]);
    }
    const oauth = await instance.anonymous.get("/.well-known/oauth-authorization-server");
    if (isSince(version, "2.14")) expect(oauth.body).toEqual(body);
    else expect(at(oauth.body, "issuer")).toBeUndefined();
  });

  it("publishes the key it signs with", async () => {
    const instance = await playing();
    const { body } = await instance.anonymous.get("/.well-known/jwks.json");
    expect(at(body, "keys", 0)).toMatchObject({ kty: "RSA", alg: "RS256", use: "sig" });
    expect(at(body, "keys", 0, "d")).toBeUndefined();
  });

  it("says so in JSON when there is no such route below /api", async () => {
    const instance = await playing();
    for (const path of ["/api/nothing", "/api/users/x/y/z"]) {
      const reply = await instance.get(path);
      expect(reply).toMatchObject({ status: 404, body: { error: "API endpoint not found" } });
      expect(members(reply.body)).toEqual(["error"]);
    }
  });

  it("shows the web app everywhere else; below /.well-known only up to 2.7", async () => {
    const instance = await playing();
    const page = await instance.anonymous.get("/settings/admin/users");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    const unknown = await instance.anonymous.get("/.well-known/nothing");
    expect(unknown.status).toBe(isSince(version, "2.8") ? 404 : 200);
  });

  it("keeps its answers out of caches, and offers nothing to other origins", async () => {
    const instance = await playing();
    const reply = await instance.send("GET", "/api/users", { headers: { origin: "https://elsewhere.example" } });
    expect(reply.headers.get("cache-control")).toBe("private, no-store");
    expect(reply.headers.get("access-control-allow-origin")).toBeNull();
    expect(reply.headers.get("etag")).toBeNull();
  });
});

it("takes everything it says about itself from APP_URL", async () => {
  const instance = await pocketId({ issuer: "https://ID.Club.example/" });
  const { body } = await instance.get("/.well-known/openid-configuration");
  expect(at(body, "issuer")).toBe("https://id.club.example");
  expect(at(body, "token_endpoint")).toBe("https://id.club.example/api/oidc/token");
});

it("supports client id metadata documents when some are allowed", async () => {
  const instance = await pocketId();
  const supported = async () =>
    at((await instance.get("/.well-known/openid-configuration")).body, "client_id_metadata_document_supported");
  const before = await supported();
  instance.sandbox.state.configuration.set("cimdUrlAllowlist", '["https://app.example/**"]');
  expect([before, await supported()]).toEqual([false, true]);
});

it.each(sandboxVersions)("lets applications sign in with these methods: %s", async (version) => {
  const { body } = await (await pocketId({ version })).get("/.well-known/openid-configuration");
  const methods = [
    "client_secret_basic",
    "client_secret_post",
    ...(version === "2.9" ? ["private_key_jwt"] : []),
    "none",
  ];
  const expected = isSince(version, "2.5") ? methods : undefined;
  expect(at(body, "token_endpoint_auth_methods_supported")).toEqual(expected);
});

it("has no scope for offline access before 2.10", async () => {
  for (const [version, known] of [
    ["2.14", true],
    ["2.9", false],
  ] as const) {
    const { body } = await (await pocketId({ version })).get("/.well-known/openid-configuration");
    expect(column([body], "scopes_supported")[0]).toEqual(
      known ? expect.arrayContaining(["offline_access"]) : expect.not.arrayContaining(["offline_access"]),
    );
  }
});
