import { callsOf } from "@pocketid-mcp/core/runtime";
import { apiKeyCreate, apiKeyDelete, apiKeyList, apiKeyRenew } from "./api-key.ts";
import { auditLogFilterClients, auditLogFilterUsers, auditLogList, auditLogListAll } from "./audit-log.ts";

/** Everything that this server can do. */
export const tools = [
  apiKeyList,
  apiKeyCreate,
  apiKeyRenew,
  apiKeyDelete,
  auditLogList,
  auditLogListAll,
  auditLogFilterClients,
  auditLogFilterUsers,
];

export const calls = callsOf(tools);
