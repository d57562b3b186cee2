import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { link, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ownAccess } from "../src/runtime/own-access.ts";
import { isMadeByServer, reserveSecretFile } from "../src/runtime/secret-files.ts";

// Node's own, so that a disk can be full and a file system without links.
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return { ...real, link: vi.fn(real.link), open: vi.fn(real.open) };
});

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "pocketid-mcp-secrets-"));
  folder = join(parent, "deeper", "secrets");
});
afterEach(() => {
  vi.mocked(link).mockClear();
  rmSync(parent, { recursive: true, force: true });
});

const failure = (code: string) => Object.assign(new Error(code), { code });
const isPart = (name: string) => name.endsWith(".part");

/** Makes a method of the next file that is opened fail, from a call on. */
function failing(method: "write" | "sync" | "close", from: number, error: Error): void {
  vi.mocked(open).mockImplementationOnce(async (...args) => {
    const file = await (await vi.importActual<typeof import("node:fs/promises")>("node:fs/promises")).open(...args);
    const real = file[method].bind(file) as (...given: unknown[]) => Promise<unknown>;
    let calls = 0;
    return Object.assign(file, {
      [method]: async (...given: unknown[]) => (++calls >= from ? Promise.reject(error) : real(...given)),
    });
  });
}

describe("a file for a secret", () => {
  it("has its place before there is a secret, and its name when it is complete", async () => {
    const file = await reserveSecretFile(folder, "api_key_create");
    const [part = "", ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    expect(isPart(part)).toBe(true);
    expect(readFileSync(join(folder, part), "utf8").trim()).toBe("");
    const path = await file.write("the-value", "an-id");
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([path]);
    // No line end: what reads it into a setting takes the whole content.
    expect(readFileSync(path, "utf8")).toBe("the-value");
    await file.discard();
    expect(existsSync(path)).toBe(true);
  });

  it("is not there if it was not needed", async () => {
    const file = await reserveSecretFile(folder, "api_key_create");
    await file.discard();
    await file.discard();
    expect(readdirSync(folder)).toEqual([]);
    await expect(file.write("the-value", "an-id")).rejects.toThrow("the place for it was taken already");
  });

  it("takes no name that is taken", async () => {
    vi.mocked(link).mockImplementationOnce(async (_part, path) => {
      writeFileSync(path, "somebody else's");
      throw failure("EEXIST");
    });
    const file = await reserveSecretFile(folder, "api_key_create");
    await expect(file.write("the-value", "an-id")).rejects.toThrow(`${folder} cannot be written (EEXIST).`);
    const [other = "", ...rest] = readdirSync(folder);
    expect(rest).toEqual([]);
    expect(readFileSync(join(folder, other), "utf8")).toBe("somebody else's");
  });

  it("is complete at once also where the file system has no links", async () => {
    vi.mocked(link).mockRejectedValueOnce(failure("EPERM"));
    const path = await (await reserveSecretFile(folder, "api_key_create")).write("the-value", "an-id");
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([path]);
    expect(readFileSync(path, "utf8")).toBe("the-value");
  });

  it.each(["write", "sync"] as const)("has no place where %s fails already while it is made ready", async (method) => {
    failing(method, 1, failure("ENOSPC"));
    await expect(reserveSecretFile(folder, "api_key_create")).rejects.toThrow(
      `The secret would have no place: ${folder} cannot be written (ENOSPC).`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["write", 2],
    ["sync", 2],
    ["close", 1],
  ] as const)("leaves nothing of a secret where %s fails", async (method, from) => {
    failing(method, from, failure("EIO"));
    const file = await reserveSecretFile(folder, "api_key_create");
    await expect(file.write("the-value", "an-id")).rejects.toThrow(`${folder} cannot be written (EIO).`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves nothing of a secret whose name may not be on the disk", async () => {
    const file = await reserveSecretFile(folder, "api_key_create");
    failing("sync", 1, failure("EIO"));
    await expect(file.write("the-value", "an-id")).rejects.toThrow(`${folder} cannot be written (EIO).`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is safe where a file system has nothing to wait for in a folder", async () => {
    const file = await reserveSecretFile(folder, "api_key_create");
    failing("sync", 1, failure("EINVAL"));
    expect(readFileSync(await file.write("the-value", "an-id"), "utf8")).toBe("the-value");
  });

  it("has a name that tells it from what the operator puts there", async () => {
    const path = await (await reserveSecretFile(folder, "api_key_create")).write("the-value", "an-id");
    expect(isMadeByServer(path.slice(folder.length + 1))).toBe(true);
    expect(isMadeByServer("smtp-password")).toBe(false);
  });

  it.skipIf(process.platform === "win32")("goes where a link to a folder of the user's own leads", async () => {
    mkdirSync(join(parent, "real"), { mode: 0o700 });
    symlinkSync(join(parent, "real"), join(parent, "linked"));
    await (await reserveSecretFile(join(parent, "linked"), "api_key_create")).write("the-value", "an-id");
    expect(readdirSync(join(parent, "real"))).toHaveLength(1);
  });
});

describe("access on Windows", () => {
  const asked = (answer = '"MACHINE\\user","S-1-5-21-1-2-3-1001"\r\n') => {
    const calls: (readonly [string, ...string[]])[] = [];
    const take = ownAccess("win32", async (program, args) => {
      calls.push([program, ...args]);
      return program === "whoami.exe" ? answer : "";
    });
    return { calls, take };
  };

  it("is for the user alone: nothing is inherited, and one may do everything", async () => {
    const { calls, take } = asked();
    await take("C:\\secrets", "folder");
    await take("C:\\secrets\\a.part", "file");
    expect(calls).toEqual([
      ["whoami.exe", "/user", "/fo", "csv", "/nh"],
      ["icacls.exe", "C:\\secrets", "/inheritance:r", "/grant:r", "*S-1-5-21-1-2-3-1001:(OI)(CI)F", "/q"],
      ["icacls.exe", "C:\\secrets\\a.part", "/inheritance:r", "/grant:r", "*S-1-5-21-1-2-3-1001:F", "/q"],
    ]);
  });

  it("is not believed in where Windows does not tell who the user is", async () => {
    await expect(asked("ERROR").take("C:\\secrets", "folder")).rejects.toThrow(/does not tell who is signed in/);
  });

  it("is left to the mode of a file elsewhere", async () => {
    const take = ownAccess("linux", () => Promise.reject(new Error("nothing is run")));
    await expect(take("/secrets", "folder")).resolves.toBeUndefined();
  });
});
