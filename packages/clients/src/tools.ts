import { callsOf } from "@pocketid-mcp/core/runtime";
import type { Tool } from "@pocketid-mcp/core/runtime";

/** Everything that this server can do. */
export const tools: Tool[] = [];

export const calls = callsOf(tools);
