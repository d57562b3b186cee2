import { closeSync, existsSync, fstatSync, openSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { requireFile } from "../runtime/make-folder.ts";

/** The file that a full log becomes: `audit.log.000001` is the oldest, and the number goes up. */
export const rotatedName = (path: string, number: number): string => `${path}.${String(number).padStart(6, "0")}`;

/** The files that a log was before, oldest first. */
export function rotatedFiles(path: string): { path: string; number: number }[] {
  const [folder, name] = [dirname(path), basename(path)];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((found) => (found.isDirectory() ? [] : [found.name]))
    .filter((file) => file.startsWith(`${name}.`) && /^\d{6,}$/.test(file.slice(name.length + 1)))
    .map((file) => ({ path: join(folder, file), number: Number(file.slice(name.length + 1)) }))
    .sort((a, b) => a.number - b.number);
}

/** A file of a log that is being read. */
export interface LogFile {
  readonly name: string;
  /** Opens it, if it is not open, for as long as the work takes. */
  use<T>(work: (fd: number) => T | Promise<T>): Promise<T>;
}

/**
 * Reads the files of a log, oldest first, as they are at one moment: others may write to it, and even move it on to a new file, meanwhile.
 * @throws {Error} with the code of the system, ENOENT where there is no such log at all
 */
export async function withLogFiles<T>(given: string, work: (files: readonly LogFile[]) => Promise<T>): Promise<T> {
  const path = existsSync(given) ? realpathSync.native(given) : given;
  // Opened first: if it is moved on now, it is among the older ones, and is known by what it is.
  const current = openIfThere(path);
  try {
    const older = rotatedFiles(path).filter((file) => current === undefined || !isSame(file.path, current));
    if (current === undefined && older.length === 0)
      throw Object.assign(new Error(`${path} is not there`), { code: "ENOENT" });
    return await work([
      ...older.map((file) => ({ name: basename(file.path), use: opened(file.path) })),
      ...(current === undefined
        ? []
        : [{ name: basename(path), use: async <R>(read: (fd: number) => R | Promise<R>) => read(current) }]),
    ]);
  } finally {
    if (current !== undefined) closeSync(current);
  }
}

const opened =
  (path: string) =>
  async <T>(work: (fd: number) => T | Promise<T>): Promise<T> => {
    requireFile(path);
    const fd = openSync(path, "r");
    try {
      return await work(fd);
    } finally {
      closeSync(fd);
    }
  };

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isSame(path: string, fd: number): boolean {
  const [one, other] = [statSync(path, { bigint: true }), fstatSync(fd, { bigint: true })];
  return one.ino === other.ino && one.dev === other.dev;
}
