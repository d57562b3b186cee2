/** How often a request that may be repeated is tried again. */
export const maximumRetries = 3;

const baseDelayMs = 250;
const rateLimitDelayMs = 1_000;
const maximumDelayMs = 20_000;

/** Says whether a repeat of this request is safe: the second one leaves Pocket ID as the first did. */
export function mayRepeat(method: string): boolean {
  // A PUT replaces the whole object and a DELETE has nothing left to delete. A POST makes something anew each time, often a
  // secret, so it is never repeated.
  return method === "GET" || method === "PUT" || method === "DELETE";
}

/** Says whether this status passes by itself. */
export function isTransient(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/**
 * Milliseconds that a `Retry-After` header asks for: seconds or an HTTP date. Undefined if there is none, or none that can be read.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const date = /^[a-z]{3,9}, /i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * Milliseconds to wait before the next attempt.
 * @param attempt the attempt that failed, from 1
 * @param status its status, or null if there was no answer
 * @param retryAfter what the server asked for, in ms
 * @param random 0 … 1
 */
export function retryDelay(
  attempt: number,
  status: number | null,
  retryAfter: number | undefined,
  random: number,
): number {
  // A little jitter on top of what the server asks for, so that many clients do not return at the same moment.
  if (retryAfter !== undefined) return retryAfter + random * 100;
  // Pocket ID <= 2.9 refills one request a second and sends no Retry-After.
  const base = status === 429 ? rateLimitDelayMs : baseDelayMs;
  const ceiling = Math.min(maximumDelayMs, base * 2 ** (attempt - 1));
  return status === 429 ? ceiling * (1 + random / 2) : ceiling * (0.5 + random / 2);
}
