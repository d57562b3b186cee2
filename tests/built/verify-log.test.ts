import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "@pocketid-mcp/sandbox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, builtFile, builtServers, initialize, serverEnv, startProcess } from "../support/built.ts";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let path: string;

/** Starts the built server with these arguments, in an environment without any setting. */
const run = (args: readonly string[], env: Record<string, string> = {}, name: BuiltServer = "keys-audit") =>
  new Promise<Ended>((resolve) => {
    execFile(
      process.execPath,
      [builtFile(name), ...args],
      { env: serverEnv(env), cwd: folder },
      (error, stdout, stderr) => resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });

/** One call of each of these servers, all at once, twice each. */
async function change(): Promise<void> {
  const sandbox = await startSandbox();
  const calls: [BuiltServer, string, object][] = [
    ["users", "user_update", { user: "alice", locale: "de" }],
    ["groups", "user_group_update", { group: "board", friendlyName: "The board" }],
    ["clients", "oidc_client_create_secret", { client: "immich" }],
    ["admin-config", "app_config_update", { appName: "Rowing" }],
    ["keys-audit", "passkey_rename", { passkey: "YubiKey 5", name: "Key in the safe" }],
  ];
  await Promise.all(
    [...calls, ...calls].map(async ([name, tool, args]) => {
      const settings = { POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey, POCKETID_AUDIT_FILE: path };
      const env = { ...settings, POCKETID_CONFIRM: "off" };
      const server = startProcess(builtFile(name), serverEnv(env));
      server.send(initialize);
      await server.answer(1);
      server.send({ id: 2, method: "tools/call", params: { name: tool, arguments: args } });
      await server.answer(2);
      server.end();
      await server.exited;
    }),
  );
  await sandbox.close();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-verify-log-"));
  path = join(folder, "audit.log");
  await change();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const linesOf = (): { digest: string; server: string; outcome: string }[] =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("--verify-log of the built keys-audit server", () => {
  it("finds what all five servers, each started twice, wrote at once in one chain, without an address and a key", async () => {
    const lines = linesOf();
    expect(new Set(lines.map(({ server }) => server))).toEqual(
      new Set(builtServers.map((name) => expect.stringMatching(`^pocketid-mcp-${name} `))),
    );
    // Two calls began to make a secret.
    expect(lines).toHaveLength(12);
    expect(lines.filter(({ outcome }) => outcome === "begun")).toHaveLength(2);
    const { code, stdout, stderr } = await run(["--verify-log", "--audit-file", path]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n").slice(0, 4)).toEqual([
      `${path}: The chain holds.`,
      "Files: audit.log",
      "Lines of the chain: 12, from audit.log line 1 to audit.log line 12",
      `Last digest: ${lines.at(-1)?.digest} (line 12 of the chain)`,
    ]);
    expect(stdout).toContain("does not show lines that were taken off its end");
  });

  it.each([
    ["the variable", () => run(["--verify-log"], { POCKETID_AUDIT_FILE: path })],
    ["a path from here", () => run(["--audit-file=audit.log", "--verify-log"])],
    ["the state directory", () => run(["--verify-log"], stateWith(path))],
  ])("takes the file from %s", async (_case, verify) => {
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining("audit.log: The chain holds.") });
  });

  it("ends with 1 if the log is not as it was written, and names the line", async () => {
    const altered = join(folder, "altered.log");
    writeFileSync(altered, readFileSync(path, "utf8").replace('"outcome":"ok"', '"outcome":"no"'));
    const line = linesOf().findIndex(({ outcome }) => outcome === "ok") + 1;
    expect(await run(["--verify-log", "--audit-file", altered])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`The chain does not hold: altered.log line ${line}: it was altered.`),
    });
  });

  it("checks digests that were kept elsewhere", async () => {
    const [first, , last] = [linesOf()[0]?.digest ?? "", "", linesOf().at(-1)?.digest ?? ""];
    const verify = (...expected: string[]) =>
      run(["--verify-log", "--audit-file", path, ...expected.flatMap((digest) => ["--expect", digest])]);
    expect((await verify(first, last)).code).toBe(0);
    const gone = "ab".repeat(32);
    expect(await verify(first, gone)).toMatchObject({ code: 1, stdout: expect.stringContaining(gone) });
    expect(await verify("abc")).toMatchObject({ code: 2, stderr: expect.stringContaining("--expect: give a digest") });
  });

  it("takes a log for the rest of another only if it is told where that ends", async () => {
    const [moved, rest] = [linesOf()[2]?.digest ?? "", join(folder, "rest.log")];
    writeFileSync(rest, readFileSync(path, "utf8").split("\n").slice(3).join("\n"));
    const verify = (option: string, digest = moved) => run(["--verify-log", "--audit-file", rest, option, digest]);
    expect((await verify("--after")).code).toBe(0);
    expect(await verify("--expect")).toMatchObject({ code: 1, stdout: expect.stringContaining("follows is gone") });
    expect(await verify("--after", "abc")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--after: give a"),
    });
  });

  it("ends with 2 if the log cannot be read, or an option is unknown", async () => {
    const nowhere = join(folder, "nowhere.log");
    expect(await run(["--verify-log", "--audit-file", nowhere])).toEqual({
      code: 2,
      stdout: "",
      stderr: `pocketid-mcp-keys-audit: The action log ${nowhere} cannot be read (ENOENT).\n`,
    });
    expect(await run(["--verify-log", "--audit-file", folder])).toMatchObject({ code: 2, stdout: "" });
    expect(await run(["--verify-log", "--verbose"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--verbose"),
    });
  });

  it("stands in --help, and is no option of the other servers", async () => {
    expect((await run(["--help"])).stdout).toMatch(/--verify-log +Verify the action log/);
    expect((await run(["--help"], {}, "users")).stdout).not.toContain("--verify-log");
    expect(await run(["--verify-log"], {}, "users")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no such option"),
    });
  });
});

/** A state directory with this log in it. */
function stateWith(log: string): Record<string, string> {
  const state = mkdtempSync(join(tmpdir(), "pocketid-mcp-state-"));
  const env = { XDG_STATE_HOME: state, LOCALAPPDATA: state };
  const inside = join(state, "pocketid-mcp");
  mkdirSync(inside);
  writeFileSync(join(inside, "audit.log"), readFileSync(log));
  return env;
}
