import { afterEach, describe, expect, it } from "vitest";
import { type Connected, type ConnectOptions, connect } from "../../../tests/support/connect.ts";
import { tools } from "../src/tools.ts";

let mcp: Connected;
afterEach(() => mcp.close());

async function open(options: ConnectOptions = {}) {
  mcp = await connect(tools, options);
}

const owner = () => {
  const user = mcp.sandbox.state.users.get(mcp.sandbox.adminId);
  if (user === undefined) throw new Error("the sandbox holds no administrator");
  return user;
};

describe("health_check", () => {
  it("says of everything that it is well, each in a sentence of its own", async () => {
    await open();
    const { url } = mcp.sandbox;
    expect(await mcp.ok("health_check")).toEqual({
      live: { ok: true, message: `Pocket ID answers at ${url}.` },
      apiKey: { ok: true, message: "The API key is valid and belongs to robin." },
      admin: { ok: true, message: "robin is an administrator." },
      version: { ok: true, message: "Pocket ID 2.14.0 runs.", current: "2.14.0" },
      latestVersion: { ok: true, message: "2.14.0 is the newest release.", latest: "2.14.0" },
      issuer: { ok: true, message: "The issuer is the address in use.", issuer: url },
    });
  });

  it("changes nothing", async () => {
    await open();
    await mcp.ok("health_check");
    expect(mcp.sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("says that the key is wrong, and what it still could find out", async () => {
    await open({ env: { POCKETID_API_KEY: "not-a-key-of-this-instance" } });
    const health = await mcp.ok("health_check");
    expect(health.live.ok).toBe(true);
    expect(health.apiKey).toEqual({
      ok: false,
      message: expect.stringMatching(/^The API key was not accepted: .*set POCKETID_API_KEY/),
    });
    expect(health.admin).toEqual({ ok: null, message: expect.stringMatching(/could not be found out/) });
    expect(health.version).toMatchObject({ ok: null, current: null });
    expect(health.latestVersion).toMatchObject({ ok: null, latest: "2.14.0" });
    expect(health.issuer.ok).toBe(true);
    expect(JSON.stringify(health)).not.toContain("not-a-key-of-this-instance");
  });

  it("says that the owner of the key is no administrator", async () => {
    await open();
    owner().isAdmin = false;
    const health = await mcp.ok("health_check");
    expect(health.apiKey.ok).toBe(true);
    expect(health.admin).toEqual({ ok: false, message: "robin is not an administrator: use a key of one." });
  });

  it("says that the owner of the key is disabled", async () => {
    await open();
    owner().disabled = true;
    const health = await mcp.ok("health_check");
    expect(health.apiKey).toMatchObject({ ok: false, message: expect.stringMatching(/disabled/) });
    expect(health.admin.ok).toBeNull();
  });

  it("says that people open Pocket ID at another address", async () => {
    await open({ issuer: "https://id.riverside-rowing.example" });
    const { issuer, live } = await mcp.ok("health_check");
    expect(live.ok).toBe(true);
    expect(issuer).toEqual({
      ok: false,
      message: expect.stringMatching(
        /^The issuer is https:\/\/id\.riverside-rowing\.example, not http:\/\/127\.0\.0\.1:\d+: .*APP_URL/,
      ),
      issuer: "https://id.riverside-rowing.example",
    });
  });

  it("says that there is a newer release", async () => {
    await open({ latestVersion: "2.15.0" });
    expect((await mcp.ok("health_check")).latestVersion).toEqual({
      ok: false,
      message: "There is a newer release: 2.15.0.",
      latest: "2.15.0",
    });
  });

  it.each([
    ["is offline", { latestVersion: null }],
    ["may not look", { versionCheckDisabled: true }],
  ] as const)("takes it as no fault that Pocket ID %s", async (_case, options) => {
    await open(options);
    expect((await mcp.ok("health_check")).latestVersion).toEqual({
      ok: null,
      message: expect.stringMatching(/could not tell the newest release/),
      latest: null,
    });
  });

  it("tells the version by what it can do, where Pocket ID does not tell it", async () => {
    await open({ version: "1.16" });
    const { version, latestVersion } = await mcp.ok("health_check");
    expect(version).toEqual({
      ok: true,
      message: "Pocket ID 1.16.0 or later runs, by what it can do; it does not tell its version.",
      current: "1.16.0 or later",
    });
    // Whether it is behind cannot be said of a version that is not known exactly.
    expect(latestVersion).toEqual({ ok: null, message: "The newest release is 2.14.0.", latest: "2.14.0" });
  });

  it.each(["2.13", "2.12", "2.9", "2.7"] as const)("knows %s", async (version) => {
    await open({ version });
    const health = await mcp.ok("health_check");
    expect(health.version).toMatchObject({ ok: true, current: `${version}.0` });
    expect(health.latestVersion.ok).toBe(false);
  });

  it("answers although nobody is there, and says so in each field", async () => {
    await open({ env: { POCKETID_URL: "http://127.0.0.1:1" } });
    const health = await mcp.ok("health_check");
    expect(health.live).toEqual({
      ok: false,
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1 does not answer as Pocket ID: .*POCKETID_URL/),
    });
    expect(health.apiKey.ok).toBe(false);
    expect(health.admin.ok).toBeNull();
    expect(health.version.ok).toBeNull();
    expect(health.latestVersion.ok).toBeNull();
    expect(health.issuer.ok).toBe(false);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("does not take another web site for Pocket ID", async () => {
    await open();
    mcp.sandbox.intercept = (_request, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Router</title>");
      return true;
    };
    const health = await mcp.ok("health_check");
    for (const field of ["live", "apiKey", "issuer"]) expect(health[field].ok).toBe(false);
    expect(JSON.stringify(health)).not.toContain("Router");
  });

  it("sends nothing for an argument that it does not have", async () => {
    await open();
    expect(await mcp.fails("health_check", { url: "https://id.example.com" })).toMatch(/url: there is no such/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("version_latest", () => {
  it("answers the newest release and the running one", async () => {
    await open({ version: "2.12", latestVersion: "2.14.1" });
    expect(await mcp.ok("version_latest")).toEqual({
      latestVersion: "2.14.1",
      currentVersion: "2.12.0",
      exact: true,
    });
  });

  it("says that the running version is a lower bound where Pocket ID does not tell it", async () => {
    await open({ version: "1.16" });
    expect(await mcp.ok("version_latest")).toEqual({
      latestVersion: "2.14.0",
      currentVersion: "1.16.0",
      exact: false,
    });
  });

  it.each([
    ["is offline", { latestVersion: null }],
    ["may not look", { versionCheckDisabled: true }],
  ] as const)("says that it is not known where Pocket ID %s", async (_case, options) => {
    await open(options);
    expect(await mcp.ok("version_latest")).toEqual({
      latestVersion: null,
      currentVersion: "2.14.0",
      exact: true,
      notes: [expect.stringMatching(/could not tell the newest release/)],
    });
  });

  it("sends nothing for an argument that it does not have", async () => {
    await open();
    expect(await mcp.fails("version_latest", { prerelease: true })).toMatch(/prerelease/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("version_current", () => {
  it.each(["2.14", "2.9"] as const)("answers the running version, which this suite knows (%s)", async (version) => {
    await open({ version });
    expect(await mcp.ok("version_current")).toEqual({
      currentVersion: `${version}.0`,
      exact: true,
      known: true,
      oldestSupported: "1.16.0",
      newestKnown: "2.14.0",
    });
  });

  it("says that it is a lower bound where Pocket ID does not tell it", async () => {
    await open({ version: "1.16" });
    expect(await mcp.ok("version_current")).toMatchObject({
      currentVersion: "1.16.0",
      exact: false,
      known: true,
      notes: ["This Pocket ID does not tell its version: it is 1.16.0 or later, by what it can do."],
    });
  });

  it.each([
    ["3.0.1", /^It is newer than 2\.14\.0/],
    ["1.15.0", /^It is older than 1\.16\.0/],
  ])("says that it does not know %s", async (currentVersion, note) => {
    await open();
    mcp.sandbox.intercept = ({ url }, response) => {
      if (url !== "/api/version/current") return false;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ currentVersion }));
      return true;
    };
    const { notes, ...answer } = await mcp.ok("version_current");
    expect(answer).toMatchObject({ currentVersion, exact: true, known: false });
    expect(notes).toEqual([expect.stringMatching(note)]);
  });

  it("sends nothing for an argument that it does not have", async () => {
    await open();
    expect(await mcp.fails("version_current", { verbose: true })).toMatch(/verbose/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("setup_status", () => {
  it.each(["2.14", "2.12", "2.7"] as const)("says that it is set up (%s)", async (version) => {
    await open({ version });
    expect(await mcp.ok("setup_status")).toEqual({ isSetUp: true });
  });

  it.each(["2.14", "2.7"] as const)(
    "says on %s that anyone can claim it, although no key is valid yet",
    async (version) => {
      await open({ version });
      mcp.sandbox.state.users.clear();
      mcp.sandbox.state.apiKeys.clear();
      expect(await mcp.ok("setup_status")).toEqual({
        isSetUp: false,
        notes: [
          `Nobody has set it up: whoever opens ${mcp.sandbox.url}/setup first becomes its administrator. Do that now.`,
        ],
      });
      expect(mcp.sandbox.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /api/signup/setup"]);
    },
  );

  it("says before 2.6 that Pocket ID does not tell it", async () => {
    await open({ version: "1.16" });
    expect(await mcp.fails("setup_status")).toMatch(
      /Pocket ID 1\.16\.0 has no operation GET \/api\/signup\/setup\. It came with 2\.6\.0/,
    );
  });

  it("does not take another web site for one that is set up", async () => {
    await open();
    mcp.sandbox.intercept = (_request, response) => {
      response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html><title>Router</title>");
      return true;
    };
    expect(await mcp.fails("setup_status")).toMatch(/not Pocket ID's JSON/);
  });

  it.each([
    ["an empty page", "text/plain", ""],
    ["other JSON", "application/json", "{}"],
  ])("does not take %s for an instance that anyone can claim", async (_what, type, body) => {
    await open();
    mcp.sandbox.intercept = (_request, response) => {
      response.writeHead(200, { "content-type": type }).end(body);
      return true;
    };
    expect(await mcp.fails("setup_status")).toMatch(/not as expected/);
  });

  it("sends nothing for an argument that it does not have", async () => {
    await open();
    expect(await mcp.fails("setup_status", { token: "x" })).toMatch(/token/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
