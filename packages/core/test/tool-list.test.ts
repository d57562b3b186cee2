import { describe, expect, it } from "vitest";
import * as z from "zod";
import { listedSchema } from "../src/runtime/tool-list.ts";

const field = (schema: z.ZodType): unknown =>
  Object(listedSchema(z.strictObject({ field: schema }), "input").properties).field;

describe("what a tool list says of an argument", () => {
  it.each([
    ["a text", z.string().min(1).max(5).describe("Name"), { type: "string", description: "Name" }],
    ["a number in a range", z.int().min(1).max(100), { type: "integer" }],
    ["a text or null", z.string().nullable(), { type: ["string", "null"] }],
    ["one of some or null", z.enum(["a", "b"]).nullable(), { type: ["string", "null"], enum: ["a", "b", null] }],
    ["a list or null", z.array(z.string()).nullable(), { type: ["array", "null"], items: { type: "string" } }],
    [
      "a text, an object or null",
      z.union([z.string(), z.strictObject({ file: z.string() })]).nullable(),
      { type: ["string", "object", "null"], properties: { file: { type: "string" } }, required: ["file"] },
    ],
    [
      "two that cannot be one",
      z.union([z.object({ a: z.string() }), z.array(z.string())]),
      {
        anyOf: [
          { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
          { type: "array", items: { type: "string" } },
        ],
      },
    ],
    [
      "one of some or a number",
      z.union([z.enum(["a", "b"]), z.int()]),
      { anyOf: [{ type: "string", enum: ["a", "b"] }, { type: "integer" }] },
    ],
  ])("is as short as it can be: %s", (_what, schema, listed) => {
    expect(field(schema)).toEqual(listed);
  });

  it("closes what is at the top alone", () => {
    const inner = z.strictObject({ key: z.string() });
    expect(listedSchema(z.strictObject({ inner, many: z.array(inner) }), "input")).toEqual({
      type: "object",
      properties: {
        inner: { type: "object", properties: { key: { type: "string" } }, required: ["key"] },
        many: { type: "array", items: { type: "object", properties: { key: { type: "string" } }, required: ["key"] } },
      },
      required: ["inner", "many"],
      additionalProperties: false,
    });
  });

  it("keeps of what kind the values of a map are", () => {
    expect(field(z.record(z.string(), z.string()))).toEqual({
      type: "object",
      additionalProperties: { type: "string" },
    });
  });
});
