import * as z from "zod";
import { oncePer } from "../once-per.ts";
import type { PocketIdClient } from "../pocket-id/client.ts";
import { type Found, finderRoutes, type ReferenceKind } from "../pocket-id/finders.ts";
import { checkReference } from "../pocket-id/reference.ts";
import type { Route } from "../pocket-id/versions.ts";

/** Marks the schemas whose values name an object of Pocket ID. */
const kinds = z.registry<{ kind: ReferenceKind }>();

/** An argument that names one object. */
function reference<K extends ReferenceKind>(kind: K, description?: string) {
  const text = z.string().min(1).max(320);
  const schema = (description === undefined ? text : text.describe(description)).brand<K>();
  kinds.add(schema, { kind });
  return schema;
}

/** An argument that names several. */
const references = <K extends ReferenceKind>(kind: K, description: string) =>
  z.array(reference(kind)).max(500).describe(description);

export const userRef = reference("user", "Username, email or id");
export const userRefs = references("user", "Usernames, emails or ids");
export const groupRef = reference("group", "Name or id");
export const groupRefs = references("group", "Names or ids");
export const clientRef = reference("client", "Name or id");
export const clientRefs = references("client", "Names or ids");
export const apiRef = reference("api", "Name, resource or id");
export const apiRefs = references("api", "Names, resources or ids");
export const apiKeyRef = reference("apiKey", "Name or id");
export const apiKeyRefs = references("apiKey", "Names or ids");
export const passkeyRef = reference("passkey", "Name or id");
export const passkeyRefs = references("passkey", "Names or ids");
export const signupTokenRefs = references("signupToken", "Ids");

/** Arguments after their references have been resolved: what was a name is the object now, and what said where a secret is, the secret. */
export type Resolved<T> = { [K in keyof T]: ResolvedValue<T[K]> };

type ResolvedValue<T> =
  T extends z.core.$brand<infer K>
    ? K extends ReferenceKind
      ? Found[K]
      : K extends "secret"
        ? string
        : T
    : T extends readonly (infer U)[]
      ? ResolvedValue<U>[]
      : T;

/** An object that a call acts on, for the action log. */
export interface Target {
  readonly kind: ReferenceKind;
  readonly id: string;
}

/** Which arguments of a tool are references. */
const referencesIn = oncePer((input: z.ZodRawShape): { name: string; kind: ReferenceKind }[] =>
  Object.entries(input).flatMap(([name, schema]) => {
    const kind = kindOf(schema);
    return kind === undefined ? [] : [{ name, kind }];
  }),
);

/** The operations that resolving the references of a tool needs. */
export function referenceRoutes(input: z.ZodRawShape): Route[] {
  return referencesIn(input).flatMap(({ kind }) => finderRoutes[kind]);
}

/**
 * Refuses what cannot be a reference, before any of them is looked up.
 * @throws {InputError}
 */
export function checkReferences(input: z.ZodRawShape, values: Readonly<Record<string, unknown>>): void {
  for (const { name } of referencesIn(input)) {
    const value = values[name];
    if (typeof value === "string") checkReference(value, name);
    if (Array.isArray(value)) {
      value.forEach((text, index) => {
        checkReference(String(text), `${name}[${index}]`);
      });
    }
  }
}

/**
 * Puts the objects in the place of their names.
 * @throws {InputError} for the first that names none or several
 */
export async function resolveReferences(
  pocketId: PocketIdClient,
  input: z.ZodRawShape,
  values: Readonly<Record<string, unknown>>,
): Promise<{ values: Record<string, unknown>; targets: Target[] }> {
  const resolved: Record<string, unknown> = { ...values };
  const targets: Target[] = [];
  for (const { name, kind } of referencesIn(input)) {
    const value = values[name];
    if (typeof value === "string") {
      const object = await pocketId.find(kind, value, name);
      resolved[name] = object;
      targets.push({ kind, id: object.id });
    } else if (Array.isArray(value)) {
      const objects: readonly { id: string }[] = await pocketId.findAll(kind, value.map(String), name);
      resolved[name] = objects;
      targets.push(...objects.map(({ id }) => ({ kind, id })));
    }
  }
  return { values: resolved, targets };
}

function kindOf(schema: unknown): ReferenceKind | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return kindOf(schema.unwrap());
  if (schema instanceof z.ZodArray) return kindOf(schema.element);
  return schema instanceof z.ZodString ? kinds.get(schema)?.kind : undefined;
}
