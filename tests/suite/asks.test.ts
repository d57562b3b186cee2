import { describe, expect, it } from "vitest";
import * as z from "zod";
import { tools as clientTools } from "../../packages/clients/src/tools.ts";
import { servers } from "../../scripts/servers.ts";

const tools = servers.flatMap((server) => server.tools);

/** Every argument of a tool, also those inside others, by name. */
function argumentsIn(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(argumentsIn);
  const properties = "properties" in schema && typeof schema.properties === "object" ? (schema.properties ?? {}) : {};
  return [...Object.keys(properties), ...Object.values(schema).flatMap(argumentsIn)];
}

/** What an argument could be called that says yes in the place of a person. */
const standIn =
  /^(?:i_?)?(?:confirm|yes|sure|force|approve|allow$|agree|accept|acknowledge|understand|consent$|proceed|really|override|skip_?(?:confirm|question|check|ask)|no_?(?:confirm|question|ask)|answer|reply|input_?response|request_?state|auto)/i;

describe("every tool", () => {
  it.each(tools.map((tool) => [tool.name, tool] as const))(
    "%s asks a person exactly if it is dangerous",
    (_name, tool) => {
      expect(tool.asks !== undefined).toBe(tool.risk === "danger");
      // It goes on where the tool reference says "Asks a person first, …".
      if (tool.asks !== undefined) expect(tool.asks.when).toMatch(/^(?:always|when .*[^.])$/);
    },
  );

  it.each(tools.map((tool) => [tool.name, tool] as const))(
    "%s has no argument that could stand in for the person",
    (_name, tool) => {
      expect(argumentsIn(z.toJSONSchema(tool.input, { io: "input" })).filter((name) => standIn.test(name))).toEqual([]);
    },
  );

  it("would be found out by that", () => {
    const [tool] = clientTools;
    if (tool === undefined) throw new Error("there is no tool");
    const input = tool.input.extend({
      options: z.array(z.object({ confirmed: z.boolean() })),
      skipConsent: z.boolean(),
    });
    const found = argumentsIn(z.toJSONSchema(input, { io: "input" }));
    expect(found).toEqual(expect.arrayContaining(["options", "confirmed", "skipConsent"]));
    expect(found.filter((name) => standIn.test(name))).toEqual(["confirmed"]);
  });
});
