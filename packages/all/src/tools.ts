import { callsOf } from "@pocketid-mcp/core/runtime";
import { tools as adminConfig } from "../../admin-config/src/tools.ts";
import { tools as clients } from "../../clients/src/tools.ts";
import { tools as groups } from "../../groups/src/tools.ts";
import { tools as keysAudit } from "../../keys-audit/src/tools.ts";
import { tools as users } from "../../users/src/tools.ts";

export const calls = callsOf([...users, ...groups, ...clients, ...adminConfig, ...keysAudit]);
