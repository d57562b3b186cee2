import { type Answer, ok } from "./answer.ts";
import type { Call } from "./call.ts";

type Cell = string | number | boolean | null;

/** The columns of one list, by the names that Pocket ID gives them in queries. */
export interface Columns<T> {
  readonly sort: Readonly<Record<string, (row: T) => Cell>>;
  readonly filter?: Readonly<Record<string, (row: T) => Cell>>;
}

type FilterValue = string | number | boolean;

export interface ListRequest {
  readonly page: number;
  readonly limit: number;
  readonly sortColumn: string;
  readonly sortDirection: string;
  readonly filters: ReadonlyMap<string, readonly FilterValue[]>;
}

/**
 * Pocket ID binds page, limit and sort in this order and stops at the first bad number; whatever comes after it is
 * dropped without a word, the filters always.
 */
export function listRequest(query: URLSearchParams): ListRequest {
  const page = wholeNumber(query.get("pagination[page]"));
  const limit = page === undefined ? undefined : wholeNumber(query.get("pagination[limit]"));
  const complete = limit !== undefined;
  return {
    page: page ?? 0,
    limit: limit ?? 0,
    sortColumn: complete ? (query.get("sort[column]") ?? "") : "",
    sortDirection: complete ? (query.get("sort[direction]") ?? "") : "",
    filters: complete ? filtersOf(query) : new Map(),
  };
}

/** One page of the rows, each as `view` shows it. Without a sort the rows keep the order in which they were created. */
export function listAnswer<T>(call: Call, rows: readonly T[], columns: Columns<T>, view: (row: T) => unknown): Answer {
  const request = listRequest(call.query);
  return pageAnswer(request, sorted(filtered(rows, request, columns), request, columns), view);
}

export function pageAnswer<T>(request: ListRequest, rows: readonly T[], view: (row: T) => unknown): Answer {
  const itemsPerPage = request.limit < 1 ? 20 : Math.min(request.limit, 100);
  const totalPages = Math.max(1, Math.ceil(rows.length / itemsPerPage));
  // Pocket ID >= 1.14: the page after the last one is the last one again.
  const currentPage = Math.min(Math.max(request.page, 1), totalPages);
  const start = (currentPage - 1) * itemsPerPage;
  return ok({
    data: rows.slice(start, start + itemsPerPage).map(view),
    pagination: { totalPages, totalItems: rows.length, currentPage, itemsPerPage },
  });
}

export function filtered<T>(rows: readonly T[], request: ListRequest, { filter = {} }: Columns<T>): readonly T[] {
  return Object.entries(filter).reduce((left, [column, cell]) => {
    const values = request.filters.get(column);
    return values === undefined ? left : left.filter((row) => values.some((value) => sameInSql(cell(row), value)));
  }, rows);
}

export function sorted<T>(
  rows: readonly T[],
  { sortColumn, sortDirection }: ListRequest,
  { sort }: Columns<T>,
): readonly T[] {
  const cell = sort[lowerFirst(sortColumn)];
  if (cell === undefined) return rows;
  const sign = isDirection(sortDirection) && normalDirection(sortDirection) === "desc" ? -1 : 1;
  return rows.toSorted((a, b) => sign * compared(cell(a), cell(b)));
}

/** Sorts that Pocket ID computes itself want a direction that is spelled out; without one they are ignored. */
export function isDirection(text: string): boolean {
  return ["asc", "desc"].includes(normalDirection(text));
}

const normalDirection = (text: string): string => text.trim().toLowerCase();

/** LIKE %term% of SQLite: % and _ are wildcards, ASCII case does not matter. */
export function searched<T>(
  rows: readonly T[],
  term: string | null,
  ...cells: ((row: T) => string | null)[]
): readonly T[] {
  if (term === null || term === "") return rows;
  const pattern = asciiLower(term)
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("%", ".*")
    .replaceAll("_", ".");
  const expression = new RegExp(pattern, "su");
  return rows.filter((row) =>
    cells.some((cell) => {
      const content = cell(row);
      return content !== null && expression.test(asciiLower(content));
    }),
  );
}

const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function filtersOf(query: URLSearchParams): Map<string, FilterValue[]> {
  const filters = new Map<string, FilterValue[]>();
  for (const [key, value] of query) {
    const field = /^filters\[([^\]]+)\]/.exec(key)?.[1];
    if (field === undefined) continue;
    const name = lowerFirst(field);
    filters.set(name, [...(filters.get(name) ?? []), converted(value)]);
  }
  return filters;
}

/** Pocket ID turns what looks like a boolean or a number into one before it asks the database. */
function converted(value: string): FilterValue {
  const trimmed = value.trim();
  if (trimmed === "true") return true;
  if (trimmed === "false") return false;
  if (/^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?)$/.test(trimmed)) return Number(trimmed);
  return trimmed;
}

/** Comparison of a column with a value as SQLite does it: a text column compares texts, a boolean one numbers. */
function sameInSql(cell: Cell, value: FilterValue): boolean {
  if (cell === null) return false;
  if (typeof cell === "string") return cell === (typeof value === "boolean" ? String(Number(value)) : String(value));
  return typeof value !== "string" && Number(cell) === Number(value);
}

function compared(a: Cell, b: Cell): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}

function wholeNumber(text: string | null): number | undefined {
  if (text === null || text === "") return 0;
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
