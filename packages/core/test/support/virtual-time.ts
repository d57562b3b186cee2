import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import { vi } from "vitest";

/** Does something in a time that passes at once wherever everybody waits: minutes take milliseconds, and are the same each time. */
export async function inVirtualTime<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  const promised = vi.spyOn(timers, "setTimeout").mockImplementation(async (ms, _, { signal } = {}) => {
    signal?.throwIfAborted();
    let end = () => {};
    try {
      return await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        end = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", end);
      });
    } finally {
      signal?.removeEventListener("abort", end);
    }
  });
  syncBuiltinESMExports();
  // Chance is the same each time, too: that by which walks that share a server come off worst.
  let seed = 71_271;
  const random = vi.spyOn(Math, "random").mockImplementation(() => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  });
  try {
    let over = false;
    const done = work().finally(() => {
      over = true;
    });
    done.catch(() => undefined);
    while (!over) await vi.advanceTimersToNextTimerAsync();
    return await done;
  } finally {
    random.mockRestore();
    promised.mockRestore();
    syncBuiltinESMExports();
    vi.useRealTimers();
  }
}
