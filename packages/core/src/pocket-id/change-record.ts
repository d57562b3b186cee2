import type { Fields } from "./compare.ts";

/** A value that can be told of without telling of anybody: a switch, a number, a count, ids, or one of a few choices. */
export type PlainValue = boolean | number | string | string[] | null;

/** A value before and after a change. */
export interface ValueChange {
  readonly before: PlainValue;
  readonly after: PlainValue;
  /** Ids that came in and went out, of a set that is given as a count. */
  readonly added?: string[];
  readonly removed?: string[];
}

/** What is known of a change that was carried out, for logs. Holds no text that somebody wrote, no address and no secret. */
export interface ChangeRecord {
  /** Kind and id, such as `user:…`. */
  readonly object: string;
  /** Names of the fields that changed. */
  readonly fields: readonly string[];
  /** Those of their values that are no text. */
  readonly values: Readonly<Record<string, ValueChange>>;
}

/** What can be told of the value of a field; undefined if nothing can. */
export type Plain = (field: string, value: unknown) => PlainValue | undefined;

/** More ids than these are a count. */
const mostIds = 100;

/** What can be told of any field: texts never, of lists how long they are. */
export const plainValue: Plain = (field, value) => {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "boolean" || typeof value === "number") return value;
  if (!Array.isArray(value)) return undefined;
  return /I[dD]s$/.test(field) && value.length <= mostIds ? value.map(String) : value.length;
};

/** The change of an object that was replaced as a whole. */
export function changeOf(
  object: string,
  fields: readonly string[],
  before: Fields,
  after: Fields,
  plain: Plain = plainValue,
): ChangeRecord {
  const values = fields.flatMap((field): [string, ValueChange][] => {
    const [was, is] = [plain(field, before[field]), plain(field, after[field])];
    // That there was a text and is none now would be all that is left of it.
    return was === undefined || is === undefined || (was === null && is === null)
      ? []
      : [[field, { before: was, after: is }]];
  });
  return { object, fields, values: Object.fromEntries(values) };
}

/** The change of a set of objects: how many there are, and which came in and went out. */
export function setChangeOf<T extends { id: string }>(
  object: string,
  field: string,
  { before, after, added, removed }: { before: readonly T[]; after: readonly T[]; added: T[]; removed: T[] },
): ChangeRecord {
  const counts = { before: before.length, after: after.length };
  const idsOf = (items: readonly T[]) => items.map(({ id }) => id);
  const few = added.length + removed.length <= mostIds;
  const value = few ? { ...counts, added: idsOf(added), removed: idsOf(removed) } : counts;
  return { object, fields: [field], values: { [field]: value } };
}
