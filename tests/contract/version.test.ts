import { describe, expect, it } from "vitest";
import { column, contract, members } from "./pocket-id.ts";

contract("finding out what it is", (pocketId) => {
  it("tells its version to whoever is signed in since 2.3, without a v", async () => {
    const { status, body } = await pocketId.get("/api/version/current");
    if (pocketId.since("2.3")) expect([status, body]).toEqual([200, { currentVersion: pocketId.version }]);
    else expect(status).toBe(404);
  });

  it("tells the newest release as far as it knows: empty where it may not ask, since 2.3, or 500 where it cannot", async () => {
    const { status, body } = await pocketId.get("/api/version/latest", { as: "nobody" });
    if (status === 500) expect(body.error).toBe("Something went wrong");
    else expect([status, body]).toEqual([200, { latestVersion: expect.stringMatching(/^(\d+\.\d+\.\d+.*)?$/) }]);
  });

  describe("GET /.well-known/openid-configuration", () => {
    const discovery = async () => (await pocketId.get("/.well-known/openid-configuration", { as: "nobody" })).body;
    /** Members by the first version that has them. */
    const keys: Readonly<Record<string, readonly string[]>> = {
      "1.0": [
        ...["issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint"],
        ...["introspection_endpoint", "device_authorization_endpoint", "jwks_uri", "grant_types_supported"],
        ...["scopes_supported", "claims_supported", "response_types_supported", "subject_types_supported"],
        ...["id_token_signing_alg_values_supported", "authorization_response_iss_parameter_supported"],
        "code_challenge_methods_supported",
      ],
      "2.5": ["token_endpoint_auth_methods_supported"],
      "2.6": ["prompt_values_supported"],
      "2.9": ["pushed_authorization_request_endpoint", "require_pushed_authorization_requests"],
      "2.10": [
        ...["request_parameter_supported", "request_uri_parameter_supported"],
        "request_object_signing_alg_values_supported",
      ],
      "2.13": ["client_id_metadata_document_supported"],
      "2.14": [
        ...["introspection_endpoint_auth_methods_supported", "response_modes_supported", "service_documentation"],
      ],
    };

    it("has these members and no others: they tell a version that does not say itself", async () => {
      const expected = Object.entries(keys).flatMap(([since, names]) => (pocketId.since(since) ? names : []));
      expect(members(await discovery())).toEqual(expected.sort());
    });

    it("has its own address for the beginning of all addresses", async () => {
      const { issuer, ...rest } = await discovery();
      for (const [name, value] of Object.entries(rest))
        if (/_endpoint$|jwks_uri/.test(name))
          expect([name, String(value).startsWith(`${issuer}/`)]).toEqual([name, true]);
    });

    it("names the ways in which an application shows who it is since 2.5 (private_key_jwt in 2.9 alone)", async () => {
      const ways = ["client_secret_basic", "client_secret_post", "none"];
      const only29 = pocketId.since("2.9") && !pocketId.since("2.10") ? ["private_key_jwt"] : [];
      const { token_endpoint_auth_methods_supported: supported } = await discovery();
      expect(supported?.toSorted()).toEqual(pocketId.since("2.5") ? [...ways, ...only29].sort() : undefined);
    });

    it("knows offline access since 2.10", async () => {
      const { scopes_supported: scopes } = await discovery();
      const offline = pocketId.since("2.10") ? ["offline_access"] : [];
      expect(scopes.toSorted()).toEqual(["email", "groups", "openid", "profile", ...offline].sort());
    });

    it.runIf(pocketId.since("2.14"))("is also found as OAuth metadata (since 2.14)", async () => {
      const { body } = await pocketId.get("/.well-known/oauth-authorization-server", { as: "nobody" });
      expect(body).toEqual(await discovery());
    });

    it.runIf(pocketId.since("2.13"))(
      "allows clients that register themselves as soon as an address is allowed (since 2.13)",
      async () => {
        const supported = async () => (await discovery()).client_id_metadata_document_supported;
        expect(await supported()).toBe(false);
        const allowlist = { cimdUrlAllowlist: '["https://app.contract.example/**"]' };
        expect(await pocketId.whileConfigured(allowlist, supported)).toBe(true);
      },
    );
  });

  it("publishes the key that it signs with, and not its private half", async () => {
    const { body } = await pocketId.get("/.well-known/jwks.json", { as: "nobody" });
    expect(column(body.keys, "use")).toEqual(["sig"]);
    expect(body.keys[0]).toMatchObject({ kid: expect.any(String), kty: "RSA", alg: "RS256" });
    expect(body.keys[0].d).toBeUndefined();
  });
});
