import type { ServerPart } from "@pocketid-mcp/core/runtime";
import contract from "../tools.json" with { type: "json" };

/** What this server tells of itself and offers; `@pocketid-mcp/all` offers it, too. */
export const users: ServerPart = {
  name: "users",
  instructions:
    "Accounts of a Pocket ID instance. Name a user by username, e-mail or id, a group by name or id. Updates change only what is given. " +
    "Filters of user_list answer questions like who is in no group; totalItems is the count.",
  contract,
};
