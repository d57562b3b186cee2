import { serve, verifyLogCommand } from "@pocketid-mcp/core/runtime";
import packageJson from "../package.json" with { type: "json" };
import contract from "../tools.json" with { type: "json" };

serve({
  name: "pocketid-mcp-keys-audit",
  title: "Pocket ID API keys and audit log",
  version: packageJson.version,
  instructions:
    "API keys and passkeys of the owner of the key in use, and the audit log: what Pocket ID recorded. What these servers changed stands in the action log. For how often or how many, use groupBy of audit_log_list_all instead of reading entries.",
  contract,
  commands: [verifyLogCommand],
  calls: async () => (await import("./tools.ts")).calls,
});
