import * as z from "zod";
import { oncePer } from "../once-per.ts";
import type { Connection } from "./connection.ts";
import { type ListOptions, listQuery } from "./list-query.ts";
import { collection } from "./objects/collection.ts";
import { type Page, walk } from "./paginate.ts";
import type { RequestOptions } from "./request.ts";
import type { Route } from "./versions.ts";

/** What walking over a whole list takes. */
export interface AllOptions extends Omit<ListOptions, "page" | "limit"> {
  /** Told after each page: items so far, items in all. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A list of Pocket ID. */
export interface List<T> {
  /** One page: 20 items if no limit is given. A page past the end is empty. */
  list(options?: ListOptions): Promise<Page<T>>;
  /**
   * Everything, page by page while it is consumed. As many pages are requested at a time as the server answers best, eight at the most;
   * where it limits the rate of requests, the walk slows down.
   */
  all(options?: AllOptions): AsyncGenerator<T, void, undefined>;
}

export interface ListDefinition<T extends z.ZodType> {
  route: Route;
  item: T;
  id(item: z.output<T>): string;
  /** Sort where none is asked for: Pocket ID has no order of its own, so pages could overlap without one. */
  defaultSort: { sort: string; direction?: "asc" | "desc" };
  params?: RequestOptions["params"];
}

const largestPage = 100;

/** A page as Pocket ID sends it. */
const envelopeOf = oncePer(<T extends z.ZodType>(item: T) =>
  z.object({
    data: collection(item),
    pagination: z.object({ totalPages: z.int(), totalItems: z.int(), currentPage: z.int() }),
  }),
);

export function listOf<T extends z.ZodType>(
  connection: Connection,
  { route, item, id, defaultSort, params }: ListDefinition<T>,
): List<z.output<T>> {
  const list = async (options: ListOptions = {}, paced = false): Promise<Page<z.output<T>>> => {
    const usual = options.sort === undefined ? defaultSort : { sort: options.sort };
    // Without a direction, Pocket ID does not sort at all by what it counts itself, such as userCount.
    const direction = options.direction ?? usual.direction ?? "asc";
    const query = listQuery({ limit: 20, ...options, sort: usual.sort, direction });
    const { data, pagination } = await connection.json(route, envelopeOf(item), {
      query,
      paced,
      ...(params ? { params } : {}),
    });
    const page = options.page ?? 1;
    return {
      // Pocket ID answers a page past the end with the last page again.
      items: pagination.currentPage === page ? data : [],
      page,
      totalPages: pagination.totalPages,
      totalItems: pagination.totalItems,
    };
  };

  return {
    list: (options) => list(options),
    all: ({ onProgress, ...options } = {}) =>
      walk({
        fetch(page, pass) {
          // PostgreSQL puts what a sort makes equal in another order on each page: the second pass goes by what is unique.
          const order = pass === 1 ? {} : { sort: undefined, direction: undefined };
          return list({ ...options, ...order, page, limit: largestPage }, true);
        },
        id,
        patienceMs: connection.deadlineMs,
        signal: connection.signal,
        onProgress,
      }),
  };
}
