import type { LineAt, Some, Verification } from "./verify.ts";

/** What a chain cannot show. */
export const notCovered =
  "A chain shows what was altered, taken out, put in or moved. It does not show lines that were taken off its end, or a log that was written anew " +
  "from some line on by whoever may write it: keep the last digest elsewhere, and verify with it.";

/** Whether a log is as it was written, in one sentence. */
export function verdict({ ok, problem, problems }: Verification): string {
  if (ok || problem === undefined) return "The chain holds.";
  const others = problems > 1 ? ` Found after it: ${problems - 1} more.` : "";
  return `The chain does not hold: ${problem.file} line ${problem.line}: ${problem.reason}.${others}`;
}

/** What whoever reads a log should know of it besides: a sentence for each. */
export function remarks({ older, first, interrupted, loose, unfinished }: Verification): string[] {
  const said: [number, string][] = [
    [
      first === undefined ? 0 : older,
      `Lines of a version that kept no chain: ${older}. They are held since the chain began, at ${where(first)}.`,
    ],
    [
      interrupted.count,
      `Lines whose writing was interrupted, as by a kill or a full disk: ${named(interrupted)}. The lines behind them vouch for what is left.`,
    ],
    [loose.count, `Lines outside the chain, because their server could not lock the log: ${named(loose)}.`],
    [
      unfinished.count,
      `Calls that began to make a secret and did not end: ${named(unfinished)}. They are under way, or their server was killed; then there may be a secret that nobody knows.`,
    ],
  ];
  return said.flatMap(([count, text]) => (count > 0 ? [text] : []));
}

/** The report for a terminal. */
export function reportText(path: string, verification: Verification): string {
  const { files, lines, first, last } = verification;
  return [
    `${path}: ${verdict(verification)}`,
    `Files: ${files.join(", ")}`,
    `Lines of the chain: ${lines}${lines > 0 ? `, from ${where(first)} to ${where(last)}` : ""}`,
    `Last digest: ${last === undefined ? "none" : `${last.digest} (line ${last.seq} of the chain)`}`,
    ...remarks(verification),
    notCovered,
    "",
  ].join("\n");
}

const where = (at: LineAt | undefined): string => (at === undefined ? "" : `${at.file} line ${at.line}`);

const named = <T extends LineAt>({ count, first }: Some<T>): string =>
  `${count} (${first.map(where).join(", ")}${count > first.length ? ", …" : ""})`;
