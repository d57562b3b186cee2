import {
  ApiKey,
  durationInWords,
  isDuration,
  type PocketIdClient,
  parseDuration,
  parseExpiry,
} from "@pocketid-mcp/core";
import {
  apiKeyRef,
  apiKeyRefs,
  counted,
  defineDeleteTool,
  defineListTool,
  defineTool,
  quoted,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const expiresAt = z.string().max(40).describe("RFC 3339 or 90d");
const checkExpiry = ({ expiresAt }: { expiresAt: string }): void => void parseExpiry(expiresAt);

/** What whoever has a key can do, and for how long. The moment that it ends would be another one when the answer comes. */
async function power(
  { users }: PocketIdClient,
  expiresAt: string,
): Promise<{ text: string; owner: { id: string; username: string } }> {
  const { id, username } = await users.me();
  const until = isDuration(expiresAt)
    ? `for ${durationInWords(parseDuration(expiresAt, "expiresAt"))}`
    : `until ${expiresAt}`;
  return {
    text: `Whoever has it can do everything here that ${quoted(username)} can, ${until}.`,
    owner: { id, username },
  };
}

/** What API keys may not do is done by a short session of their owner. */
const sessionRoutes = [
  "GET /api/users/me",
  "POST /api/users/:id/one-time-access-token",
  "POST /api/one-time-access-token/:token",
  "POST /api/webauthn/logout",
] as const;

export const apiKeyList = defineListTool({
  name: "api_key_list",
  title: "List API keys",
  description: "API keys of the owner of this one.",
  rows: "apiKeys",
  row: ApiKey.shape,
  short: ["id", "name", "expiresAt", "lastUsedAt"],
  sortable: ["name", "createdAt", "expiresAt", "lastUsedAt"],
  filters: {},
  routes: ["GET /api/api-keys"],
  source: (_values, { pocketId }) => ({ list: pocketId.apiKeys }),
});

export const apiKeyCreate = defineTool({
  name: "api_key_create",
  title: "Create an API key",
  description: "A key with all rights of its owner, shown once.",
  risk: "danger",
  asks: {
    when: "always",
    async question({ name, expiresAt }, { pocketId }) {
      const { text, owner } = await power(pocketId, expiresAt);
      return { text: `Make an API key ${quoted(name)}? ${text}`, about: owner };
    },
  },
  input: {
    name: z.string().min(3).max(50).describe("What it is for"),
    description: z.string().max(500).optional().describe("More about it"),
    expiresAt,
  },
  output: { apiKey: ApiKey, token: z.string() },
  routes: ["POST /api/api-keys", "DELETE /api/api-keys/:id", ...sessionRoutes],
  reveals: ["token"],
  check: checkExpiry,
  run: ({ name, description, expiresAt }, { pocketId }) =>
    pocketId.apiKeys.create({ name, description, expiresAt: parseExpiry(expiresAt) }),
});

export const apiKeyRenew = defineTool({
  name: "api_key_renew",
  title: "Renew an expired API key",
  description: "A new token for a key that has expired, shown once.",
  risk: "danger",
  asks: {
    when: "always",
    async question({ apiKey: { id, name, expiresAt }, ...until }, { pocketId }) {
      const { text, owner } = await power(pocketId, until.expiresAt);
      return {
        text: `Bring the expired API key ${quoted(name)} back, with a new value? ${text}`,
        about: { id, name, expiresAt, owner },
      };
    },
  },
  input: { apiKey: apiKeyRef, expiresAt },
  output: { apiKey: ApiKey, token: z.string() },
  routes: ["POST /api/api-keys/:id/renew", "DELETE /api/api-keys/:id", "GET /api/api-keys", ...sessionRoutes],
  reveals: ["token"],
  check: checkExpiry,
  run: ({ apiKey, expiresAt }, { pocketId }) => pocketId.apiKeys.renew(apiKey, parseExpiry(expiresAt)),
});

export const apiKeyDelete = defineDeleteTool({
  name: "api_key_delete",
  title: "Delete API keys",
  description: "What uses these keys stops working. Refuses the key in use.",
  kind: "apiKey",
  plural: "apiKeys",
  references: apiKeyRefs,
  routes: ["DELETE /api/api-keys/:id", "GET /api/users/me"],
  guard:
    (apiKeys) =>
    ({ pocketId }) =>
      pocketId.lockOut.apiKeys(apiKeys),
  question: async (apiKeys) => ({
    text: `Delete ${counted(apiKeys.length, "API key")}: ${namesAndUse(apiKeys)}? What uses ${apiKeys.length === 1 ? "it" : "them"} stops working.`,
    about: apiKeys.map(({ id, name, expiresAt }) => ({ id, name, expiresAt })),
  }),
  label: ({ name }) => name,
  remove: (apiKey, { pocketId }) => pocketId.apiKeys.delete(apiKey),
});

const mostNames = 5;

/** What tells keys apart, and whether anything uses them. By the day: the time of last use would be another one when the answer comes. */
function namesAndUse(apiKeys: readonly ApiKey[]): string {
  const shown = apiKeys.slice(0, mostNames).map(({ name, lastUsedAt, expiresAt }) => {
    const expired = Date.parse(expiresAt) < Date.now();
    const use = lastUsedAt ? `last used on ${lastUsedAt.slice(0, 10)}` : "never used";
    return `${quoted(name)} (${expired ? `expired on ${expiresAt.slice(0, 10)}` : use})`;
  });
  const more = apiKeys.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
