import { closeSync, fdatasync, fsyncSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { Turns } from "../pocket-id/turns.ts";
import { makeFolder, requireFile } from "../runtime/make-folder.ts";
import { appendChained, appendLoose, makeLog } from "./append.ts";
import { type Held, type Lock, lockAt } from "./lock.ts";

export interface WriterOptions {
  /** Size at which a new file is begun. */
  readonly maxBytes: number;
  /** Milliseconds to wait for other processes that write. */
  readonly waitMs?: number;
  /** Told once if a line found no place in the chain, and why. */
  readonly onLoose: (reason: string) => void;
}

/** Adds a line. @throws {Error} with the code of the system, if it could not be written */
export type Writer = (entry: string) => Promise<void>;

const sync = promisify(fdatasync);

/** Lines that are kept for later at the most. */
const mostUnwritten = 1_000;

/**
 * Opens a log for writing, together with other processes. Nothing is touched before the first line, and a line is on the disk when its promise
 * is kept.
 *
 * Lines get their place in the chain under a lock, which is held for the fraction of a millisecond that it takes to see where the chain stands
 * and to write the line; the disk is waited for after that. A holder that is stuck must not keep calls from being answered, and a line must not
 * get lost because of it: after `waitMs`, or where no lock can be made, the line is written without a place in the chain. The next line of the
 * chain vouches for it, and whoever verifies the log is told of it. So it is with lines that still wait when the process ends. What cannot be
 * written at all, as on a full disk, is tried again with the next line.
 */
export function openWriter(path: string, { maxBytes, waitMs = 10_000, onLoose }: WriterOptions): Writer {
  const turns = new Turns();
  const waiting = new Map<symbol, string>();
  const unwritten: string[] = [];
  let known: { readonly path: string; readonly lock: Lock } | undefined;
  let isWatching = false;

  const lockOf = (real: string): Lock => {
    if (known?.path !== real) known = { path: real, lock: lockAt(`${real}.lock`) };
    return known.lock;
  };

  /** @returns the open file, or why the line has no place in the chain */
  const writeInChain = async (real: string, entry: string, until: number): Promise<number | string> => {
    for (;;) {
      let held: Held | undefined;
      try {
        held = await lockOf(real).take(Math.max(0, until - performance.now()));
      } catch (error) {
        return `no lock can be made beside it (${codeOf(error)})`;
      }
      if (held === undefined) return "another process keeps it locked";
      try {
        const file = appendChained(real, entry, maxBytes, held.isOurs);
        if (file !== undefined) return file;
      } finally {
        held.release();
      }
    }
  };

  const write = async (entry: string, until: number): Promise<number> => {
    makeFolder(dirname(path));
    requireFile(path);
    const real = makeLog(path);
    const file = await writeInChain(real, entry, until);
    if (typeof file === "number") return file;
    onLoose(file);
    return appendLoose(real, entry);
  };

  const writeRest = (): void => {
    try {
      for (const entry of [...unwritten, ...waiting.values()]) fsyncSync(appendLoose(path, entry));
    } catch {
      // There is nobody left to tell.
    }
  };

  /** Sees to it that nothing is left when the process ends, for as long as there is something. */
  const watch = (): void => {
    const isNeeded = waiting.size + unwritten.length > 0;
    if (isNeeded !== isWatching) process[isNeeded ? "on" : "off"]("exit", writeRest);
    isWatching = isNeeded;
  };

  /** Writes what could not be written before, and then the line. @returns the open files */
  const writeAll = async (id: symbol, entry: string, until: number): Promise<number[]> => {
    const files: number[] = [];
    waiting.delete(id);
    unwritten.push(entry);
    try {
      while (unwritten.length > 0) {
        files.push(await write(unwritten[0] ?? "", until));
        unwritten.shift();
      }
    } catch (error) {
      for (const file of files) closeSync(file);
      unwritten.splice(mostUnwritten);
      throw error;
    }
    return files;
  };

  return async (entry) => {
    const id = Symbol();
    const until = performance.now() + waitMs;
    waiting.set(id, entry);
    watch();
    const files = await turns.take("", () => writeAll(id, entry, until)).finally(watch);
    for (const file of files) await sync(file).finally(() => closeSync(file));
  };
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "unknown");
