import { setChangeOf } from "./change-record.ts";
import type { Connection } from "./connection.ts";
import { InputError } from "./errors.ts";
import { rewrite } from "./rewrite.ts";
import type { NotApplied } from "./update.ts";

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

/** Key of what users and groups are to each other: it can be written from both sides. */
export const memberships = "memberships";
/** Key of what clients and groups are to each other: written from both sides, and by whatever opens a client. */
export const clientAccess = "clients";

/** What a change of a set did. */
export interface SetChanged<T> extends Membership<T> {
  readonly notApplied: NotApplied[];
  /** Names of those whom somebody else put in or took out while this was under way, and who are as they left them. */
  readonly kept: string[];
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
  const without = (items: readonly T[], others: readonly T[]) => items.filter(({ id }) => !has(others, id));
  return { added: without(after, before), removed: without(before, after) };
}

export interface SetSteps<T> {
  /** Names what the set belongs to: changes of the same wait for each other. */
  readonly key: string;
  /** Kind and id of the object that has the set, and its name there. */
  readonly object: string;
  readonly field: string;
  /** What was found by its name. */
  readonly seen?: readonly T[] | undefined;
  read(): Promise<T[]>;
  write(ids: string[]): Promise<unknown>;
  readonly change: SetChange<T>;
}

/** Changes a set that can only be written as a whole. Nothing is written where nothing would change; the answer is what was read afterwards. */
export async function changeSet<T extends { id: string }>(
  connection: Connection,
  { key, object, field, seen: found, read, write, change }: SetSteps<T>,
): Promise<SetChanged<T>> {
  const { seen, before, based, after } = await rewrite<readonly T[], unknown>(connection, {
    key,
    seen: found,
    read,
    change(current) {
      const { items, added, removed } = applySetChange(current, change);
      return added.length + removed.length === 0 ? undefined : () => write(items.map(({ id }) => id));
    },
  });
  const asked = [...(change.add ?? []), ...(change.remove ?? []), ...(change.replace ?? [])];
  const kept = [difference(seen, before), difference(before, based)]
    .flatMap(({ added, removed }) => [...added, ...removed])
    .filter(({ id }) => has(based, id) === has(after, id) && !has(asked, id));
  const ours = ({ id }: T) => !has(kept, id);
  const { added, removed } = difference(before, after);
  if (added.length + removed.length > 0)
    connection.tellChange(setChangeOf(object, field, { before, after, added, removed }));
  return {
    items: [...after],
    added: added.filter(ours),
    removed: removed.filter(ours),
    notApplied: notTaken(after, change),
    kept: kept.map((item) => String(nameOf(item))),
  };
}

/** Says whether an object is among others. */
export const has = (items: readonly { id: string }[], id: string): boolean => items.some((item) => item.id === id);

/** What a change asked for and is not so afterwards. */
export function notTaken<T extends { id: string }>(
  after: readonly T[],
  { add = [], remove = [], replace }: SetChange<T>,
): NotApplied[] {
  const missing = (replace ?? add).filter(({ id }) => !has(after, id));
  const left =
    replace === undefined ? remove.filter(({ id }) => has(after, id)) : after.filter(({ id }) => !has(replace, id));
  const why = "afterwards: somebody else may have changed the set at the same time.";
  return [
    ...missing.map((item) => ({ field: replace ? "replace" : "add", reason: `${nameOf(item)} is not there ${why}` })),
    ...left.map((item) => ({ field: replace ? "replace" : "remove", reason: `${nameOf(item)} is still there ${why}` })),
  ];
}
