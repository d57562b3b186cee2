import { serve, verifyLogCommand } from "@pocketid-mcp/core/runtime";
import packageJson from "../package.json" with { type: "json" };
import { keysAudit } from "./part.ts";

serve({
  name: "pocketid-mcp-keys-audit",
  title: "Pocket ID API keys and audit log",
  version: packageJson.version,
  parts: [keysAudit],
  commands: [verifyLogCommand],
  calls: async () => (await import("./tools.ts")).calls,
});
