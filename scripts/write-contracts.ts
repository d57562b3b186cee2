import { writeFileSync } from "node:fs";
import { contractOf } from "@pocketid-mcp/core/runtime";
import { servers } from "./servers.ts";

// A server starts with this file alone and loads its tools with the first call. It is committed, so that a changed contract shows in review.
for (const { name, tools } of servers) {
  writeFileSync(
    new URL(`../packages/${name}/tools.json`, import.meta.url),
    `${JSON.stringify(contractOf(tools), null, 2)}\n`,
  );
}
