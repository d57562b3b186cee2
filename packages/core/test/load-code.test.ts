import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadCode } from "../src/start/load-code.ts";

vi.mock("node:os", async (original) => {
  const os = await original<typeof import("node:os")>();
  return { ...os, homedir: vi.fn(os.homedir) };
});

const require = createRequire(import.meta.url);
const windows = process.platform === "win32";
let state: string;
let compiled: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "pocketid-mcp-code-"));
  compiled = join(state, "pocketid-mcp", "compiled");
  vi.stubEnv("XDG_STATE_HOME", state);
  vi.stubEnv("LOCALAPPDATA", state);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** Loads a file that exports a word, and lets a second pass. */
function load(word: string, digest = word): unknown {
  const path = join(state, "part.cjs");
  writeFileSync(path, `module.exports = { word: ${JSON.stringify(word)}, require, file: __filename };`);
  const loaded = loadCode({ path, digest, program: "test" }, require);
  vi.advanceTimersByTime(1_000);
  return loaded;
}
const kept = (): string[] => (existsSync(compiled) ? readdirSync(compiled) : []);
const fileOf = (digest: string): string => join(compiled, `test-part-${digest}-${process.version}-${process.arch}`);

describe("a file of a program", () => {
  it("is run as a module", () => {
    expect(load("here")).toEqual({ word: "here", require, file: join(state, "part.cjs") });
  });

  it("is compiled once: the next start takes what V8 made of it", () => {
    load("one");
    expect(kept()).toHaveLength(1);
    if (!windows)
      expect([statSync(compiled), statSync(fileOf("one"))].map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600]);
    const { mtimeMs } = statSync(fileOf("one"));
    // For V8, sources of one length are the same: what it answers shows where it comes from.
    expect(load("two", "one")).toMatchObject({ word: "one" });
    expect(statSync(fileOf("one")).mtimeMs).toBe(mtimeMs);
  });

  it("keeps nothing of its other versions", () => {
    load("one");
    expect(load("two")).toMatchObject({ word: "two" });
    expect(kept()).toEqual([expect.stringContaining("-two-")]);
  });

  it("leaves what another version of Node.js has kept, for a week", () => {
    load("one");
    const other = join(compiled, `test-part-one-v19.0.0-${process.arch}`);
    writeFileSync(other, "");
    load("two");
    expect(kept()).toHaveLength(2);
    utimesSync(other, new Date(), new Date(Date.now() - 8 * 24 * 3_600_000));
    load("three");
    expect(kept()).toEqual([expect.stringContaining("-three-")]);
  });

  it("is compiled anew where what was kept is broken", () => {
    load("one");
    // Words that this process has not compiled yet: V8 remembers those.
    for (const [word, broken] of Object.entries({ six: "", ten: "not what V8 makes", few: "\0".repeat(5_000) })) {
      writeFileSync(fileOf("one"), broken);
      expect(load(word, "one")).toMatchObject({ word });
      expect(statSync(fileOf("one")).size).toBeGreaterThan(100);
    }
  });

  // V8 would end the process, or run something else.
  it.each([0.1, 0.3, 0.5, 0.7, 0.9, 1])("is compiled anew where a byte is not what was kept (at %d)", (part) => {
    load("one");
    const whole = readFileSync(fileOf("one"));
    const damaged = Buffer.from(whole);
    const at = Math.floor((whole.length - 1) * part);
    damaged[at] = (damaged[at] ?? 0) ^ 0x55;
    writeFileSync(fileOf("one"), damaged);
    expect(load("two", "one")).toMatchObject({ word: "two" });
  });

  it.skipIf(windows)("takes nothing that others could have written", () => {
    load("one");
    chmodSync(compiled, 0o770);
    expect(load("two", "one")).toMatchObject({ word: "two" });
    chmodSync(compiled, 0o700);
    chmodSync(fileOf("one"), 0o622);
    expect(load("two", "one")).toMatchObject({ word: "two" });
  });

  it.skipIf(windows)("takes nothing from elsewhere", () => {
    load("one");
    renameSync(fileOf("one"), join(state, "elsewhere"));
    symlinkSync(join(state, "elsewhere"), fileOf("one"));
    expect(load("two", "one")).toMatchObject({ word: "two" });
    renameSync(compiled, join(state, "folder"));
    symlinkSync(join(state, "folder"), compiled);
    expect(load("six", "one")).toMatchObject({ word: "six" });
  });

  it.skipIf(windows)("takes nothing from the current folder, and leaves nothing there", () => {
    vi.stubEnv("XDG_STATE_HOME", relative(process.cwd(), state));
    load("one");
    expect(kept()).toEqual([]);
  });

  it.skipIf(windows)("runs also for a user without a home", () => {
    vi.stubEnv("XDG_STATE_HOME", undefined);
    vi.mocked(homedir).mockImplementationOnce(() => {
      throw new Error("uv_os_homedir returned ENOENT");
    });
    expect(load("one")).toMatchObject({ word: "one" });
  });

  it("runs also where nothing can be kept", () => {
    writeFileSync(join(state, "pocketid-mcp"), "a file");
    expect(load("one")).toMatchObject({ word: "one" });
  });

  it("leaves nothing behind where NODE_DISABLE_COMPILE_CACHE says so", () => {
    vi.stubEnv("NODE_DISABLE_COMPILE_CACHE", "1");
    expect(load("one")).toMatchObject({ word: "one" });
    expect(kept()).toEqual([]);
  });
});
