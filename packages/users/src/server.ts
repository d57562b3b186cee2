import { serve } from "@pocketid-mcp/core/runtime";
import packageJson from "../package.json" with { type: "json" };
import { users } from "./part.ts";

serve({
  name: "pocketid-mcp-users",
  title: "Pocket ID users",
  version: packageJson.version,
  parts: [users],
  calls: async () => (await import("./tools.ts")).calls,
});
