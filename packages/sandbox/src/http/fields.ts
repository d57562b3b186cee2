import { parseDuration, parseMoment } from "../moments.ts";
import { min as atLeast, max as atMost, type Rule } from "./rules.ts";

/** A JSON value of the wrong type: Go's decoder gives up on the whole body. */
export class WrongType extends Error {}

export interface Failure {
  /** "[0]" for an element of a list, otherwise empty. */
  readonly index: string;
  readonly tag: string;
  readonly param?: string;
  /** Set for a member of a nested object, whose own name is reported. */
  readonly member?: { readonly name: string; readonly go: string };
}

/** How one member of a request body is decoded and checked. `go` is the field's name in error texts up to 2.12. */
export interface Field<T> {
  readonly go: string;
  /** What it is in JSON. */
  readonly type: "string" | "boolean" | "integer" | "array" | "object";
  /** The members of an object, or of each object in a list. */
  readonly members?: Shape;
  decode(json: unknown): T;
  check(value: T): Failure[];
  /** Applied after the check, as Pocket ID does. */
  normalise?(value: T): T;
}

export type Shape = Readonly<Record<string, Field<unknown>>>;

export type Bound<S extends Shape> = { [K in keyof S]: S[K] extends Field<infer T> ? T : never };

interface TextOptions {
  readonly required?: boolean;
  readonly rules?: readonly Rule[];
  readonly nfc?: boolean;
}

const nfc = (value: string): string => value.normalize("NFC");

/** A string; left out or null is the empty string, which only `required` refuses. */
export function text(
  go: string,
  { required = false, rules = [], nfc: normalised = false }: TextOptions = {},
): Field<string> {
  return {
    go,
    type: "string",
    decode: (json) => asText(json) ?? "",
    check: (value) => firstFailure(value, required, rules),
    ...(normalised && { normalise: nfc }),
  };
}

/** A string that may be left out: the rules look only at one that is there. */
export function optionalText(go: string, options: Omit<TextOptions, "required"> = {}): Field<string> {
  const field = text(go, options);
  return { ...field, check: (value) => (value === "" ? [] : field.check(value)) };
}

/** A string or null. The empty string is not null: it has to pass the rules. */
export function nullableText(
  go: string,
  { rules = [], nfc: normalised = false }: TextOptions = {},
): Field<string | null> {
  return {
    go,
    type: "string",
    decode: asText,
    check: (value) => (value === null ? [] : firstFailure(value, false, rules)),
    ...(normalised && { normalise: (value) => (value === null ? null : nfc(value)) }),
  };
}

export function flag(go: string): Field<boolean> {
  return {
    go,
    type: "boolean",
    decode: (json) => {
      if (json === undefined || json === null) return false;
      if (typeof json === "boolean") return json;
      throw new WrongType();
    },
    check: () => [],
  };
}

interface IntegerOptions {
  readonly required?: boolean;
  readonly between?: readonly [number, number];
  readonly tag?: string;
}

/** `tag`: one rule for both ends, which zero, meaning unset, passes. */
export function integer(go: string, { required = false, between, tag }: IntegerOptions = {}): Field<number> {
  return {
    go,
    type: "integer",
    decode: (json) => {
      if (json === undefined || json === null) return 0;
      if (typeof json === "number" && Number.isInteger(json)) return json;
      throw new WrongType();
    },
    check: (value) => {
      if (value === 0) return required ? [{ index: "", tag: "required" }] : [];
      if (between === undefined) return [];
      const [low, high] = between;
      if (value >= low && value <= high) return [];
      if (tag !== undefined) return [{ index: "", tag }];
      return [
        value < low ? { index: "", tag: "min", param: String(low) } : { index: "", tag: "max", param: String(high) },
      ];
    },
  };
}

/** Null is "left out"; `required` refuses only that, never an empty list. */
export function textList(
  go: string,
  { required = false, each = [] }: { required?: boolean; each?: readonly (Rule | "required")[] } = {},
): Field<string[] | null> {
  return {
    go,
    type: "array",
    decode: (json) => {
      if (json === undefined || json === null) return null;
      if (!Array.isArray(json)) throw new WrongType();
      return json.map((item) => asText(item) ?? "");
    },
    check: (value) => {
      if (value === null) return required ? [{ index: "", tag: "required" }] : [];
      const rules = each.filter((rule) => rule !== "required");
      return value.flatMap((item, at) =>
        firstFailure(item, each.includes("required"), rules).map((failure) => ({ ...failure, index: `[${at}]` })),
      );
    },
  };
}

export function objectList<S extends Shape>(go: string, shape: S): Field<Bound<S>[]> {
  return {
    go,
    type: "array",
    members: shape,
    decode: (json) => {
      if (json === undefined || json === null) return [];
      if (!Array.isArray(json)) throw new WrongType();
      return json.map((item) => decodeObject(item, shape));
    },
    check: (items) =>
      items.flatMap((item) =>
        checkObject(item, shape).map(({ name, go: member, failure }) => ({ ...failure, member: { name, go: member } })),
      ),
    normalise: (items) => items.map((item) => normaliseObject(item, shape)),
  };
}

export function object<S extends Shape>(go: string, shape: S): Field<Bound<S>> {
  return { go, type: "object", members: shape, decode: (json) => decodeObject(json ?? {}, shape), check: () => [] };
}

/** RFC 3339; null when left out. */
export function moment(go: string, { required = false } = {}): Field<{ sent: string; at: Date } | null> {
  return {
    go,
    type: "string",
    decode: (json) => {
      const sent = asText(json);
      if (sent === null) return null;
      const at = parseMoment(sent);
      if (at === undefined) throw new WrongType();
      return { sent, at };
    },
    check: (value) => (value === null && required ? [{ index: "", tag: "required" }] : []),
  };
}

const LONGEST_TTL = 31 * 24 * 3600;

/** Whole seconds as a number, or a Go duration. Zero means the default. In seconds. */
export function ttl(go: string): Field<number> {
  return {
    go,
    type: "string",
    decode: (json) => {
      if (json === undefined || json === "") return 0;
      if (typeof json === "number") return Math.trunc(json);
      const seconds = typeof json === "string" ? parseDuration(json) : undefined;
      if (seconds === undefined) throw new WrongType();
      return seconds;
    },
    check: (value) => (value === 0 || (value > 1 && value <= LONGEST_TTL) ? [] : [{ index: "", tag: "ttl" }]),
  };
}

export const between = (low: number, high: number): readonly Rule[] => [atLeast(low), atMost(high)];

function asText(json: unknown): string | null {
  if (json === undefined || json === null) return null;
  if (typeof json === "string") return json;
  throw new WrongType();
}

function firstFailure(value: string, required: boolean, rules: readonly Rule[]): Failure[] {
  if (required && value === "") return [{ index: "", tag: "required" }];
  const broken = rules.find((rule) => !rule.holds(value));
  if (broken === undefined) return [];
  return [{ index: "", tag: broken.tag, ...(broken.param !== undefined && { param: broken.param }) }];
}

/** Go matches member names exactly or, failing that, without regard to case; the last one wins. */
export function decodeObject<S extends Shape>(json: unknown, shape: S): Bound<S> {
  if (json === null) return decodeObject({}, shape);
  if (typeof json !== "object" || Array.isArray(json)) throw new WrongType();
  const members = new Map<string, unknown>();
  for (const [name, value] of Object.entries(json)) {
    const known = Object.hasOwn(shape, name)
      ? name
      : Object.keys(shape).find((key) => key.toLowerCase() === name.toLowerCase());
    if (known !== undefined && !(value === null && members.has(known))) members.set(known, value);
  }
  const bound = Object.entries(shape).map(([name, field]) => [name, field.decode(members.get(name))]);
  // The one place where JSON enters: every member has just been decoded by the field of its name.
  return Object.fromEntries(bound) as Bound<S>;
}

export interface NamedFailure {
  readonly name: string;
  readonly go: string;
  readonly failure: Failure;
}

export function checkObject<S extends Shape>(value: Bound<S>, shape: S): NamedFailure[] {
  return Object.entries(shape).flatMap(([name, field]) =>
    field
      .check(value[name])
      .map((failure) => ({ name: failure.member?.name ?? name, go: failure.member?.go ?? field.go, failure })),
  );
}

export function normaliseObject<S extends Shape>(value: Bound<S>, shape: S): Bound<S> {
  const normal = Object.entries(shape).map(([name, field]) => [
    name,
    field.normalise ? field.normalise(value[name]) : value[name],
  ]);
  return Object.fromEntries(normal) as Bound<S>;
}
