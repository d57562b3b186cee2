import { randomBytes, randomInt, randomUUID } from "node:crypto";

const ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/** Codes that people type leave out i, l, o, I, L and O. */
const UNAMBIGUOUS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ0123456789";

export const newId = (): string => randomUUID();

export const alphanumeric = (length: number): string => pick(ALPHANUMERIC, length);

export const unambiguous = (length: number): string => pick(UNAMBIGUOUS, length);

export const randomBase64url = (bytes: number): string => randomBytes(bytes).toString("base64url");

function pick(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}
