import type { SandboxVersion } from "@pocketid-mcp/sandbox";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Connected, connect } from "../../../tests/support/connect.ts";
import { tools } from "../src/tools.ts";
import { holds, named } from "./holds.ts";

// What the answer shows is what this is about; where it goes otherwise stands in the tests of the runtime.
const env = { POCKETID_SECRETS: "reveal" };

let mcp: Connected;
beforeEach(async () => {
  mcp = await connect(tools, { env });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await mcp.close();
});

const playing = async (version: SandboxVersion) => {
  await mcp.close();
  mcp = await connect(tools, { version, env });
};
const clientCount = () => mcp.sandbox.state.oidcClients.size;

/** Answers one request, by its beginning, with an error. */
const failing = (beginning: string, status: number) => {
  mcp.sandbox.intercept = ({ method, url }, response) => {
    if (!new RegExp(`^${beginning}`).test(`${method} ${url}`)) return false;
    response.writeHead(status, { "content-type": "application/json" }).end('{"error":"Something went wrong"}');
    return true;
  };
};

describe("oidc_client_create", () => {
  describe("says who may sign in", () => {
    it("nobody, if nothing else is said", async () => {
      const { client } = await mcp.ok("oidc_client_create", { name: "Photos" });
      expect(holds(mcp).client(client.id)).toMatchObject({
        name: "Photos",
        isGroupRestricted: true,
        allowedUserGroupIds: [],
      });
      expect(client).toMatchObject({ access: "nobody", allowedUserGroups: [] });
    });

    it("the groups that are named", async () => {
      const { client } = await mcp.ok("oidc_client_create", { name: "Photos", groups: ["Board", "juniors"] });
      expect(holds(mcp).client(client.id)).toMatchObject({
        isGroupRestricted: true,
        allowedUserGroupIds: holds(mcp).groupIds("board", "juniors"),
      });
      expect(client.access).toBe("groups");
      expect(named(client.allowedUserGroups)).toEqual(["board", "juniors"]);
    });

    it("everyone, if that is asked for", async () => {
      const { client } = await mcp.ok("oidc_client_create", { name: "Photos", access: "everyone" });
      expect(holds(mcp).client(client.id).isGroupRestricted).toBe(false);
      expect(client.access).toBe("everyone");
    });

    it("and is restricted from its first moment", async () => {
      await mcp.ok("oidc_client_create", { name: "Photos", groups: ["board"] });
      const [creation] = mcp.sandbox.requests.filter(({ method }) => method === "POST");
      expect(creation).toMatchObject({ path: "/api/oidc/clients", body: { isGroupRestricted: true } });
    });

    it("not nobody where Pocket ID cannot close a client", async () => {
      await playing("1.16");
      const text = await mcp.fails("oidc_client_create", { name: "Photos" });
      expect(text).toMatch(/groups: Pocket ID before 2\.0 opens a client without groups to everyone/);
      expect(holds(mcp).changes()).toEqual([]);
    });

    it.each([
      [{ groups: ["board"] }, "groups"],
      [{ access: "everyone" }, "everyone"],
    ])("on 1.16 with %j", async (who, access) => {
      await playing("1.16");
      const { client, secret } = await mcp.ok("oidc_client_create", { name: "Photos", ...who });
      expect(client.access).toBe(access);
      expect(holds(mcp).client(client.id).allowedUserGroupIds).toEqual(
        "groups" in who ? holds(mcp).groupIds("board") : [],
      );
      expect(await holds(mcp).accepts(client.id, secret)).toBe(true);
    });
  });

  describe("makes safe defaults", () => {
    it("PKCE on, confidential", async () => {
      const { client } = await mcp.ok("oidc_client_create", { name: "Photos" });
      expect(holds(mcp).client(client.id)).toMatchObject({ pkceEnabled: true, isPublic: false });
    });

    it("PKCE off if that is asked for", async () => {
      const { client } = await mcp.ok("oidc_client_create", { name: "Photos", pkceEnabled: false });
      expect(holds(mcp).client(client.id).pkceEnabled).toBe(false);
    });

    it("a random client id, or the one that is asked for", async () => {
      expect((await mcp.ok("oidc_client_create", { name: "Photos" })).client.id).toMatch(/^[0-9a-f-]{36}$/);
      expect((await mcp.ok("oidc_client_create", { name: "Wiki", id: "wiki_1.0" })).client.id).toBe("wiki_1.0");
      expect(holds(mcp).client("wiki_1.0").name).toBe("Wiki");
    });
  });

  it("stores every setting", async () => {
    const settings = {
      description: "Photos of the club",
      callbackURLs: ["https://photos.example/login"],
      logoutCallbackURLs: ["https://photos.example/bye"],
      launchURL: "https://photos.example",
      requiresReauthentication: true,
      requiresPushedAuthorizationRequests: true,
      skipConsent: true,
      accessTokenDurationMinutes: 15,
      refreshTokenDurationMinutes: 1_440,
      federatedIdentities: [{ issuer: "https://ci.example", subject: "deploy" }],
    };
    const { client, notApplied } = await mcp.ok("oidc_client_create", { name: "Photos", ...settings });
    expect(notApplied).toEqual([]);
    expect(holds(mcp).client(client.id)).toMatchObject({
      ...settings,
      federatedIdentities: [
        { issuer: "https://ci.example", subject: "deploy", audience: "", jwks: "", replayProtection: false },
      ],
    });
    const { federatedIdentities, ...shown } = settings;
    expect(client).toMatchObject({ ...shown, credentials: { federatedIdentities } });
  });

  describe("gives a confidential client its secret in the same call", () => {
    it.each(["2.14", "2.13", "2.9", "2.7"] as const)("which Pocket ID %s accepts", async (version) => {
      await playing(version);
      const { client, secret } = await mcp.ok("oidc_client_create", { name: "Photos" });
      expect(
        holds(mcp)
          .client(client.id)
          .secrets.map(({ value }) => value),
      ).toEqual([secret]);
      expect(await holds(mcp).accepts(client.id, secret)).toBe(true);
      expect(await holds(mcp).accepts(client.id, "anything else")).toBe(false);
    });

    it.each(["2.14", "2.12"] as const)("of one's own on %s", async (version) => {
      await playing(version);
      const mine = "correct horse battery";
      const { client, secret } = await mcp.ok("oidc_client_create", { name: "Photos", secret: mine });
      expect(secret).toBe(mine);
      expect(await holds(mcp).accepts(client.id, mine)).toBe(true);
    });

    it("and a public one none", async () => {
      const answer = await mcp.ok("oidc_client_create", { name: "Photos", isPublic: true });
      expect(answer.secret).toBeUndefined();
      expect(holds(mcp).client(answer.client.id)).toMatchObject({ isPublic: true, pkceEnabled: true, secrets: [] });
    });

    it("that is in no log", async () => {
      const { secret } = await mcp.ok("oidc_client_create", { name: "Photos" });
      expect(JSON.stringify(mcp.actions())).not.toContain(secret);
    });
  });

  describe("and logos", () => {
    it("that it fetches", async () => {
      const png = Buffer.from("not really a picture");
      const real = fetch;
      vi.stubGlobal("fetch", async (url: URL | string, options?: RequestInit) =>
        String(url).startsWith("https://203.0.113.5/")
          ? new Response(png, { headers: { "content-type": "image/png" } })
          : real(url, options),
      );
      const { client, notApplied } = await mcp.ok("oidc_client_create", {
        name: "Photos",
        logoUrl: "https://203.0.113.5/light.png",
        darkLogoUrl: "https://203.0.113.5/dark.png",
      });
      expect(notApplied).toEqual([]);
      expect(client).toMatchObject({ hasLogo: true, hasDarkLogo: true });
      expect(holds(mcp).client(client.id).logo?.bytes).toEqual(png);
    });

    it.each(["2.14", "2.12", "2.9"] as const)(
      "that cannot be fetched are reported, and the client is there with its secret on %s",
      async (version) => {
        await playing(version);
        const answer = await mcp.ok("oidc_client_create", {
          name: "Photos",
          groups: ["board"],
          logoUrl: "http://127.0.0.1/logo.png",
        });
        expect(answer.notApplied).toEqual([{ field: "logoUrl", reason: expect.stringMatching(/\S/) }]);
        expect(answer.client).toMatchObject({ name: "Photos", access: "groups", hasLogo: false });
        expect(await holds(mcp).accepts(answer.client.id, answer.secret)).toBe(true);
        expect(clientCount()).toBe(7);
      },
    );
  });

  describe("that stops half-way says what is there already", () => {
    it("when the groups could not be named: nobody can sign in yet", async () => {
      failing("PUT /api/oidc/clients/wiki/allowed-user-groups", 500);
      const text = await mcp.fails("oidc_client_create", { name: "Wiki", id: "wiki", groups: ["board"] });
      expect(text).toMatch(/^The client wiki was created, and nobody can sign in to it yet; do not create it again\./);
      expect(holds(mcp).client("wiki")).toMatchObject({ isGroupRestricted: true, allowedUserGroupIds: [] });
    });

    it("when the groups could not be named on 1.16: everyone can sign in", async () => {
      await playing("1.16");
      failing("PUT /api/oidc/clients/wiki/allowed-user-groups", 500);
      const text = await mcp.fails("oidc_client_create", { name: "Wiki", id: "wiki", groups: ["board"] });
      expect(text).toMatch(/^The client wiki was created, and everyone can sign in to it; do not create it again\./);
    });

    it("when the secret could not be made, which is tried once", async () => {
      failing("POST /api/oidc/clients/wiki/secrets", 503);
      const text = await mcp.fails("oidc_client_create", { name: "Wiki", id: "wiki" });
      expect(text).toMatch(/The client wiki was created.*do not create it again/);
      expect(holds(mcp).changes()).toEqual(["POST /api/oidc/clients", "POST /api/oidc/clients/wiki/secrets"]);
      expect(mcp.actions()).toMatchObject([{ outcome: "begun" }, { tool: "oidc_client_create", outcome: "failed" }]);
    });

    it("with a random id, too", async () => {
      failing("POST /api/oidc/clients/[^/]+/secrets", 500);
      const text = await mcp.fails("oidc_client_create", { name: "Wiki" });
      expect(text).toContain(`The client ${holds(mcp).clientNamed("Wiki").id} was created`);
    });
  });

  it("is never repeated, because each time would make another client", async () => {
    failing("POST /api/oidc/clients$", 503);
    await mcp.fails("oidc_client_create", { name: "Wiki" });
    expect(holds(mcp).changes()).toEqual(["POST /api/oidc/clients"]);
  });

  it("says what is wrong when the client id is taken", async () => {
    expect(await mcp.fails("oidc_client_create", { name: "Photos", id: "immich" })).toMatch(
      /already in use.*Choose another client id/i,
    );
    expect(holds(mcp).client("immich").name).toBe("Immich");
  });

  it.each([
    [{}, /name: this argument is needed/],
    [{ name: "x".repeat(51) }, /name/],
    [{ name: "Photos", id: "no/slash" }, /id: 2 to 128 letters, digits/],
    [{ name: "Photos", access: "everyone", groups: ["board"] }, /access: "everyone" takes no groups/],
    [{ name: "Photos", access: "nobody", groups: ["board"] }, /access: "nobody" takes no groups/],
    [{ name: "Photos", access: "groups" }, /groups: access "groups" needs the groups/],
    [{ name: "Photos", groups: [] }, /groups: an empty list would lock everyone out/],
    [{ name: "Photos", isPublic: true, secret: "correct horse battery" }, /secret: a public client has none/],
    [{ name: "Photos", secret: "too short" }, /secret: it has to be 16 printable ASCII characters or more/],
    [{ name: "Photos", accessTokenDurationMinutes: 0 }, /accessTokenDurationMinutes/],
  ])("sends nothing for %j", async (values, reason) => {
    expect(await mcp.fails("oidc_client_create", values)).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("creates nothing when a group is unknown", async () => {
    expect(await mcp.fails("oidc_client_create", { name: "Photos", groups: ["board", "nope"] })).toMatch(
      /groups\[1\]: there is no group "nope"/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each([
    ["2.7", { requiresPushedAuthorizationRequests: true }, "2.9.0"],
    ["2.9", { description: "Photos" }, "2.10.0"],
    ["2.9", { skipConsent: true }, "2.10.0"],
    ["2.9", { secret: "correct horse battery" }, "2.12.0"],
    ["2.9", { federatedIdentities: [{ issuer: "https://ci.example", replayProtection: true }] }, "2.10.0"],
    ["2.12", { accessTokenDurationMinutes: 5 }, "2.13.0"],
    ["2.12", { refreshTokenDurationMinutes: 5 }, "2.13.0"],
  ] as const)("creates nothing on %s with %j, which is newer", async (version, field, since) => {
    await playing(version);
    expect(await mcp.fails("oidc_client_create", { name: "Photos", ...field })).toContain(
      `it needs Pocket ID ${since} or later`,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });
});
