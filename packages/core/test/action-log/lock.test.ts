import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Held, type LockOptions, lockAt } from "../../src/action-log/lock.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-lock-"));
  path = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** No process has this number. */
const nobody = 2 ** 22 + 7;

async function taken(options: LockOptions, ms = 1_000): Promise<Held> {
  const held = await lockAt(path, options).take(ms);
  if (held === undefined) throw new Error("the lock could not be had");
  return held;
}

// Windows lets hardly anybody make a symbolic link: there, the lock is a file.
const forms = process.platform === "win32" ? [false] : [true, false];

describe.each(forms)("a lock (a link: %s)", (links) => {
  const options = { links, patienceMs: 200 };
  const leave = (holder: string) => (links ? symlinkSync(holder, path) : writeFileSync(path, holder));
  const holder = () => (links ? readlinkSync(path) : readFileSync(path, "utf8"));

  /** What this process writes of itself. */
  async function ourselves(): Promise<{ pid: string; began: string; place: string }> {
    const held = await taken(options);
    const [pid = "", began = "", place = ""] = holder().split(" ");
    held.release();
    return { pid, began, place };
  }

  it("is held by one at a time, and nothing is left of it", async () => {
    let [inside, most, done] = [0, 0, 0];
    const work = async () => {
      for (let round = 0; round < 20; round++) {
        const held = await taken(options, 20_000);
        most = Math.max(most, ++inside);
        await sleep(Math.random() * 2);
        expect(held.isOurs()).toBe(true);
        inside--;
        held.release();
        done++;
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect([most, done]).toEqual([1, 160]);
    expect(existsSync(path)).toBe(false);
  });

  it("that is held is not had in time, and stays", async () => {
    const held = await taken(options);
    const begun = performance.now();
    expect(await lockAt(path, { ...options, patienceMs: 60_000 }).take(50)).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(held.isOurs()).toBe(true);
  });

  it("is taken at once from a process that has ended", async () => {
    const { place } = await ourselves();
    leave(`${nobody} 1 ${place} aaaa`);
    const begun = performance.now();
    (await taken({ ...options, patienceMs: 60_000 })).release();
    expect(performance.now() - begun).toBeLessThan(500);
  });

  it.runIf(process.platform === "linux")(
    "is taken at once where the number belongs to another process now",
    async () => {
      const { pid, place } = await ourselves();
      leave(`${pid} 1 ${place} aaaa`);
      (await taken({ ...options, patienceMs: 60_000 }, 500)).release();
    },
  );

  it.runIf(process.platform === "linux")("is never taken from a process that is there", async () => {
    const { pid, began, place } = await ourselves();
    leave(`${pid} ${began} ${place} aaaa`);
    expect(await lockAt(path, { links, patienceMs: 0 }).take(100)).toBeUndefined();
  });

  it("is taken from somebody elsewhere after some patience, also if that is longer than one wait", async () => {
    leave("7 1 another-machine aaaa");
    const lock = lockAt(path, options);
    expect(await lock.take(50)).toBeUndefined();
    await sleep(200);
    expect(await lock.take(50)).toBeDefined();
  });

  it("is not taken from somebody elsewhere who has it anew each time", async () => {
    const lock = lockAt(path, options);
    for (let round = 0; round < 5; round++) {
      leave(`7 1 another-machine round${round}`);
      expect(await lock.take(80)).toBeUndefined();
      rmSync(path);
    }
  });

  it("is known to be lost by whom it was taken from, who leaves it to the other", async () => {
    const first = await taken(options);
    rmSync(path);
    const second = await taken(options);
    expect([first.isOurs(), second.isOurs()]).toEqual([false, true]);
    first.release();
    expect(second.isOurs()).toBe(true);
    second.release();
    expect(existsSync(path)).toBe(false);
  });

  it("that was left behind is taken over by one of many, again and again", async () => {
    const { place } = await ourselves();
    for (let round = 0; round < 30; round++) {
      leave(`${nobody} 1 ${place} round${round}`);
      let [inside, most] = [0, 0];
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          const held = await taken(options, 5_000);
          most = Math.max(most, ++inside);
          await sleep(0);
          inside--;
          held.release();
        }),
      );
      expect(most).toBe(1);
    }
  });

  it("is taken over although somebody ended while taking it over", async () => {
    const { place } = await ourselves();
    leave(`${nobody} 1 ${place} aaaa`);
    const guard = `${path}.aaaa`;
    if (links) symlinkSync(`${nobody} 1 ${place} bbbb`, guard);
    else writeFileSync(guard, `${nobody} 1 ${place} bbbb`);
    (await taken(options)).release();
    expect([existsSync(path), existsSync(guard)]).toEqual([false, false]);
  });
});

it("of one who ended before saying who it is, is taken after some patience", async () => {
  writeFileSync(path, "");
  const lock = lockAt(path, { patienceMs: 150 });
  expect(await lock.take(50)).toBeUndefined();
  expect(await lock.take(500)).toBeDefined();
});

it("cannot be made where there is no folder", async () => {
  await expect(lockAt(join(folder, "nowhere", "lock")).take(10)).rejects.toMatchObject({ code: "ENOENT" });
});

it.skipIf(process.platform === "win32")("cannot be made where there is a pipe, which nobody may write to", async () => {
  execFileSync("mkfifo", [path]);
  await expect(lockAt(path).take(10)).rejects.toMatchObject({ code: "not a file" });
});
