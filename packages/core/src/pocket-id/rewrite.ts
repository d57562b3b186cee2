import { pause } from "./cancellation.ts";
import type { Connection } from "./connection.ts";
import { after, PocketIdError } from "./errors.ts";
import { delayBeforeNext } from "./send.ts";

/** What it takes to change something that Pocket ID replaces as a whole. */
export interface RewriteSteps<T, R, S = T> {
  /** Names what is changed: changes of the same thing wait for each other, or the later one would undo the earlier. */
  readonly key: string;
  /** What was seen of it before, when it was found by its name; read if left out. */
  readonly seen?: S | undefined;
  read(): Promise<T>;
  /**
   * How to write what it should become; undefined if it is that already. The request must not be repeated by itself: `once`.
   * @param again whether it was tried before, and may have been carried out
   */
  change(current: T, again: boolean): (() => Promise<R>) | undefined;
}

/** What a rewrite did. */
export interface Rewritten<T, R, S = T> {
  /** What it was when the call began. */
  readonly seen: S | T;
  /** What it was right before the first write. */
  readonly before: T;
  /** What it was when it was written on: not as before, if somebody else changed it while a write had to be repeated. */
  readonly based: T;
  /** What Pocket ID holds now, read after the change. */
  readonly after: T;
  /** What writing brought; undefined if nothing had to be written. */
  readonly written: R | undefined;
}

/**
 * Reads, changes and writes back. Pocket ID knows no "only if it is still so", so it is read right before it is written, whatever was seen of
 * it before: what somebody else changed until then is kept. A write that failed in a way that passes is not sent again as it was, for the
 * same reason. It is read again first, which also shows whether the write was carried out after all.
 */
export function rewrite<T, R, S = T>(
  connection: Connection,
  steps: RewriteSteps<T, R, S>,
): Promise<Rewritten<T, R, S>> {
  return connection.inTurn(steps.key, async () => {
    // Asked before the object is read, so that nothing comes between reading and writing it.
    await connection.requireKnownVersion();
    const started = performance.now();
    const seen = steps.seen ?? (await steps.read());
    const before = await steps.read();
    let current = before;
    for (let attempts = 1; ; attempts++) {
      const write = steps.change(current, attempts > 1);
      if (write === undefined) return { seen, before, based: current, after: current, written: undefined };
      try {
        const written = await write();
        return { seen, before, based: current, after: await after("The change was sent.", steps.read), written };
      } catch (error) {
        const delay = isAboutWrite(error) ? delayBeforeNext("PUT", error, attempts) : undefined;
        if (delay === undefined || performance.now() - started + delay > connection.deadlineMs) throw error;
        await pause(delay, connection.signal);
        current = await steps.read();
      }
    }
  });
}

const isAboutWrite = (error: unknown): boolean => error instanceof PocketIdError && error.route.startsWith("PUT ");
