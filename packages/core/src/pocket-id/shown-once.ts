import type { Connection } from "./connection.ts";
import { PocketIdError } from "./errors.ts";

/** A secret that Pocket ID shows this once: right after it was made. */
export interface ShownOnce {
  /** What it is, such as `client secret`. */
  readonly what: string;
  readonly value: string;
  /** Id of the object that it belongs to. */
  readonly of: string;
  /** Ends it again, if it cannot be kept; left out where nothing can. */
  takeBack?(connection: Connection): Promise<unknown>;
  /** What it means that it was taken back, if it is more than that it was deleted again: sentences. */
  readonly takenBack?: string;
  /** What it means that nobody knows it, where it was not taken back: sentences with the next step. */
  readonly lost: string;
}

/** Takes care of secrets that are shown once, while a call makes them. */
export interface Keeper {
  /** Told before the first request that makes one, or what it is for; again before others. @throws {Error} if none may be made */
  begin(): Promise<void>;
  /** Puts one where it is safe. @throws {Error} that says in a sentence why it could not, without the secret */
  keep(secret: ShownOnce): Promise<void>;
}

/** How a secret is made. */
export interface SecretMaking<T> {
  /** Sends the one request, whose answer holds the secret. */
  send(connection: Connection): Promise<T>;
  /** The secret in the answer. */
  shown(made: T): ShownOnce;
  /** What to do where there was no answer, and Pocket ID may have made it all the same: sentences. */
  readonly unsure: string;
}

/**
 * Makes a secret, and has it kept before anything else happens. From the request on, the call cannot be cancelled any more: the value would
 * be lost. If it cannot be kept, it is taken back where that is possible.
 * @throws {PocketIdError} `secret_not_kept`, which says what became of it
 */
export async function makeSecret<T>(connection: Connection, { send, shown, unsure }: SecretMaking<T>): Promise<T> {
  await connection.keeper?.begin();
  connection.signal?.throwIfAborted();
  const steady = connection.within({ signal: undefined });
  const made = await send(steady).catch((error: unknown) => {
    throw mayHaveMade(error) ? new PocketIdError(`${error.message} ${unsure}`, error, { cause: error }) : error;
  });
  const secret = shown(made);
  try {
    await connection.keeper?.keep(secret);
  } catch (error) {
    throw await notKept(steady, secret, error);
  }
  return made;
}

/** Says whether Pocket ID may have carried out the request: it did not refuse it, and nothing here did. */
const mayHaveMade = (error: unknown): error is PocketIdError =>
  error instanceof PocketIdError &&
  (error.status === null || error.status < 300 || error.status >= 500) &&
  error.code !== "unknown_operation" &&
  error.code !== "route_not_declared";

async function notKept(
  connection: Connection,
  { what, takeBack, takenBack = "It was deleted again.", lost }: ShownOnce,
  reason: unknown,
): Promise<PocketIdError> {
  const gone = await takeBack?.(connection).then(
    () => true,
    () => false,
  );
  const why = reason instanceof Error ? reason.message : "unknown";
  return new PocketIdError(
    `Pocket ID made the new ${what}, but it could not be kept: ${why} ${gone ? takenBack : lost}`,
    { status: null, code: "secret_not_kept", route: "" },
    { cause: reason },
  );
}
