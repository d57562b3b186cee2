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
  /** Pages requested at the same time at the most. */
  ahead?: number;
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
 */
export async function* walk<T>({
  fetch,
  id,
  ahead = 3,
  onProgress,
}: WalkOptions<T>): AsyncGenerator<T, void, undefined> {
  const seen = new Set<string>();
  for (let pass = 1; pass <= 2; pass++) {
    let totalPages = 1;
    let totalItems = 0;
    let next = 1;
    const underWay: Promise<Page<T>>[] = [];
    while (underWay.length > 0 || next <= totalPages) {
      while (underWay.length < ahead && next <= totalPages) underWay.push(quietly(fetch(next++, pass)));
      const page = await underWay.shift();
      if (page === undefined) break;
      totalItems = page.totalItems;
      totalPages = Math.min(page.totalPages, mostPages);
      const fresh = page.items.filter((item) => !seen.has(id(item)));
      for (const item of fresh) seen.add(id(item));
      onProgress?.(seen.size, totalItems);
      yield* fresh;
      // Whatever it says of its pages, nothing more comes of a list that repeats itself.
      if (page.items.length === 0 || (pass === 1 && fresh.length === 0) || seen.size >= totalItems) break;
    }
    if (seen.size >= totalItems) return;
  }
}

/** A page fetched ahead may fail after nobody waits for it any more. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
