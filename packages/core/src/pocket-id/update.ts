import { changeOf, type Plain, plainValue } from "./change-record.ts";
import { changedFields, type Fields, sameValue } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { InputError, notAsExpected } from "./errors.ts";
import { rewrite } from "./rewrite.ts";
import type { Route } from "./versions.ts";

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
  /** Fields that somebody else changed while this was under way, and that are as they left them. */
  readonly kept: string[];
}

export interface UpdateSteps<T extends Fields> {
  /** Names the object, by kind and id: changes of the same one wait for each other, and are told of by this name. */
  readonly key: string;
  /** What was found by its name; not made use of if it is not whole. */
  readonly seen?: Fields | undefined;
  read(): Promise<T>;
  /** Writes the whole object; may tell of fields that were not taken although the rest was. The request must be sent `once`. */
  write(body: Fields, before: T): Promise<NotApplied[]>;
  /** The fields to change; a left-out one stays as it is. `again`: it was tried before, and may have been carried out. */
  patch(current: T, again: boolean): Fields;
  /** Fields that the object has to have, or the PUT would reset them: what was read without one is not written back. */
  readonly whole: WholeFields;
  /** Fields of the object that its PUT does not take. */
  readonly readOnly: ReadonlySet<string>;
  /** Fields that a PUT takes and no answer shows. */
  readonly writeOnly?: ReadonlySet<string>;
  /** What a log may hold of a value; no texts, if left out. */
  readonly plain?: Plain;
  /** Why this object did not take a field. */
  reason(object: T, field: string): string;
}

/** The fields of an object that its PUT resets where they are left out, and the operation that shows them. */
export interface WholeFields {
  readonly route: Route;
  readonly fields: readonly string[];
}

/**
 * Changes some fields of an object whose PUT replaces all of them: reads, merges, writes, and reads back what holds now. Fields that we do
 * not know are carried along. Nothing is written where nothing would change.
 */
export async function updateFields<T extends Fields>(
  connection: Connection,
  {
    key,
    seen: found,
    read,
    write,
    patch,
    whole,
    readOnly,
    writeOnly = none,
    plain = plainValue,
    reason,
  }: UpdateSteps<T>,
): Promise<Updated<T>> {
  let wanted: Fields = {};
  const asked = (): string[] => Object.keys(wanted).filter((field) => wanted[field] !== undefined);
  const isSeen = (field: string): boolean => !writeOnly.has(field);
  const isWhole = found !== undefined && whole.fields.every((field) => found[field] !== undefined);
  const {
    seen,
    before,
    based,
    after: object,
    written: refused = [],
  } = await rewrite<T, NotApplied[], Fields>(connection, {
    key,
    seen: isWhole ? found : undefined,
    read,
    change(current, again) {
      wanted = patch(current, again);
      if (asked().length === 0)
        throw new InputError("fields", "there is nothing to change. Give one or more with their new values.");
      if (asked().every((field) => isSeen(field) && sameValue(current[field], wanted[field]))) return undefined;
      const missing = whole.fields.find((field) => current[field] === undefined);
      if (missing !== undefined) throw notAsExpected(whole.route, missing);
      return () => write(mergeFields(current, wanted, readOnly), current);
    },
  });
  const unseen = asked().filter((field) => !isSeen(field) && !refused.some((entry) => entry.field === field));
  const lost = asked().filter((field) => isSeen(field) && !sameValue(object[field], wanted[field]));
  const others = [
    ...Object.keys(seen).filter((field) => !sameValue(seen[field], before[field])),
    ...changedFields(before, based),
  ];
  const kept = [...new Set(others)].filter((field) => !readOnly.has(field) && !asked().includes(field));
  const changed = [...changedFields(before, object).filter((field) => !kept.includes(field)), ...unseen];
  if (changed.length > 0) connection.tellChange(changeOf(key, changed, before, object, plain));
  return {
    before,
    object,
    changed,
    notApplied: [...refused, ...lost.map((field) => ({ field, reason: reason(object, field) }))],
    kept,
  };
}

const none: ReadonlySet<string> = new Set();

/** The body of a PUT: everything that the object has and a PUT takes, with the patch on top. */
export function mergeFields(current: Fields, patch: Fields, readOnly: ReadonlySet<string>): Fields {
  const kept = Object.entries(current).filter(([field]) => !readOnly.has(field));
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...kept, ...given]);
}
