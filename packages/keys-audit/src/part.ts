import type { ServerPart } from "@pocketid-mcp/core/runtime";
import contract from "../tools.json" with { type: "json" };

/** What this server tells of itself and offers; `@pocketid-mcp/all` offers it, too. */
export const keysAudit: ServerPart = {
  name: "keys-audit",
  instructions:
    "API keys and passkeys of the owner of the key in use, and the audit log: what Pocket ID recorded. What these servers changed stands in the action log. For how often or how many, use groupBy of audit_log_list_all instead of reading entries.",
  contract,
};
