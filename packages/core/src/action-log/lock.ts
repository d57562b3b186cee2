import { randomBytes } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { requireFile } from "../runtime/make-folder.ts";

/** A lock that processes share. */
export interface Lock {
  /**
   * Waits for the lock.
   * @param ms the longest time to wait
   * @returns undefined if it could not be had in time
   * @throws {Error} with the code of the system, where no lock can be made
   */
  take(ms: number): Promise<Held | undefined>;
}

/** A lock while it is held. */
export interface Held {
  /** False if it was taken away: whoever held it was believed to be gone. */
  isOurs(): boolean;
  release(): void;
}

export interface LockOptions {
  /** Whether the lock is a symbolic link, which is made with its text in one step. Windows lets hardly anybody make one. */
  readonly links?: boolean;
  /** Milliseconds after which the lock is taken from a holder of whom nothing can be found out. */
  readonly patienceMs?: number;
}

/**
 * A lock that outlives no process. Node.js has no lock of the system's own, so it is something that only one process can make at a path, and
 * that says who made it.
 *
 * It is taken away from a holder that is gone: one of this machine whose process has ended, or whose number belongs to another process now.
 * A holder that is there is waited for, however long it takes. Where nothing can be found out (another machine or container, or a system that
 * does not tell when a process began), the same holder has to be seen for `patienceMs`; so the holder looks once more whether the lock is still
 * its own, right before it makes use of it.
 *
 * Whoever takes a lock away needs another lock for that, which bears the name of the one that is taken away. So only one process can do it, and
 * none can take away what a third has made in its place meanwhile.
 */
export function lockAt(path: string, options: LockOptions = {}): Lock {
  return lockWith(path, { links: process.platform !== "win32", patienceMs: 30_000, ...options }, new Map());
}

/** Where a wait is too short to find it out, the next one goes on from there. */
type FirstSeen = Map<string, number>;
const mostSeen = 100;

function lockWith(path: string, options: Required<LockOptions>, firstSeen: FirstSeen): Lock {
  let links = options.links;

  const make = (text: string): boolean => {
    try {
      if (links) symlinkSync(text, path);
      else writeFileSync(path, text, { flag: "wx", mode: 0o600 });
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      if (!links || !noLinks.has(codeOf(error))) throw error;
      links = false;
      return make(text);
    }
  };

  /** Says whether the lock may be taken from its holder. */
  const isGone = (holder: string): boolean => {
    const found = standingOf(holder);
    if (found !== "unknown") return found === "gone";
    const since = firstSeen.get(holder) ?? performance.now();
    if (firstSeen.size >= mostSeen) firstSeen.clear();
    firstSeen.set(holder, since);
    return performance.now() - since >= options.patienceMs;
  };

  const takeAway = async (holder: string, ms: number): Promise<void> => {
    const guard = await lockWith(`${path}.${nonceOf(holder)}`, options, firstSeen).take(ms);
    if (guard === undefined) return;
    try {
      if (holderAt(path) === holder) unlinkSync(path);
    } finally {
      guard.release();
    }
  };

  return {
    async take(ms) {
      const mine = `${process.pid} ${beganAt("self")} ${place()} ${randomBytes(8).toString("hex")}`;
      const until = performance.now() + ms;
      while (!make(mine)) {
        const left = until - performance.now();
        const holder = holderAt(path);
        if (left <= 0) return undefined;
        if (holder === undefined) continue;
        if (isGone(holder)) await takeAway(holder, left);
        else await sleep(Math.min(left, 1 + Math.random() * 4));
      }
      const isOurs = () => holderAt(path) === mine;
      return { isOurs, release: () => isOurs() && unlinkSync(path) };
    },
  };
}

/** Codes of file systems that have no symbolic links. */
const noLinks: ReadonlySet<unknown> = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"]);

/** Windows has other codes for a file that is just being taken away, or read. */
const isTaken = (error: unknown): boolean =>
  codeOf(error) === "EEXIST" || (process.platform === "win32" && busy.has(codeOf(error)));
const busy: ReadonlySet<unknown> = new Set(["EPERM", "EACCES", "EBUSY"]);

/** What the lock says of its holder; undefined if there is none. */
function holderAt(path: string): string | undefined {
  try {
    // Its holder has not come to write who it is, and may have ended before that.
    return textOf(path) || nameless(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (isTaken(error)) return unreadable;
    throw error;
  }
}

function textOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw error;
    requireFile(path);
    return readFileSync(path, "utf8");
  }
}

function nameless(path: string): string {
  const { ino, mtimeNs } = lstatSync(path, { bigint: true });
  return `? ? ? ${ino}-${mtimeNs}`;
}

/** Windows does not let it be read just now. */
const unreadable = "unreadable";

const nonceOf = (holder: string): string => (holder.split(" ")[3] ?? "").replace(/[^\w-]/g, "");

/** Whether a holder is there, as far as it can be told from here. */
function standingOf(holder: string): "there" | "gone" | "unknown" {
  if (holder === unreadable) return "there";
  const [pid, began, from] = holder.split(" ");
  if (from !== place() || !/^\d+$/.test(pid ?? "")) return "unknown";
  if (!isRunning(Number(pid))) return "gone";
  const now = beganAt(String(pid));
  if (began === unknownTime || now === unknownTime) return "unknown";
  return now === began ? "there" : "gone";
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Not ours to signal, but there.
    return codeOf(error) !== "ESRCH";
  }
}

const unknownTime = "-";
const ended = "ended";

/** When a process began, as Linux tells it: a later one with the same number began at another time. */
function beganAt(pid: string): string {
  try {
    // The second field is the name of the program, in brackets, and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/s, "").trim().split(" ");
    // Ended, but not yet taken notice of by its parent.
    return /^[ZX]$/.test(fields[0] ?? "") ? ended : (fields[19] ?? unknownTime);
  } catch {
    return unknownTime;
  }
}

let here: string | undefined;

/** Where numbers of processes mean the same: this boot of this machine, and this container. */
function place(): string {
  here ??= placeNow();
  return here;
}

function placeNow(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}/${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return encodeURIComponent(hostname());
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);
