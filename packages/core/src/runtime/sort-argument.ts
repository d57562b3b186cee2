import * as z from "zod";

/**
 * An argument that says by which column a list is sorted, and which way. A direction of its own would say nothing alone, and cost every list tool
 * some 18 tokens.
 * @param columns those that Pocket ID sorts by; it ignores any other without a word
 */
export const sortField = (columns: readonly string[]) =>
  z
    .string()
    .regex(
      new RegExp(`^(?:${columns.join("|")})(?: (?:asc|desc))?$`),
      `give ${columns.join(" or ")}, with desc behind it to turn it round`,
    )
    .optional()
    .describe(`${columns.join(", ")} [desc]`);

/** What such an argument asks for. */
export function orderOf(sort: string | undefined): { sort?: string; direction?: "asc" | "desc" } {
  const [column, direction] = sort?.split(" ") ?? [];
  return column === undefined ? {} : { sort: column, direction: direction === "desc" ? "desc" : "asc" };
}
