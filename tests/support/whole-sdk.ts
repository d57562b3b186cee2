import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { prepareServer } from "@pocketid-mcp/core/runtime";
import packageJson from "../../packages/users/package.json" with { type: "json" };
import { users } from "../../packages/users/src/part.ts";

// The server of users as it would be with nothing of the SDK left out, and every message going through it: what the built one is compared with.

const { server } = prepareServer(
  {
    name: "pocketid-mcp-users",
    title: "Pocket ID users",
    version: packageJson.version,
    parts: [users],
    calls: async () => (await import("../../packages/users/src/tools.ts")).calls,
  },
  { argv: [], env: process.env, cwd: process.cwd(), warn: () => undefined },
);
serveStdio(server);
process.stdin.once("close", () => process.exit());
