import { InputError } from "./errors.ts";

/** A change of a set: some in, some out, or exactly these. */
export interface SetChange<T> {
  add?: readonly T[] | undefined;
  remove?: readonly T[] | undefined;
  replace?: readonly T[] | undefined;
}

/** A set after a change. */
export interface Membership<T> {
  readonly items: T[];
  readonly added: T[];
  readonly removed: T[];
}

/**
 * Refuses a change that says nothing, or two things at once.
 * @throws {InputError}
 */
export function checkSetChange({ add, remove, replace }: SetChange<unknown>): void {
  if (replace !== undefined && (add !== undefined || remove !== undefined)) {
    throw new InputError("replace", "it stands for the whole set. Give either replace, or add and remove.");
  }
  if (replace === undefined && !add?.length && !remove?.length) {
    throw new InputError("add", "there is nothing to change. Give add, remove or replace.");
  }
}

/**
 * The set that a change makes of the current one.
 * @throws {InputError} if something is to come in and go out at once
 */
export function applySetChange<T extends { id: string }>(
  current: readonly T[],
  { add = [], remove = [], replace }: SetChange<T>,
): Membership<T> {
  const both = add.find((item) => remove.some(({ id }) => id === item.id));
  if (both !== undefined) throw new InputError("remove", `${nameOf(both)} is in add, too.`);
  const wanted = replace ?? [...current.filter(({ id }) => !remove.some((item) => item.id === id)), ...add];
  const items = [...new Map(wanted.map((item) => [item.id, item])).values()];
  return { items, ...difference(current, items) };
}

const nameOf = (item: { id: string; name?: unknown; username?: unknown }) => item.username ?? item.name ?? item.id;

/** Who came in and who went out between two states of a set. */
export function difference<T extends { id: string }>(
  before: readonly T[],
  after: readonly T[],
): { added: T[]; removed: T[] } {
  const without = (items: readonly T[], others: readonly T[]) =>
    items.filter(({ id }) => !others.some((other) => other.id === id));
  return { added: without(after, before), removed: without(before, after) };
}

export interface SetSteps<T> {
  read(): Promise<T[]>;
  write(ids: string[]): Promise<unknown>;
  change: SetChange<T>;
}

/** Changes a set that can only be written as a whole. Nothing is written where nothing would change; the answer is what was read afterwards. */
export async function changeSet<T extends { id: string }>({
  read,
  write,
  change,
}: SetSteps<T>): Promise<Membership<T>> {
  const before = await read();
  const next = applySetChange(before, change);
  if (next.added.length === 0 && next.removed.length === 0) return next;
  await write(next.items.map(({ id }) => id));
  const items = await read();
  return { items, ...difference(before, items) };
}
