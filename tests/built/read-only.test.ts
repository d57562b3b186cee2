import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { contractOf } from "@pocketid-mcp/core/runtime";
import { startSandbox } from "@pocketid-mcp/sandbox";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { argumentsFor } from "../support/arbitrary-arguments.ts";
import { type BuiltServer, builtFile, builtServers, serverEnv } from "../support/built.ts";
import { changingCalls } from "../support/changing-calls.ts";

/** Calls of each tool with arguments of any kind. */
const runs = 12;

describe.each(builtServers)("the built %s server, started read-only,", (name) => {
  it("sends GET and nothing else, whatever its tools are called with", async () => {
    const sandbox = await startSandbox();
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
    const env = serverEnv({ POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey, POCKETID_CONFIRM: "off" });
    const server = {
      command: process.execPath,
      args: [builtFile(name), "--read-only"],
      env,
      stderr: "ignore" as const,
    };
    await client.connect(new StdioClientTransport(server));
    try {
      for (const { name: tool, inputSchema } of contractOf(toolsOf(name)).tools) {
        const call = async (args: unknown) => {
          // Arguments that are no object do not get as far as a tool.
          await client.callTool({ name: tool, arguments: args as Record<string, unknown> }).catch(() => undefined);
        };
        await call(changingCalls[tool] ?? {});
        const some = fc.sample(argumentsFor(inputSchema), runs);
        await Promise.all(some.map(call));
      }
    } finally {
      await client.close();
      await sandbox.close();
    }
    const sent = sandbox.requests.map(({ method }) => method);
    expect(sent.length).toBeGreaterThan(10);
    expect(new Set(sent)).toEqual(new Set(["GET"]));
  });
});

/** All tools of a server, also those that it does not offer when it is read-only. */
const toolsOf = (name: BuiltServer) => servers.filter((server) => server.name === name).flatMap(({ tools }) => tools);
