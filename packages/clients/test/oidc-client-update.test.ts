import type { OidcClient, SandboxVersion } from "@pocketid-mcp/sandbox";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Connected, connect } from "../../../tests/support/connect.ts";
import { tools } from "../src/tools.ts";
import { addCimdClient, cimdId, holds, named } from "./holds.ts";

let mcp: Connected;
beforeEach(async () => {
  mcp = await connect(tools);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await mcp.close();
});

const playing = async (version: SandboxVersion) => {
  await mcp.close();
  mcp = await connect(tools, { version });
};

const url = fc.stringMatching(/^https:\/\/[a-z]{1,12}\.example\/[a-z]{0,8}$/);
const word = fc.stringMatching(/^[a-z:]{1,20}$/);

/** Every field that an update can write, with values for it. */
const writable = {
  name: fc.string({ minLength: 1, maxLength: 50 }),
  description: fc.option(fc.string({ maxLength: 150 })),
  callbackURLs: fc.array(url, { maxLength: 4 }),
  logoutCallbackURLs: fc.array(url, { maxLength: 4 }),
  launchURL: fc.option(url),
  isPublic: fc.boolean(),
  pkceEnabled: fc.boolean(),
  requiresReauthentication: fc.boolean(),
  requiresPushedAuthorizationRequests: fc.boolean(),
  skipConsent: fc.boolean(),
  isGroupRestricted: fc.boolean(),
  accessTokenDurationMinutes: fc.integer({ min: 1, max: 525_600 }),
  refreshTokenDurationMinutes: fc.integer({ min: 1, max: 525_600 }),
  federatedIdentities: fc.array(
    fc.record(
      { issuer: url, subject: word, audience: word, jwks: url, replayProtection: fc.boolean() },
      { requiredKeys: ["issuer"] },
    ),
    { maxLength: 3 },
  ),
};
type Writable = keyof typeof writable;

/** What a version does not have yet. */
const missing: Partial<Record<SandboxVersion, readonly Writable[]>> = {
  "2.9": ["description", "skipConsent", "accessTokenDurationMinutes", "refreshTokenDurationMinutes"],
  "1.16": [
    "description",
    "skipConsent",
    "accessTokenDurationMinutes",
    "refreshTokenDurationMinutes",
    "requiresPushedAuthorizationRequests",
    "isGroupRestricted",
  ],
};

const fieldsOf = (version: SandboxVersion) =>
  (Object.keys(writable) as Writable[]).filter((field) => !missing[version]?.includes(field));

/** A change of one field. */
const changeOn = (version: SandboxVersion) =>
  fc.oneof(
    ...fieldsOf(version).map((field) =>
      (writable[field] as fc.Arbitrary<unknown>).map((value) => {
        if (field !== "federatedIdentities" || version === "2.14") return { field, value };
        // Pocket ID < 2.10 knows no replay protection.
        const identities = value as { replayProtection?: boolean }[];
        return { field, value: identities.map(({ replayProtection: _, ...identity }) => identity) };
      }),
    ),
  );

/** What the flags of a client may be before the change. */
const flags = fc.record({
  isPublic: fc.boolean(),
  pkceEnabled: fc.boolean(),
  requiresReauthentication: fc.boolean(),
  requiresPushedAuthorizationRequests: fc.boolean(),
  skipConsent: fc.boolean(),
  isGroupRestricted: fc.boolean(),
});

/** What Pocket ID makes of fields that depend on each other. */
function settled(client: OidcClient, version: SandboxVersion): OidcClient {
  const next = { ...client };
  if (next.isPublic) next.pkceEnabled = true;
  if (version === "2.9" && next.isPublic) next.requiresPushedAuthorizationRequests = false;
  if (version === "1.16") Object.assign(next, { requiresPushedAuthorizationRequests: false, isGroupRestricted: false });
  if (version !== "2.14") Object.assign(next, { skipConsent: false, description: "", pkceSupported: false });
  if (version !== "1.16" && !next.isGroupRestricted) next.allowedUserGroupIds = [];
  return next;
}

/** How Pocket ID stores a value. */
function asStored(field: Writable, value: unknown): unknown {
  if (field === "description") return (value ?? "").toString().normalize("NFC");
  if (field === "name") return String(value).normalize("NFC");
  if (field !== "federatedIdentities") return value;
  return (value as Partial<OidcClient["federatedIdentities"][number]>[]).map(
    ({ issuer, subject = "", audience = "", jwks = "", replayProtection = false }) => ({
      issuer,
      subject,
      audience,
      jwks,
      replayProtection,
    }),
  );
}

describe.each(["2.14", "2.9", "1.16"] as const)("oidc_client_update on Pocket ID %s", (version) => {
  it("leaves every other field as it was, whichever one is changed", async () => {
    await playing(version);
    const client = holds(mcp).client("grafana");
    const seeded: OidcClient = {
      ...client,
      logoutCallbackURLs: ["https://stats.riverside-rowing.example/bye"],
      launchURL: "https://stats.riverside-rowing.example",
      secrets: holds(mcp).client("immich").secrets,
      logo: { extension: "png", bytes: Buffer.from("png") },
      ...(version === "2.14"
        ? { description: "Graphs", accessTokenDurationMinutes: 17, refreshTokenDurationMinutes: 170 }
        : {}),
    };
    await fc.assert(
      fc.asyncProperty(flags, changeOn(version), async (given, { field, value }) => {
        const start = settled({ ...seeded, ...given }, version);
        Object.assign(client, start, { pkceSupported: version === "2.14" && start.pkceEnabled });
        const before = { ...client };
        const answer = await mcp.ok("oidc_client_update", { client: "grafana", [field]: value });

        const expected = settled({ ...before, [field]: asStored(field, value) }, version);
        // Pocket ID forgets that a client can do PKCE when it is told that it need not.
        if (!expected.pkceEnabled || (field === "pkceEnabled" && value === false)) expected.pkceSupported = false;
        expect(client).toEqual(expected);

        const differs = (name: keyof OidcClient) => JSON.stringify(before[name]) !== JSON.stringify(client[name]);
        const changed = (Object.keys(client) as (keyof OidcClient)[]).filter(differs);
        expect([...answer.changed].sort()).toEqual(
          changed.map((name) => (name === "allowedUserGroupIds" ? "allowedUserGroups" : name)).sort(),
        );
        const taken = JSON.stringify(client[field]) === JSON.stringify(asStored(field, value));
        expect(answer.notApplied.map((entry: { field: string }) => entry.field)).toEqual(taken ? [] : [field]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("oidc_client_update", () => {
  it("shows the client as it is now, with groups, federated identities and secrets", async () => {
    const { client, changed } = await mcp.ok("oidc_client_update", { client: "Grafana", name: "Statistics" });
    expect(changed).toEqual(["name"]);
    expect(client).toMatchObject({ id: "grafana", name: "Statistics", access: "groups" });
    expect(named(client.allowedUserGroups)).toEqual(["board"]);
    expect(client.credentials.federatedIdentities).toEqual(holds(mcp).client("grafana").federatedIdentities);
    const { client: gitea } = await mcp.ok("oidc_client_update", { client: "gitea", launchURL: null });
    expect(gitea.credentials.secrets).toMatchObject([{ prefix: "Rt4y" }, { prefix: "Mn8b" }]);
  });

  it("carries along what a newer Pocket ID may have, also inside of credentials", async () => {
    const headers = { "x-api-key": mcp.sandbox.apiKey };
    const whole = (await (await fetch(`${mcp.sandbox.url}/api/oidc/clients/grafana`, { headers })).json()) as object;
    mcp.sandbox.intercept = ({ method, url: path }, response) => {
      if (method !== "GET" || path !== "/api/oidc/clients/grafana") return false;
      const body = {
        ...whole,
        dpopRequired: true,
        credentials: {
          federatedIdentities: [{ issuer: "https://ci.example", algorithm: "EdDSA" }],
          certificate: "CN=grafana",
          secrets: [],
        },
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
      return true;
    };
    await mcp.ok("oidc_client_update", { client: "grafana", name: "Statistics" });
    expect(mcp.sandbox.requests.find(({ method }) => method === "PUT")?.body).toMatchObject({
      name: "Statistics",
      dpopRequired: true,
      credentials: {
        federatedIdentities: [{ issuer: "https://ci.example", algorithm: "EdDSA" }],
        certificate: "CN=grafana",
      },
    });
  });

  it("changes several fields at once", async () => {
    const { changed } = await mcp.ok("oidc_client_update", {
      client: "immich",
      name: "Photos",
      skipConsent: true,
      accessTokenDurationMinutes: 5,
    });
    expect([...changed].sort()).toEqual(["accessTokenDurationMinutes", "name", "skipConsent"]);
    expect(holds(mcp).client("immich")).toMatchObject({ name: "Photos", skipConsent: true });
    expect(holds(mcp).changes()).toEqual(["PUT /api/oidc/clients/immich"]);
  });

  it("sends no change where nothing would change", async () => {
    const { name, description, callbackURLs } = holds(mcp).client("immich");
    const answer = await mcp.ok("oidc_client_update", { client: "immich", name, description, callbackURLs });
    expect(answer).toMatchObject({ changed: [], notApplied: [] });
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each(["description", "launchURL"] as const)("clears %s with null", async (field) => {
    const { changed } = await mcp.ok("oidc_client_update", { client: "immich", [field]: null });
    expect(changed).toEqual([field]);
    expect(holds(mcp).client("immich")[field]).toBe(field === "description" ? "" : null);
  });

  describe("callback URLs", () => {
    const [login, settings, app] = [
      "https://photos.riverside-rowing.example/auth/login",
      "https://photos.riverside-rowing.example/user-settings",
      "app.immich:///oauth-callback",
    ];

    it.each([
      [{ addCallbackURLs: ["https://new.example/cb"] }, [login, settings, app, "https://new.example/cb"]],
      [{ removeCallbackURLs: [settings] }, [login, app]],
      [
        { addCallbackURLs: ["https://new.example/cb"], removeCallbackURLs: [login] },
        [settings, app, "https://new.example/cb"],
      ],
      [{ addCallbackURLs: [login, "https://new.example/cb"] }, [login, settings, app, "https://new.example/cb"]],
      [{ callbackURLs: ["https://new.example/cb"] }, ["https://new.example/cb"]],
      [{ callbackURLs: [] }, []],
    ])("%j", async (change, expected) => {
      const answer = await mcp.ok("oidc_client_update", { client: "immich", ...change });
      expect(holds(mcp).client("immich").callbackURLs).toEqual(expected);
      expect(answer.client.callbackURLs).toEqual(expected);
      expect(answer.changed).toEqual(["callbackURLs"]);
    });

    it("are left alone if all to add are there", async () => {
      expect((await mcp.ok("oidc_client_update", { client: "immich", addCallbackURLs: [login] })).changed).toEqual([]);
      expect(holds(mcp).changes()).toEqual([]);
    });

    it("that are not there cannot be removed, and those that are there are named", async () => {
      const text = await mcp.fails("oidc_client_update", {
        client: "immich",
        addCallbackURLs: ["https://new.example/cb"],
        removeCallbackURLs: [login, "https://nope.example"],
      });
      expect(text).toContain(`removeCallbackURLs[1]: the client has no such callback URL. It has: ${login}, `);
      expect(holds(mcp).changes()).toEqual([]);
    });

    it.each([
      [
        { callbackURLs: [login], addCallbackURLs: ["https://new.example/cb"] },
        /callbackURLs: it stands for all of them/,
      ],
      [{ callbackURLs: [login], removeCallbackURLs: [settings] }, /callbackURLs: it stands for all of them/],
      [
        { addCallbackURLs: [login], removeCallbackURLs: [login] },
        /removeCallbackURLs\[0\]: .* is in addCallbackURLs, too/,
      ],
    ])("are not touched by what contradicts itself: %j", async (change, reason) => {
      expect(await mcp.fails("oidc_client_update", { client: "immich", ...change })).toMatch(reason);
      expect(mcp.sandbox.requests).toEqual([]);
    });

    it("that Pocket ID refuses change nothing", async () => {
      const text = await mcp.fails("oidc_client_update", {
        client: "immich",
        name: "Photos",
        addCallbackURLs: ["https://app.example/%zz"],
      });
      expect(text).toMatch(/callbackURLs/);
      expect(holds(mcp).client("immich")).toMatchObject({ name: "Immich", callbackURLs: [login, settings, app] });
    });
  });

  it("says that a public client is made to use PKCE", async () => {
    const answer = await mcp.ok("oidc_client_update", { client: "immich", isPublic: true });
    expect([...answer.changed].sort()).toEqual(["isPublic", "pkceEnabled"]);
    expect(holds(mcp).client("immich")).toMatchObject({ isPublic: true, pkceEnabled: true });
    expect(await mcp.ok("oidc_client_update", { client: "immich", pkceEnabled: false })).toMatchObject({
      changed: [],
      notApplied: [{ field: "pkceEnabled", reason: "Public clients always use PKCE." }],
    });
  });

  it("says that a client opened to everyone has lost its groups", async () => {
    const answer = await mcp.ok("oidc_client_update", { client: "immich", isGroupRestricted: false });
    expect([...answer.changed].sort()).toEqual(["allowedUserGroups", "isGroupRestricted"]);
    expect(answer.client.access).toBe("everyone");
    expect(holds(mcp).client("immich")).toMatchObject({ isGroupRestricted: false, allowedUserGroupIds: [] });
  });

  it("takes a federated identity that says no more than its issuer", async () => {
    const answer = await mcp.ok("oidc_client_update", {
      client: "immich",
      federatedIdentities: [{ issuer: "https://ci.example" }],
    });
    expect(answer).toMatchObject({ changed: ["federatedIdentities"], notApplied: [] });
    expect(holds(mcp).client("immich").federatedIdentities).toMatchObject([{ issuer: "https://ci.example" }]);
    mcp.sandbox.requests.length = 0;
    await mcp.ok("oidc_client_update", { client: "immich", federatedIdentities: [{ issuer: "https://ci.example" }] });
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("says which fields a client that registers itself did not take, and why", async () => {
    const stored = addCimdClient(mcp);
    const answer = await mcp.ok("oidc_client_update", {
      client: cimdId,
      name: "My notes",
      addCallbackURLs: ["https://evil.example/cb"],
      description: "Notes of the coaches",
      skipConsent: true,
    });
    expect([...answer.changed].sort()).toEqual(["description", "skipConsent"]);
    const reason = "The client describes itself by its metadata document: change it there.";
    expect(answer.notApplied).toEqual([
      { field: "name", reason },
      { field: "callbackURLs", reason },
    ]);
    expect(stored).toMatchObject({
      name: "Notes",
      callbackURLs: ["https://notes.example/callback"],
      description: "Notes of the coaches",
      skipConsent: true,
    });
  });

  describe("logos", () => {
    it("that it fetches leave the rest alone", async () => {
      const svg = Buffer.from("<svg/>");
      vi.stubGlobal("fetch", async () => new Response(svg, { headers: { "content-type": "image/svg+xml" } }));
      const before = { ...holds(mcp).client("immich") };
      const answer = await mcp.ok("oidc_client_update", { client: "immich", darkLogoUrl: "https://203.0.113.5/logo" });
      expect([...answer.changed].sort()).toEqual(["darkLogoUrl", "hasDarkLogo"]);
      expect(holds(mcp).client("immich")).toEqual({ ...before, darkLogo: { extension: "svg", bytes: svg } });
    });

    it.each(["2.14", "2.12", "2.9"] as const)(
      "that cannot be fetched are reported on %s, and the rest is stored",
      async (version) => {
        await playing(version);
        const answer = await mcp.ok("oidc_client_update", {
          client: "immich",
          name: "Photos",
          logoUrl: "http://10.0.0.1/logo.png",
        });
        expect(answer.changed).toEqual(["name"]);
        expect(answer.notApplied).toEqual([{ field: "logoUrl", reason: expect.stringMatching(/\S/) }]);
        expect(holds(mcp).client("immich")).toMatchObject({ name: "Photos", logo: null });
      },
    );
  });

  it.each([
    ["2.7", { requiresPushedAuthorizationRequests: true }, "2.9.0"],
    ["2.9", { description: "Photos" }, "2.10.0"],
    ["2.9", { description: null }, "2.10.0"],
    ["2.9", { skipConsent: false }, "2.10.0"],
    ["2.9", { federatedIdentities: [{ issuer: "https://ci.example", replayProtection: true }] }, "2.10.0"],
    ["2.12", { accessTokenDurationMinutes: 5 }, "2.13.0"],
    ["2.12", { refreshTokenDurationMinutes: 5 }, "2.13.0"],
    ["1.16", { isGroupRestricted: true }, "2.0.0"],
  ] as const)("refuses on %s what is newer: %j", async (version, field, since) => {
    await playing(version);
    expect(await mcp.fails("oidc_client_update", { client: "immich", name: "Photos", ...field })).toContain(
      `it needs Pocket ID ${since} or later, and this one is ${version}.0`,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each([
    { name: null },
    { name: "" },
    { isPublic: null },
    { accessTokenDurationMinutes: 0 },
    { allowedUserGroups: [] },
  ])("sends nothing for %j", async (field) => {
    expect(await mcp.fails("oidc_client_update", { client: "immich", ...field })).toContain(
      String(Object.keys(field)[0]),
    );
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("changes nothing for a client that is not there", async () => {
    expect(await mcp.fails("oidc_client_update", { client: "nope", name: "Photos" })).toMatch(/no client "nope"/);
    expect(holds(mcp).changes()).toEqual([]);
  });
});
