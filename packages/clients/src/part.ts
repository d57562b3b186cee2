import type { ServerPart } from "@pocketid-mcp/core/runtime";
import contract from "../tools.json" with { type: "json" };

/** What this server tells of itself and offers; `@pocketid-mcp/all` offers it, too. */
export const clients: ServerPart = {
  name: "clients",
  instructions:
    "Applications (OIDC clients) that people sign in to with Pocket ID. Name a client by name or client id, a user by username, e-mail or id, a group " +
    "by name or id, an API by name or resource. Updates change only what is given; who may sign in has a tool of its own. " +
    'Secrets are better not given as text: {"file": name} takes one from the operator\'s secrets folder, {"env": NAME} from a variable.',
  contract,
};
