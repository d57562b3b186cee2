import { PocketIdClient } from "@pocketid-mcp/core";
import { callsOf } from "@pocketid-mcp/core/runtime";
import { policyOf } from "../../packages/core/src/runtime/policy.ts";
import { loadSettings } from "../../packages/core/src/settings/load.ts";
import { tools } from "../../packages/users/src/tools.ts";
import type { Instance } from "./instance.ts";

/** The same request in two ways, in this process. */
export interface Inside {
  /** `user_get`, with all that a call takes besides the work of the library: checks, references, redaction, logs. */
  tool(): Promise<unknown>;
  /** The library alone. */
  library(): Promise<unknown>;
  close(): Promise<void>;
}

/** Makes both ready. Each of them takes one request. */
export function inside({ url, apiKey, user }: Instance, env: Readonly<Record<string, string>>, home: string): Inside {
  const loaded = loadSettings([], env);
  const call = callsOf(tools)(loaded, policyOf(loaded.settings), home, () => undefined, "bench");
  const pocketId = new PocketIdClient({ url, apiKey });
  const context = { onProgress: () => undefined, person: async () => ({ canBeAsked: false }) };
  return {
    tool: () => call("user_get", { user }, context),
    library: () => pocketId.within({ seen: new Map() }).users.get(user),
    close: () => pocketId.close(),
  };
}
