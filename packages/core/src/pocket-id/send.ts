import type { Dispatcher } from "undici";
import { type Answer, attempt } from "./attempt.ts";
import { type Cancellation, pause } from "./cancellation.ts";
import { isNotThere, isRateLimited, PocketIdError } from "./errors.ts";
import type { PreparedRequest } from "./request.ts";
import { isTransient, maximumRetries, mayRepeat, parseRetryAfter, retryDelay } from "./retry.ts";

export interface SendLimits {
  /** Milliseconds for one attempt. */
  readonly timeoutMs: number;
  /** Milliseconds for all attempts together, with the waits between them. */
  readonly deadlineMs: number;
  readonly signal: Cancellation | undefined;
}

/**
 * Sends a request, and again where that is safe and may help.
 * @throws {PocketIdError} of the last attempt
 */
export async function send(dispatcher: Dispatcher, request: PreparedRequest, limits: SendLimits): Promise<Answer> {
  const { timeoutMs, deadlineMs, signal } = limits;
  const started = performance.now();
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt(dispatcher, request, timeoutMs, signal);
    } catch (error) {
      if (attempts > 1 && isGone(request, error)) return { status: 204, headers: {}, body: undefined };
      const leftToOthers = request.once || (request.paced && isRateLimited(error));
      const delay = leftToOthers ? undefined : delayBeforeNext(request.method, error, attempts);
      if (delay === undefined || performance.now() - started + delay > deadlineMs) throw error;
      await pause(delay, signal);
    }
  }
}

/** The first DELETE was carried out and only its answer was lost: what was asked for holds. */
const isGone = ({ method }: PreparedRequest, error: unknown): boolean => method === "DELETE" && isNotThere(error);

/**
 * Milliseconds to wait before a request is tried again; undefined if it must not be, or would not help.
 * @param attempts how often it was tried
 */
export function delayBeforeNext(method: string, error: unknown, attempts: number): number | undefined {
  if (!(error instanceof PocketIdError) || attempts > maximumRetries || !mayRepeat(method)) return undefined;
  // A silent instance has had its time: another wait would outlast the patience of the client.
  const transient = error.status === null ? error.code === "connection_failed" : isTransient(error.status);
  if (!transient) return undefined;
  return retryDelay(attempts, error.status, parseRetryAfter(error.retryAfter ?? undefined, Date.now()), Math.random());
}
