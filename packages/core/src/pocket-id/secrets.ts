import { redactedValue } from "./redacted.ts";

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

/** What takes secrets out of texts by value, also as they stand in JSON. */
export function secretRemover(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter((secret) => secret.length >= shortestSecret);
  const forms = [...new Set(long.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))];
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, redactedValue), text);
}

/** The same for one text. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string => secretRemover(secrets)(text);

/** The values of all fields in a body that hold secrets. */
export function secretsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) =>
    typeof inner === "string" ? (secretFields.has(field) ? [inner] : []) : secretsIn(inner),
  );
}
