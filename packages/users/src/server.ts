import { serve } from "@pocketid-mcp/core/runtime";
import packageJson from "../package.json" with { type: "json" };
import contract from "../tools.json" with { type: "json" };

serve({
  name: "pocketid-mcp-users",
  title: "Pocket ID users",
  version: packageJson.version,
  instructions:
    "Accounts of a Pocket ID instance. Name a user by username, e-mail or id, a group by name or id. Updates change only what is given. " +
    "Filters of user_list answer questions like who is in no group; totalItems is the count.",
  contract,
  calls: async () => (await import("./tools.ts")).calls,
});
