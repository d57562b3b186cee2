import { callsOf } from "@pocketid-mcp/core/runtime";
import { actionLogSearch, actionLogVerify } from "./action-log.ts";
import { apiKeyCreate, apiKeyDelete, apiKeyList, apiKeyRenew } from "./api-key.ts";
import {
  auditEventTypes,
  auditLogFilterClients,
  auditLogFilterUsers,
  auditLogList,
  auditLogListAll,
} from "./audit-log.ts";
import { apiKeyCurrent } from "./current-api-key.ts";
import { passkeyDelete, passkeyList, passkeyRename } from "./passkey.ts";

/** Everything that this server can do. */
export const tools = [
  apiKeyList,
  apiKeyCurrent,
  apiKeyCreate,
  apiKeyRenew,
  apiKeyDelete,
  passkeyList,
  passkeyRename,
  passkeyDelete,
  auditLogList,
  auditLogListAll,
  auditLogFilterClients,
  auditLogFilterUsers,
  auditEventTypes,
  actionLogSearch,
  actionLogVerify,
];

export const calls = callsOf(tools);
