import { ApiKey } from "@pocketid-mcp/core";
import { defineTool } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

export const apiKeyCurrent = defineTool({
  name: "api_key_current",
  title: "Show the API key in use",
  description: "Which key this server uses, and whose. Takes some seconds.",
  risk: "read",
  input: {},
  output: {
    owner: z.object({ id: z.string(), username: z.string(), isAdmin: z.boolean() }),
    /** It comes from STATIC_API_KEY of the server's environment. */
    static: z.boolean(),
    apiKey: ApiKey.optional(),
    certain: z.boolean(),
    /** What else it may be. */
    candidates: z.array(ApiKey),
  },
  routes: ["GET /api/users/me", "GET /api/api-keys"],
  async run(_values, { pocketId }) {
    const current = await pocketId.apiKeys.current();
    return { ...current, ...(current.certain ? {} : { notes: [uncertain(current)] }) };
  },
});

const uncertain = ({ static: isStatic, candidates }: { static: boolean; candidates: readonly unknown[] }): string =>
  isStatic
    ? "The owner is that of STATIC_API_KEY, but a candidate is in use as well: it is the static key or one of them."
    : candidates.length === 0
      ? "None of the owner's keys shows any use: something between here and Pocket ID may answer in its place."
      : "These keys are all in use right now: it is one of them. Try again when the others rest.";
