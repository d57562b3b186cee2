/** Part of a selection. */
export interface Selection<T> {
  readonly items: T[];
  readonly page: number;
  /** All that match. */
  readonly totalItems: number;
  readonly hasMore: boolean;
  /** How many were looked at. */
  readonly lookedAt: number;
  /** False if the walk was stopped before the end. */
  readonly complete: boolean;
}

export interface SelectOptions<T> {
  matches(item: T): boolean | Promise<boolean>;
  /** From here on nothing can match any more, so the walk ends, complete. */
  past?(item: T): boolean;
  /** From 1. */
  page?: number | undefined;
  /** Items a page; all of them if left out. */
  limit?: number | undefined;
  /** Items that are looked at before the walk is stopped. */
  most?: number | undefined;
}

/** Items that a filter of ours looks at before it stops. */
export const mostLookedAt = 10_000;

/** Picks the items of a list that match something which Pocket ID itself cannot filter by, in one walk. */
export async function select<T>(
  items: AsyncIterable<T>,
  { matches, past, page = 1, limit = Number.POSITIVE_INFINITY, most = mostLookedAt }: SelectOptions<T>,
): Promise<Selection<T>> {
  const from = limit === Number.POSITIVE_INFINITY ? 0 : (page - 1) * limit;
  const picked: T[] = [];
  let totalItems = 0;
  let lookedAt = 0;
  let complete = true;
  for await (const item of items) {
    if (past?.(item)) break;
    if (lookedAt >= most) {
      complete = false;
      break;
    }
    lookedAt++;
    if (!(await matches(item))) continue;
    if (totalItems >= from && picked.length < limit) picked.push(item);
    totalItems++;
  }
  return { items: picked, page, totalItems, hasMore: from + picked.length < totalItems, lookedAt, complete };
}
