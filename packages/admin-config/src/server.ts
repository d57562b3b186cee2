import { serve } from "@pocketid-mcp/core/runtime";
import packageJson from "../package.json" with { type: "json" };
import { adminConfig } from "./part.ts";

serve({
  name: "pocketid-mcp-admin-config",
  title: "Pocket ID configuration",
  version: packageJson.version,
  parts: [adminConfig],
  calls: async () => (await import("./tools.ts")).calls,
});
