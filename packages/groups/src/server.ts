import { serve } from "@pocketid-mcp/core/runtime";
import packageJson from "../package.json" with { type: "json" };
import contract from "../tools.json" with { type: "json" };

serve({
  name: "pocketid-mcp-groups",
  title: "Pocket ID groups",
  version: packageJson.version,
  instructions:
    "User groups of a Pocket ID instance. Name a group by name or id, a user by username, e-mail or id. " +
    "Groups decide who may sign in to a client that is restricted to them, and bring claims to their members.",
  contract,
  calls: async () => (await import("./tools.ts")).calls,
});
