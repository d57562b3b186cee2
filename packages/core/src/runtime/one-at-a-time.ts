import { createHash } from "node:crypto";
import { join } from "node:path";
import { lockAt } from "../action-log/lock.ts";
import { NotPossibleError } from "../pocket-id/errors.ts";
import { Turns } from "../pocket-id/turns.ts";
import { makeFolder } from "./make-folder.ts";

/** Runs a piece of work when no other is under way on the same instance. @throws {NotPossibleError} if that takes too long */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>;

/** Milliseconds after which a holder of whom nothing can be found out is taken for gone. No call takes so long. */
const patienceMs = 600_000;

/**
 * Keeps guarded calls apart: in this process by turns, and between servers that have the same folder by a lock in it. Each server is a process
 * of its own, and two of them could do together what none does alone. Where no lock can be made, turns alone have to do.
 * @param folder made when it is needed
 * @param warn told once if no lock can be made
 * @param waitMs milliseconds to wait for the other servers; an MCP client waits for a minute
 */
export function oneAtATime(
  folder: string,
  instance: string,
  warn: (message: string) => void,
  waitMs = 30_000,
): OneAtATime {
  const turns = new Turns();
  const name = createHash("sha256").update(instance).digest("hex").slice(0, 16);
  const lock = lockAt(join(folder, `guarded-${name}.lock`), { patienceMs });
  let warned = false;

  const take = async (): Promise<{ release(): void }> => {
    try {
      makeFolder(folder);
      const held = await lock.take(waitMs);
      if (held !== undefined) return held;
    } catch (error) {
      if (!warned)
        warn(
          `no lock can be made in ${folder} (${codeOf(error)}): the servers cannot wait for each other before what could lock administrators out`,
        );
      warned = true;
      return { release: () => undefined };
    }
    throw new NotPossibleError(
      "Another call that has to be alone, because the two could lock administrators out together, is still under way. Try again when it is over.",
    );
  };

  return (work) =>
    turns.take("guarded", async () => {
      const held = await take();
      try {
        return await work();
      } finally {
        held.release();
      }
    });
}

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : "unknown");
