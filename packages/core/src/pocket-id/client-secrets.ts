import { findSecret, isActiveSecret } from "./client-secret-reference.ts";
import {
  type ClientSecretRotation,
  type PlannedRotation,
  planRotation,
  type RotatedClientSecret,
  rotateClientSecret,
} from "./client-secret-rotation.ts";
import type { Connection } from "./connection.ts";
import { NotPossibleError } from "./errors.ts";
import {
  type ClientSecretValue,
  checkNewSecret,
  confidentialClient,
  createClientSecret,
  type NewClientSecret,
} from "./new-client-secret.ts";
import { collection } from "./objects/collection.ts";
import { ClientSecret, type OidcClient } from "./objects/oidc-client.ts";
import type { Reference } from "./reference.ts";

/** The secrets of clients. Pocket ID < 2.14 keeps one for each and tells nothing of it. */
export interface ClientSecrets {
  /** `GET /api/oidc/clients/:id/secrets`: all of them, expired ones too. Pocket ID >= 2.14. @throws {NotPossibleError} before */
  secrets(client: Reference): Promise<ClientSecret[]>;
  /** Those that ids or prefixes name, each once. Pocket ID >= 2.14. @throws {InputError} with candidates */
  findSecrets(client: Reference, references: readonly string[]): Promise<ClientSecret[]>;
  /** Adds a secret (Pocket ID >= 2.14), or replaces the one there is. */
  createSecret(client: Reference, options?: NewClientSecret): Promise<ClientSecretValue>;
  /** The client that a secret would be made for. Only reads. @throws {InputError} where making it would */
  previewSecret(client: Reference, options?: NewClientSecret): Promise<OidcClient>;
  /** The client, and the secret that a rotation would end. Only reads. @throws {InputError} where the rotation would */
  previewRotation(client: Reference, rotation?: ClientSecretRotation): Promise<PlannedRotation>;
  /** Makes a new secret and then, unless the two are to overlap, deletes the old one. */
  rotateSecret(client: Reference, rotation?: ClientSecretRotation): Promise<RotatedClientSecret>;
  /** `DELETE /api/oidc/clients/:id/secrets/:secretId`: it stops working at once. Pocket ID >= 2.14. */
  deleteSecret(client: Reference, secret: { readonly id: string }): Promise<void>;
}

/**
 * @param find the id of the client that is named
 */
export function clientSecretsOf(connection: Connection, find: (client: Reference) => Promise<string>): ClientSecrets {
  const list = async (client: Reference): Promise<ClientSecret[]> => {
    await requireSeveralSecrets(connection);
    const params = { id: await find(client) };
    return connection.json("GET /api/oidc/clients/:id/secrets", collection(ClientSecret), { params });
  };

  return {
    secrets: list,

    async findSecrets(client, references) {
      const secrets = await list(client);
      const found = references.map((reference, index) => findSecret(secrets, reference, `secrets[${index}]`));
      return [...new Set(found)];
    },

    createSecret: async (client, options) => createClientSecret(connection, await find(client), options),

    async previewSecret(client, options = {}) {
      await checkNewSecret(connection, options);
      return confidentialClient(connection, await find(client));
    },

    previewRotation: async (client, rotation) => planRotation(connection, await find(client), rotation),

    rotateSecret: async (client, rotation) => rotateClientSecret(connection, await find(client), rotation),

    async deleteSecret(client, secret) {
      const params = { id: await find(client), secretId: secret.id };
      await connection.request("DELETE /api/oidc/clients/:id/secrets/:secretId", { params });
    },
  };
}

/** Says whether a client can prove who it is: by a secret that has not expired or a federated identity, or because a public one need not. */
export function canAuthenticate({ isPublic, credentials }: OidcClient): boolean {
  const { secrets = [], federatedIdentities = [] } = credentials ?? {};
  return isPublic || federatedIdentities.length > 0 || secrets.some(isActiveSecret);
}

async function requireSeveralSecrets(connection: Connection): Promise<void> {
  if (await connection.supports("client.severalSecrets")) return;
  const { version } = await connection.version();
  throw new NotPossibleError(
    `Pocket ID ${version} keeps one secret for a client at the most, and tells nothing of it. Update Pocket ID to 2.14.0 or later; ` +
      "until then, oidc_client_rotate_secret replaces the one.",
  );
}
