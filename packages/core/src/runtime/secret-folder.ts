import { type Stats, statSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { makeFolder } from "./make-folder.ts";
import { ownAccess } from "./own-access.ts";

/** The folder or file cannot be used for secrets; the message is a sentence that says why, and what to do. */
export class UnsafePlaceError extends Error {}

const takeFromOthers = ownAccess();

/**
 * Makes the folder for secrets, or checks that the one there is belongs to the user alone.
 * @throws {UnsafePlaceError}
 * @throws {Error} with the code of the system
 */
export async function makeSecretFolder(path: string): Promise<void> {
  const isNew = statSync(path, { throwIfNoEntry: false }) === undefined;
  makeFolder(path);
  if (isNew) await takeFromOthers(path, "folder");
  await checkSecretFolder(path);
}

/** Checks that nobody else can look into it, or put something there. @throws {UnsafePlaceError} */
export async function checkSecretFolder(path: string): Promise<void> {
  const found = await stat(path);
  if (!found.isDirectory()) throw new UnsafePlaceError(`${path} is not a folder.`);
  requireOwn(path, found, 700);
}

/**
 * Refuses a place that is not the user's own (or root's), or that others can read or write. Windows tells neither in this way.
 * @throws {UnsafePlaceError}
 */
export function requireOwn(path: string, { mode, uid }: Stats, right: 600 | 700): void {
  if (process.platform === "win32") return;
  if (uid !== process.getuid?.() && uid !== 0)
    throw new UnsafePlaceError(`${path} belongs to somebody else. Choose a place of your own.`);
  if ((mode & 0o077) !== 0) throw new UnsafePlaceError(`others can read ${path}. Run: chmod ${right} ${path}`);
}

/** Takes a new file from everybody but the user. @throws {Error} if the system refuses */
export const makeOwn = (path: string): Promise<void> => takeFromOthers(path, "file");

/**
 * Waits until the names in a folder are on the disk.
 * @throws {Error} with the code of the system
 */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folder, and keeps its names by a journal of its own.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync().catch((error: unknown) => {
      // Some file systems have nothing to wait for.
      if (!(error instanceof Error && "code" in error && error.code === "EINVAL")) throw error;
    });
  } finally {
    await folder.close();
  }
}
