import { ApiAccess, ApiClient, ApiGrant, ApiPermissionKey, ApiReference, checkGrant } from "@pocketid-mcp/core";
import { apiRef, clientRef, defineListTool, defineTool, outcomeOf, updatedFields } from "@pocketid-mcp/core/runtime";
import * as z from "zod";
import { grantQuestion, revokeQuestion } from "./api-questions.ts";

const ClientName = z.object({ id: z.string(), name: z.string() });

const keys = z.array(ApiPermissionKey).min(1).max(200);
const access = z.literal(
  true,
  "say true, or leave it out: what is not named stays. api_revoke_client takes access away",
);

/** The two halves of a grant: what a client may do in the name of people who are signed in, and as itself. */
const permissions = {
  userDelegatedPermissions: keys.optional().describe("Keys, for users"),
  clientPermissions: keys.optional().describe("Keys, as itself"),
};
const granted = { api: ApiReference, client: ClientName, grant: ApiGrant, ...updatedFields };

export const apiGrantClient = defineTool({
  name: "api_grant_client",
  title: "Let a client call an API",
  description: "Let a client call an API in the name of users, or as itself. Other access stays.",
  risk: "danger",
  asks: {
    when: "when it may do more than before",
    question: ({ api, client, ...request }, { pocketId }) => grantQuestion(api, client, request, pocketId),
  },
  input: {
    api: apiRef,
    client: clientRef,
    ...permissions,
    userDelegatedAccess: access.optional().describe("For users, without keys"),
    clientAccess: access.optional().describe("As itself, without keys"),
  },
  output: granted,
  routes: [
    "PUT /api/apis/:id/clients/:clientId",
    "PUT /api/api-access/:clientId",
    "GET /api/apis/:id",
    "GET /api/api-access/:clientId/apis",
    "GET /api/api-access/:clientId",
    "GET /api/oidc/clients/:id",
    "GET /api/users",
    "GET /api/user-groups/:id",
  ],
  check: checkGrant,
  run: async ({ api, client, ...request }, { pocketId }) => ({
    api,
    client,
    ...outcomeOf(await pocketId.apis.grant(api, client, request)),
  }),
});

export const apiRevokeClient = defineTool({
  name: "api_revoke_client",
  title: "Take a client's access to an API away",
  description: "Take access to an API away: what is named, or all of it.",
  risk: "danger",
  asks: {
    when: "when it may do less than before",
    question: ({ api, client, ...request }, { pocketId }) => revokeQuestion(api, client, request, pocketId),
  },
  input: {
    api: apiRef,
    client: clientRef,
    ...permissions,
    userDelegatedAccess: access.optional().describe("All for users"),
    clientAccess: access.optional().describe("All as itself"),
  },
  output: granted,
  routes: [
    "DELETE /api/apis/:id/clients/:clientId",
    "PUT /api/apis/:id/clients/:clientId",
    "PUT /api/api-access/:clientId",
    "GET /api/apis/:id",
    "GET /api/api-access/:clientId/apis",
    "GET /api/api-access/:clientId",
    "GET /api/oidc/clients/:id",
    "GET /api/users",
    "GET /api/user-groups/:id",
  ],
  async run({ api, client, ...request }, { pocketId }) {
    const revoked = await pocketId.apis.revoke(api, client, request);
    return { api, client, ...outcomeOf(revoked, remarksOn(revoked.grant)) };
  },
});

/** What is left to a client that one might not expect. */
function remarksOn(grant: ApiGrant): string[] {
  const notes: string[] = [];
  if (grant.userDelegatedAccess && grant.userDelegatedPermissions.length === 0)
    notes.push(
      "It may still call the API for signed-in users, without a permission: userDelegatedAccess takes that away.",
    );
  if (grant.clientAccess && grant.clientPermissions.length === 0)
    notes.push("It may still call the API as itself, without a permission: clientAccess takes that away.");
  if (grant.cimdGrantedAccess)
    notes.push("The API is open to all clients that register themselves, and this is one: see api_set_cimd_access.");
  return notes;
}

export const apiClientList = defineListTool({
  name: "api_client_list",
  title: "List the clients of an API",
  description: "Which clients may call an API, and what they may do.",
  rows: "clients",
  row: ApiClient.shape,
  searches: "in the name",
  sortable: ["name", "createdAt"],
  filters: { api: apiRef },
  routes: ["GET /api/apis/:id/clients", "GET /api/apis/:id", "GET /api/oidc/clients", "GET /api/api-access/:clientId"],
  source: ({ api }, { pocketId }) => pocketId.apis.clients(api),
});

export const apiAccessList = defineTool({
  name: "api_access_list",
  title: "Show the APIs of a client",
  description: "Which APIs a client may call, and what it may do there.",
  risk: "read",
  input: { client: clientRef },
  output: { client: ClientName, apis: z.array(ApiAccess) },
  routes: ["GET /api/api-access/:clientId/apis", "GET /api/api-access/:clientId", "GET /api/apis"],
  run: async ({ client }, { pocketId }) => ({ client, apis: await pocketId.apis.accessOf(client) }),
});
