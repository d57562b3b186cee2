import { serve } from "@pocketid-mcp/core/runtime";
import packageJson from "../package.json" with { type: "json" };
import { clients } from "./part.ts";

serve({
  name: "pocketid-mcp-clients",
  title: "Pocket ID clients",
  version: packageJson.version,
  parts: [clients],
  calls: async () => (await import("./tools.ts")).calls,
});
