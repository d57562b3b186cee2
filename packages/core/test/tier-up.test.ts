import { describe, expect, it } from "vitest";
import * as z from "zod";
import { tierUp } from "../src/tier-up.ts";

const usedOften = <T extends z.ZodType>(schema: T): T => {
  for (let times = 1; times < 32; times++) expect(tierUp(schema)).toBe(schema);
  return tierUp(schema);
};

describe("a schema that is used often", () => {
  it("is compiled, once", () => {
    const schema = z.object({ a: z.string() });
    const compiled = usedOften(schema);
    expect(compiled).not.toBe(schema);
    expect(tierUp(schema)).toBe(compiled);
  });

  it("reads and refuses as before", () => {
    const schema = z.strictObject({ a: z.string().default("b"), n: z.int().optional() });
    const compiled = usedOften(schema);
    expect(compiled.parse({ n: 1 })).toEqual({ a: "b", n: 1 });
    const [before, after] = [schema, compiled].map((one) => one.safeParse({ n: 1.5, x: 1 }, { reportInput: true }));
    expect(after?.error?.issues).toEqual(before?.error?.issues);
    expect(after?.error?.issues).toHaveLength(2);
  });

  it("stays as it is where it cannot be compiled", () => {
    const schema = z.object({ a: z.string().refine(async () => true) });
    expect(usedOften(schema)).toBe(schema);
  });
});
