import {
  accessKinds,
  accessOf,
  checkAccessChange,
  checkClientPatch,
  checkNewClient,
  OidcClient,
  OidcClientName,
  oidcClientFields,
  UserGroupReference,
} from "@pocketid-mcp/core";
import {
  clientRef,
  clientRefs,
  defineDeleteTool,
  defineListTool,
  defineTool,
  groupRef,
  groupRefs,
  membershipFields,
  outcomeOf,
  secretText,
  setChangeFields,
  updatedFields,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";
import {
  accessSentences,
  createQuestion,
  deleteQuestion,
  refreshQuestion,
  standingOf,
  updateQuestion,
} from "./client-questions.ts";

const AccessKind = z.enum(accessKinds);
/** `access` and the groups say what `isGroupRestricted` and their count would say once more. */
const Client = OidcClient.omit({ isGroupRestricted: true, allowedUserGroupsCount: true }).extend({
  access: AccessKind,
});
const Access = z.object({ access: AccessKind, groups: z.array(UserGroupReference) });
const ClientName = z.object({ id: z.string(), name: z.string() });

const name = OidcClientName.describe("Name");

export const oidcClientList = defineListTool({
  name: "oidc_client_list",
  title: "List clients",
  description: "Find applications (OIDC clients) and who may sign in.",
  rows: "clients",
  row: Client.shape,
  short: ["id", "name", "isPublic", "access", "allowedUserGroups"],
  searches: "in the name",
  sortable: ["name", "createdAt", "isGroupRestricted", "pkceEnabled", "requiresReauthentication"],
  newerSorts: { isGroupRestricted: "client.isGroupRestricted" },
  filters: {
    access: AccessKind.optional().describe("Who may sign in"),
    group: groupRef.optional().describe("Restricted to this group"),
    pkceEnabled: z.boolean().optional().describe("PKCE required"),
    requiresReauthentication: z.boolean().optional().describe("Passkey each time"),
    requiresPushedAuthorizationRequests: z.boolean().optional().describe("PAR required"),
    skipConsent: z.boolean().optional().describe("No consent screen"),
    clientType: z.enum(["standard", "cimd"]).optional().describe("cimd registers itself"),
  },
  routes: ["GET /api/oidc/clients", "GET /api/oidc/clients/:id"],
  async source(filters, { pocketId }) {
    const { withAccess, ...listing } = await pocketId.oidcClients.listing(filters);
    return { list: pocketId.oidcClients, ...listing, toRows: withAccess };
  },
});

export const oidcClientGet = defineTool({
  name: "oidc_client_get",
  title: "Show a client",
  description: "One application with all settings.",
  risk: "read",
  input: { client: clientRef },
  output: { client: Client },
  routes: ["GET /api/oidc/clients/:id"],
  async run({ client }, { pocketId }) {
    const found = await pocketId.oidcClients.get(client);
    return { client: { ...found, access: accessOf(found).access } };
  },
});

export const oidcClientCreate = defineTool({
  name: "oidc_client_create",
  title: "Create a client",
  description:
    "Connect an application. Only the groups named may sign in, else nobody, unless access is everyone. PKCE is on. Confidential clients get a secret, shown once.",
  risk: "danger",
  asks: {
    when: "when everyone may sign in, when a callback URL has a wildcard, is plain http to another machine or (before Pocket ID 2.10) is missing, and when people are not asked for consent",
    async question(values, { pocketId }) {
      await pocketId.oidcClients.requireCreatable(values);
      return createQuestion(values, checkNewClient(values), pocketId);
    },
  },
  input: {
    name,
    ...oidcClientFields,
    access: AccessKind.optional().describe("Who may sign in"),
    groups: groupRefs.optional().describe("Who may sign in"),
    id: z
      .string()
      .regex(/^[A-Za-z0-9._-]{2,128}$/, "2 to 128 letters, digits and . _ -")
      .optional()
      .describe("Your own id"),
    secret: secretText.optional().describe("Your own, 16+ characters"),
  },
  output: { client: Client, secret: z.string().optional(), notApplied: updatedFields.notApplied },
  routes: [
    "POST /api/oidc/clients",
    "PUT /api/oidc/clients/:id/allowed-user-groups",
    "POST /api/oidc/clients/:id/secrets",
    "POST /api/oidc/clients/:id/secret",
    "PUT /api/oidc/clients/:id",
    "DELETE /api/oidc/clients/:id/secrets/:secretId",
    "GET /api/oidc/clients/:id",
    "GET /api/users",
  ],
  reveals: ["secret"],
  makesSecret: ({ isPublic }) => isPublic !== true,
  check: (values) => void checkNewClient(values),
  async run(values, { pocketId }) {
    const { client, secret, notApplied } = await pocketId.oidcClients.create(values);
    return { client: { ...client, access: accessOf(client).access }, secret, notApplied };
  },
});

export const oidcClientUpdate = defineTool({
  name: "oidc_client_update",
  title: "Change a client",
  description: "Change settings; others stay, null clears. Who may sign in: oidc_client_update_allowed_groups.",
  // It can open a client to everyone; a rename is as harmless as it sounds.
  risk: "danger",
  asks: {
    when: "when it opens or closes the client, lets sign-in codes or people go to new places, weakens how it signs people in, or may break that",
    question: ({ client, ...patch }, { pocketId }) => updateQuestion(client, patch, pocketId),
  },
  input: {
    client: clientRef,
    name: name.optional(),
    ...oidcClientFields,
    addCallbackURLs: oidcClientFields.callbackURLs.describe("To add"),
    removeCallbackURLs: oidcClientFields.callbackURLs.describe("To remove"),
    isGroupRestricted: z.boolean().optional().describe("false opens it to everyone"),
  },
  output: { client: Client, ...updatedFields },
  routes: ["PUT /api/oidc/clients/:id", "GET /api/oidc/clients/:id", "GET /api/users", "GET /api/user-groups/:id"],
  check: checkClientPatch,
  async run({ client, ...patch }, { pocketId }) {
    const { object, ...outcome } = await pocketId.oidcClients.update(client, patch);
    const { access } = accessOf(object);
    const closed = outcome.changed.includes("isGroupRestricted") && access === "nobody";
    const notes = closed ? ["Nobody can sign in now: name groups with oidc_client_update_allowed_groups."] : [];
    return { client: { ...object, access }, ...outcomeOf(outcome, notes) };
  },
});

export const oidcClientDelete = defineDeleteTool({
  name: "oidc_client_delete",
  title: "Delete clients",
  description: "Delete applications: nobody can sign in there any more.",
  kind: "client",
  plural: "clients",
  references: clientRefs,
  routes: ["DELETE /api/oidc/clients/:id", "GET /api/oidc/clients/:id", "GET /api/users", "GET /api/user-groups/:id"],
  question: (clients, { pocketId }) => deleteQuestion(clients, pocketId),
  label: ({ name }) => name,
  remove: (client, { pocketId }) => pocketId.oidcClients.delete(client),
});

export const oidcClientUpdateAllowedGroups = defineTool({
  name: "oidc_client_update_allowed_groups",
  title: "Change who may sign in",
  description: "Who may sign in. Tells how it was before.",
  risk: "danger",
  asks: {
    when: "when it makes a difference",
    async question({ client, ...change }, { pocketId }) {
      const { before, after } = await pocketId.oidcClients.previewAccess(client, change);
      const sentences = await accessSentences(pocketId, client, before, after);
      if (sentences.length === 0) return undefined;
      return {
        text: `Change who can sign in? ${sentences.join(" ")}`,
        about: { id: client.id, access: standingOf(before) },
      };
    },
  },
  input: {
    client: clientRef,
    access: AccessKind.optional().describe("Who may sign in"),
    groups: groupRefs.optional().describe("Exactly these"),
    add: setChangeFields(groupRefs).add,
    remove: setChangeFields(groupRefs).remove,
  },
  output: {
    client: ClientName,
    before: Access,
    after: Access,
    ...membershipFields(UserGroupReference),
  },
  routes: [
    "PUT /api/oidc/clients/:id/allowed-user-groups",
    "PUT /api/oidc/clients/:id",
    "GET /api/oidc/clients/:id",
    "GET /api/users",
    "GET /api/user-groups/:id",
  ],
  check: checkAccessChange,
  async run({ client, ...change }, { pocketId }) {
    return { client, ...outcomeOf(await pocketId.oidcClients.updateAccess(client, change)) };
  },
});

export const oidcClientRefreshMetadata = defineTool({
  name: "oidc_client_refresh_metadata",
  title: "Refresh a client's metadata",
  description: "Reread the document of a client that registered itself. May revoke everybody's consent.",
  risk: "danger",
  asks: {
    when: "always",
    question: ({ client }, { pocketId }) => refreshQuestion(client, pocketId),
  },
  openWorld: true,
  input: { client: clientRef },
  output: { client: Client, changed: updatedFields.changed },
  routes: [
    "POST /api/oidc/clients/:id/refresh",
    "GET /api/oidc/clients/:id",
    "GET /api/users",
    "GET /api/user-groups/:id",
  ],
  async run({ client }, { pocketId }) {
    const { client: now, changed, consentsRevoked } = await pocketId.oidcClients.refreshMetadata(client);
    const note = consentsRevoked
      ? "Everybody's consent to this client was revoked: they are asked again when they sign in next."
      : "Pocket ID does not show the grant types in the document: if they changed, everybody's consent was revoked.";
    return { client: { ...now, access: accessOf(now).access }, changed, notes: [note] };
  },
});
