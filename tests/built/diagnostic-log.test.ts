import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "@pocketid-mcp/sandbox";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { builtFile, initialize, serverEnv, startProcess } from "../support/built.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-diagnostic-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts the built users server, calls a tool that works and one that fails, and ends it. @returns what stood on stderr */
async function run(settings: Record<string, string>, fails = true): Promise<string> {
  const server = startProcess(
    builtFile("users"),
    serverEnv({ POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey, LOG_DIR: folder, ...settings }),
  );
  server.send(initialize);
  await server.answer(1);
  server.send({ id: 2, method: "tools/call", params: { name: "user_list", arguments: {} } });
  await server.answer(2);
  // What Pocket ID refuses, and is no mistake in the arguments.
  const taken = { name: "user_create", arguments: { username: "alice" } };
  if (fails) server.send({ id: 3, method: "tools/call", params: taken });
  if (fails) await server.answer(3);
  server.end();
  await server.exited;
  return server.stderr();
}

const read = (name = "pocketid-mcp.log"): { level: number; tool: string; time: string }[] =>
  readFileSync(join(folder, name), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const levels = (): number[] => read().map(({ level }) => level);
const onStderr = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("{"));

describe("the diagnostic log obeys", () => {
  it("its standards: info, in the state directory, and on stderr, too", async () => {
    const state = join(folder, "state");
    const stderr = await run({ LOG_DIR: "", XDG_STATE_HOME: state, LOCALAPPDATA: state });
    const file = join(state, "pocketid-mcp", "pocketid-mcp.log");
    const text = readFileSync(file, "utf8");
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).level),
    ).toEqual([30, 50]);
    expect(`${onStderr(stderr).join("\n")}\n`).toBe(text);
    if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["trace", [30, 50]],
    ["debug", [30, 50]],
    ["info", [30, 50]],
    ["warn", [50]],
    ["error", [50]],
  ])("LOG_LEVEL=%s", async (LOG_LEVEL, expected) => {
    const stderr = await run({ LOG_LEVEL });
    expect(levels()).toEqual(expected);
    expect(onStderr(stderr)).toHaveLength(expected.length);
  });

  it("LOG_LEVEL=fatal: nothing here is that bad", async () => {
    expect(onStderr(await run({ LOG_LEVEL: "fatal" }))).toEqual([]);
    expect(
      existsSync(join(folder, "pocketid-mcp.log")) ? readFileSync(join(folder, "pocketid-mcp.log"), "utf8") : "",
    ).toBe("");
  });

  it("LOG_LEVEL=silent: there is no file", async () => {
    expect(onStderr(await run({ LOG_LEVEL: "silent" }))).toEqual([]);
    expect(existsSync(join(folder, "pocketid-mcp.log"))).toBe(false);
  });

  it("LOG_TO_STDERR=false: it is in the file alone", async () => {
    expect(onStderr(await run({ LOG_TO_STDERR: "false" }))).toEqual([]);
    expect(levels()).toEqual([30, 50]);
  });

  it("LOG_FILE and LOG_DIR, whose folders it makes", async () => {
    await run({ LOG_FILE: "diagnostics.log", LOG_DIR: join(folder, "a", "b") });
    expect(read(join("a", "b", "diagnostics.log"))).toHaveLength(2);
  });

  const hoursAgo = (hours: number) =>
    JSON.stringify({ level: 30, time: new Date(Date.now() - hours * 3_600_000), msg: hours });
  const kept = () => read().flatMap((line) => ("msg" in line && typeof line.msg === "number" ? [line.msg] : []));

  it.each([
    ["LOG_TRUNCATE and LOG_MAX_AGE_HOURS by their standards: a day", {}, [23, 1]],
    ["LOG_MAX_AGE_HOURS=2", { LOG_MAX_AGE_HOURS: "2" }, [1]],
    ["LOG_MAX_AGE_HOURS=0.5", { LOG_MAX_AGE_HOURS: "0.5" }, []],
    ["LOG_MAX_AGE_HOURS=0", { LOG_MAX_AGE_HOURS: "0" }, []],
    ["LOG_TRUNCATE=false: everything stays", { LOG_TRUNCATE: "false", LOG_MAX_AGE_HOURS: "1" }, [50, 25, 23, 1]],
  ])("%s", async (_case, settings, expected) => {
    const lines = [50, 25, 23, 1].map((hours) => `${hoursAgo(hours)}\n`).join("");
    writeFileSync(join(folder, "pocketid-mcp.log"), lines);
    // Nothing of the action log is ever old.
    writeFileSync(join(folder, "audit.log"), lines);
    await run({ ...settings, POCKETID_AUDIT_FILE: join(folder, "audit.log") }, false);
    expect(kept()).toEqual(expected);
    expect(read("audit.log")).toHaveLength(4);
  });

  it("what it cannot do with a remark, once, and calls go on", async () => {
    mkdirSync(join(folder, "pocketid-mcp.log"));
    const stderr = await run({});
    expect(stderr.match(/The diagnostic log .*pocketid-mcp\.log cannot be written \(not a file\)\./g)).toHaveLength(1);
    expect(onStderr(stderr)).toHaveLength(2);
  });
});
