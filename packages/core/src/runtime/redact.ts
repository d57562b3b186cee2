import { redactedValue } from "../pocket-id/redacted.ts";
import { secretFields, secretRemover } from "../pocket-id/secrets.ts";

/**
 * Takes secrets out of an answer: by the name of the field, and by value wherever they stand.
 * @param secrets values that must not appear, such as the API key in use
 * @param reveals fields at the top that hold what is shown this once, on purpose
 */
export function redact(answer: unknown, secrets: readonly string[], reveals: ReadonlySet<string> = new Set()): unknown {
  const removed = secretRemover(secrets);
  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") return removed(value);
    if (Array.isArray(value)) return value.map((item) => walk(item, depth + 1));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const secret =
          typeof inner === "string" && inner !== "" && secretFields.has(key) && !(depth === 0 && reveals.has(key));
        return [key, secret ? redactedValue : walk(inner, depth + 1)];
      }),
    );
  };
  return walk(answer, 0);
}
