import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Lines without what is another one each time. */
const steady = (text: string): string[] =>
  text
    .replace(/secret \S{4}…/g, "secret ????…")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

it("the demo holds all of its checks, and prints what the README shows of it", () => {
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--conditions=@pocketid-mcp/source", "--import", "tsx", "scripts/demo.ts"],
    { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
  expect(stdout).toMatch(/(\d+) of \1 checks held/);
  expect(status).toBe(0);
  const [, excerpt = ""] = /```text\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, "utf8")) ?? [];
  const printed = steady(stdout);
  for (const paragraph of excerpt.split("\n\n")) {
    const lines = steady(paragraph);
    expect(lines.length).toBeGreaterThan(1);
    const from = printed.indexOf(lines[0] ?? "");
    expect(printed.slice(from, from + lines.length)).toEqual(lines);
  }
});
