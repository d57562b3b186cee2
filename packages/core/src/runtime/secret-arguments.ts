import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { oncePer } from "../once-per.ts";
import { InputError } from "../pocket-id/errors.ts";
import type { Secrets } from "../pocket-id/secrets.ts";
import { isMadeByServer } from "./secret-files.ts";
import { checkSecretFolder, requireOwn, UnsafePlaceError } from "./secret-folder.ts";

// Not described: it stands in seven arguments, and the instructions of a server explain it once.
const secretReference = z.strictObject({
  file: z.string().optional(),
  env: z.string().optional(),
});

/** An argument that is a secret: as it is, or where it is, so that the model does not carry it. */
export const secretText = z
  .union([z.string().max(4_096), secretReference], {
    error: 'give a text, or where it is: {"file": "name"} or {"env": "NAME"}.',
  })
  .brand<"secret">();

/** Marks the schemas whose values are secrets. */
const marked = z.registry<{ secret: true }>();
marked.add(secretText, { secret: true });

/** Arguments after their secrets have been read: what was a reference is the secret now. */
export type WithSecrets<T> = {
  [K in keyof T]: T[K] extends infer V ? (V extends z.core.$brand<"secret"> ? string : V) : never;
};

/** Where secrets can be read from. */
export interface SecretSources {
  /** Folder of the files. */
  readonly folder: string;
  /** The variables that the operator allows, with their values; undefined for one that is not set. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  /** The API key of this server. */
  readonly apiKey: string;
}

/** Bytes of a file at the most. */
const maximumFile = 10_000;

/** Which arguments of a tool are secrets. */
export const secretArguments = oncePer((input: z.ZodRawShape): string[] =>
  Object.entries(input).flatMap(([name, schema]) => (isSecret(schema) ? [name] : [])),
);

/** The secrets that stand among the arguments of a call, whether these are right or not. */
export function plainSecrets(input: z.ZodRawShape, given: unknown): string[] {
  if (typeof given !== "object" || given === null) return [];
  const names = secretArguments(input);
  if (names.length === 0) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    names.includes(name) && typeof value === "string" ? [value] : [],
  );
}

/**
 * Puts the secrets in the place of what says where they are. Nothing is sent.
 * @param secrets what was read is added to them
 * @throws {InputError} naming the argument and the next step, never the value
 */
export async function resolveSecrets(
  input: z.ZodRawShape,
  values: Readonly<Record<string, unknown>>,
  sources: SecretSources,
  secrets: Secrets,
): Promise<Readonly<Record<string, unknown>>> {
  const fields = secretArguments(input);
  if (fields.length === 0) return values;
  const resolved: Record<string, unknown> = { ...values };
  for (const field of fields) {
    const reference = secretReference.safeParse(values[field]);
    if (!reference.success) continue;
    const { file, env } = reference.data;
    if ((file === undefined) === (env === undefined))
      throw new InputError(field, "give either file, a name in the secrets folder, or env, a variable.");
    const value = file === undefined ? readVariable(env ?? "", sources, field) : await readFile(file, sources, field);
    secrets.add([value]);
    if (value.trim() === sources.apiKey)
      throw new InputError(field, "this is the API key of this server, which is sent nowhere else. Give another.");
    resolved[field] = value;
  }
  return resolved;
}

function readVariable(name: string, { variables }: SecretSources, field: string): string {
  if (!variables.has(name)) {
    const allowed = [...variables.keys()].join(", ");
    throw new InputError(
      field,
      `the operator does not allow this variable. POCKETID_SECRET_ENV names those that may be used: ${allowed || "none"}.`,
    );
  }
  const value = variables.get(name);
  if (value === undefined) throw new InputError(field, `${name} is not set where this server was started.`);
  return value;
}

async function readFile(name: string, { folder }: SecretSources, field: string): Promise<string> {
  // A name alone leads to no other folder; on Windows, a colon would lead to a drive or to another stream.
  if (name === "" || name.startsWith(".") || name.length > 255 || /[/\\:\p{Cc}]/u.test(name))
    throw new InputError(field, `file is the name of a file in ${folder} (POCKETID_SECRETS_DIR), without a folder.`);
  if (isMadeByServer(name)) {
    // Otherwise a key that a server wrote for the operator could be sent to whatever address the model says.
    throw new InputError(
      field,
      "a server wrote this file for the operator, and it is not read back. Copy it to a name of its own if that is meant.",
    );
  }
  const path = join(folder, name);
  try {
    await checkSecretFolder(folder);
    if ((await lstat(path)).isSymbolicLink())
      throw new UnsafePlaceError(`${path} is a link. Put the file itself there.`);
    // Opened in a way that follows no link and waits for nobody, should it have become something else meanwhile.
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      return await readValue(path, file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UnsafePlaceError) throw new InputError(field, error.message);
    const code = error instanceof Error && "code" in error ? error.code : "unknown";
    const what =
      code === "ENOENT" ? `there is no such file in ${folder}` : `it cannot be read from ${folder} (${code})`;
    throw new InputError(field, `${what} (POCKETID_SECRETS_DIR). Put it there, readable by the operator alone.`);
  }
}

async function readValue(path: string, file: FileHandle): Promise<string> {
  const found = await file.stat();
  if (!found.isFile()) throw new UnsafePlaceError(`${path} is not a file.`);
  requireOwn(path, found, 600);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maximumFile + 1), 0, maximumFile + 1, 0);
  if (bytesRead > maximumFile) throw new UnsafePlaceError(`${path} is larger than a secret.`);
  const value = decode(path, buffer.subarray(0, bytesRead)).replace(/\r?\n$/, "");
  if (value === "") throw new UnsafePlaceError(`${path} is empty.`);
  return value;
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnsafePlaceError(`${path} is not a text.`);
  }
}

function isSecret(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return isSecret(schema.unwrap());
  return schema instanceof z.ZodUnion && marked.has(schema);
}
