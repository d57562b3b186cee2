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

/** Shorter texts would be found everywhere. */
const shortestSecret = 6;

/** Passwords stand in addresses, too: `https://user:password@host`. */
const passwordInAddress = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:@"\\]*:)[^\s/?#@"\\]+@/gi;

/** The secrets that a call has met so far, and what takes them out of everything that is said: answers, errors, lines of a log. */
export class Secrets {
  readonly #forms = new Set<string>();
  #pattern: RegExp | undefined;

  constructor(values: Iterable<string> = []) {
    this.add(values);
  }

  add(values: Iterable<string>): void {
    for (const value of values) {
      if (value.length < shortestSecret || isMask(value)) continue;
      for (const form of formsOf(value)) this.#forms.add(form);
      this.#pattern = undefined;
    }
  }

  /** Puts `[redacted]` in the place of every secret in a text. */
  remove(text: string): string {
    const rest = text.replace(passwordInAddress, `$1${redactedValue}@`);
    if (this.#forms.size === 0) return rest;
    // The longest first: one secret may be a part of another.
    this.#pattern ??= new RegExp(
      [...this.#forms]
        .sort((a, b) => b.length - a.length)
        .map(escaped)
        .join("|"),
      "g",
    );
    return rest.replace(this.#pattern, redactedValue);
  }
}

/** The same for one text and a few values. */
export const withoutSecrets = (text: string, secrets: Iterable<string>): string => new Secrets(secrets).remove(text);

/** How a secret may stand in a text: as it is, in JSON as it is written here and by Go, and in an address. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const go = json.replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // What is half of a pair cannot be written in an address.
  const address = encodeURIComponent(secret.replace(/\p{Cs}/gu, "\uFFFD"));
  return [secret, json, go, address, address.replaceAll("%20", "+")];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

/** Secrets of one answer that are taken out by value: a long list of signup tokens has none of them in a field that is shown. */
const mostInAnswer = 200;

/** The values of all fields in a body that hold secrets. */
export function secretsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const found: string[] = [];
  for (const [field, inner] of Object.entries(value)) {
    if (found.length >= mostInAnswer) break;
    if (typeof inner !== "string") found.push(...secretsIn(inner));
    else if (secretFields.has(field)) found.push(inner);
  }
  return found;
}

/** The values of the cookies that an answer sets: one of them is a session. */
export function secretsInCookies(header: string | readonly string[] | undefined): string[] {
  return (header === undefined ? [] : [header].flat()).flatMap((cookie) => /^[^=;]+=([^;]*)/.exec(cookie)?.[1] ?? []);
}
