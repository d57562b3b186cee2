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
  /** Told right before the first request that makes one; again before others. */
  begin(): Promise<void>;
  /** Puts one where it is safe. @throws {Error} that says in a sentence why it could not, without the secret */
  keep(secret: ShownOnce): Promise<void>;
}

/**
 * Makes a secret, and has it kept before anything else happens. From the request on, the call cannot be cancelled any more: the value would
 * be lost. If it cannot be kept, it is taken back where that is possible.
 * @param make sends the one request, whose answer holds the secret
 * @throws {PocketIdError} `secret_not_kept`, which says what became of it
 */
export async function makeSecret<T>(
  connection: Connection,
  make: (steady: Connection) => Promise<T>,
  describe: (made: T) => ShownOnce,
): Promise<T> {
  await connection.keeper?.begin();
  connection.signal?.throwIfAborted();
  const steady = connection.within({ signal: undefined });
  const made = await make(steady);
  const secret = describe(made);
  try {
    await connection.keeper?.keep(secret);
  } catch (error) {
    throw await notKept(steady, secret, error);
  }
  return made;
}

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
