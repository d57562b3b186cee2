import { tooManyRequests } from "../refusals.ts";
import type { Has } from "../versions.ts";

export interface Limit {
  readonly perSecond: number;
  readonly burst: number;
}

export type LimitedRoute =
  | "signup"
  | "one-time-access-token"
  | "one-time-access-email"
  | "send-email-verification"
  | "verify-email";

type Policies = Readonly<Record<"api" | LimitedRoute, Limit>>;

const every = (seconds: number, burst: number): Limit => ({ perSecond: 1 / seconds, burst });

/** Pocket ID >= 2.10. */
const GENEROUS: Policies = {
  api: { perSecond: 100, burst: 300 },
  signup: every(30, 10),
  "one-time-access-token": every(10, 5),
  "one-time-access-email": every(300, 5),
  "send-email-verification": every(300, 1),
  "verify-email": every(10, 5),
};

/** Pocket ID <= 2.9: one request a second, after the burst. */
const STRICT: Policies = {
  api: every(1, 100),
  signup: every(60, 10),
  "one-time-access-token": every(10, 5),
  "one-time-access-email": every(600, 3),
  "send-email-verification": every(600, 3),
  "verify-email": every(10, 5),
};

export type RateLimiter = (route: LimitedRoute | undefined) => void;

/** `true`: what this version really does, loopback included (which versions up to 2.12 exempt). */
export function rateLimiter(setting: boolean | Limit, has: Has): RateLimiter {
  if (setting === false) return () => {};
  if (setting !== true) {
    const take = bucket(setting);
    return () => take();
  }
  const policies = has("highRateLimit") ? GENEROUS : STRICT;
  // Pocket ID <= 2.2: bursts of 60.
  const general = bucket(has("keysRefusedForKeys") ? policies.api : { ...policies.api, burst: 60 });
  const buckets = new Map<string, () => void>();
  return (route) => {
    general();
    if (route === undefined) return;
    const take = buckets.get(route) ?? bucket(policies[route]);
    buckets.set(route, take);
    take();
  };
}

/** A token bucket; an empty one refuses with the seconds until the next token. */
function bucket({ perSecond, burst }: Limit): () => void {
  let tokens = burst;
  let filledAt = performance.now();
  return () => {
    const at = performance.now();
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond);
    filledAt = at;
    if (tokens < 1) throw tooManyRequests(Math.max(1, Math.ceil((1 - tokens) / perSecond)));
    tokens -= 1;
  };
}
