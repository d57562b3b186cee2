import type { SandboxVersion } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

// What the answer shows is what this is about; where it goes otherwise stands in the tests of the runtime.
const mcp = useServer(tools, { env: { POCKETID_SECRETS: "reveal" } });

const stored = (username: string) => {
  const user = [...mcp.sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`the sandbox holds no ${username}`);
  return user;
};
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const storedTokens = () => [...mcp.sandbox.state.oneTimeAccessTokens.values()];

/** Pocket ID keeps whole seconds, and the call took some time. */
function expectLifetime(expiresAt: string | undefined, seconds: number, started: number): void {
  const time = Date.parse(expiresAt ?? "");
  expect(time).toBeGreaterThanOrEqual(started + (seconds - 1) * 1_000);
  expect(time).toBeLessThanOrEqual(Date.now() + (seconds + 1) * 1_000);
}

describe("user_create_one_time_access_token", () => {
  it("answers a link on the address where people open Pocket ID, which may not be the one of the API", async () => {
    await mcp.reconnect({ issuer: "https://id.riverside-rowing.example" });
    const answer = await mcp.ok("user_create_one_time_access_token", { user: "ben@riverside-rowing.example" });
    expect(answer.user).toEqual({ id: stored("ben").id, username: "ben" });
    expect(answer.link).toBe(`https://id.riverside-rowing.example/lc/${answer.token}`);
    expect(storedTokens()).toMatchObject([{ token: answer.token, userId: stored("ben").id }]);
  });

  it.each(["2.14", "2.9", "1.16"] as const)("signs in as the account, once (%s)", async (version) => {
    await mcp.reconnect({ version });
    const { token, link } = await mcp.ok("user_create_one_time_access_token", { user: "ben" });
    expect(link).toBe(`${mcp.sandbox.url}/lc/${token}`);

    const redeem = () => fetch(`${mcp.sandbox.url}/api/one-time-access-token/${token}`, { method: "POST" });
    const signedIn = await redeem();
    expect(signedIn.status).toBe(200);
    const session = /^access_token=([^;]+)/.exec(signedIn.headers.get("set-cookie") ?? "")?.[1];
    const me = await fetch(`${mcp.sandbox.url}/api/users/me`, { headers: { authorization: `Bearer ${session}` } });
    expect(await me.json()).toMatchObject({ username: "ben" });
    expect((await redeem()).status).not.toBe(200);
  });

  it("names the user in the body as well, where Pocket ID < 2.4 looks for it", async () => {
    await mcp.reconnect({ version: "1.16" });
    await mcp.ok("user_create_one_time_access_token", { user: "ben" });
    expect(changingRequests()).toMatchObject([
      { path: `/api/users/${stored("ben").id}/one-time-access-token`, body: { userId: stored("ben").id } },
    ]);
  });

  it.each([
    [undefined, 15 * 60],
    ["15m", 15 * 60],
    ["12h", 12 * 3_600],
    ["1h30m", 90 * 60],
    ["7d", 7 * 24 * 3_600],
    ["31d", 31 * 24 * 3_600],
    ["2s", 2],
  ])("takes a lifetime of %s", async (ttl, seconds) => {
    const started = Date.now();
    const { expiresAt } = await mcp.ok("user_create_one_time_access_token", {
      user: "ben",
      ...(ttl === undefined ? {} : { ttl }),
    });
    expectLifetime(expiresAt, seconds, started);
    expectLifetime(storedTokens()[0]?.expiresAt, seconds, started);
    // Go's durations know no days.
    expect(changingRequests()[0]?.body).toMatchObject({ ttl: expect.stringMatching(/^(?:\d+[hms])+$/) });
  });

  it.each(["32d", "745h", "1s", "0m", "-5m", "soon", "7", ""])("sends nothing for a lifetime of %j", async (ttl) => {
    expect(await mcp.fails("user_create_one_time_access_token", { user: "ben", ttl })).toMatch(/^Nothing.*ttl: /);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("sends no change for an account that is not there", async () => {
    expect(await mcp.fails("user_create_one_time_access_token", { user: "bem" })).toMatch(/Close ones: ben/);
    expect(changingRequests()).toEqual([]);
  });

  it("says that the account is disabled, when it is", async () => {
    const { notes } = await mcp.ok("user_create_one_time_access_token", { user: "dmitri" });
    expect(notes).toEqual([expect.stringMatching(/disabled.*user_enable/)]);
    expect(await mcp.ok("user_create_one_time_access_token", { user: "ben" })).not.toHaveProperty("notes");
  });

  it("is never repeated, because each time makes another link", async () => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method === "POST") response.writeHead(503).end();
      return method === "POST";
    };
    await mcp.fails("user_create_one_time_access_token", { user: "ben" });
    expect(changingRequests()).toHaveLength(1);
  });
});

describe("user_send_access_email", () => {
  const settings = () => mcp.sandbox.state.configuration;

  it.each(["2.14", "2.9"] as const)("has Pocket ID mail a link, and does not show it (%s)", async (version) => {
    await mcp.reconnect({ version });
    const started = Date.now();
    const answer = await mcp.ok("user_send_access_email", { user: "ben", ttl: "2d" });
    expect(answer).toMatchObject({
      user: { id: stored("ben").id, username: "ben" },
      email: "ben@riverside-rowing.example",
      notes: [expect.stringMatching(/does not tell whether it arrived/)],
    });
    const [mail] = mcp.sandbox.state.mails;
    expect(mail).toMatchObject({ kind: "one-time-access", to: "ben@riverside-rowing.example" });
    expect(mcp.sandbox.state.mails).toHaveLength(1);
    expect(JSON.stringify(answer)).not.toContain(mail?.token);
    expectLifetime(answer.expiresAt, 2 * 24 * 3_600, started);
    expectLifetime(storedTokens()[0]?.expiresAt, 2 * 24 * 3_600, started);
  });

  const missing: [string, () => unknown, RegExp][] = [
    [
      "the account has no e-mail address",
      () => {
        stored("ben").email = null;
      },
      /No mail was sent: the account has no e-mail address \(.*user_update\)/,
    ],
    [
      "the account is disabled",
      () => {
        stored("ben").disabled = true;
      },
      /No mail was sent: the account is disabled \(.*user_enable\)/,
    ],
    [
      "administrators may send none",
      () => settings().set("emailOneTimeAccessAsAdminEnabled", "false"),
      /emailOneTimeAccessAsAdminEnabled is off \(.*app_config_update\)/,
    ],
    [
      "there is no mail server, which Pocket ID would not tell",
      () => settings().set("smtpHost", ""),
      /no mail server is set up \(smtpHost/,
    ],
  ];
  const versions: SandboxVersion[] = ["2.14", "2.9"];
  it.each(versions.flatMap((version) => missing.map((row) => [version, ...row] as const)))(
    "explains on %s that %s, and sends nothing",
    async (version, _case, takeAway, message) => {
      await mcp.reconnect({ version });
      takeAway();
      expect(await mcp.fails("user_send_access_email", { user: "ben" })).toMatch(message);
      expect(changingRequests()).toEqual([]);
      expect(mcp.sandbox.state.mails).toEqual([]);
    },
  );

  it("names everything that is missing at once", async () => {
    for (const [, takeAway] of missing) takeAway();
    const text = await mcp.fails("user_send_access_email", { user: "ben" });
    for (const part of [/is disabled/, /no e-mail address/, /emailOneTimeAccessAsAdminEnabled/, /smtpHost/])
      expect(text).toMatch(part);
  });

  it("takes a setting as Pocket ID does that came from the environment as 1", async () => {
    settings().set("emailOneTimeAccessAsAdminEnabled", "1");
    await mcp.ok("user_send_access_email", { user: "ben" });
    expect(mcp.sandbox.state.mails).toHaveLength(1);
  });

  it("sends nothing for a lifetime that Pocket ID would not take", async () => {
    expect(await mcp.fails("user_send_access_email", { user: "ben", ttl: "2mo" })).toMatch(/ttl: /);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
