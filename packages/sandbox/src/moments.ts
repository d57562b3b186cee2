/** Pocket ID on SQLite stores whole seconds; only the answer to a create still carries the fraction. */
export const stored = (moment: Date): string => `${moment.toISOString().slice(0, 19)}Z`;

export const precise = (moment: Date): string => moment.toISOString();

export const now = (): string => stored(new Date());

export const isPast = (moment: string, at = new Date()): boolean => new Date(moment).getTime() <= at.getTime();

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Go's time.Time accepts RFC 3339 and nothing else. */
export function parseMoment(text: string): Date | undefined {
  if (!RFC3339.test(text)) return undefined;
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Go's time.ParseDuration: "90m", "1h30m", no unit for days. Seconds, or undefined. */
export function parseDuration(text: string): number | undefined {
  const [, sign, rest = ""] = /^([-+]?)(.+)$/s.exec(text) ?? [];
  if (rest === "0") return 0;
  if (!/^(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$/.test(rest))
    return undefined;
  let seconds = 0;
  for (const [, amount, unit] of rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    seconds += Number(amount) * (UNITS[unit ?? ""] ?? 0);
  }
  return sign === "-" ? -seconds : seconds;
}
