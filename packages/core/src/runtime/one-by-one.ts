import { InputError, PocketIdError } from "../pocket-id/errors.ts";
import { clip, errorText } from "./error-text.ts";

/** How acting on one object ended, where it was not simply done. */
export interface Ending {
  /** It was like that before, so nothing was sent. */
  readonly already?: true;
  /** Why it is not like that, although Pocket ID refused nothing. */
  readonly error?: string;
}

export interface OneByOne<T, R extends object> {
  /** What a person calls one of them. */
  label(object: T): string;
  /** What a row says of the object, such as `{ deleted: true }`. */
  result(done: boolean): R;
  /** @throws {PocketIdError} which becomes the row of this object */
  act(object: T): Promise<Ending | undefined>;
}

/**
 * Acts on several objects, one after the other, with a row for each: what Pocket ID refuses for one does not stop the others.
 * @throws {PocketIdError} the first, if it refused every one
 */
export async function oneByOne<T extends { readonly id: string }, R extends object>(
  objects: readonly T[],
  { label, result, act }: OneByOne<T, R>,
): Promise<(Ending & R & { id: string; name: string })[]> {
  const failures: PocketIdError[] = [];
  const rows: (Ending & R & { id: string; name: string })[] = [];
  for (const object of objects) {
    const row = { id: object.id, name: label(object) };
    try {
      const ending = (await act(object)) ?? {};
      rows.push({ ...row, ...result(ending.error === undefined), ...ending });
    } catch (failure) {
      if (!(failure instanceof PocketIdError)) throw failure;
      failures.push(failure);
      // The key's own owner is disabled before it can be read again: what was done stands in the row, and what failed then beside it.
      rows.push({ ...row, ...result(failure.begun), error: clip(errorText(failure)) });
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length === objects.length) throw first;
  return rows;
}

/**
 * Refuses an empty list, before anything is looked up.
 * @param purpose what they are named for, such as `delete`
 * @throws {InputError}
 */
export function checkSome(field: string, references: unknown, purpose: string): void {
  if (Array.isArray(references) && references.length === 0)
    throw new InputError(field, `it is empty. Name what to ${purpose}.`);
}
