import type { Connection } from "./connection.ts";
import { editDistance } from "./edit-distance.ts";
import { InputError } from "./errors.ts";
import { checkSetChange, type SetChange } from "./membership.ts";

/** An object by its id or a natural key, or the object itself as it was found before. */
export type Reference<T extends { readonly id: string } = { readonly id: string }> = string | T;

/** How objects of one kind are found. */
export interface Finder<T extends { id: string }> {
  /** What one of them is called in an error, such as `user`. */
  readonly kind: string;
  /** Where to look for them, such as `user_list`. */
  readonly listedBy: string;
  /** Reads one by id; undefined if there is none. Left out where ids are found by walking. */
  byId?(id: string): Promise<T | undefined>;
  /** Says whether a text can be an id at all. */
  isId(text: string): boolean;
  /** Whether what can be an id is never a name: an id that is gone must not lead to whoever has taken it as a name. */
  readonly idsAlone: boolean;
  /** Those that a search for the text brings: whom it names best is among them, if any are named. Left out where Pocket ID cannot search. */
  search?(text: string): AsyncIterable<T>;
  /** All of them, for names that the search does not look at, and to suggest close ones. */
  all(): AsyncIterable<T>;
  /** How well the text names this object: 0 not at all; of several that it names, the highest counts. */
  match(item: T, text: string): number;
  /** How to show one to a person. */
  label(item: T): string;
}

/** Makes what finds objects of one kind: only where there is one to be found. */
export type FinderOf<T extends { id: string }> = (connection: Connection) => Finder<T>;

const mostCandidates = 5;
/** From this many references on, one walk over the list costs fewer requests than a search for each. */
const manyReferences = 4;

/**
 * Finds the one object that a reference names.
 * @param field the argument it came from, for the error
 * @throws {InputError} if it names none or several, with candidates
 */
export async function findOne<T extends { id: string }>(finder: Finder<T>, text: string, field: string): Promise<T> {
  checkReference(text, field);
  if (finder.byId !== undefined && finder.isId(text)) {
    const found = await finder.byId(text);
    if (found !== undefined) return found;
  }
  const searched = finder.search === undefined ? [] : best(finder, await collect(finder.search(text)), text);
  if (searched.length > 0) return only(finder, searched, text, field);
  const everything = await collect(finder.all());
  const found = best(finder, everything, text);
  if (found.length === 0) throw unknown(finder, text, field, everything);
  return only(finder, found, text, field);
}

/**
 * Finds all of them, each once, in the order given. Objects that were found before are taken as they are.
 * @throws {InputError} at the first that names none or several
 */
export async function findAll<T extends { id: string }>(
  finder: Finder<T>,
  references: readonly Reference<T>[],
  field: string,
): Promise<T[]> {
  const texts = references.flatMap((reference, index) => {
    if (typeof reference !== "string") return [];
    checkReference(reference, `${field}[${index}]`);
    return [reference];
  });
  const found =
    texts.length < manyReferences ? await oneByOne(finder, texts, field) : await inOneWalk(finder, texts, field);
  const byText = new Map(texts.map((text, index) => [text, found[index]]));
  const items = references.flatMap((reference) =>
    typeof reference === "string" ? (byText.get(reference) ?? []) : reference,
  );
  return [...new Map(items.map((item) => [item.id, item])).values()];
}

/** Finds everything that a change of a set names. @throws {InputError} */
export async function findChange<T extends { id: string }>(
  finder: Finder<T>,
  change: SetChange<Reference<T>>,
): Promise<SetChange<T>> {
  checkSetChange(change);
  const find = (field: "add" | "remove" | "replace") =>
    change[field] === undefined ? undefined : findAll(finder, change[field], field);
  return { add: await find("add"), remove: await find("remove"), replace: await find("replace") };
}

async function oneByOne<T extends { id: string }>(
  finder: Finder<T>,
  texts: readonly string[],
  field: string,
): Promise<T[]> {
  const found: T[] = [];
  for (const [index, text] of texts.entries()) found.push(await findOne(finder, text, `${field}[${index}]`));
  return found;
}

async function inOneWalk<T extends { id: string }>(
  finder: Finder<T>,
  texts: readonly string[],
  field: string,
): Promise<T[]> {
  const everything = await collect(finder.all());
  const byId = new Map(everything.map((item) => [item.id, item]));
  return texts.map((text, index) => {
    const item = byId.get(text);
    if (item !== undefined) return item;
    const exact = best(finder, everything, text);
    if (exact.length === 0) throw unknown(finder, text, `${field}[${index}]`, everything);
    return only(finder, exact, text, `${field}[${index}]`);
  });
}

function best<T extends { id: string }>(finder: Finder<T>, items: readonly T[], text: string): T[] {
  const nameCounts = !(finder.idsAlone && finder.isId(text));
  const rankOf = (item: T) => (item.id === text ? Number.POSITIVE_INFINITY : nameCounts ? finder.match(item, text) : 0);
  const ranked = items.map((item) => ({ item, rank: rankOf(item) }));
  const highest = Math.max(0, ...ranked.map(({ rank }) => rank));
  return highest === 0 ? [] : ranked.filter(({ rank }) => rank === highest).map(({ item }) => item);
}

function only<T extends { id: string }>(finder: Finder<T>, exact: readonly T[], text: string, field: string): T {
  const [first, ...others] = exact;
  if (first !== undefined && others.length === 0) return first;
  const candidates = exact.slice(0, mostCandidates).map((item) => `${finder.label(item)}, id ${item.id}`);
  throw new InputError(
    field,
    `${exact.length} of them are called ${quote(text)}: ${candidates.join("; ")}. Give the id.`,
  );
}

function unknown<T extends { id: string }>(
  finder: Finder<T>,
  text: string,
  field: string,
  everything: readonly T[],
): InputError {
  const candidates = closest(text, everything, finder.label).slice(0, mostCandidates);
  const hint = candidates.length > 0 ? `Close ones: ${candidates.join("; ")}.` : `Look for it with ${finder.listedBy}.`;
  return new InputError(field, `there is no ${finder.kind} ${quote(text)}. ${hint}`);
}

/**
 * Refuses what could not be an id or a name before anything is sent.
 * @throws {InputError}
 */
export function checkReference(text: string, field: string): void {
  if (text.trim() === "") throw new InputError(field, "it is empty. Give an id or a name.");
  if (/(?:^|[/\\])\.\.?(?:[/\\]|$)/.test(text)) {
    throw new InputError(field, `${quote(text)} is a path, not an id or a name.`);
  }
}

/** Labels that resemble a text, the closest first. */
export function closest<T>(text: string, items: readonly T[], label: (item: T) => string): string[] {
  const wanted = plain(text);
  return items
    .map((item) => label(item))
    .map((candidate) => ({ candidate, distance: resemblance(wanted, plain(candidate)) }))
    .filter(({ distance }) => distance <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .map(({ candidate }) => candidate);
}

/** Without case and accents. */
const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function resemblance(wanted: string, candidate: string): number {
  if (candidate.includes(wanted)) return 0;
  // A name of several words is compared as a whole, too.
  const names = candidate.split(/[()]/).map((name) => name.trim());
  const words = candidate.split(/[\s(),]+/);
  return Math.min(...[...names, ...words].filter(Boolean).map((part) => editDistance(wanted, part)));
}

/** Objects that are held at once at the most. */
const mostHeld = 100_000;

/** Gathers items up to a number. */
export async function collect<T>(items: AsyncIterable<T>, most = mostHeld): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) {
    if (collected.length >= most) break;
    collected.push(item);
  }
  return collected;
}

const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** What a reference names, with as much of it as was found; the id alone, if no more was given. @throws {InputError} */
export async function objectOf<T extends { id: string }>(
  finderOf: FinderOf<T>,
  connection: Connection,
  reference: Reference,
  field: string,
): Promise<Partial<T> & { readonly id: string }> {
  return typeof reference === "string"
    ? findOne(finderOf(connection), reference, field)
    : (reference as Partial<T> & { id: string });
}

/** The id of what a reference names. @throws {InputError} */
export async function idOf<T extends { id: string }>(
  finderOf: FinderOf<T>,
  connection: Connection,
  reference: Reference,
  field: string,
): Promise<string> {
  return typeof reference === "string" ? (await findOne(finderOf(connection), reference, field)).id : reference.id;
}
