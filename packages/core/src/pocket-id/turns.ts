import { NotPossibleError } from "./errors.ts";

/** Lets pieces of work that concern the same thing run one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #alone = new Set<string>();

  /** Runs a piece of work when all before it that have the same key are over, however they ended. */
  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    const over = turn.catch(() => undefined);
    this.#last.set(key, over);
    void over.then(() => {
      if (this.#last.get(key) === over) this.#last.delete(key);
    });
    return turn;
  }

  /**
   * Runs a piece of work unless one that has the same key is under way.
   * @param busy what to say then
   * @throws {NotPossibleError}
   */
  async alone<T>(key: string, busy: string, work: () => Promise<T>): Promise<T> {
    if (this.#alone.has(key)) throw new NotPossibleError(busy);
    this.#alone.add(key);
    try {
      return await work();
    } finally {
      this.#alone.delete(key);
    }
  }
}
