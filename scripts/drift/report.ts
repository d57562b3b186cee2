import type { Difference } from "./compare.ts";

/** Rows of a table, and characters of a name, at the most: an issue takes 65,536 characters. */
const mostRows = 150;
const longestName = 100;

/** The differences as Markdown that is fit for an issue. */
export function report(
  differences: readonly Difference[],
  corrected: readonly Difference[],
  source: string,
  version: string,
): string {
  const title =
    differences.length === 0
      ? `# The API of Pocket ID is as ${version} has it`
      : `# The API of Pocket ID differs from ${version} in ${differences.length} ${differences.length === 1 ? "place" : "places"}`;
  return [
    title,
    `Compared with ${code(source)}. What to do: “When Pocket ID changes” in CONTRIBUTING.md.`,
    table(differences),
    corrected.length === 0
      ? ""
      : `These mistakes of the description are gone; take them out of \`scripts/drift/known.ts\`:\n\n${table(corrected)}`,
  ]
    .filter(Boolean)
    .join("\n\n");
}

function table(differences: readonly Difference[]): string {
  if (differences.length === 0) return "";
  const rows = differences
    .slice(0, mostRows)
    .map(
      ({ operation, field, change }) =>
        `| ${code(operation)} | ${field === undefined ? "" : code(field)} | ${code(change)} |`,
    );
  const more = differences.length - rows.length;
  const rest = more > 0 ? [`| … and ${more} more | | |`] : [];
  return ["| Operation | Field | Change |", "|---|---|---|", ...rows, ...rest].join("\n");
}

/** Plain characters in a code span, so that nothing in them is Markdown, a link or a mention. */
function code(text: string): string {
  const plain = text.replace(/[^\x20-\x7e→]|[`|\\]/g, "?");
  return `\`${plain.length > longestName ? `${plain.slice(0, longestName)}…` : plain}\``;
}
