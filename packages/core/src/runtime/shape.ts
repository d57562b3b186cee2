/** Bytes of an answer as JSON at the most. */
export const maximumAnswer = 64 * 1024;
/** Characters of one text at the most. */
const maximumText = 4_000;

// Control characters, marks that turn the direction of text, and characters of no width: names come from users, and must not be able to look
// like something else or to hide something.
const unsafe = /[\p{Cc}\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu;

/** Makes texts that others wrote safe to show, everywhere in a value. */
export function cleanTexts(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleanTexts(inner)]));
}

/** The same for one text. */
export function cleanText(text: string): string {
  const clean = text.replace(/[\r\n\t]+/g, " ").replace(unsafe, "");
  return clean.length > maximumText ? `${clean.slice(0, maximumText)}…` : clean;
}

/** A list in an answer that was cut. */
export interface Cut {
  /** Where it stands, such as `group.users`. */
  readonly path: string;
  readonly shown: number;
  readonly total: number;
}

/**
 * Cuts the longest list of an answer, and then the next, until the whole fits.
 * @param limit bytes of its JSON
 */
export function bound(answer: unknown, limit = maximumAnswer): { answer: unknown; cuts: Cut[] } {
  const cuts: Cut[] = [];
  let current = answer;
  for (let size = sizeOf(current); size > limit; size = sizeOf(current)) {
    const longest = longestList(current);
    if (longest === undefined) break;
    // Leaves room for what is said about the cut.
    const surplus = size - limit + 512;
    const keep = Math.floor(longest.items.length * Math.max(0, 1 - surplus / longest.size));
    const shown = Math.min(keep, longest.items.length - 1);
    current = replaceAt(current, longest.path, longest.items.slice(0, shown));
    const path = longest.path.join(".");
    const before = cuts.findIndex((cut) => cut.path === path);
    const total = cuts[before]?.total ?? longest.items.length;
    if (before !== -1) cuts.splice(before, 1);
    cuts.push({ path, shown, total });
  }
  return { answer: current, cuts };
}

interface FoundList {
  readonly path: readonly string[];
  readonly items: readonly unknown[];
  readonly size: number;
}

function longestList(value: unknown, path: readonly string[] = []): FoundList | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : { path, items: value, size: sizeOf(value) };
  if (typeof value !== "object" || value === null) return undefined;
  const lists = Object.entries(value).flatMap(([key, inner]) => longestList(inner, [...path, key]) ?? []);
  return lists.sort((a, b) => b.size - a.size)[0];
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
