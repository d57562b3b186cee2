import { ApiKey, parseExpiry } from "@pocketid-mcp/core";
import { apiKeyRef, apiKeyRefs, defineDeleteTool, defineListTool, defineTool } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const expiry = {
  expiresIn: z.string().max(20).optional().describe("Like 90d"),
  expiresAt: z.string().max(40).optional().describe("Or RFC 3339"),
};
const checkExpiry = (values: { expiresIn?: string | undefined; expiresAt?: string | undefined }): void =>
  void parseExpiry(values);

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
  description: "API keys of the owner of the key in use.",
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
  description: "A key with all rights of its owner, shown once. Give expiresIn or expiresAt.",
  risk: "danger",
  input: {
    name: z.string().min(3).max(50).describe("What it is for"),
    description: z.string().max(500).optional().describe("More about it"),
    ...expiry,
  },
  output: { apiKey: ApiKey, token: z.string() },
  routes: ["POST /api/api-keys", "DELETE /api/api-keys/:id", ...sessionRoutes],
  reveals: ["token"],
  check: checkExpiry,
  run: ({ name, description, ...when }, { pocketId }) =>
    pocketId.apiKeys.create({ name, description, expiresAt: parseExpiry(when) }),
});

export const apiKeyRenew = defineTool({
  name: "api_key_renew",
  title: "Renew an expired API key",
  description: "A new token for a key that has expired, shown once.",
  risk: "danger",
  input: { apiKey: apiKeyRef, ...expiry },
  output: { apiKey: ApiKey, token: z.string() },
  routes: ["POST /api/api-keys/:id/renew", "DELETE /api/api-keys/:id", "GET /api/api-keys", ...sessionRoutes],
  reveals: ["token"],
  check: checkExpiry,
  run: ({ apiKey, ...when }, { pocketId }) => pocketId.apiKeys.renew(apiKey, parseExpiry(when)),
});

export const apiKeyDelete = defineDeleteTool({
  name: "api_key_delete",
  title: "Delete API keys",
  description: "What uses these keys stops working. Can take the key in use.",
  kind: "apiKey",
  plural: "apiKeys",
  references: apiKeyRefs,
  routes: ["DELETE /api/api-keys/:id"],
  label: ({ name }) => name,
  remove: (apiKey, { pocketId }) => pocketId.apiKeys.delete(apiKey),
});
