import * as z from "zod";
import type { Contract, ListedSchema } from "./contract.ts";
import type { Tool } from "./define-tool.ts";
import { annotationsOf } from "./risk.ts";

/** Makes the contract of a server from its tools. */
export function contractOf(tools: readonly Tool[]): Contract {
  return {
    tools: tools.map(({ name, title, description, input, output, risk, routes, openWorld }) => ({
      name,
      title,
      description,
      inputSchema: listedSchema(input, "input"),
      outputSchema: listedSchema(output, "output"),
      annotations: annotationsOf(risk, routes, openWorld),
    })),
  };
}

/** JSON Schema of a zod schema without what costs tokens and tells a model nothing. */
export function listedSchema(schema: z.ZodObject, io: "input" | "output"): ListedSchema {
  return { ...lean(z.toJSONSchema(schema, { io })), type: "object" };
}

/** Limits are checked all the same; an error then says what is wrong. */
const checkedOnly: ReadonlySet<string> = new Set([
  "$schema",
  "pattern",
  "format",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "propertyNames",
]);

function lean(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { type, description, properties, items, anyOf, additionalProperties, ...keywords } = schema;
  const kept = Object.entries(keywords).filter(([keyword]) => !checkedOnly.has(keyword));
  return {
    ...(type === undefined ? {} : { type }),
    ...(description === undefined ? {} : { description }),
    ...Object.fromEntries(kept),
    ...(isSchema(properties) ? { properties: mapValues(properties, leanIfSchema) } : {}),
    ...(items === undefined ? {} : { items: leanIfSchema(items) }),
    ...(Array.isArray(anyOf) ? nullable(anyOf.filter(isSchema).flatMap(choicesOf).map(lean)) : {}),
    ...(additionalProperties === undefined ? {} : { additionalProperties: leanIfSchema(additionalProperties) }),
  };
}

const leanIfSchema = (value: unknown): unknown => (isSchema(value) ? lean(value) : value);

const mapValues = (
  object: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown,
): Record<string, unknown> => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));

/** A choice that is nothing but a choice itself becomes a part of the one that it stands in. */
const choicesOf = (choice: Readonly<Record<string, unknown>>): Record<string, unknown>[] =>
  Array.isArray(choice.anyOf) && Object.keys(choice).length === 1 ? choice.anyOf.filter(isSchema) : [choice];

/** Writes "this or null" as one schema with two types. */
function nullable(choices: readonly Record<string, unknown>[]): Record<string, unknown> {
  const [first, second] = choices;
  if (choices.length !== 2 || first === undefined || second?.type !== "null" || typeof first.type !== "string") {
    const types = choices.filter(isType).map(({ type }) => type);
    return { anyOf: types.length < 2 ? choices : [{ type: types }, ...choices.filter((choice) => !isType(choice))] };
  }
  return {
    ...first,
    type: [first.type, "null"],
    ...(Array.isArray(first.enum) ? { enum: [...first.enum, null] } : {}),
  };
}

/** Says whether a schema names a type and nothing else. */
const isType = (schema: Readonly<Record<string, unknown>>): boolean =>
  typeof schema.type === "string" && Object.keys(schema).length === 1;

const isSchema = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
