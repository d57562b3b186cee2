import { type Cancellation, pause } from "./cancellation.ts";
import { isRateLimited } from "./errors.ts";
import { parseRetryAfter, retryDelay } from "./retry.ts";

export interface PaceOptions {
  /** Requests at the same time at the most. */
  readonly most: number;
  /** Milliseconds without an answer, because the server says that there are too many requests, after which they are given up. */
  readonly patienceMs: number;
  /** Ends the waiting. */
  readonly signal: Cancellation;
}

/** Requests at the same time before anything is known of the server. */
const atFirst = 3;
/** Milliseconds from one request to the next where one a second is let through: the rest is for others. */
const slowlyMs = 1_100;
/** Milliseconds without a request after 429, even where the server says 0, or a date that is over by our clock. */
const leastDelayMs = 1_000;

/**
 * Finds out how many requests a server answers best at the same time, and when it wants none: the rule by which TCP Vegas finds its window.
 * Against one request after the other it is worth whatever of the time goes into the way, up to `most` times, and on a server at hand
 * what a second core can do. A server that takes longer the more it is asked is asked for less.
 */
export class Pace {
  readonly #options: PaceOptions;
  #atOnce: number;
  #fastestMs = Number.POSITIVE_INFINITY;
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];
  /** When the next request may be sent, by `performance.now()`, and what lies between two. */
  #next = 0;
  #betweenMs = 0;
  #answeredAt = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#atOnce = Math.min(atFirst, options.most);
  }

  /** Sends a request when there is room for it, and again for as long as the server says that there are too many. */
  async run<T>(request: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    for (let attempts = 1; ; attempts++) {
      await this.#enter(attempts > 1);
      try {
        await this.#turn();
        const started = performance.now();
        const answer = await request();
        this.#follow(performance.now() - started);
        return answer;
      } catch (error) {
        this.#slowDown(error, begun);
      } finally {
        this.#leave();
      }
    }
  }

  /** Waits for room; those first who have waited for the server already. */
  async #enter(again: boolean): Promise<void> {
    if (this.#underWay < this.#atOnce) this.#underWay++;
    else await new Promise<void>((resolve) => (again ? this.#waiting.unshift(resolve) : this.#waiting.push(resolve)));
  }

  #leave(): void {
    this.#underWay--;
    while (this.#underWay < this.#atOnce) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#underWay++;
      next();
    }
  }

  /** After an answer that there are too many requests. @throws what it is given, if it is something else, or has lasted too long */
  #slowDown(error: unknown, begun: number): void {
    if (!isRateLimited(error)) throw error;
    const asked = parseRetryAfter(error.retryAfter ?? undefined, Date.now());
    // As after the first attempt: whoever waits ever longer gets nothing where others ask as well.
    const delay = Math.max(leastDelayMs, retryDelay(1, error.status, asked, Math.random()));
    const waitingSince = Math.max(begun, this.#answeredAt);
    if (performance.now() + delay - waitingSince > this.#options.patienceMs) throw error;
    // Pocket ID <= 2.9 does not say how long, and lets one a second through once its burst is used up.
    if (asked === undefined) this.#betweenMs = slowlyMs;
    this.#atOnce = asked === undefined ? 1 : Math.max(1, Math.floor(this.#atOnce / 2));
    this.#next = Math.max(this.#next, performance.now() + delay);
  }

  /** Waits until the next request may be sent. */
  async #turn(): Promise<void> {
    this.#options.signal.throwIfAborted();
    const now = performance.now();
    const turn = Math.max(now, this.#next);
    this.#next = turn + this.#betweenMs;
    if (turn > now) await pause(turn - now, this.#options.signal);
  }

  #follow(tookMs: number): void {
    this.#answeredAt = performance.now();
    this.#fastestMs = Math.min(this.#fastestMs, tookMs);
    if (this.#betweenMs === 0) this.#atOnce = nextAtOnce(this.#atOnce, tookMs, this.#fastestMs, this.#options.most);
  }
}

/**
 * Requests to have under way after an answer. What an answer takes longer than the fastest, it has waited for others: the requests that
 * wait are kept between one and two, so that the server always has something to do and nothing piles up.
 */
export function nextAtOnce(atOnce: number, tookMs: number, fastestMs: number, most: number): number {
  const waiting = atOnce * (1 - fastestMs / tookMs);
  if (waiting < 1) return Math.min(most, atOnce + 1);
  return waiting > 2 ? atOnce - 1 : atOnce;
}
