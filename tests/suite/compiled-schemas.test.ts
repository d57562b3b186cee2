import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { contractOf } from "../../packages/core/src/runtime/tool-list.ts";
import { servers } from "../../scripts/servers.ts";
import { argumentsFor } from "../support/arbitrary-arguments.ts";

const tools = servers.flatMap((server) => server.tools);

/** What a schema makes of a value: as JSON, because the order of fields is seen there, too. */
function made(schema: z.ZodType, value: unknown): unknown {
  const { success, data, error } = schema.safeParse(value, { reportInput: true });
  return success ? JSON.stringify(data) : error.issues;
}

/** Whatever is read, by turns with the schema and with what zod compiles of it. */
function comparesAlike(schema: z.ZodType, values: fc.Arbitrary<unknown>): void {
  const compiled = z.compile(schema, { strict: true });
  fc.assert(
    fc.property(values, (value) => {
      const before = JSON.stringify(value);
      expect(made(compiled, value)).toEqual(made(schema, value));
      expect(JSON.stringify(value)).toBe(before);
    }),
    { numRuns: 200 },
  );
}

describe("what is read with a compiled schema", () => {
  it.each(tools.map((tool) => [tool.name, tool] as const))("%s: arguments are the same", (_, tool) => {
    const [{ inputSchema } = { inputSchema: {} }] = contractOf([tool]).tools;
    comparesAlike(tool.input, argumentsFor(inputSchema));
  });

  it.each(tools.map((tool) => [tool.name, tool] as const))("%s: answers are the same", (_, tool) => {
    const [{ outputSchema } = { outputSchema: {} }] = contractOf([tool]).tools;
    comparesAlike(tool.output, argumentsFor(outputSchema ?? {}));
  });
});
