import { cleanText } from "./clean-text.ts";
import { isMask, redactedValue } from "./redacted.ts";

/** Names of fields that hold secrets wherever they stand. */
export const secretFields: ReadonlySet<string> = new Set([
  "smtpPassword",
  "ldapBindPassword",
  "token",
  "signupToken",
  "secret",
  "apiKey",
  "password",
]);

/** Parameters of paths whose values are secrets. */
export const secretParameters: ReadonlySet<string> = new Set(["token"]);

/** Shorter texts would be found everywhere; no secret is longer than this. */
const [shortestSecret, longestSecret] = [6, 100_000];

/** Passwords stand in addresses, too: `https://user:password@host`. There may be an @ in the name and in the password: the last one ends them. */
const passwordInAddress = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:"\\]*:)[^\s/?#"\\]+@/gi;

/** The secrets that a call has met so far, and what takes them out of everything that is said: answers, errors, lines of a log. */
export class Secrets {
  #values: ReadonlySet<string>;
  /** The longest first: one secret may be a part of another. */
  #forms: readonly string[];

  /** @param known those that are added to: they stay as they are */
  constructor(values: Iterable<string> = [], known?: Secrets) {
    this.#values = known === undefined ? new Set() : known.#values;
    this.#forms = known === undefined ? [] : known.#forms;
    this.add(values);
  }

  add(values: Iterable<string>): void {
    const secrets: string[] = [];
    for (const value of values) if (isSecret(value) && !this.#values.has(value)) secrets.push(value);
    if (secrets.length === 0) return;
    this.#values = new Set([...this.#values, ...secrets]);
    this.#forms = [...new Set([...this.#forms, ...secrets.flatMap(formsOf)])].sort((a, b) => b.length - a.length);
  }

  /** Says whether there may be one in a text, or a password in an address. */
  mayBeIn(text: string): boolean {
    return (text.includes("://") && text.includes("@")) || this.#forms.some((form) => text.includes(form));
  }

  /** Puts `[redacted]` in the place of every secret in a text. */
  remove(text: string): string {
    const rest = text.includes("://") ? text.replace(passwordInAddress, `$1${redactedValue}@`) : text;
    // Most texts are shorter than any secret.
    if (rest.length < (this.#forms.at(-1)?.length ?? Number.POSITIVE_INFINITY)) return rest;
    return this.#forms.reduce((left, form) => left.replaceAll(form, redactedValue), rest);
  }

  /** The same, and takes out what must not be shown of a text that others wrote. Has to come before the text is cut, or part of a secret could be left. */
  clean(text: string): string {
    // Before it is cleaned, or a secret with a tab in it would no longer be found; and after it, for one that something invisible stood in.
    const removed = this.remove(text);
    const clean = cleanText(removed);
    return clean === removed ? clean : this.remove(clean);
  }
}

const isSecret = (value: string): boolean =>
  value.length >= shortestSecret && value.length <= longestSecret && !isMask(value);

/** The same for one text and a few values. */
export const withoutSecrets = (text: string, secrets: Iterable<string>): string => new Secrets(secrets).remove(text);

/** How a secret may stand in a text: as it is, in JSON as it is written here and by Go, and either of them in JSON or in an address once more. */
function formsOf(secret: string): string[] {
  const json = inJson(secret);
  const go = json.replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [secret, json, go].flatMap((form) => {
    // What is half of a pair cannot be written in an address.
    const address = encodeURIComponent(form.replace(/\p{Cs}/gu, "\uFFFD"));
    return [form, inJson(form), ...[address, ofGo(address)].flatMap((one) => [one, one.replaceAll("%20", "+")])];
  });
}

/** Go writes some signs in another way in an address. */
const ofGo = (address: string): string =>
  address.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Secrets of one answer that are taken out by value: a long list of signup tokens has none of them in a field that is shown. */
const mostInAnswer = 200;

/** The values of all fields in a body that hold secrets. */
export function secretsIn(value: unknown, found: string[] = []): string[] {
  if (Array.isArray(value)) for (const item of value) secretsIn(item, found);
  if (!isFields(value)) return found;
  // Makes no list of the fields: a page would be as many lists as it has objects.
  for (const field in value) {
    if (found.length >= mostInAnswer) break;
    const inner = value[field];
    if (typeof inner !== "string") secretsIn(inner, found);
    else if (secretFields.has(field)) found.push(inner);
  }
  return found;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
