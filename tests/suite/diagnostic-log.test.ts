import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { changingCalls } from "../support/changing-calls.ts";
import { useServer } from "../support/use-server.ts";

const tools = servers.flatMap((server) => server.tools);
const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-diagnostic-"));
const mcp = useServer(tools);
afterAll(() => rmSync(folder, { recursive: true }));

let file = 0;
/** What stands in it, once the lines of the last call have been written: the answer does not wait for them. */
async function text(): Promise<string> {
  const path = join(folder, `${file}.log`);
  await vi.waitFor(() => expect(existsSync(path)).toBe(true));
  await sleep(40);
  return readFileSync(path, "utf8");
}
const lines = async (): Promise<Record<string, unknown>[]> =>
  (await text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

beforeEach(async () => {
  file++;
  const env = { LOG_LEVEL: "trace", LOG_DIR: folder, LOG_FILE: `${file}.log`, LOG_TO_STDERR: "false" };
  await mcp.reconnect({ env });
});

/** A value that stands in arguments and answers alone. */
const canary = "catch-a-crab";
const answerWith = (status: number, body: unknown, type = "application/json") => {
  mcp.sandbox.intercept = ({ method }, response) => {
    if (method === "GET") return false;
    response.writeHead(status, { "content-type": type, "x-request-id": "r-1" }).end(JSON.stringify(body));
    return true;
  };
};

describe("the diagnostic log at its lowest level", () => {
  it("has one line for each call: which tool, how it ended, how many requests and how long", async () => {
    await mcp.ok("user_update", { user: "alice", displayName: canary });
    await mcp.ok("user_get", { user: "alice" });
    await mcp.fails("user_update", { user: canary, displayName: "x" });
    const fields = {
      pid: process.pid,
      level: 30,
      time: expect.any(String),
      msg: "call",
      durationMs: expect.any(Number),
    };
    expect(await lines()).toEqual([
      { ...fields, tool: "user_update", outcome: "ok", requests: expect.any(Number) },
      { ...fields, tool: "user_get", outcome: "ok", requests: expect.any(Number) },
      { ...fields, tool: "user_update", outcome: "refused", requests: expect.any(Number) },
    ]);
    expect(await text()).not.toMatch(/alice|moreau|catch-a-crab/i);
  });

  it.each([
    [
      "an error of Pocket ID",
      400,
      { error: `${canary} is already in use`, code: "already_in_use" },
      "application/json",
    ],
    [
      "an error about fields",
      400,
      {
        error: "validation failed",
        code: "validation_failed",
        details: { fields: [{ field: canary, message: canary }] },
      },
      "application/json",
    ],
    ["an answer that is not as expected", 200, { [canary]: [canary] }, "application/json"],
    ["a page of something in between", 502, `<html>${canary}</html>`, "text/html"],
    ["a page instead of an answer", 200, `<html>${canary}</html>`, "text/html"],
  ])("holds nothing of %s, whatever tool it was, but what it was", async (_case, status, body, type) => {
    answerWith(status, body, type);
    for (const [tool, values] of Object.entries(changingCalls))
      if (status !== 502 || tool === "user_create") await mcp.call(tool, values);
    const failed = (await lines()).filter(({ outcome }) => outcome === "failed");
    if (status === 400) expect(failed.length).toBeGreaterThan(40);
    expect(failed.length).toBeGreaterThan(0);
    expect(await text()).not.toContain(canary);
    expect(await text()).not.toMatch(/<html/);
    for (const { level, error } of failed)
      expect([level, String(error)]).toEqual([50, expect.stringMatching(/Error.* at /s)]);
    if (status === 400) expect(failed[0]?.error).toMatch(/^PocketIdError: POST \/api\/users: 400 \w+, request id r-1 /);
  });

  it("holds nothing that arguments bring, right or wrong", async () => {
    for (const tool of Object.keys(changingCalls)) {
      await mcp.call(tool, { ...changingCalls[tool], [canary]: canary });
      await mcp.call(tool, Object.fromEntries(Object.keys(changingCalls[tool] ?? {}).map((field) => [field, canary])));
    }
    await mcp.call("app_config_update", { smtpPassword: canary, ldapBindPassword: canary });
    await mcp.call("oidc_client_create_secret", {
      client: "immich",
      secret: `${canary}-${canary}-${canary}-1234567890`,
    });
    expect((await lines()).length).toBeGreaterThan(100);
    expect(await text()).not.toContain(canary);
  });

  it("holds no key and no secret that was made", async () => {
    const { token } = await mcp.ok("api_key_create", { name: "Export", expiresAt: "1d" });
    const { secret } = await mcp.ok("oidc_client_create_secret", { client: "immich" });
    for (const value of [token, secret, mcp.sandbox.apiKey]) expect(await text()).not.toContain(value);
  });
});
