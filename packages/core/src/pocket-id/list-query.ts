/** What every list of Pocket ID takes. */
export interface ListOptions {
  /** Text to look for, where the list can be searched. */
  search?: string | undefined;
  /** Page, from 1. */
  page?: number | undefined;
  /** Rows a page, 1 to 100 (Pocket ID cuts more to 100 without a word). */
  limit?: number | undefined;
  sort?: string | undefined;
  direction?: "asc" | "desc" | undefined;
  /** Values by field; a left-out value is no filter. */
  filters?: Readonly<Record<string, string | boolean | undefined>> | undefined;
}

/** The query string of a list request, with the brackets that Pocket ID reads. */
export function listQuery({ search, page, limit, sort, direction, filters = {} }: ListOptions): Record<string, string> {
  const query: Record<string, string> = {};
  if (search) query.search = search;
  if (page !== undefined) query["pagination[page]"] = String(page);
  if (limit !== undefined) query["pagination[limit]"] = String(limit);
  if (sort !== undefined) query["sort[column]"] = sort;
  if (direction !== undefined) query["sort[direction]"] = direction;
  for (const [field, value] of Object.entries(filters)) {
    if (value !== undefined) query[`filters[${field}]`] = String(value);
  }
  return query;
}
