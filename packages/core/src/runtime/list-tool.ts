import * as z from "zod";
import type { List } from "../pocket-id/list.ts";
import { type Selection, select } from "../pocket-id/select.ts";
import type { Feature, Route } from "../pocket-id/versions.ts";
import { defineTool, type Remarks, type Tool, type ToolContext } from "./define-tool.ts";
import type { Resolved } from "./reference-arguments.ts";
import { orderOf, sortField } from "./sort-argument.ts";

/** Where the rows of a list tool come from. */
export interface Source<T> {
  readonly list: Pick<List<T>, "list" | "all">;
  /** Filters that Pocket ID itself applies. */
  readonly filters?: Readonly<Record<string, string | boolean | undefined>>;
  /** A filter that Pocket ID lacks: computed in one bounded walk. */
  readonly matches?: ((item: T) => boolean | Promise<boolean>) | undefined;
  /** Turns items into rows; as they are, if left out. */
  readonly toRows?: (items: readonly T[]) => Promise<readonly object[]> | readonly object[];
  /** What a person should know of this list. */
  readonly notes?: readonly string[];
}

export interface ListToolDefinition<T extends object, F extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Where the rows stand in the answer, such as `users`. */
  readonly rows: string;
  /** Everything that a row can hold. */
  readonly row: z.ZodRawShape;
  /** What a row holds where not all is asked for: enough to recognise and pick one. Left out where rows are short as they are. */
  readonly short?: readonly string[];
  /** Where Pocket ID searches, in words such as `in the name`; left out where it cannot. */
  readonly searches?: string;
  /** Columns that Pocket ID sorts by; it ignores any other without a word. */
  readonly sortable: readonly string[];
  /** Those among them that not every version knows. */
  readonly newerSorts?: Readonly<Record<string, Feature>>;
  readonly filters: F;
  readonly routes: readonly Route[];
  source(values: Resolved<z.output<z.ZodObject<F>>>, context: ToolContext): Source<T> | Promise<Source<T>>;
}

/** Rows of a page where no limit is given. */
export const rowsPerPage = 100;

/** How much of a list is answered. */
export const pagingFields = {
  page: z.int().min(1).max(1_000_000).optional().describe("From 1"),
  limit: z.int().min(1).max(100).optional().describe("Max 100"),
  all: z.boolean().optional().describe("All pages"),
  full: z.boolean().optional().describe("All fields"),
};

const Paging = z.object({ ...pagingFields, search: z.string().optional(), sort: z.string().optional() });

/** What every list tool answers besides its rows. */
export const pageFields = {
  page: z.int(),
  /** All that match. */
  totalItems: z.int(),
  hasMore: z.boolean(),
};

/** Declares a tool that lists objects: paging, search, sort, filters, everything at once, short and full rows. */
export function defineListTool<T extends object, const F extends z.ZodRawShape>(
  definition: ListToolDefinition<T, F>,
): Tool {
  const { rows, row, searches, sortable, newerSorts = {}, filters, short } = definition;
  const { full, ...paging } = pagingFields;
  return defineTool({
    name: definition.name,
    title: definition.title,
    description: definition.description,
    risk: "read",
    input: {
      ...(searches === undefined ? {} : { search: z.string().max(200).optional().describe(searches) }),
      ...filters,
      sort: sortField(sortable),
      ...paging,
      ...(short === undefined ? {} : { full }),
    },
    output: { [rows]: z.array(z.object(row).partial()), ...pageFields },
    routes: definition.routes,
    async run(values, context) {
      const paging = Paging.parse(values);
      const needed = newerSorts[orderOf(paging.sort).sort ?? ""];
      if (needed !== undefined) await context.pocketId.require(needed, "sort");
      // The filters are among the values that the input schema has read; TypeScript cannot see them through the spread.
      const source = await definition.source(values as unknown as Resolved<z.output<z.ZodObject<F>>>, context);
      const picked = await pick(source, paging, context);
      const whole = (await source.toRows?.(picked.items)) ?? picked.items;
      const shown = paging.full || short === undefined ? whole : shortRows(whole, short);
      const { page, totalItems, hasMore } = picked;
      const notes = [
        ...(paging.search !== undefined && totalItems === 0 ? [`The search looks ${searches}, each by itself.`] : []),
        ...(source.notes ?? []),
        ...(remarksOn(picked).notes ?? []),
        ...(picked.missing > 0 ? [`Pocket ID counts ${picked.missing} more than it lists: look again.`] : []),
      ];
      return { [rows]: shown, page, totalItems, hasMore, ...(notes.length > 0 ? { notes } : {}) } as never;
    },
  });
}

async function pick<T extends object>(
  { list, filters, matches }: Source<T>,
  { search, sort, all = false, page = 1, limit = rowsPerPage }: z.output<typeof Paging>,
  { onProgress }: ToolContext,
): Promise<Selection<T> & { missing: number }> {
  const query = { search, ...orderOf(sort), filters };
  if (all || matches !== undefined) {
    let counted = 0;
    const items = list.all({
      ...query,
      onProgress(done, total) {
        counted = total;
        onProgress(done, total);
      },
    });
    const picked = await select(items, { matches: matches ?? (() => true), ...(all ? {} : { page, limit }) });
    if (picked.complete) return { ...picked, missing: counted - picked.lookedAt };
    // Where no filter of ours says otherwise, Pocket ID's own count holds beyond what was looked at.
    return { ...picked, ...(matches === undefined ? { totalItems: counted, hasMore: true } : {}), missing: 0 };
  }
  const { items, totalItems } = await list.list({ ...query, page, limit });
  const hasMore = page * limit < totalItems;
  const expected = Math.max(0, Math.min(limit, totalItems - (page - 1) * limit));
  return { items, page, totalItems, hasMore, lookedAt: items.length, complete: true, missing: expected - items.length };
}

/** Rows with these fields alone. */
export const shortRows = <T extends object>(rows: readonly T[], fields: readonly string[]): Partial<T>[] =>
  rows.map((row) => Object.fromEntries(Object.entries(row).filter(([field]) => fields.includes(field))) as Partial<T>);

/** What a person should know of a walk that was stopped before the end. */
export const remarksOn = ({ complete, lookedAt }: Pick<Selection<unknown>, "complete" | "lookedAt">): Remarks =>
  complete ? {} : { notes: [`Stopped after ${lookedAt} entries: there may be more that match. Narrow it down.`] };
