import * as z from "zod";
import type { Connection } from "./connection.ts";
import { InputError } from "./errors.ts";
import { OidcClient } from "./objects/oidc-client.ts";
import { requireFields } from "./requirements.ts";
import { makeSecret, type ShownOnce } from "./shown-once.ts";

export interface NewClientSecret {
  /** A value of one's own, 16 printable ASCII characters or more; if left out, Pocket ID makes one. Pocket ID >= 2.12. */
  secret?: string | undefined;
  /** When it stops working; never, if left out. Pocket ID >= 2.14. */
  expiresAt?: Date | undefined;
}

/** A client secret as it is shown this once. */
export interface ClientSecretValue {
  readonly secret: string;
  /** True if the secret that the client had until now stopped to work (Pocket ID < 2.14). */
  readonly replaced: boolean;
  /** Pocket ID >= 2.14. */
  readonly id?: string;
  readonly expiresAt?: string | null;
}

const OneSecret = z.object({ secret: z.string().min(1) });
/** The value is shown this once: it is not given up for whatever else is odd about the answer. */
const AddedSecret = z.object({
  ...OneSecret.shape,
  id: z.string().optional().catch(undefined),
  expiresAt: z.string().nullish().catch(undefined),
});

/** Checks a secret of one's own. @throws {InputError} */
export function checkClientSecret({ secret }: Pick<NewClientSecret, "secret">): void {
  if (secret !== undefined && !/^[\x20-\x7e]{16,}$/.test(secret))
    throw new InputError("secret", "it has to be 16 printable ASCII characters or more.");
}

/**
 * Makes a secret for a confidential client. Pocket ID >= 2.14 adds it to those the client has; before, it replaces the one.
 * Routes: `POST /api/oidc/clients/:id/secrets`, before 2.14 `POST /api/oidc/clients/:id/secret`. Never repeated.
 * @throws {InputError} for a public client
 */
export async function createClientSecret(
  connection: Connection,
  id: string,
  options: NewClientSecret = {},
): Promise<ClientSecretValue> {
  await checkNewSecret(connection, options);
  const create = async () => {
    await confidentialClient(connection, id);
    return addClientSecret(connection, id, options);
  };
  // Where it replaces the one there is, two at once would leave one of them with a secret that is dead already.
  return (await connection.supports("client.severalSecrets")) ? create() : oneAtOnce(connection, id, create);
}

/**
 * Replaces a secret of a client unless another call is at it: of two at once, one would end what the other has just given out.
 * @throws {NotPossibleError}
 */
export const oneAtOnce = <T>(connection: Connection, id: string, work: () => Promise<T>): Promise<T> =>
  connection.alone(
    `secret ${id}`,
    "Another call is replacing the secret of this client right now. Look at what it answers before you do it again.",
    work,
  );

/** Reads a client that can have secrets. @throws {InputError} for a public one */
export async function confidentialClient(connection: Connection, id: string): Promise<OidcClient> {
  const client = await connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } });
  if (!client.isPublic) return client;
  throw new InputError(
    "client",
    `${client.name} is public and has no secret. Set isPublic to false first if it can keep one.`,
  );
}

/** The same without a look at the client. The secret is kept before this returns. */
export async function addClientSecret(
  connection: Connection,
  id: string,
  { secret, expiresAt }: NewClientSecret,
): Promise<ClientSecretValue> {
  const params = { id };
  const chosen = secret === undefined ? {} : { secret };
  if (!(await connection.supports("client.severalSecrets"))) {
    const made = await makeSecret(connection, {
      send: (steady) => steady.json("POST /api/oidc/clients/:id/secret", OneSecret, { params, body: chosen }),
      shown: ({ secret: value }) => ({ ...clientSecret(id, value), lost: replacedAndLost }),
      unsure: "If it was made, the old secret has stopped working and nobody knows the new one: make another.",
    });
    return { secret: made.secret, replaced: true };
  }
  const body = { ...chosen, ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}) };
  const added = await makeSecret(connection, {
    send: (steady) => steady.json("POST /api/oidc/clients/:id/secrets", AddedSecret, { params, body }),
    shown: ({ secret: value, id: secretId }) => ({
      ...clientSecret(id, value),
      ...(secretId === undefined ? {} : deletable(id, secretId)),
    }),
    unsure:
      "If a secret was made, nobody knows it: look with oidc_client_list_secrets, and delete it with oidc_client_delete_secret.",
  });
  return {
    secret: added.secret,
    replaced: false,
    ...(added.id === undefined ? {} : { id: added.id }),
    ...(added.expiresAt === undefined ? {} : { expiresAt: added.expiresAt }),
  };
}

const clientSecret = (of: string, value: string) => ({
  what: "client secret",
  of,
  value,
  lost: "It was not deleted again, and nobody knows it: find it with oidc_client_list_secrets, and delete it with oidc_client_delete_secret.",
});

const deletable = (id: string, secretId: string): Pick<ShownOnce, "takeBack" | "takenBack" | "lost"> => ({
  takeBack: (steady) => steady.request("DELETE /api/oidc/clients/:id/secrets/:secretId", { params: { id, secretId } }),
  takenBack: "It was deleted again; what the client had before works as it did.",
  lost: `It could not be deleted again, and nobody knows it: delete it with oidc_client_delete_secret, secrets ["${secretId}"].`,
});

const replacedAndLost =
  "Pocket ID before 2.14 cannot take it back: the secret that the client had stopped working, and nobody knows the new one. " +
  "Make another with oidc_client_create_secret as soon as it can be kept.";

/**
 * Refuses a secret that could not be made, before anything is.
 * @throws {InputError}
 */
export async function checkNewSecret(connection: Connection, options: NewClientSecret): Promise<void> {
  checkClientSecret(options);
  await requireFields(connection, "clientSecret", { ...options });
}
