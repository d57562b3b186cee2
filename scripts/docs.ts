import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { contractOf } from "@pocketid-mcp/core/runtime";
import { answerExamples } from "./docs/answer-examples.ts";
import { coverage } from "./docs/coverage.ts";
import { settingsTable } from "./docs/settings-table.ts";
import { toolReference } from "./docs/tool-reference.ts";
import { servers } from "./servers.ts";

// Writes what is generated: contracts, tool reference, coverage, settings table. With --check it writes nothing and fails where something is stale.
const check = process.argv.includes("--check");
const root = new URL("../", import.meta.url);
const stale: string[] = [];

function write(path: string, content: string): void {
  if (read(path) === content) return;
  stale.push(path);
  if (check) return;
  mkdirSync(new URL(".", new URL(path, root)), { recursive: true });
  writeFileSync(new URL(path, root), content);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, root), "utf8");
  } catch {
    return undefined;
  }
}

/** Puts generated lines between two marks of a page that people write. */
function fill(path: string, mark: string, lines: string): void {
  const page = read(path) ?? "";
  const [begin, end] = [`<!-- ${mark}: generated, begin -->`, `<!-- ${mark}: generated, end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`${path} has no place for ${mark}.`);
  write(path, `${page.slice(0, from + begin.length)}\n\n${lines}\n\n${page.slice(to)}`);
}

const answers = await answerExamples();
for (const server of servers) {
  write(`packages/${server.name}/tools.json`, `${JSON.stringify(contractOf(server.tools), null, 2)}\n`);
  write(`docs/tools/${server.name}.md`, toolReference(server, answers));
}
write("docs/coverage.md", coverage(servers));
fill("README.md", "settings", settingsTable());

if (check && stale.length > 0) {
  console.error(`Stale: ${stale.join(", ")}. Run: npm run docs`);
  process.exitCode = 1;
} else {
  console.log(stale.length === 0 ? "Everything generated is up to date." : `Written: ${stale.join(", ")}`);
}
