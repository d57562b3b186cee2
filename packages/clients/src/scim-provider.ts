import { ScimProvider } from "@pocketid-mcp/core";
import { clientRef, defineTool, outcomeOf, secretText, updatedFields } from "@pocketid-mcp/core/runtime";
import * as z from "zod";
import {
  createProviderQuestion,
  deleteProviderQuestion,
  syncQuestion,
  updateProviderQuestion,
} from "./scim-questions.ts";

const { token: _, ...shownFields } = ScimProvider.shape;
const ClientName = z.object({ id: z.string(), name: z.string() });
const output = { client: ClientName, scimProvider: z.object({ ...shownFields, hasToken: z.boolean() }) };

const shown = ({ token, ...provider }: ScimProvider) => ({ ...provider, hasToken: Boolean(token) });

export const scimProviderGet = defineTool({
  name: "scim_provider_get",
  title: "Show provisioning",
  description: "SCIM provisioning of a client.",
  risk: "read",
  input: { client: clientRef },
  output: { ...output, scimProvider: output.scimProvider.nullable() },
  routes: ["GET /api/oidc/clients/:id/scim-service-provider"],
  async run({ client }, { pocketId }) {
    const provider = await pocketId.scimProviders.get(client);
    if (provider !== undefined) return { client, scimProvider: shown(provider) };
    return { client, scimProvider: null, notes: [`${client.name} has no SCIM provider.`] };
  },
});

/** What counting what a sync brings takes. */
const counting = [
  "GET /api/oidc/clients/:id",
  "GET /api/users",
  "GET /api/user-groups",
  "GET /api/user-groups/:id",
] as const;

const endpoint = z.url({ protocol: /^https?$/ }).describe("SCIM endpoint URL");

export const scimProviderCreate = defineTool({
  name: "scim_provider_create",
  title: "Set up provisioning",
  description: "Manage accounts in an application by SCIM. The hourly sync deletes unknown accounts there.",
  risk: "danger",
  asks: {
    when: "always",
    question: ({ client, endpoint }, { pocketId }) => createProviderQuestion(client, endpoint, pocketId),
  },
  openWorld: true,
  input: { client: clientRef, endpoint, token: secretText.optional().describe("Bearer token") },
  output,
  routes: ["POST /api/scim/service-provider", "GET /api/oidc/clients/:id/scim-service-provider", ...counting],
  run: async ({ client, ...provider }, { pocketId }) => ({
    client,
    scimProvider: shown(await pocketId.scimProviders.create(client, provider)),
  }),
});

export const scimProviderUpdate = defineTool({
  name: "scim_provider_update",
  title: "Change provisioning",
  description: "Change endpoint or token; null removes the token.",
  risk: "danger",
  asks: {
    when: "always",
    question: ({ client, ...patch }, { pocketId }) => updateProviderQuestion(client, patch, pocketId),
  },
  openWorld: true,
  input: {
    client: clientRef,
    endpoint: endpoint.optional(),
    token: secretText.nullable().optional().describe("Bearer token"),
  },
  output: { ...output, ...updatedFields },
  routes: ["PUT /api/scim/service-provider/:id", "GET /api/oidc/clients/:id/scim-service-provider", ...counting],
  async run({ client, ...patch }, { pocketId }) {
    const { object, ...outcome } = await pocketId.scimProviders.update(client, patch);
    return { client, scimProvider: shown(object), ...outcomeOf(outcome) };
  },
});

export const scimProviderDelete = defineTool({
  name: "scim_provider_delete",
  title: "End provisioning",
  description: "Stop provisioning; accounts there stay.",
  risk: "danger",
  asks: { when: "always", question: ({ client }, { pocketId }) => deleteProviderQuestion(client, pocketId) },
  input: { client: clientRef },
  output: { client: ClientName, deleted: z.boolean() },
  routes: ["DELETE /api/scim/service-provider/:id", "GET /api/oidc/clients/:id/scim-service-provider", ...counting],
  async run({ client }, { pocketId }) {
    await pocketId.scimProviders.delete(client);
    return { client, deleted: true };
  },
});

export const scimProviderSync = defineTool({
  name: "scim_provider_sync",
  title: "Sync provisioning now",
  description: "Push users and groups now. Deletes unknown accounts there.",
  risk: "danger",
  asks: { when: "always", question: ({ client }, { pocketId }) => syncQuestion(client, pocketId) },
  openWorld: true,
  input: { client: clientRef },
  output,
  routes: ["POST /api/scim/service-provider/:id/sync", "GET /api/oidc/clients/:id/scim-service-provider", ...counting],
  run: async ({ client }, { pocketId }) => ({ client, scimProvider: shown(await pocketId.scimProviders.sync(client)) }),
});
