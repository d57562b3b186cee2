import { createHash } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, realpathSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { requireFile } from "../runtime/make-folder.ts";
import { type Between, beginning, chainedLine, looseLine, type Place, readLine } from "./chain.ts";
import { rotatedFiles, rotatedName } from "./files.ts";
import { linesBackward, readBytes } from "./lines.ts";

/** Makes the file, if it is not there. @returns its real path: where links lead decides, so that two ways to the same file have one lock */
export function makeLog(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    closeSync(openToAppend(path));
    return realpathSync.native(path);
  }
}

/**
 * Adds a line to the chain. Nobody else may do so at the same time.
 * @param entry JSON of an object
 * @param maxBytes size at which a new file is begun
 * @param isAlone asked right before the line is written
 * @returns the open file, which is not synced yet; undefined if the caller is not alone any more, and nothing was written
 */
export function appendChained(
  path: string,
  entry: string,
  maxBytes: number,
  isAlone: () => boolean,
): number | undefined {
  let isFull = false;
  const written = withLog(path, (fd, size) => {
    const { place, end, terminated } = findEnd(fd, size);
    const between = end < size ? vouchFor(fd, end, size, terminated) : undefined;
    const line = chainedLine(entry, place ?? lastOfRotated(path) ?? beginning, between);
    // What is not of the chain is vouched for in the file in which it stands.
    isFull = place !== undefined && between === undefined && size + line.length > maxBytes;
    // A line that could not wait for the lock may have come in between.
    if (isFull || !isAlone() || fstatSync(fd).size !== size) return false;
    write(fd, line, terminated);
    return true;
  });
  if (!isFull || !isAlone()) return written;
  return appendChained(path, entry, beginAnew(path) ? maxBytes : Number.POSITIVE_INFINITY, isAlone);
}

/**
 * Adds a line that has no place in the chain, whoever else is writing: the next line of the chain vouches for it.
 * @returns the open file, which is not synced yet
 */
export function appendLoose(path: string, entry: string): number {
  const fd = openToAppend(path);
  try {
    write(fd, looseLine(entry), endsLine(fd, fstatSync(fd).size));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Opens the log, and leaves it open if something was written. */
function withLog(path: string, work: (fd: number, size: number) => boolean): number | undefined {
  const fd = openToAppend(path);
  let isWritten = false;
  try {
    isWritten = work(fd, fstatSync(fd).size);
    return isWritten ? fd : undefined;
  } finally {
    if (!isWritten) closeSync(fd);
  }
}

/** Opens the log so that whatever is written goes to its end, in one piece. Made if it is not there, readable by its owner alone. */
function openToAppend(path: string): number {
  const isNew = statSync(path, { throwIfNoEntry: false }) === undefined;
  const fd = openSync(path, "a+", 0o600);
  if (isNew) syncFolder(path);
  return fd;
}

function write(fd: number, line: string, terminated: boolean): void {
  const bytes = Buffer.from(`${terminated ? "" : "\n"}${line}\n`);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

/** Where the chain ends in a file: behind its last line that is whole, whatever may follow. */
function findEnd(fd: number, size: number): { place: Place | undefined; end: number; terminated: boolean } {
  const terminated = endsLine(fd, size);
  for (const { bytes, end } of linesBackward(fd, size)) {
    const line = readLine(bytes);
    if (line.kind === "chained") return { place: line.place, end, terminated };
  }
  return { place: undefined, end: 0, terminated };
}

const endsLine = (fd: number, size: number): boolean => size === 0 || readBytes(fd, size - 1, 1)[0] === 0x0a;

/** A digest of what stands in a file behind the chain: lines of an older version, one that was cut off, or one that could not wait. */
function vouchFor(fd: number, from: number, to: number, terminated: boolean): Between {
  const hash = createHash("sha256");
  const step = 1024 * 1024;
  for (let offset = from; offset < to; offset += step) hash.update(readBytes(fd, offset, Math.min(step, to - offset)));
  if (!terminated) hash.update("\n");
  return { bytes: to - from + (terminated ? 0 : 1), sha256: hash.digest("hex") };
}

/** Where the chain stood when the file before was full. */
function lastOfRotated(path: string): Place | undefined {
  const last = rotatedFiles(path).at(-1);
  if (last === undefined) return undefined;
  requireFile(last.path);
  const fd = openSync(last.path, "r");
  try {
    return findEnd(fd, fstatSync(fd).size).place;
  } finally {
    closeSync(fd);
  }
}

/** Puts a full file aside. @returns false where that is not allowed: the log goes on in the same file, because no line may be lost */
function beginAnew(path: string): boolean {
  try {
    renameSync(path, rotatedName(path, (rotatedFiles(path).at(-1)?.number ?? 0) + 1));
    syncFolder(path);
    return true;
  } catch {
    return false;
  }
}

/** Lets the name of a new file be on the disk, too. Windows cannot, and does not need to. */
function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  try {
    const fd = openSync(dirname(path), "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not every file system can, and not everybody may read the folder: the line itself is synced all the same.
  }
}
