import { mkdirSync, statSync } from "node:fs";
import { devNull } from "node:os";
import { dirname } from "node:path";

/**
 * Makes a folder, and those it lies in, readable by their owner alone. Not with Node's own `recursive`, which never ends where the system
 * says that the parent of a new folder is missing although it is there, as in /proc.
 * @throws {Error} with the code of the system
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

/**
 * Refuses what is there and is no file, before it is opened: a pipe would wait for whoever is at its other end.
 * @throws {Error} with a code
 */
export function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile() && path !== devNull)
    throw Object.assign(new Error(`${path} is not a file`), { code: "not a file" });
}

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);
