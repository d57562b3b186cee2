import { createHash } from "node:crypto";

/** Where a chain stands: the number and the digest of its last line. */
export interface Place {
  readonly seq: number;
  readonly digest: string;
}

/** What the first line of a chain follows. */
export const beginning: Place = { seq: 0, digest: "0".repeat(64) };

/** Bytes that stand between two lines of the chain and are no part of it: the later line vouches for them as it found them. */
export interface Between {
  readonly bytes: number;
  readonly sha256: string;
}

/** The JSON object that a line holds. */
export type Entry = Readonly<Record<string, unknown>>;

/** What a line turns out to be. */
export type Line =
  | {
      readonly kind: "chained";
      readonly entry: Entry;
      readonly place: Place;
      readonly prev: string;
      readonly between: Between | undefined;
    }
  /** Written while the lock could not be had: it bears a digest of its own and follows no line. */
  | { readonly kind: "loose"; readonly entry: Entry }
  /** JSON that was never in a chain, as older versions wrote it. */
  | { readonly kind: "plain"; readonly entry: Entry }
  /** Not what its digest stands for, or what is left of a line without it. */
  | { readonly kind: "altered" }
  /** Not the whole of a line. */
  | { readonly kind: "cut" };

/**
 * Makes a line of the chain. Its `digest` is the SHA-256 of everything that stands before `,"digest"`, the digest of the line before (`prev`)
 * included: whatever is changed shows in the line itself, and whatever is taken out, put in or moved shows between two of them.
 * @param entry JSON of an object that has a field
 */
export function chainedLine(entry: string, before: Place, between?: Between): string {
  const vouched = between === undefined ? "" : `,"between":${JSON.stringify(between)}`;
  return sealed(`${entry.slice(0, -1)}${vouched},"seq":${before.seq + 1},"prev":"${before.digest}"`);
}

/** Makes a line that has no place in the chain. */
export const looseLine = (entry: string): string => sealed(`${entry.slice(0, -1)},"seq":null,"prev":null`);

const sealed = (text: string): string => `${text},"digest":"${sha256(text)}"}`;

export const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");

const sealLength = sealed("").length;
const seal = /^,"digest":"([0-9a-f]{64})"\}$/;

/**
 * Reads a line, without looking at any other.
 * @param bytes without the line break; bytes and not text, because two that are no UTF-8 would look the same
 */
export function readLine(bytes: Buffer): Line {
  const text = bytes.subarray(0, -sealLength);
  const digest = seal.exec(bytes.subarray(-sealLength).toString("latin1"))?.[1];
  const entry = parseEntry(bytes);
  if (digest === undefined && entry === undefined) return { kind: "cut" };
  if (digest === undefined && entry !== undefined && !("prev" in entry)) return { kind: "plain", entry };
  if (entry === undefined || sha256(text) !== digest) return { kind: "altered" };
  const { seq, prev, between } = entry;
  if (seq === null && prev === null) return { kind: "loose", entry };
  if (typeof seq !== "number" || typeof prev !== "string") return { kind: "altered" };
  return { kind: "chained", entry, place: { seq, digest }, prev, between: isBetween(between) ? between : undefined };
}

function parseEntry(bytes: Buffer): Entry | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isBetween = (value: unknown): value is Between =>
  isEntry(value) && typeof value.bytes === "number" && typeof value.sha256 === "string";
