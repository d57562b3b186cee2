import { serve, verifyLogCommand } from "@pocketid-mcp/core/runtime";
import { adminConfig } from "../../admin-config/src/part.ts";
import { clients } from "../../clients/src/part.ts";
import { groups } from "../../groups/src/part.ts";
import { keysAudit } from "../../keys-audit/src/part.ts";
import { users } from "../../users/src/part.ts";
import packageJson from "../package.json" with { type: "json" };

serve({
  name: "pocketid-mcp-all",
  title: "Pocket ID",
  version: packageJson.version,
  parts: [users, groups, clients, adminConfig, keysAudit],
  commands: [verifyLogCommand],
  calls: async () => (await import("./tools.ts")).calls,
});
