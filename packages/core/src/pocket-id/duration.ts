import { InputError } from "./errors.ts";

const secondsByUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 };

/**
 * Reads a duration such as `15m`, `7d` or `1h30m`.
 * @returns seconds
 * @throws {InputError}
 */
export function parseDuration(text: string, field: string): number {
  const compact = text.trim().toLowerCase();
  if (!isDuration(compact)) {
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
 * Reads when something ends: RFC 3339, a date alone (midnight UTC), or for how long it lasts, such as `90d`.
 * @throws {InputError} if that is not in the future
 */
export function parseExpiry(text: string, now = Date.now()): Date {
  const date = parseTimeFrom(text, "expiresAt", (seconds) => now + seconds * 1_000);
  if (date.getTime() <= now) throw new InputError("expiresAt", "it has to lie in the future.");
  return date;
}

/**
 * Reads a point in time in the past: RFC 3339, a date alone (midnight UTC), or how long ago, such as `14d`.
 * @throws {InputError}
 */
export const parsePast = (text: string, field: string, now = Date.now()): Date =>
  parseTimeFrom(text, field, (seconds) => now - seconds * 1_000);

function parseTimeFrom(text: string, field: string, away: (seconds: number) => number): Date {
  const date = isDuration(text) ? new Date(away(parseDuration(text, field))) : parseTime(text, field);
  if (Number.isNaN(date.getTime())) throw new InputError(field, "it lies beyond the calendar.");
  return date;
}

/** Says whether a text is a duration such as `90d`, and no point in time. */
export const isDuration = (text: string): boolean => /^(?:\d+[smhdwy])+$/i.test(text.trim());

/**
 * Reads a point in time in RFC 3339, or a date alone (midnight UTC).
 * @throws {InputError}
 */
export function parseTime(text: string, field: string): Date {
  const date = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/i.test(text.trim())
    ? new Date(text.trim())
    : undefined;
  if (date === undefined || Number.isNaN(date.getTime()) || !isDay(text.trim().slice(0, 10))) {
    throw new InputError(
      field,
      `${JSON.stringify(text.slice(0, 40))} is not a point in time. Give one like 2026-01-31T12:00:00Z or 2026-01-31, or a duration like 14d.`,
    );
  }
  return date;
}

/** JavaScript takes 30 February for 2 March. */
const isDay = (day: string): boolean => new Date(day).toISOString().startsWith(day);
