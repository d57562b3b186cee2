import { describe, expect, it } from "vitest";
import { counted, quoted, quotedSome } from "../src/runtime/confirm.ts";

describe("a name in a question", () => {
  it.each([
    ["alice", '"alice"'],
    ['" or everybody? "', "\"' or everybody? '\""],
    ["“x” «y» „z‟", "\"'x' 'y' 'z'\""],
    ["＂x＂ ″y″ ״z״ ❝", "\"'x' 'y' 'z' '\""],
    ["「x」 O’Neill", "\"'x' O'Neill\""],
    ["two\nlines\tand\u0000more", '"two lines andmore"'],
    ["\u202Egnp.exe", '"gnp.exe"'],
    ["a\u200B\u{E0041}b", '"ab"'],
    ["", '""'],
  ])("%j is %s", (name, expected) => {
    expect(quoted(name)).toBe(expected);
  });

  it("is cut where it would fill the screen", () => {
    expect(quoted("x".repeat(500))).toBe(`"${"x".repeat(64)}…"`);
  });

  it("is one of a few, and the rest is counted", () => {
    expect(quotedSome(["a", "b"])).toBe('"a", "b"');
    expect(quotedSome(["a", "b", "c", "d"], 2)).toBe('"a", "b" and 2 more');
  });
});

it.each([
  [0, "no client"],
  [1, "1 client"],
  [2, "2 clients"],
])("%i are %s", (count, expected) => {
  expect(counted(count, "client")).toBe(expected);
});
