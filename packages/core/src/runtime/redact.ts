import { redactedValue } from "../pocket-id/redacted.ts";
import { type Secrets, secretFields } from "../pocket-id/secrets.ts";
import { cutText } from "./shape.ts";

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
    if (Array.isArray(value)) return value.map((item) => walk(item, depth + 1));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const name = safeText(key, secrets);
        if (typeof inner !== "string" || inner === "") return [name, walk(inner, depth + 1)];
        if (depth === 0 && reveals.has(key)) return [name, inner];
        return [name, secretFields.has(key) ? redactedValue : walk(inner, depth + 1)];
      }),
    );
  };
  return walk(answer, 0);
}
