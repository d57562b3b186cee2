import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Action, openActionLog } from "../src/runtime/action-log.ts";
import { openDiagnosticLog } from "../src/runtime/diagnostic-log.ts";
import { globToPattern, policyOf, unmatchedGlobs } from "../src/runtime/policy.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-logs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const action: Action = {
  call: "c-1",
  tool: { name: "user_update", risk: "write", routes: ["PUT /api/users/:id", "GET /api/users/:id"] },
  outcome: "ok",
  confirmation: "not needed",
  client: undefined,
  targets: [{ kind: "user", id: "u-1" }],
  changed: ["displayName"],
  changes: [],
  requests: [
    {
      route: "PUT /api/users/:id",
      method: "PUT",
      path: "/api/users/u-1",
      resourceId: "u-1",
      status: 200,
      code: null,
      requestId: "r-1",
      durationMs: 5,
    },
  ],
  startedAt: new Date("2026-11-23T12:00:00Z"),
  durationMs: 9,
};

const options = {
  maxBytes: 1_000_000,
  secrets: [],
  instance: "https://id.example.com",
  server: "pocketid-mcp-users 0.1.0",
};

describe("the action log", () => {
  it("has one line of JSON for each action, in the shape that people know", async () => {
    const path = join(folder, "deeper", "audit.log");
    const log = openActionLog(path, options, () => undefined);
    await log(action);
    await log({ ...action, outcome: "refused", requests: [], changed: [] });
    const [first, second] = readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({
      level: 30,
      time: "2026-11-23T12:00:00.000Z",
      tool: "user_update",
      httpMethod: "PUT",
      path: "/api/users/u-1",
      resourceId: "u-1",
      success: true,
      msg: "audit: user_update PUT /api/users/u-1 OK",
      changed: ["displayName"],
      requestId: "r-1",
      targets: ["user:u-1"],
    });
    expect(second).toMatchObject({
      success: false,
      outcome: "refused",
      path: "/api/users/:id",
      msg: "audit: user_update PUT /api/users/:id REFUSED",
    });
  });

  it.skipIf(process.platform === "win32")("can be read by its owner alone", async () => {
    const path = join(folder, "audit.log");
    await openActionLog(path, options, () => undefined)(action);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.runIf(process.platform === "linux")("does not wait forever for a folder that cannot be made", async () => {
    const warn = vi.fn();
    await openActionLog("/proc/pocketid-mcp/audit.log", options, warn)(action);
    expect(warn.mock.calls[0]?.[0]).toMatch(/cannot be written \(ENOENT\)/);
  });

  it("that cannot be written is a warning, once, and not the end", async () => {
    writeFileSync(join(folder, "file"), "");
    const warn = vi.fn();
    const log = openActionLog(join(folder, "file", "audit.log"), options, warn);
    await log(action);
    await log(action);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(/action log .* cannot be written \((ENOTDIR|EEXIST|ENOENT)\)/);
  });

  it("gets what could not be written with the next line that can", async () => {
    const path = join(folder, "file", "audit.log");
    writeFileSync(join(folder, "file"), "");
    const log = openActionLog(path, options, () => undefined);
    await log({ ...action, call: "first" });
    await log({ ...action, call: "second" });
    rmSync(join(folder, "file"));
    await log({ ...action, call: "third" });
    const calls = readFileSync(path, "utf8").match(/"call":"\w+"/g);
    expect(calls).toEqual(['"call":"first"', '"call":"second"', '"call":"third"']);
  });
});

describe.skipIf(process.platform === "win32")("a pipe", () => {
  it("is no log: nobody may be there to read it", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const warn = vi.fn();
    await openActionLog(pipe, options, warn)(action);
    const settings = { logLevel: "info", logFile: "pipe", logToStderr: false, logTruncate: true, logMaxAgeHours: 1 };
    openDiagnosticLog(settings as never, folder, warn).info({}, "call");
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(2));
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringMatching(/action log .* cannot be written \(not a file\)/),
      expect.stringMatching(/diagnostic log .* cannot be written \(not a file\)/),
    ]);
  });
});

it("holds no key that Pocket ID echoes", async () => {
  const path = join(folder, "audit.log");
  const [request] = action.requests;
  if (request === undefined) throw new Error("the action has a request");
  await openActionLog(
    path,
    { ...options, secrets: ["the-api-key"] },
    vi.fn(),
  )({
    ...action,
    requests: [{ ...request, requestId: "r-the-api-key" }],
  });
  expect(readFileSync(path, "utf8")).not.toContain("the-api-key");
});

describe("the diagnostic log", () => {
  const settings = {
    logLevel: "info",
    logFile: "d.log",
    logToStderr: false,
    logTruncate: true,
    logMaxAgeHours: 24,
  } as const;

  it("writes nothing before its first line", () => {
    openDiagnosticLog(settings, join(folder, "new"), () => undefined);
    expect(() => statSync(join(folder, "new"))).toThrow();
  });

  it("drops old lines when it is opened, and keeps what tells no time", async () => {
    const old = JSON.stringify({ time: new Date(Date.now() - 48 * 3_600_000).toISOString(), msg: "old" });
    const recent = JSON.stringify({ time: new Date(Date.now() - 3_600_000).toISOString(), msg: "recent" });
    writeFileSync(join(folder, "d.log"), `${old}\n${recent}\nnot json\n`);
    openDiagnosticLog(settings, folder, () => undefined).info({ tool: "user_get" }, "call");
    const lines = await vi.waitFor(() => {
      const lines = readFileSync(join(folder, "d.log"), "utf8").trim().split("\n");
      expect(lines[2]).toContain("user_get");
      return lines;
    });
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe("not json");
    expect(lines[0]).toBe(recent);
    expect(JSON.parse(lines[2] ?? "")).toMatchObject({ level: 30, tool: "user_get", msg: "call" });
  });

  it("keeps everything where the operator wants that, and writes nothing below its level", async () => {
    writeFileSync(join(folder, "d.log"), `${JSON.stringify({ time: "2020-01-01T00:00:00Z" })}\n`);
    const log = openDiagnosticLog({ ...settings, logTruncate: false, logLevel: "error" }, folder, () => undefined);
    log.info({}, "quiet");
    log.error({}, "loud");
    const text = () => readFileSync(join(folder, "d.log"), "utf8");
    await vi.waitFor(() => expect(text()).toContain("loud"));
    expect(text().trim().split("\n")).toHaveLength(2);
  });

  it("that cannot be written is a warning, once", async () => {
    writeFileSync(join(folder, "file"), "");
    const warn = vi.fn();
    const log = openDiagnosticLog(settings, join(folder, "file"), warn);
    log.info({}, "a");
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
    log.info({}, "b");
    await sleep(40);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("gets lines that come together at once, in their order", async () => {
    const log = openDiagnosticLog(settings, folder, () => undefined);
    for (let number = 0; number < 100; number++) log.info({ number }, "call");
    const text = () => readFileSync(join(folder, "d.log"), "utf8");
    await vi.waitFor(() => expect(text()).toMatch(/"number":99/));
    const numbers = text().match(/(?<="number":)\d+/g);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, number) => String(number)));
  });
});

describe("the policy", () => {
  const refusal = (settings: Partial<Parameters<typeof policyOf>[0]>, name: string, changesNothing = false) =>
    policyOf({ readOnly: false, tools: undefined, excludeTools: undefined, ...settings })(name, changesNothing);

  it.each([
    [{}, "user_delete", undefined],
    [{ readOnly: true }, "user_delete", /read-only/],
    [{ tools: ["user_get", "user_l*"] }, "user_list", undefined],
    [{ tools: ["user_get", "user_l*"] }, "user_delete", /POCKETID_TOOLS/],
    [{ tools: ["user_*"], excludeTools: ["*_delete"] }, "user_delete", /POCKETID_EXCLUDE_TOOLS/],
  ])("with %j about %s", (settings, name, expected) => {
    if (expected === undefined) expect(refusal(settings, name)).toBeUndefined();
    else expect(refusal(settings, name)).toMatch(expected);
  });

  it("lets tools that change nothing pass in read-only mode", () =>
    expect(refusal({ readOnly: true }, "user_get", true)).toBeUndefined());

  it.each([
    ["user_*", "user_list", true],
    ["user_*", "auser_list", false],
    ["user_???", "user_get", true],
    ["user.get", "user_get", false],
    ["*", "anything", true],
  ])("glob %s against %s: %s", (glob, name, expected) => expect(globToPattern(glob).test(name)).toBe(expected));

  it("names globs that match nothing", () =>
    expect(unmatchedGlobs(["user_*", "users_*"], ["user_get"])).toEqual(["users_*"]));
});
