import type { Tool } from "@pocketid-mcp/core/runtime";
import { tools as adminConfig } from "../packages/admin-config/src/tools.ts";
import { tools as clients } from "../packages/clients/src/tools.ts";
import { tools as groups } from "../packages/groups/src/tools.ts";
import { tools as keysAudit } from "../packages/keys-audit/src/tools.ts";
import { tools as users } from "../packages/users/src/tools.ts";

/** The five servers: package name and tools. */
export const servers: readonly { readonly name: string; readonly tools: readonly Tool[] }[] = [
  { name: "users", tools: users },
  { name: "groups", tools: groups },
  { name: "clients", tools: clients },
  { name: "admin-config", tools: adminConfig },
  { name: "keys-audit", tools: keysAudit },
];
