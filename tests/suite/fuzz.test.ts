import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { argumentsFor } from "../support/arbitrary-arguments.ts";
import { type Connected, connect } from "../support/connect.ts";

const tools = servers.flatMap((server) => server.tools);
/** Calls of one tool, and milliseconds for all of them, at the most. */
const runs = 30;
const timeLimit = 3_000;
/** Milliseconds that one call may take. */
const longest = 5_000;

let mcp: Connected;
afterEach(() => mcp.close());

/** What any tool may ask besides what it declares: which version runs. */
const always = [
  "GET /api/version/current",
  "GET /.well-known/openid-configuration",
  "GET /api/application-configuration",
];

function sentOutside(routes: readonly string[]): string[] {
  const patterns = [...routes, ...always].map((route) => new RegExp(`^${route.replace(/:\w+/g, "[^/]+")}$`));
  const sent = mcp.sandbox.requests.map(({ method, path }) => `${method} ${path}`);
  return sent.filter((request) => !patterns.some((pattern) => pattern.test(request)));
}

describe("whatever a model gives as arguments", () => {
  it.each(tools.map((tool) => [tool.name, tool] as const))("%s answers", async (name, tool) => {
    mcp = await connect([tool], { env: { LOG_LEVEL: "silent" } });
    const { tools: listed } = await mcp.client.listTools();
    const [{ inputSchema } = { inputSchema: {} }] = listed;
    await fc.assert(
      fc.asyncProperty(argumentsFor(inputSchema), async (given) => {
        const started = performance.now();
        const text = await answerTo(name, given);
        expect(text).not.toMatch(/inside this server|undefined|\[object Object\]|\bat .*\.ts:/);
        expect(performance.now() - started).toBeLessThan(longest);
        expect(sentOutside(tool.routes)).toEqual([]);
      }),
      { numRuns: runs, interruptAfterTimeLimit: timeLimit },
    );
  });
});

/** The text of an error, whether the server or the protocol made it; empty for an answer. */
async function answerTo(name: string, given: unknown): Promise<string> {
  try {
    const { isError, text } = await mcp.call(name, given as Record<string, unknown>);
    return isError ? text : "";
  } catch (error) {
    // Arguments that are no object do not get as far as a tool.
    if (typeof given === "object" && given !== null && !Array.isArray(given)) throw error;
    return "";
  }
}
