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
  const { additionalProperties, ...listed } = lean(z.toJSONSchema(schema, { io }));
  const closed = additionalProperties === undefined ? {} : { additionalProperties };
  return { ...(io === "input" ? open(listed) : listed), ...closed, type: "object" };
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
    ...(Array.isArray(anyOf) ? choice(anyOf.filter(isSchema).flatMap(choicesOf).map(lean)) : {}),
    ...(additionalProperties === undefined ? {} : { additionalProperties: leanIfSchema(additionalProperties) }),
  };
}

const leanIfSchema = (value: unknown): unknown => (isSchema(value) ? lean(value) : value);

/** Takes the closings out of a schema. An argument that there is not is told by the one at its top; those inside say the same once more. */
const open = (schema: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword, value]) => keyword !== "additionalProperties" || value !== false)
      .map(([keyword, value]) => [keyword, isSchema(value) ? open(value) : value]),
  );

const mapValues = (
  object: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown,
): Record<string, unknown> => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));

/** A choice that is nothing but a choice itself becomes a part of the one that it stands in. */
const choicesOf = (choice: Readonly<Record<string, unknown>>): Record<string, unknown>[] =>
  Array.isArray(choice.anyOf) && Object.keys(choice).length === 1 ? choice.anyOf.filter(isSchema) : [choice];

/** Writes a choice between types as one schema with several: what else it says, such as `properties`, is about its own type alone. */
function choice(choices: readonly Record<string, unknown>[]): Record<string, unknown> {
  const type = choices.flatMap(({ type }) => (typeof type === "string" ? [type] : []));
  const [told = {}, ...others] = choices.filter((one) => !isType(one));
  const values = Array.isArray(told.enum) && { enum: [...told.enum, ...(type.includes("null") ? [null] : [])] };
  // An enum is about every type: only null can join it.
  const joinable = others.length === 0 && (!values || type.length === (type.includes("null") ? 2 : 1));
  return joinable && type.length === choices.length ? { ...told, type, ...values } : { anyOf: choices };
}

/** Says whether a schema names a type and nothing else. */
const isType = (schema: Readonly<Record<string, unknown>>): boolean =>
  typeof schema.type === "string" && Object.keys(schema).length === 1;

const isSchema = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
