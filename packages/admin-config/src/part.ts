import type { ServerPart } from "@pocketid-mcp/core/runtime";
import contract from "../tools.json" with { type: "json" };

/** What this server tells of itself and offers; `@pocketid-mcp/all` offers it, too. */
export const adminConfig: ServerPart = {
  name: "admin-config",
  instructions:
    "Application configuration, images and health of a Pocket ID instance. Updates change only the settings given. When something does not work, begin with health_check. " +
    'Passwords are better not given as text: {"file": name} takes one from the operator\'s secrets folder, {"env": NAME} from a variable.',
  contract,
};
