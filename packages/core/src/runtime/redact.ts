import { isPlain } from "../pocket-id/clean-text.ts";
import { redactedValue } from "../pocket-id/redacted.ts";
import { type Secrets, secretFields } from "../pocket-id/secrets.ts";
import { cutText, maximumText } from "./shape.ts";

/** Makes a text safe to say: without secrets, control characters and the like, and short enough. */
export const safeText = (text: string, secrets: Secrets): string => cutText(secrets.clean(text));

/**
 * Makes an answer safe to show: takes secrets out by the name of the field, and by value wherever they stand, and cleans every text.
 * @param secrets values that must not appear, such as the API key in use
 * @param reveals fields at the top that hold what is shown this once, on purpose
 */
export function redact(answer: unknown, secrets: Secrets, reveals: ReadonlySet<string> = new Set()): unknown {
  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") return safeText(value, secrets);
    if (Array.isArray(value)) return mapItems(value, (item) => walk(item, depth + 1));
    if (!isObject(value)) return value;
    return mapFields(
      value,
      (key) => safeText(key, secrets),
      (key, inner) => {
        if (typeof inner !== "string" || inner === "") return walk(inner, depth + 1);
        if (depth === 0 && reveals.has(key)) return inner;
        return secretFields.has(key) ? redactedValue : walk(inner, depth + 1);
      },
    );
  };
  return walk(answer, 0);
}

/**
 * The same, and its JSON. That is needed anyway, and a look at it tells of most answers that there is nothing to take out of them, in a tenth of
 * the time that looking at each of their texts takes.
 */
export function redactToJson(
  answer: unknown,
  secrets: Secrets,
  reveals: ReadonlySet<string>,
): { readonly answer: unknown; readonly json: string } {
  const json = JSON.stringify(answer);
  if (isHarmless(json, secrets)) return { answer, json };
  const redacted = redact(answer, secrets, reveals);
  return { answer: redacted, json: redacted === answer ? json : JSON.stringify(redacted) };
}

/** A text in the field of a secret. */
const secretInField = new RegExp(`"(?:${[...secretFields].join("|")})":"[^"]`);

/** A sign that is escaped in JSON. Quotation marks alone are harmless: secrets are also looked for as they stand in JSON. */
const escaped = /\\[^"]/;

/** Says whether no text in this JSON has to be changed. */
const isHarmless = (json: string, secrets: Secrets): boolean =>
  isPlain(json) &&
  !escaped.test(json) &&
  !secrets.mayBeIn(json) &&
  !secretInField.test(json) &&
  (json.length <= maximumText || longestText(json) <= maximumText);

/** Characters of the longest text in JSON that escapes nothing but quotation marks. */
function longestText(json: string): number {
  let longest = 0;
  let from = 0;
  for (let mark = json.indexOf('"'); mark !== -1; mark = json.indexOf('"', mark + 1)) {
    if (json[mark - 1] === "\\") continue;
    longest = Math.max(longest, mark - from);
    from = mark + 1;
  }
  return longest;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

// In most answers there is nothing to take out: what stays as it is is not copied, which takes a third off.

/** A list of what becomes of these; the same one, if nothing becomes anything else. */
function mapItems(items: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  const changed = items.map(change);
  return changed.every((item, index) => item === items[index]) ? items : changed;
}

/** The same for an object, its names and its values. */
function mapFields(
  value: Record<string, unknown>,
  rename: (key: string) => string,
  change: (key: string, inner: unknown) => unknown,
): object {
  let entries: [string, unknown][] | undefined;
  Object.keys(value).forEach((key, index, keys) => {
    const [name, inner] = [rename(key), change(key, value[key])];
    if (entries === undefined && name === key && inner === value[key]) return;
    entries ??= keys.slice(0, index).map((before) => [before, value[before]]);
    entries.push([name, inner]);
  });
  return entries === undefined ? value : Object.fromEntries(entries);
}
