import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import Module from "node:module";
import { basename, isAbsolute, join } from "node:path";
import { Script, constants as vm } from "node:vm";
import { crc32 } from "node:zlib";
import { makeFolder } from "../runtime/make-folder.ts";
import { stateDirectory } from "../settings/state-directory.ts";

/** One file of a program. */
export interface Code {
  /** Where it is: CommonJS in ASCII. */
  readonly path: string;
  /** Tells it from the same file of another version. */
  readonly digest: string;
  /** Name of the program, the same for all of its versions. */
  readonly program: string;
}

/** Milliseconds after which what V8 has compiled is kept: by then, the answer is out that the file was loaded for. */
const keepAfterMs = 1_000;
/** Milliseconds after which what another version of Node.js has kept is taken for forgotten. */
const forgottenAfterMs = 7 * 24 * 3_600_000;

/**
 * Runs a file with what V8 compiled of it at an earlier start. That takes a quarter off the time that a server needs to answer first; Node 20
 * has nothing of its own for it, and newer ones nothing better (docs/performance.md). `NODE_DISABLE_COMPILE_CACHE` switches it off, as it does
 * for Node's own.
 * @returns what the file exports
 */
export function loadCode({ path, digest, program }: Code, require: NodeJS.Require): unknown {
  const folder = folderOfCompiled();
  const part = `${program}-${basename(path, ".cjs")}-`;
  const name = `${part}${digest}${ofThisNode}`;
  const cachedData = folder === undefined ? undefined : readOwn(folder, name);
  const script = new Script(Module.wrap(readFileSync(path, "latin1")), {
    filename: path,
    ...(cachedData === undefined ? {} : { cachedData }),
    importModuleDynamically: vm.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (folder !== undefined && script.cachedDataRejected !== false)
    setTimeout(() => keep(folder, name, part, script), keepAfterMs).unref();
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, path, join(path, ".."));
  return module.exports;
}

const ofThisNode = `-${process.version}-${process.arch}`;

/** Where it is kept. Not in a place that depends on the current folder, which may hold anybody's files; nowhere for a user without a home. */
function folderOfCompiled(): string | undefined {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return;
  try {
    const folder = join(stateDirectory(), "compiled");
    return isAbsolute(folder) ? folder : undefined;
  } catch {
    return;
  }
}

/** Reads what an earlier start has kept. It is run as it is: it counts only where nobody else could have written it. */
function readOwn(folder: string, name: string): Buffer | undefined {
  let file: number | undefined;
  try {
    if (!isOwn(lstatSync(folder))) return;
    file = openSync(join(folder, name), constants.O_RDONLY | noFollow);
    const found = fstatSync(file);
    return found.isFile() && isOwn(found) ? unsealed(readFileSync(file)) : undefined;
  } catch {
    return;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** V8 checks no more than the length of what it is given: of a damaged file it would run what there is, or end the process, at each start. */
function sealed(data: Buffer): Buffer {
  const seal = Buffer.alloc(4);
  seal.writeUInt32LE(crc32(data));
  return Buffer.concat([data, seal]);
}

function unsealed(file: Buffer): Buffer | undefined {
  const data = file.subarray(0, -4);
  return data.length > 0 && file.readUInt32LE(data.length) === crc32(data) ? data : undefined;
}

/** Keeps what V8 has compiled so far, in the place of what there was of other versions. Where that cannot be, the next start is as this one was. */
function keep(folder: string, name: string, part: string, script: Script): void {
  const unfinished = join(folder, `${name}.${process.pid}`);
  try {
    makeFolder(folder);
    if (!isOwn(lstatSync(folder))) return;
    const file = openSync(unfinished, "wx", 0o600);
    try {
      writeFileSync(file, sealed(script.createCachedData()));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, join(folder, name));
    for (const other of readdirSync(folder)) {
      if (!other.startsWith(part) || other === name) continue;
      // Whoever uses two versions of Node.js by turns would compile at every start.
      const age = Date.now() - statSync(join(folder, other)).mtimeMs;
      if (other.endsWith(ofThisNode) || age > forgottenAfterMs) rmSync(join(folder, other), { force: true });
    }
  } catch {
    discard(unfinished);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // There is none, not even a place for one.
  }
}

const noFollow = process.platform === "win32" ? 0 : constants.O_NOFOLLOW;

/** On Windows the folder lies where the user alone can write. */
const isOwn = ({ uid, mode }: Stats): boolean =>
  process.platform === "win32" || (uid === process.getuid?.() && (mode & 0o022) === 0);
