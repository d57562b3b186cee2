import { serve } from "@pocketid-mcp/core/runtime";
import packageJson from "../package.json" with { type: "json" };
import contract from "../tools.json" with { type: "json" };

serve({
  name: "pocketid-mcp-admin-config",
  title: "Pocket ID configuration",
  version: packageJson.version,
  instructions:
    "Application configuration, images and health of a Pocket ID instance. Updates change only the settings given. When something does not work, begin with health_check. " +
    'Passwords are better not given as text: {"file": name} takes one from the operator\'s secrets folder, {"env": NAME} from a variable.',
  contract,
  calls: async () => (await import("./tools.ts")).calls,
});
