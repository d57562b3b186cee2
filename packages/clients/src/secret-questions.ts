import {
  accessOf,
  type ClientSecret,
  type ClientSecretRotation,
  canAuthenticate,
  type NewClientSecret,
  type OidcClient,
  type OidcClientReference,
  type PocketIdClient,
} from "@pocketid-mcp/core";
import { counted, peopleText, type Question, quoted, quotedClient } from "@pocketid-mcp/core/runtime";

export async function newSecretQuestion(
  reference: OidcClientReference,
  secret: NewClientSecret,
  pocketId: PocketIdClient,
): Promise<Question> {
  const client = await pocketId.oidcClients.previewSecret(reference, secret);
  const several = await pocketId.supports("client.severalSecrets");
  const working = several ? secretsOf(client).filter(isActive).length : 0;
  return {
    text: several
      ? `Make another secret for ${quotedClient(client)}? Whoever has it can act as this application. ` +
        `It has ${counted(working, "secret")} that ${working > 1 ? "work" : "works"} today.`
      : `Make a new secret for ${quotedClient(client)}? ${await interruption(client, pocketId)}`,
    about: standingOf(client),
  };
}

export async function rotationQuestion(
  reference: OidcClientReference,
  rotation: ClientSecretRotation,
  pocketId: PocketIdClient,
): Promise<Question> {
  const { client, old } = await pocketId.oidcClients.previewRotation(reference, rotation);
  const which = old === undefined ? "the secret" : `the secret ${describe(old)},`;
  return {
    text:
      old === undefined || rotation.overlap === undefined
        ? `Replace ${which} of ${quotedClient(client)}? ${await interruption(client, pocketId)}`
        : `Make a new secret for ${quotedClient(client)}, to replace ${describe(old)}? ` +
          "Whoever has it can act as this application. The old one stays until somebody deletes it.",
    about: { ...standingOf(client), old: old?.id },
  };
}

/** Undefined if none of them works any more. */
export async function deleteSecretsQuestion(
  reference: OidcClientReference,
  references: readonly string[],
  pocketId: PocketIdClient,
): Promise<Question | undefined> {
  const secrets = await pocketId.oidcClients.findSecrets(reference, references);
  if (!secrets.some(isActive)) return undefined;
  const client = await pocketId.oidcClients.get(reference);
  const left = secretsOf(client).filter(({ id }) => !secrets.some((secret) => secret.id === id));
  const credentials = { ...client.credentials, secrets: left };
  const people = peopleText(await pocketId.people.withAccess(accessOf(client)));
  return {
    text:
      `Delete ${counted(secrets.length, "secret")} of ${quotedClient(client)} (${secrets.map(describe).join(", ")})? ` +
      `Whatever uses ${secrets.length === 1 ? "it" : "them"} cannot sign anybody in any more. ` +
      (canAuthenticate({ ...client, credentials })
        ? `Others of it still work; ${people} can sign in to it today.`
        : `It has no other that works: ${people} can sign in to it today, and nobody after that.`),
    about: { ...standingOf(client), secrets: secrets.map(({ id }) => id) },
  };
}

/** What it means that the secret that an application uses stops working. */
async function interruption(client: OidcClient, { people }: PocketIdClient): Promise<string> {
  const count = peopleText(await people.withAccess(accessOf(client)));
  return `The one that it uses now stops working at once, and nobody can sign in until it has the new one: ${count} can today.`;
}

const secretsOf = ({ credentials }: OidcClient): readonly ClientSecret[] => credentials?.secrets ?? [];
const isActive = ({ isActive }: ClientSecret): boolean => isActive !== false;
const describe = ({ prefix, createdAt }: ClientSecret): string =>
  `${prefix === "" ? "of before 2.14" : quoted(`${prefix}…`)}, made ${createdAt.slice(0, 10)}`;

/** What a question about the secrets of a client stands on. */
const standingOf = (client: OidcClient) => ({
  id: client.id,
  name: client.name,
  secrets: secretsOf(client).map((secret) => ({ id: secret.id, isActive: isActive(secret) })),
});
