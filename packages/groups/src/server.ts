import { serve } from "@pocketid-mcp/core/runtime";
import packageJson from "../package.json" with { type: "json" };
import { groups } from "./part.ts";

serve({
  name: "pocketid-mcp-groups",
  title: "Pocket ID groups",
  version: packageJson.version,
  parts: [groups],
  calls: async () => (await import("./tools.ts")).calls,
});
