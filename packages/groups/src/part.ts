import type { ServerPart } from "@pocketid-mcp/core/runtime";
import contract from "../tools.json" with { type: "json" };

/** What this server tells of itself and offers; `@pocketid-mcp/all` offers it, too. */
export const groups: ServerPart = {
  name: "groups",
  instructions:
    "User groups of a Pocket ID instance. Name a group by name or id, a user by username, e-mail or id. " +
    "Groups decide who may sign in to a client that is restricted to them, and bring claims to their members.",
  contract,
};
