import { abortSignalOf, type Cancellation } from "./cancellation.ts";
import { Pace } from "./pace.ts";

/** One page of a list. */
export interface Page<T> {
  readonly items: T[];
  /** From 1. */
  readonly page: number;
  readonly totalPages: number;
  /** Items on all pages together. */
  readonly totalItems: number;
}

export interface WalkOptions<T> {
  /** Fetches one page, from 1; in the second pass, where there is one, in an order without ties. */
  fetch(page: number, pass: number): Promise<Page<T>>;
  /** What tells one item from another. */
  id(item: T): string;
  /** Pages at the most that are requested, or wait to be consumed. */
  ahead?: number;
  /** Milliseconds without any page, because the server says that there are too many requests, after which the walk is given up. */
  patienceMs?: number;
  /** Cancels the walk while it waits for the server. */
  signal?: Cancellation | undefined;
  /** Told after each page: items so far, items in all. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Pages of a list that are asked for at the most. */
const mostPages = 10_000;

/**
 * Walks over everything in a list, each item once.
 *
 * Goes by `totalPages`, because Pocket ID answers a page past the end with the last page again. Items that move between pages while
 * the walk is under way, or have the same place in its order, come twice or not at all: doubles are left out, and a walk that comes out short
 * is done once more.
 *
 * Items come in the order of their pages, whichever page is answered first. Of what has been, only the ids are kept.
 */
export async function* walk<T>({
  fetch,
  id,
  ahead = 8,
  patienceMs = 50_000,
  signal,
  onProgress,
}: WalkOptions<T>): AsyncGenerator<T, void, undefined> {
  const seen = new Set<string>();
  const over = new AbortController();
  const ends = signal === undefined ? over.signal : AbortSignal.any([abortSignalOf(signal), over.signal]);
  const pace = new Pace({ most: ahead, patienceMs, signal: ends });
  try {
    for (let pass = 1; pass <= 2; pass++) {
      let totalPages = 1;
      let totalItems = 0;
      let next = 1;
      const underWay: Promise<Page<T>>[] = [];
      while (underWay.length > 0 || next <= totalPages) {
        while (underWay.length < ahead && next <= totalPages) {
          const number = next++;
          underWay.push(quietly(pace.run(() => fetch(number, pass))));
        }
        const page = await underWay.shift();
        if (page === undefined) break;
        totalItems = page.totalItems;
        totalPages = Math.min(page.totalPages, mostPages);
        // A set grows by what it does not hold yet.
        const fresh = page.items.filter((item) => seen.size < seen.add(id(item)).size);
        onProgress?.(seen.size, totalItems);
        yield* fresh;
        // Whatever it says of its pages, nothing more comes of a list that repeats itself.
        if (page.items.length === 0 || (pass === 1 && fresh.length === 0) || seen.size >= totalItems) break;
      }
      if (seen.size >= totalItems) return;
    }
  } finally {
    // A page that waits for the server is not asked for any more.
    over.abort();
  }
}

/** A page fetched ahead may fail after nobody waits for it any more. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
