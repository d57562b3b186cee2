import { setTimeout as sleep } from "node:timers/promises";

/** What tells that something is not wanted any more: an `AbortSignal`, or the lighter `Canceller`. */
export interface Cancellation extends Pick<AbortSignal, "aborted" | "reason" | "throwIfAborted"> {
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * An `AbortController` and its signal in one, for what is made with each call and hardly ever used: Node.js makes an event target of each signal,
 * and listens through it, for what is a tenth of a call.
 */
export class Canceller implements Cancellation {
  aborted = false;
  reason: unknown;
  readonly #listeners = new Set<() => void>();

  get signal(): Cancellation {
    return this;
  }

  /** @param reason what `throwIfAborted` throws */
  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  addEventListener(_: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

/** The same for what takes an `AbortSignal` alone. */
export function abortSignalOf(cancellation: Cancellation): AbortSignal {
  if (cancellation instanceof AbortSignal) return cancellation;
  const controller = new AbortController();
  const abort = (): void => controller.abort(cancellation.reason);
  if (cancellation.aborted) abort();
  else cancellation.addEventListener("abort", abort);
  return controller.signal;
}

/**
 * Waits so many milliseconds.
 * @throws {Error} an `AbortError` once it is cancelled
 */
export const pause = (ms: number, signal: Cancellation | undefined): Promise<void> =>
  sleep(ms, undefined, signal === undefined ? {} : { signal: abortSignalOf(signal) });
