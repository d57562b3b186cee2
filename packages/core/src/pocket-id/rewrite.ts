import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import { PocketIdError } from "./errors.ts";
import { delayBeforeNext } from "./send.ts";

/** What it takes to change something that Pocket ID replaces as a whole. */
export interface RewriteSteps<T, R> {
  /** Names what is changed: changes of the same thing wait for each other, or the later one would undo the earlier. */
  readonly key: string;
  read(): Promise<T>;
  /**
   * How to write what it should become; undefined if it is that already. The request must not be repeated by itself: `once`.
   * @param again whether it was tried before, and may have been carried out
   */
  change(current: T, again: boolean): (() => Promise<R>) | undefined;
}

/** What a rewrite did. */
export interface Rewritten<T, R> {
  readonly before: T;
  /** What Pocket ID holds now, read after the change. */
  readonly after: T;
  /** What writing brought; undefined if nothing had to be written. */
  readonly written: R | undefined;
}

/**
 * Reads, changes and writes back. A write that failed in a way that passes is not sent again as it was: by then, somebody else may have
 * changed what it would replace. It is read again first, which also shows whether the write was carried out after all.
 */
export function rewrite<T, R>(connection: Connection, steps: RewriteSteps<T, R>): Promise<Rewritten<T, R>> {
  return connection.inTurn(steps.key, async () => {
    const started = performance.now();
    const before = await steps.read();
    let current = before;
    for (let attempts = 1; ; attempts++) {
      const write = steps.change(current, attempts > 1);
      if (write === undefined) return { before, after: current, written: undefined };
      try {
        const written = await write();
        return { before, after: await steps.read(), written };
      } catch (error) {
        const delay = isAboutWrite(error) ? delayBeforeNext("PUT", error, attempts) : undefined;
        if (delay === undefined || performance.now() - started + delay > connection.deadlineMs) throw error;
        await sleep(delay, undefined, connection.signal === undefined ? {} : { signal: connection.signal });
        current = await steps.read();
      }
    }
  });
}

const isAboutWrite = (error: unknown): boolean => error instanceof PocketIdError && error.route.startsWith("PUT ");
