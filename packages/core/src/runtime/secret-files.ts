import { randomBytes } from "node:crypto";
import { type FileHandle, link, lstat, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { NotPossibleError } from "../pocket-id/errors.ts";
import { makeOwn, makeSecretFolder, syncFolder, UnsafePlaceError } from "./secret-folder.ts";

/** A place for one secret that does not exist yet. */
export interface ReservedFile {
  /**
   * Puts the secret there: when this returns, it is on the disk, complete, under a name that nothing had before.
   * @param of id of the object that it belongs to, which becomes a part of the name
   * @returns path of the file, which holds the value and nothing else
   * @throws {UnsafePlaceError} in which case nothing of it is left
   */
  write(value: string, of: string): Promise<string>;
  /** Takes the place away, unless there is a secret in it. */
  discard(): Promise<void>;
}

/** Written where the secret will stand, so that a disk that is full shows before the secret is made. */
const placeholder = Buffer.alloc(4_096, " ");

/**
 * Makes sure of a place for a secret before it is made. What is under way has a name that ends in `.part`.
 * @param tool the one that will make it
 * @throws {NotPossibleError}
 */
export async function reserveSecretFile(folder: string, tool: string): Promise<ReservedFile> {
  const begin = `${new Date().toISOString().replace(/\.\d+/, "").replaceAll(":", "-")}-${tool}`;
  const random = randomBytes(8).toString("hex");
  const part = join(folder, `${begin}-${random}.part`);
  let file: FileHandle | undefined;
  const discard = async (): Promise<void> => {
    const reserved = file;
    file = undefined;
    if (reserved === undefined) return;
    await reserved.close().catch(() => undefined);
    await rm(part, { force: true }).catch(() => undefined);
  };
  try {
    await makeSecretFolder(folder);
    file = await open(part, "wx", 0o600);
    await makeOwn(part);
    await fill(file, placeholder);
  } catch (error) {
    await discard();
    throw new NotPossibleError(
      `The secret would have no place: ${whyNot(folder, error)} POCKETID_SECRETS_DIR says where secrets go.`,
    );
  }
  return {
    discard,
    async write(value, of) {
      const path = join(folder, `${begin}-${plain(of)}-${random}.txt`);
      let published = false;
      try {
        if (file === undefined) throw new UnsafePlaceError("the place for it was taken already.");
        await fill(file, Buffer.from(value));
        await file.close();
        await publish(part, path);
        published = true;
        file = undefined;
        await syncFolder(folder);
        return path;
      } catch (error) {
        await discard();
        if (published) await rm(path, { force: true }).catch(() => undefined);
        throw new UnsafePlaceError(whyNot(folder, error));
      }
    },
  };
}

/** Makes this the whole content of a file, and waits until it is on the disk. */
async function fill(file: FileHandle, bytes: Buffer): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, 0);
  if (bytesWritten < bytes.length) throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
  await file.truncate(bytes.length);
  await file.sync();
}

/** Gives a complete file the name that it is to be found under: whoever reads it reads all of it. Never takes the name of another file. */
async function publish(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST" || (await isThere(path))) throw error;
    // A file system without links.
    return rename(part, path);
  }
  // The secret is safe by now; at worst it is there twice.
  await rm(part, { force: true }).catch(() => undefined);
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const whyNot = (folder: string, error: unknown): string =>
  error instanceof UnsafePlaceError ? error.message : `${folder} cannot be written (${codeOf(error) ?? "unknown"}).`;

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

/** An id as a part of a file's name: that of a client may be an address. */
const plain = (id: string): string => id.replace(/[^A-Za-z0-9._-]+/g, "_").slice(0, 64);

/** Says whether a file in the folder is one that a server has made: by its name, which begins with a point in time. */
export const isMadeByServer = (name: string): boolean => /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-/.test(name);
