import { InputError } from "./errors.ts";

const secondsByUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 };

/**
 * Reads a duration such as `15m`, `7d` or `1h30m`.
 * @returns seconds
 * @throws {InputError}
 */
export function parseDuration(text: string, field: string): number {
  const compact = text.trim().toLowerCase();
  if (!/^(?:\d+[smhdwy])+$/.test(compact)) {
    throw new InputError(
      field,
      `${JSON.stringify(text.slice(0, 40))} is not a duration. Give one like 15m, 12h or 7d.`,
    );
  }
  return [...compact.matchAll(/(\d+)([smhdwy])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (secondsByUnit[unit ?? ""] ?? 0),
    0,
  );
}

const units = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** A duration for people, in the largest unit that it is a whole number of: `7 days`, `90 minutes`. */
export function durationInWords(seconds: number): string {
  const [unit, length] = units.find(([, length]) => seconds % length === 0) ?? ["second", 1];
  return `${seconds / length} ${unit}${seconds === length ? "" : "s"}`;
}

/**
 * Reads the lifetime of a signup or one-time access token: more than a second, and 31 days at the most.
 * @returns a duration as Pocket ID takes it (it knows no days), and its seconds
 * @throws {InputError}
 */
export function parseTokenLifetime(text: string, field = "ttl"): { ttl: string; seconds: number } {
  const seconds = parseDuration(text, field);
  if (seconds <= 1 || seconds > 31 * 86_400)
    throw new InputError(field, "Pocket ID takes more than 1 second and at most 31 days.");
  return { ttl: `${seconds}s`, seconds };
}

/**
 * Reads a point in time: RFC 3339, or a lifetime from now. Exactly one of the two.
 * @throws {InputError}
 */
export function parseExpiry(
  { expiresAt, expiresIn }: { expiresAt?: string | undefined; expiresIn?: string | undefined },
  now = Date.now(),
): Date {
  if ((expiresAt === undefined) === (expiresIn === undefined)) {
    throw new InputError("expiresIn", 'give either expiresIn, like "90d", or expiresAt, like "2030-01-31T00:00:00Z".');
  }
  const date =
    expiresAt === undefined
      ? new Date(now + parseDuration(expiresIn ?? "", "expiresIn") * 1_000)
      : parseTime(expiresAt, "expiresAt");
  if (Number.isNaN(date.getTime()) || date.getTime() <= now) {
    throw new InputError(expiresAt === undefined ? "expiresIn" : "expiresAt", "it has to lie in the future.");
  }
  return date;
}

/**
 * Reads a point in time in the past: RFC 3339, a date alone (midnight UTC), or how long ago, such as `14d`.
 * @throws {InputError}
 */
export function parsePast(text: string, field: string, now = Date.now()): Date {
  return /^(?:\d+[smhdwy])+$/i.test(text.trim())
    ? new Date(now - parseDuration(text, field) * 1_000)
    : parseTime(text, field);
}

/**
 * Reads a point in time in RFC 3339, or a date alone (midnight UTC).
 * @throws {InputError}
 */
export function parseTime(text: string, field: string): Date {
  const date = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/i.test(text.trim())
    ? new Date(text.trim())
    : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) {
    throw new InputError(
      field,
      `${JSON.stringify(text.slice(0, 40))} is not a point in time. Give one like 2026-01-31T12:00:00Z or 2026-01-31.`,
    );
  }
  return date;
}
