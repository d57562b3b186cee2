import { constants } from "node:fs";
import { open, realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import * as z from "zod";
import { InputError } from "../pocket-id/errors.ts";
import { maximumImageSize } from "../pocket-id/image-file.ts";

/** Arguments of a tool that takes a file. */
export const fileFields = {
  file: z.string().max(4_096).optional().describe("Path"),
  data: z.string().optional().describe("Or base64"),
};

export interface FileArgument {
  readonly file?: string | undefined;
  readonly data?: string | undefined;
}

/**
 * Checks which of the arguments are given.
 * @throws {InputError}
 */
export function checkFileArgument({ file, data }: FileArgument): void {
  if ((file === undefined) === (data === undefined))
    throw new InputError("file", "give either file, a path, or data, base64.");
}

/**
 * Reads a file argument.
 * @param folders folders that paths must lie in
 * @throws {InputError}
 */
export async function readFileArgument({ file, data }: FileArgument, folders: readonly string[]): Promise<Uint8Array> {
  checkFileArgument({ file, data });
  return data === undefined ? readBounded(await allowedPath(file ?? "", folders)) : decodeBase64(data);
}

function decodeBase64(data: string): Uint8Array {
  const compact = data.replace(/^data:[^,]*;base64,/, "").replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) throw new InputError("data", "this is not base64.");
  return Buffer.from(compact, "base64");
}

async function allowedPath(file: string, folders: readonly string[]): Promise<string> {
  const where =
    folders.length > 0
      ? `Files may be read from ${folders.join(", ")} (POCKETID_FILES_DIR).`
      : "No folder is allowed: set POCKETID_FILES_DIR, or give data.";
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => undefined);
    // Where links lead decides, not what the path looks like.
    const path = await realpath(resolve(folder, file)).catch(() => undefined);
    if (root !== undefined && path !== undefined && isInside(root, path)) return path;
  }
  throw new InputError("file", `there is no such file that may be read. ${where}`);
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function readBounded(path: string): Promise<Uint8Array> {
  // Looked at before it is opened: opening a pipe would wait for whoever writes to it.
  if (!(await stat(path)).isFile()) throw new InputError("file", "this is not a file.");
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => {
    throw new InputError("file", "it cannot be read. Check its permissions.");
  });
  try {
    const { size } = await handle.stat();
    if (size > maximumImageSize)
      throw new InputError(
        "file",
        `it has ${(size / 1024 / 1024).toFixed(1)} MiB; ${maximumImageSize / 1024 / 1024} MiB are the most.`,
      );
    // What is no real file, as in /proc, may tell no size and have no end.
    const buffer = Buffer.alloc(size + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0).catch(() => ({ bytesRead: buffer.length }));
    if (bytesRead > size) throw new InputError("file", "it cannot be read as a whole.");
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
