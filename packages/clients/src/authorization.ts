import { AccessibleClient, AuthorizedClient, ClaimsPreview, type PocketIdClient } from "@pocketid-mcp/core";
import { clientRef, defineListTool, defineTool, quoted, quotedClient, userRef } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const ClientName = z.object({ id: z.string(), name: z.string() });

export const oidcClientPreviewClaims = defineTool({
  name: "oidc_client_preview_claims",
  title: "Preview claims",
  description: "What tokens would say about a user. Refused if the user may not sign in.",
  risk: "read",
  input: {
    client: clientRef,
    user: userRef,
    scopes: z
      .array(z.string().regex(/^\S+$/, "one scope without spaces"))
      .min(1)
      .max(50)
      .optional()
      .describe("Default: openid profile email groups"),
  },
  output: { client: ClientName, user: z.object({ id: z.string(), username: z.string() }), ...ClaimsPreview.shape },
  routes: ["GET /api/oidc/clients/:id/preview/:userId"],
  run: async ({ client, user, scopes }, { pocketId }) => ({
    client,
    user,
    ...(await pocketId.oidcClients.previewClaims(client, user, scopes)),
    // Pocket ID looks at the groups alone here.
    ...(user.disabled ? { notes: [`${user.username} is disabled and cannot sign in at all.`] } : {}),
  }),
});

export const oidcClientAuthorizedList = defineListTool({
  name: "oidc_client_authorized_list",
  title: "List clients that a user authorized",
  description: "Applications that a user has signed in to.",
  rows: "authorizedClients",
  row: AuthorizedClient.shape,
  short: ["client", "lastUsedAt"],
  sortable: ["lastUsedAt"],
  filters: {
    user: userRef,
    hasLaunchURL: z.boolean().optional().describe("Has one"),
  },
  routes: ["GET /api/oidc/users/:id/authorized-clients"],
  source: async ({ user, hasLaunchURL }, { pocketId }) => ({
    list: await pocketId.oidcClients.authorizedBy(user),
    matches:
      hasLaunchURL === undefined
        ? undefined
        : ({ client }: AuthorizedClient) => Boolean(client.launchURL) === hasLaunchURL,
  }),
});

export const oidcClientAccessibleList = defineListTool({
  name: "oidc_client_accessible_list",
  title: "List own accessible clients",
  description: "Applications that the API key's owner may sign in to.",
  rows: "accessibleClients",
  row: AccessibleClient.shape,
  short: ["id", "name", "launchURL", "lastUsedAt"],
  sortable: ["name", "lastUsedAt", "createdAt"],
  filters: { hasLaunchURL: z.boolean().optional().describe("Has one") },
  routes: ["GET /api/oidc/users/me/clients"],
  source: async ({ hasLaunchURL }, { pocketId }) => ({
    list: pocketId.oidcClients.accessible,
    matches:
      hasLaunchURL === undefined ? undefined : ({ launchURL }: AccessibleClient) => Boolean(launchURL) === hasLaunchURL,
    notes: await byGroupsAlone(pocketId),
  }),
});

/** Pocket ID 2.0 to 2.11 does not look here at whether a client is restricted. */
async function byGroupsAlone(pocketId: PocketIdClient): Promise<string[]> {
  const restrictable = await pocketId.supports("client.isGroupRestricted");
  if (!restrictable || (await pocketId.supports("accessibleClient.isGroupRestricted"))) return [];
  return [
    "This version of Pocket ID goes by groups alone here: clients without an allowed group are listed although nobody may sign in to them, and open ones with such groups may be missing.",
  ];
}

export const oidcClientRevokeAuthorization = defineTool({
  name: "oidc_client_revoke_authorization",
  title: "Revoke an own authorization",
  description: "Take back what the API key's owner authorized.",
  risk: "danger",
  asks: {
    when: "always",
    async question({ client }, { pocketId }) {
      const { id, username } = await pocketId.users.me();
      return {
        text:
          `Take back what ${quoted(username)}, the owner of the API key, has authorized ${quotedClient(client)} for? ` +
          "Its refresh tokens for this account end, and it has to be authorized again at the next sign-in.",
        about: { user: id, client: client.id },
      };
    },
  },
  input: { client: clientRef },
  output: { client: ClientName, revoked: z.boolean() },
  routes: ["DELETE /api/oidc/users/me/authorized-clients/:clientId", "GET /api/users/me"],
  async run({ client }, { pocketId }) {
    await pocketId.oidcClients.revokeOwnAuthorization(client);
    return { client, revoked: true };
  },
});
