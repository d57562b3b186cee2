import { type ChildProcess, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appendChained, appendLoose } from "../../src/action-log/append.ts";
import { lockAt } from "../../src/action-log/lock.ts";
import { reportText } from "../../src/action-log/report.ts";
import { verifyLog } from "../../src/action-log/verify.ts";
import { openWriter } from "../../src/action-log/writer.ts";
import { bundled } from "../support/bundled.ts";

let scripts: string;
let script: string;
beforeAll(() => {
  scripts = mkdtempSync(join(tmpdir(), "pocketid-mcp-scripts-"));
  script = bundled("write-actions", scripts);
});
afterAll(() => rmSync(scripts, { recursive: true }));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-writers-"));
  path = join(folder, "audit.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  readonly process: ChildProcess;
  /** Numbers of the lines that it knows to be on the disk. */
  lines(): number[];
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<number | null>;
}

function start(
  args: readonly (string | number)[],
  command = process.execPath,
  before: readonly string[] = [],
): Running {
  const child = spawn(command, [...before, script, path, ...args.map(String)], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return {
    process: child,
    lines: () =>
      out
        .slice(0, out.lastIndexOf("\n") + 1)
        .match(/^\d+$/gm)
        ?.map(Number) ?? [],
    stdout: () => out,
    stderr: () => err,
    ended: new Promise((resolve) => child.on("close", resolve)),
  };
}

/** What the log holds, older files first, line by line. */
const entries = (): Record<string, unknown>[] =>
  readdirSync(folder)
    .filter((file) => /^audit\.log(?:\.\d+)?$/.test(file))
    .sort((a, b) => Number(a === "audit.log") - Number(b === "audit.log") || a.localeCompare(b))
    .flatMap((file) => readFileSync(join(folder, file), "utf8").trimEnd().split("\n"))
    .flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line)] : []));

const others = (): string[] => readdirSync(folder).filter((file) => !/^audit\.log(?:\.\d+)?$/.test(file));

describe("five servers that write at once", () => {
  it("write 5,000 lines each into one chain: none is mixed, lost or there twice, over several files", async () => {
    const names = ["one", "two", "three", "four", "five"];
    const begun = performance.now();
    const servers = names.map((name) => start([name, 5_000, 2_000_000]));
    expect(await Promise.all(servers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0]);
    const ms = performance.now() - begun;
    for (const server of servers) expect(server.stderr()).toBe("");

    expect(await verifyLog(path)).toMatchObject({
      ok: true,
      lines: 25_000,
      loose: { count: 0 },
      interrupted: { count: 0 },
    });
    const held = entries();
    expect(held.map(({ seq }) => seq)).toEqual(Array.from({ length: 25_000 }, (_, index) => index + 1));
    for (const name of names)
      expect(held.flatMap(({ server, call }) => (server === name ? [call] : []))).toEqual(
        Array.from({ length: 5_000 }, (_, index) => `${name}-${index + 1}`),
      );
    expect(readdirSync(folder).length).toBeGreaterThan(5);
    expect(others()).toEqual([]);
    console.info(
      `25,000 lines of five servers: ${Math.round(25_000 / (ms / 1_000))} a second, each of them on the disk.`,
    );
    // Ten times what it takes here.
    expect(ms).toBeLessThan(200_000);
  }, 240_000);
});

/** Looks without a pause until this process holds the lock, or a second has passed. */
function waitUntilHeld(pid: number | undefined): void {
  const until = performance.now() + 1_000;
  while (performance.now() < until) {
    try {
      if (readlinkSync(`${path}.lock`).startsWith(`${pid} `)) return;
    } catch {
      // Nobody holds it just now.
    }
  }
}

describe("a server that is killed while it writes", () => {
  it("leaves a log that holds and goes on, time and again, with every line that was known to be on the disk", async () => {
    const known: string[] = [];
    let leftLocked = 0;
    for (let round = 0; round < 25; round++) {
      const servers = [start([`a${round}`]), start([`b${round}`])];
      while (servers.some((server) => server.lines().length < 5))
        await new Promise((resolve) => setTimeout(resolve, 2));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      // The second goes on for a moment: it is the one that finds what the first has left.
      servers[0]?.process.kill("SIGKILL");
      await servers[0]?.ended;
      const before = servers[1]?.lines().length ?? 0;
      while ((servers[1]?.lines().length ?? 0) < before + 3) await new Promise((resolve) => setTimeout(resolve, 2));
      if (round % 2 === 0) waitUntilHeld(servers[1]?.process.pid);
      servers[1]?.process.kill("SIGKILL");
      await servers[1]?.ended;
      servers.forEach((server, index) => {
        expect(server.stderr()).toBe("");
        known.push(...server.lines().map((number) => `${"ab"[index]}${round}-${number}`));
      });
      leftLocked += others().length;
      const last = start(["last", 1]);
      expect(await last.ended).toBe(0);
      expect(last.stderr()).toBe("");
      expect(await verifyLog(path)).toMatchObject({ ok: true, loose: { count: 0 } });
    }
    const calls = new Set(entries().map(({ call }) => call));
    expect(known.filter((call) => !calls.has(call))).toEqual([]);
    expect(known.length).toBeGreaterThan(250);
    // What this is about: some of them held the lock.
    if (process.platform === "linux") expect(leftLocked).toBeGreaterThan(0);
    expect(others()).toEqual([]);
  }, 120_000);
});

describe.skipIf(process.platform === "win32")("a disk that is full in the middle of a line", () => {
  it("leaves a part of it, which the next one closes", async () => {
    // No file of this process may be longer than so many blocks.
    const server = start(["full", 100], "sh", ["-c", 'ulimit -f 8; exec "$0" "$@"', process.execPath]);
    await server.ended;
    expect(server.stderr()).toBe(`The action log ${path} cannot be written (EFBIG).\n`);
    expect(readFileSync(path).at(-1)).not.toBe(0x0a);
    const whole = entries().length;
    expect(whole).toBeGreaterThan(1);
    expect(await verifyLog(path)).toMatchObject({ ok: false, lines: whole, problem: { reason: /not whole/ } });
    expect(await start(["next", 2]).ended).toBe(0);
    const interrupted = { count: 1, first: [{ file: "audit.log", line: whole + 1 }] };
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: whole + 2, interrupted });
    expect(others()).toEqual([]);
  });
});

/** A process that does nothing, and what a lock says of it. */
async function bystander(): Promise<{ child: ChildProcess; holder: string }> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 60_000)"], { stdio: "ignore" });
  await new Promise((resolve) => child.once("spawn", resolve));
  const held = await lockAt(join(folder, "probe")).take(0);
  const [, , place] = readlinkSync(join(folder, "probe")).split(" ");
  held?.release();
  const began = readFileSync(`/proc/${child.pid}/stat`, "latin1").replace(/^.*\)/s, "").trim().split(" ")[19];
  return { child, holder: `${child.pid} ${began} ${place} 0123456789abcdef` };
}

describe("a log that cannot be locked", () => {
  it.runIf(process.platform === "linux")(
    "because its holder is stuck keeps no call waiting for long, and loses no line: it is vouched for later",
    async () => {
      const { child, holder } = await bystander();
      symlinkSync(holder, `${path}.lock`);
      const server = start(["stuck", 3, 10_000_000, 100]);
      expect(await server.ended).toBe(0);
      expect(server.stderr()).toBe(
        `The action log ${path} goes on without its chain: another process keeps it locked. Lines are written all the same, and the next one vouches for them.\n`,
      );
      expect(entries()).toMatchObject([{ seq: null }, { seq: null }, { seq: null }]);
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      // Its holder is gone: the lock is taken from it at once.
      expect(await start(["next", 2, 10_000_000, 5_000]).ended).toBe(0);
      const result = await verifyLog(path);
      expect(result).toMatchObject({ ok: true, lines: 2, first: { line: 4, seq: 1 } });
      expect(entries().map(({ call }) => call)).toEqual(["stuck-1", "stuck-2", "stuck-3", "next-1", "next-2"]);
      expect(others()).toEqual([]);
    },
  );

  it.skipIf(process.platform === "win32")(
    "because none can be made beside it gets every line, outside of the chain",
    async () => {
      await openWriter(path, { maxBytes: 1_000_000, onLoose: () => undefined })('{"number":1}');
      mkdirSync(`${path}.lock`);
      const reasons: string[] = [];
      const write = openWriter(path, { maxBytes: 1_000_000, onLoose: (reason) => reasons.push(reason) });
      await write('{"number":2}');
      await write('{"number":3}');
      expect(reasons).toEqual(Array(2).fill("no lock can be made beside it (not a file)"));
      expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 1, loose: { count: 2 } });
      rmSync(`${path}.lock`, { recursive: true });
      await write('{"number":4}');
      const result = await verifyLog(path);
      expect(result).toMatchObject({ ok: true, lines: 2, loose: { count: 2, first: [{ line: 2 }, { line: 3 }] } });
      expect(reportText(path, result)).toContain("could not lock the log: 2 (audit.log line 2, audit.log line 3).");
      const lines = readFileSync(path, "utf8").split("\n");
      for (const changed of [lines.toSpliced(1, 1), lines.with(2, lines[2]?.replace("3", "8") ?? "")]) {
        writeFileSync(path, changed.join("\n"));
        expect(await verifyLog(path)).toMatchObject({ ok: false });
      }
    },
  );

  it.runIf(process.platform === "linux")("gets the lines that still wait when the process ends", async () => {
    const { child, holder } = await bystander();
    symlinkSync(holder, `${path}.lock`);
    const server = start(["ending", 1, 10_000_000, 60_000], process.execPath, [
      "--import",
      `data:text/javascript,setTimeout(() => process.exit(), 300)`,
    ]);
    expect(await server.ended).toBe(0);
    expect(server.lines()).toEqual([]);
    expect(entries()).toMatchObject([{ call: "ending-1", seq: null }]);
    child.kill("SIGKILL");
  });
});

describe("a line of the chain", () => {
  const append = (isAlone: () => boolean) => appendChained(path, '{"number":1}', 1_000_000, isAlone);

  it("is not written by whom the lock was taken from", () => {
    expect(append(() => false)).toBeUndefined();
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("is not written without vouching for one that came in between", async () => {
    const meddling = () => appendLoose(path, '{"number":0}') !== undefined;
    expect(append(meddling)).toBeUndefined();
    expect(append(() => true)).toBeTypeOf("number");
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 1, loose: { count: 0 }, older: 1 });
  });

  it("goes into the old file, if a new one cannot be begun", async () => {
    const write = openWriter(path, { maxBytes: 300, onLoose: (reason) => expect.fail(reason) });
    await write('{"number":1}');
    // What a file cannot be moved to.
    mkdirSync(`${path}.000001`);
    for (let number = 2; number <= 5; number++) await write(JSON.stringify({ number }));
    rmSync(`${path}.000001`, { recursive: true });
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 5, files: ["audit.log"] });
    await write('{"number":6}');
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 6, files: ["audit.log.000001", "audit.log"] });
  });

  it.skipIf(process.platform === "win32")("has one lock, whichever way leads to the file", async () => {
    const link = join(folder, "link.log");
    symlinkSync(path, link);
    const held = lockAt(`${path}.lock`);
    const first = await held.take(0);
    const loose: string[] = [];
    await openWriter(link, { maxBytes: 1_000_000, waitMs: 20, onLoose: (reason) => loose.push(reason) })(
      '{"number":1}',
    );
    first?.release();
    expect(loose).toHaveLength(1);
    await openWriter(link, { maxBytes: 200, onLoose: (reason) => expect.fail(reason) })('{"number":2}');
    await openWriter(link, { maxBytes: 200, onLoose: (reason) => expect.fail(reason) })('{"number":3}');
    expect(readlinkSync(link)).toBe(path);
    expect(await verifyLog(link)).toMatchObject({ ok: true });
  });
});
