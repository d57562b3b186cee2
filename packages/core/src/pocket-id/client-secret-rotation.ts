import { abortSignalOf } from "./cancellation.ts";
import { describeSecrets, findSecret, isActiveSecret } from "./client-secret-reference.ts";
import type { Connection } from "./connection.ts";
import { parseDuration } from "./duration.ts";
import { InputError, NotPossibleError, PocketIdError } from "./errors.ts";
import {
  addClientSecret,
  type ClientSecretValue,
  checkNewSecret,
  confidentialClient,
  type NewClientSecret,
  oneAtOnce,
} from "./new-client-secret.ts";
import { type ClientSecret, OidcClient } from "./objects/oidc-client.ts";
import { requireFields } from "./requirements.ts";

/** How a secret takes the place of another. */
export interface ClientSecretRotation extends NewClientSecret {
  /** Id or prefix of the one that goes; if left out, the only one that still works. Pocket ID >= 2.14. */
  replaces?: string | undefined;
  /** How long both are to work, such as `24h`: the old one then stays until somebody deletes it. Pocket ID >= 2.14. */
  overlap?: string | undefined;
}

/** A new secret, shown this once, and what became of the old one. */
export interface RotatedClientSecret extends ClientSecretValue {
  /** Pocket ID >= 2.14. */
  readonly old?: {
    readonly id: string;
    readonly prefix: string;
    readonly deleted: boolean;
    /** When to delete it, where the two overlap. */
    readonly deleteAfter?: string;
    /** Why it could not be deleted. */
    readonly error?: string;
  };
}

/** Secrets that a client can have, expired ones included. */
const mostSecrets = 20;
const longestOverlapDays = 366;

/**
 * Checks how long two secrets are to overlap.
 * @returns seconds
 * @throws {InputError}
 */
export function parseOverlap(overlap: string): number {
  const seconds = parseDuration(overlap, "overlap");
  if (seconds < 1 || seconds > longestOverlapDays * 86_400)
    throw new InputError("overlap", `give more than nothing, and at most ${longestOverlapDays} days.`);
  return seconds;
}

/**
 * Makes a new secret first, has it kept, and deletes exactly the old one after that, so that there is one that works at any time, and a new
 * one that was made is always returned. Before 2.14, Pocket ID replaces the one there is in one step.
 * Routes: `POST /api/oidc/clients/:id/secrets`, `DELETE …/secrets/:secretId`, before 2.14 `POST /api/oidc/clients/:id/secret`.
 * @throws {InputError} if it does not say, or cannot, which secret is the old one
 * @throws {NotPossibleError} while another call replaces a secret of the same client
 */
export const rotateClientSecret = (
  connection: Connection,
  id: string,
  rotation?: ClientSecretRotation,
): Promise<RotatedClientSecret> => oneAtOnce(connection, id, () => rotate(connection, id, rotation));

async function rotate(
  connection: Connection,
  id: string,
  rotation: ClientSecretRotation = {},
): Promise<RotatedClientSecret> {
  const { replaces: _, overlap, ...options } = rotation;
  const overlapSeconds = overlap === undefined ? undefined : parseOverlap(overlap);
  const began = connection.began ?? performance.now();
  const { old } = await planRotation(connection, id, rotation);
  if (old === undefined) return addClientSecret(connection, id, options);

  const made = await addClientSecret(connection, id, options);
  // From here on nothing may fail, nor take longer than the client waits.
  const row = { id: old.id, prefix: old.prefix };
  if (overlapSeconds !== undefined) {
    const deleteAfter = new Date(Date.now() + overlapSeconds * 1_000).toISOString();
    return { ...made, old: { ...row, deleted: false, deleteAfter } };
  }
  const error = await deleteSecret(connection, id, old.id, began + connection.deadlineMs);
  return {
    ...made,
    replaced: error === undefined,
    old: { ...row, deleted: error === undefined, ...(error && { error }) },
  };
}

/** A client, and the secret of it that a rotation ends. */
export interface PlannedRotation {
  readonly client: OidcClient;
  /** Undefined before 2.14: Pocket ID tells nothing of the one that there may be. */
  readonly old: ClientSecret | undefined;
}

/** Finds what a rotation is about. Only reads. @throws {InputError} as the rotation does */
export async function planRotation(
  connection: Connection,
  id: string,
  { replaces, overlap, ...options }: ClientSecretRotation = {},
): Promise<PlannedRotation> {
  await checkNewSecret(connection, options);
  await requireFields(connection, "clientSecret", { replaces, overlap });
  const client = await confidentialClient(connection, id);
  if (!(await connection.supports("client.severalSecrets"))) return { client, old: undefined };
  const secrets = client.credentials?.secrets ?? [];
  const old = replaces === undefined ? onlyActive(client.name, secrets) : findSecret(secrets, replaces, "replaces");
  checkRoom(client.name, secrets);
  return { client, old };
}

function onlyActive(name: string, secrets: readonly ClientSecret[]): ClientSecret {
  const [first, ...others] = secrets.filter(isActiveSecret);
  if (first === undefined) {
    throw new NotPossibleError(
      `${name} has no secret that works, so there is none to replace. Make one with oidc_client_create_secret.`,
    );
  }
  if (others.length === 0) return first;
  throw new InputError(
    "replaces",
    `${name} has several secrets that work: ${describeSecrets([first, ...others])}. Say which one goes.`,
  );
}

function checkRoom(name: string, secrets: readonly ClientSecret[]): void {
  if (secrets.length < mostSecrets) return;
  const expired = secrets.filter((secret) => !isActiveSecret(secret));
  const which = expired.length > 0 ? "one that has expired" : "one that nothing uses any more";
  const candidates = describeSecrets(expired.length > 0 ? expired : secrets);
  throw new NotPossibleError(
    `${name} has ${secrets.length} secrets, and Pocket ID takes no more than ${mostSecrets}. Delete ${which} with oidc_client_delete_secret first: ${candidates}.`,
  );
}

/**
 * @param until when it has to be over, by `performance.now()`
 * @returns why it could not be deleted; undefined if it is gone
 */
async function deleteSecret(
  connection: Connection,
  id: string,
  secretId: string,
  until: number,
): Promise<string | undefined> {
  const left = Math.floor(until - performance.now());
  if (left <= 0) return "there was no time left for it.";
  const end = AbortSignal.timeout(left);
  const { signal } = connection;
  const limited = connection.within({
    signal: signal === undefined ? end : AbortSignal.any([abortSignalOf(signal), end]),
  });
  try {
    await limited.request("DELETE /api/oidc/clients/:id/secrets/:secretId", { params: { id, secretId } });
    return undefined;
  } catch (error) {
    if (!(error instanceof PocketIdError))
      return end.aborted ? "there was no time left to see whether it is gone." : "the call was ended.";
    // It may be gone all the same: somebody else deleted it, or only the answer was lost. A silent instance is not asked again.
    return error.code === "timeout" || (await isThere(limited, id, secretId)) ? error.message : undefined;
  }
}

async function isThere(connection: Connection, id: string, secretId: string): Promise<boolean> {
  try {
    const { credentials } = await connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } });
    return (credentials?.secrets ?? []).some((secret) => secret.id === secretId);
  } catch {
    return true;
  }
}
