/** Tells the story of the demo in plain text, and keeps count of its checks. */
export interface Narrator {
  chapter(title: string, text: string): void;
  /** What somebody asks for. */
  says(text: string): void;
  called(server: string, tool: string, args: unknown): void;
  /** What a server asks the person, and what they say. */
  asked(question: string, answer: string): void;
  outcome(text: string): void;
  check(text: string, holds: boolean): void;
  /** Checks that did not hold. */
  failures(): number;
  checks(): number;
}

const width = 100;
const colors = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number) => (text: string) => (colors ? `\u001B[${code}m${text}\u001B[0m` : text);
const [bold, dim, green, red, cyan, yellow] = [paint(1), paint(2), paint(32), paint(31), paint(36), paint(33)];

export function narrator(print: (line: string) => void): Narrator {
  let chapters = 0;
  let held = 0;
  let failed = 0;
  return {
    chapter(title, text) {
      print("");
      print(bold(`${++chapters}. ${title}`));
      for (const line of wrap(text, width - 3)) print(`   ${line}`);
    },
    says(text) {
      print("");
      for (const line of wrap(`“${text}”`, width - 3)) print(`   ${line}`);
    },
    called(server, tool, args) {
      print(`   ${cyan("▸")} ${dim(`${server}:`)} ${bold(tool)} ${dim(shorten(JSON.stringify(args)))}`);
    },
    asked(question, answer) {
      const [first = "", ...others] = wrap(question, width - 9);
      print(`     ${yellow("?")} ${first}`);
      for (const line of others) print(`       ${line}`);
      print(`       ${bold(answer)}`);
    },
    outcome(text) {
      for (const line of wrap(text, width - 7)) print(`       ${line}`);
    },
    check(text, holds) {
      if (holds) held++;
      else failed++;
      print(`     ${holds ? green("✓") : red("✗")} ${text}`);
    },
    failures: () => failed,
    checks: () => held + failed,
  };
}

const shorten = (text: string): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + word.length + 1 > columns) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}
