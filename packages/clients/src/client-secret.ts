import { ClientSecret, canAuthenticate, checkClientSecret, parseExpiry, parseOverlap } from "@pocketid-mcp/core";
import { checkSome, clientRef, defineTool, oneByOne, secretText } from "@pocketid-mcp/core/runtime";
import * as z from "zod";
import { deleteSecretsQuestion, newSecretQuestion, rotationQuestion } from "./secret-questions.ts";

const ClientName = z.object({ id: z.string(), name: z.string() });
const secretRef = z.string().min(1).max(100);

const newSecretFields = {
  secret: secretText.optional().describe("Your own, 16+ characters"),
  expiresAt: z.string().max(40).optional().describe("RFC 3339 or 90d"),
};

/** What is shown of a new secret. */
const newSecret = {
  client: ClientName,
  secret: z.string(),
  /** Whether the old secret stopped to work. */
  replaced: z.boolean(),
  id: z.string().optional(),
  expiresAt: z.string().nullable().optional(),
};

export const oidcClientListSecrets = defineTool({
  name: "oidc_client_list_secrets",
  title: "List client secrets",
  description: "Secrets of a client, by their beginnings.",
  risk: "read",
  input: { client: clientRef },
  output: { client: ClientName, secrets: z.array(ClientSecret) },
  routes: ["GET /api/oidc/clients/:id/secrets"],
  run: async ({ client }, { pocketId }) => ({ client, secrets: await pocketId.oidcClients.secrets(client) }),
});

export const oidcClientCreateSecret = defineTool({
  name: "oidc_client_create_secret",
  title: "Create a client secret",
  description: "A new secret, shown once. Before 2.14 it replaces the old one: the application stops until it has it.",
  risk: "danger",
  asks: {
    when: "always",
    question: ({ client, secret, expiresAt }, { pocketId }) =>
      newSecretQuestion(client, { secret, expiresAt: expiryOf(expiresAt) }, pocketId),
  },
  input: { client: clientRef, ...newSecretFields },
  output: newSecret,
  routes: [
    "POST /api/oidc/clients/:id/secrets",
    "POST /api/oidc/clients/:id/secret",
    "DELETE /api/oidc/clients/:id/secrets/:secretId",
    "GET /api/oidc/clients/:id",
    "GET /api/users",
    "GET /api/user-groups/:id",
  ],
  reveals: ["secret"],
  check(values) {
    checkClientSecret(values);
    expiryOf(values.expiresAt);
  },
  async run({ client, secret, expiresAt }, { pocketId }) {
    const made = await pocketId.oidcClients.createSecret(client, { secret, expiresAt: expiryOf(expiresAt) });
    const notes = made.replaced
      ? [giveItNow]
      : [
          "Older secrets of this client still work. Delete them with oidc_client_delete_secret when nothing uses them any more.",
        ];
    return { client, ...made, notes };
  },
});

export const oidcClientRotateSecret = defineTool({
  name: "oidc_client_rotate_secret",
  title: "Replace a client secret",
  description: "Make a new secret, shown once, then delete the old one.",
  risk: "danger",
  asks: {
    when: "always",
    question: ({ client, ...rotation }, { pocketId }) =>
      rotationQuestion(client, { ...rotation, expiresAt: expiryOf(rotation.expiresAt) }, pocketId),
  },
  input: {
    client: clientRef,
    replaces: secretRef.optional().describe("Id or prefix"),
    ...newSecretFields,
    overlap: z.string().optional().describe("Keep the old one, like 24h"),
  },
  output: {
    ...newSecret,
    old: z
      .object({
        id: z.string(),
        prefix: z.string(),
        deleted: z.boolean(),
        deleteAfter: z.string().optional(),
        error: z.string().optional(),
      })
      .optional(),
  },
  routes: [
    "POST /api/oidc/clients/:id/secrets",
    "POST /api/oidc/clients/:id/secret",
    "DELETE /api/oidc/clients/:id/secrets/:secretId",
    "GET /api/oidc/clients/:id",
    "GET /api/users",
    "GET /api/user-groups/:id",
  ],
  reveals: ["secret"],
  check(values) {
    checkClientSecret(values);
    expiryOf(values.expiresAt);
    if (values.overlap !== undefined) parseOverlap(values.overlap);
  },
  async run({ client, replaces, overlap, secret, expiresAt }, { pocketId }) {
    const made = await pocketId.oidcClients.rotateSecret(client, {
      replaces,
      overlap,
      secret,
      expiresAt: expiryOf(expiresAt),
    });
    return { client, ...made, notes: [noteOn(made)] };
  },
});

export const oidcClientDeleteSecret = defineTool({
  name: "oidc_client_delete_secret",
  title: "Delete client secrets",
  description: "Delete secrets: whoever uses them cannot sign in any more.",
  risk: "danger",
  asks: {
    when: "when one of them still works",
    question: ({ client, secrets }, { pocketId }) => deleteSecretsQuestion(client, secrets, pocketId),
  },
  input: { client: clientRef, secrets: z.array(secretRef).max(20).describe("Ids or prefixes") },
  output: {
    client: ClientName,
    secrets: z.array(
      z.object({ id: z.string(), prefix: z.string(), deleted: z.boolean(), error: z.string().optional() }),
    ),
    /** Secrets that the client still has. */
    left: z.array(ClientSecret),
  },
  routes: [
    "DELETE /api/oidc/clients/:id/secrets/:secretId",
    "GET /api/oidc/clients/:id/secrets",
    "GET /api/oidc/clients/:id",
    "GET /api/users",
    "GET /api/user-groups/:id",
  ],
  check: ({ secrets }) => checkSome("secrets", secrets, "delete"),
  async run({ client, secrets }, { pocketId: { oidcClients } }) {
    const rows = await oneByOne(await oidcClients.findSecrets(client, secrets), {
      label: ({ prefix }) => prefix,
      result: (deleted) => ({ deleted }),
      async act(secret) {
        await oidcClients.deleteSecret(client, secret);
        return undefined;
      },
    });
    const now = await oidcClients.get(client);
    return {
      client,
      secrets: rows.map(({ name: prefix, ...row }) => ({ ...row, prefix })),
      left: now.credentials?.secrets ?? [],
      ...(canAuthenticate(now) ? {} : { notes: [withoutCredentials(now.name)] }),
    };
  },
});

const giveItNow = "The old secret stopped working: give the new one to the application now.";

const withoutCredentials = (name: string): string =>
  `${name} has no secret that works and no federated identity left: it cannot sign anybody in. Make one with oidc_client_create_secret.`;

function noteOn({ old }: { old?: { id: string; deleted: boolean; deleteAfter?: string; error?: string } }): string {
  if (old === undefined || old.deleted) return giveItNow;
  const how = `with oidc_client_delete_secret, secrets ["${old.id}"]`;
  return old.deleteAfter === undefined
    ? `The new secret works. The old one could not be deleted, and still works unless it has expired: delete it ${how}.`
    : `The old secret stays, and Pocket ID does not end it by itself: delete it ${how}, after ${old.deleteAfter}.`;
}

const expiryOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : parseExpiry(text));
