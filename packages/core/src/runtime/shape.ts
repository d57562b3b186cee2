/** Bytes of an answer as JSON at the most. */
export const maximumAnswer = 64 * 1024;
/** Characters of one text at the most. */
export const maximumText = 4_000;

/** Cuts a text that has no end. */
export const cutText = (text: string): string => (text.length > maximumText ? `${text.slice(0, maximumText)}…` : text);

/** A list, or a record of many fields, in an answer that was cut. */
export interface Cut {
  /** Where it stands, such as `group.users`. */
  readonly path: string;
  readonly shown: number;
  readonly total: number;
}

/** An answer after the cuts that it took. */
export interface Bounded {
  readonly answer: unknown;
  readonly json: string;
  readonly cuts: Cut[];
  /** Whether it is short enough now. */
  readonly fits: boolean;
}

/**
 * Cuts the largest list or record of an answer, and then the next, until the whole fits.
 * @param whole its JSON
 * @param limit bytes of that
 */
export function bound(answer: unknown, whole = JSON.stringify(answer), limit = maximumAnswer): Bounded {
  const cuts: Cut[] = [];
  let current = answer;
  let json = whole;
  while (!fitsIn(json, limit)) {
    const largest = largestPart(current);
    if (largest === undefined) break;
    // Leaves room for what is said about the cut.
    const surplus = Buffer.byteLength(json) - limit + 512;
    const keep = Math.floor(largest.length * Math.max(0, 1 - surplus / largest.size));
    const shown = Math.min(keep, largest.length - 1);
    current = replaceAt(current, largest.path, largest.cut(shown));
    json = JSON.stringify(current);
    const path = largest.path.join(".");
    const before = cuts.findIndex((cut) => cut.path === path);
    const total = cuts[before]?.total ?? largest.length;
    if (before !== -1) cuts.splice(before, 1);
    cuts.push({ path, shown, total });
  }
  return { answer: current, json, cuts, fits: fitsIn(json, limit) };
}

/** Most answers are so short that their bytes need not be counted. */
const fitsIn = (json: string, limit: number): boolean => json.length * 3 <= limit || Buffer.byteLength(json) <= limit;

/** Something in an answer that can be shortened. */
interface Part {
  readonly path: readonly string[];
  readonly length: number;
  readonly size: number;
  cut(length: number): unknown;
}

/** Objects of ours have fewer fields: one with more is a record, such as the claims in a token. */
const mostFields = 24;

function largestPart(value: unknown, path: readonly string[] = []): Part | undefined {
  if (Array.isArray(value)) {
    const cut = (length: number) => value.slice(0, length);
    return value.length === 0 ? undefined : { path, length: value.length, size: sizeOf(value), cut };
  }
  if (typeof value !== "object" || value === null) return undefined;
  const entries = Object.entries(value);
  const inner = entries.flatMap(([key, part]) => largestPart(part, [...path, key]) ?? []);
  const cut = (length: number) => Object.fromEntries(entries.slice(0, length));
  const record = entries.length > mostFields && path.length > 0;
  // What it holds itself: a long list inside is cut before its other fields are.
  const size = sizeOf(Object.fromEntries(entries.filter(([, part]) => typeof part !== "object")));
  const whole = record ? [{ path, length: entries.length, size, cut }] : [];
  return [...whole, ...inner].sort((a, b) => b.size - a.size)[0];
}

function replaceAt(value: unknown, path: readonly string[], replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === key ? replaceAt(inner, rest, replacement) : inner]),
  );
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? "");
