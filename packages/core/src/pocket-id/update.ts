import { InputError } from "./errors.ts";

/** A field that Pocket ID did not take. */
export interface NotApplied {
  readonly field: string;
  readonly reason: string;
}

/** What an update did. */
export interface Updated<T> {
  readonly before: T;
  /** What Pocket ID holds now, read after the change. */
  readonly object: T;
  /** Fields that differ now, also those that Pocket ID changed along with the ones asked for. */
  readonly changed: string[];
  readonly notApplied: NotApplied[];
}

export type Fields = Readonly<Record<string, unknown>>;

export interface UpdateSteps<T extends Fields> {
  read(): Promise<T>;
  /** Writes the whole object; may tell of fields that were not taken although the rest was. */
  write(body: Fields, before: T): Promise<NotApplied[]>;
  /** The fields to change; a left-out one stays as it is. */
  patch(before: T): Fields;
  /** Fields of the object that its PUT does not take. */
  readOnly: ReadonlySet<string>;
  /** Fields that a PUT takes and no answer shows. */
  writeOnly?: ReadonlySet<string>;
  /** Why this object did not take a field. */
  reason(object: T, field: string): string;
}

/**
 * Changes some fields of an object whose PUT replaces all of them: reads, merges, writes, and reads back what holds now. Fields that we do
 * not know are carried along. Nothing is written where nothing would change.
 */
export async function updateFields<T extends Fields>({
  read,
  write,
  patch,
  readOnly,
  writeOnly = none,
  reason,
}: UpdateSteps<T>): Promise<Updated<T>> {
  const before = await read();
  const wanted = patch(before);
  const asked = Object.keys(wanted).filter((field) => wanted[field] !== undefined);
  if (asked.length === 0)
    throw new InputError("fields", "there is nothing to change. Give one or more with their new values.");
  const unseen = asked.filter((field) => writeOnly.has(field));
  const seen = asked.filter((field) => !writeOnly.has(field));
  if (unseen.length === 0 && seen.every((field) => sameValue(before[field], wanted[field]))) {
    return { before, object: before, changed: [], notApplied: [] };
  }
  const refused = await write(mergeFields(before, wanted, readOnly), before);
  const object = await read();
  const lost = seen.filter((field) => !sameValue(object[field], wanted[field]));
  return {
    before,
    object,
    changed: [
      ...changedFields(before, object),
      ...unseen.filter((field) => !refused.some((entry) => entry.field === field)),
    ],
    notApplied: [...refused, ...lost.map((field) => ({ field, reason: reason(object, field) }))],
  };
}

const none: ReadonlySet<string> = new Set();

/** The body of a PUT: everything that the object has and a PUT takes, with the patch on top. */
export function mergeFields(current: Fields, patch: Fields, readOnly: ReadonlySet<string>): Fields {
  const kept = Object.entries(current).filter(([field]) => !readOnly.has(field));
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...kept, ...given]);
}

/** Names of the fields in which two states of an object differ. */
export function changedFields(before: Fields, after: Fields): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((field) => !sameValue(before[field], after[field]));
}

/** Compares values as Pocket ID stores them: text in NFC, and absent, null, "" and an empty list alike. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (typeof a === "string" && typeof b === "string") return a.normalize("NFC") === b.normalize("NFC");
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (isFields(a) && isFields(b)) return changedFields(a, b).length === 0;
  return a === b;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
