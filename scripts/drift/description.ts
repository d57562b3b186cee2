import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import * as z from "zod";
import { unnamed } from "../operations/body-fields.ts";

/** The description cannot be had, or is none. */
export class DescriptionError extends Error {}

/** A parameter of the query or a field of the body. */
export interface Field {
  readonly type: string;
  readonly required: boolean;
}

/** What an operation takes besides its path. */
export interface Operation {
  readonly query: ReadonlyMap<string, Field>;
  /** `a.b` is a member of an object, `a[].b` one of the objects in a list. */
  readonly body: ReadonlyMap<string, Field>;
}

/** Operations by method and path, the parameters of which have no names. */
export type Operations = ReadonlyMap<string, Operation>;

/** Bytes of a description at the most. */
const largest = 8 * 1024 * 1024;
const timeoutMs = 30_000;
/** Fields of a body at the most: definitions that hold each other make more of them than there is time for. */
const mostFields = 5_000;
const methods = new Set(["get", "post", "put", "patch", "delete"]);

const Swagger = z.object({
  swagger: z.literal("2.0"),
  basePath: z.string().optional(),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  definitions: z.record(z.string(), z.unknown()).default({}),
});

interface Schema {
  readonly $ref?: string | undefined;
  readonly type?: string | undefined;
  readonly required?: readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  readonly items?: unknown;
  readonly allOf?: readonly unknown[] | undefined;
}

const SchemaObject: z.ZodType<Schema> = z.object({
  $ref: z.string().optional(),
  type: z.string().optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  allOf: z.array(z.unknown()).optional(),
});

const Parameters = z
  .array(
    z.object({
      name: z.string(),
      in: z.string(),
      type: z.string().default("any"),
      required: z.boolean().default(false),
      schema: z.unknown().optional(),
    }),
  )
  .default([]);

/** Reads a file, or asks an http or https address. @throws {DescriptionError} */
export async function fetchDescription(source: string): Promise<string> {
  try {
    const text = /^https?:\/\//.test(source) ? await download(source) : await readFile(source, "utf8");
    if (text.length > largest) throw new Error(`it has more than ${largest} characters`);
    return text;
  } catch (error) {
    throw new DescriptionError(`${source} cannot be read: ${messageOf(error)}`);
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`the answer is ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > largest) throw new Error(`it has more than ${largest} bytes`);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Reads a Swagger 2 description in JSON or YAML, of which JSON is a part. @throws {DescriptionError} */
export function readDescription(text: string): Operations {
  try {
    const { basePath = "", paths, definitions } = Swagger.parse(parse(text));
    const prefix = basePath.replace(/\/+$/, "");
    const operations = Object.entries(paths).flatMap(([path, items]) =>
      Object.entries(items)
        .filter(([method]) => methods.has(method))
        .map(([method, operation]): [string, Operation] => [
          unnamed(`${method.toUpperCase()} ${prefix}${path}`),
          operationOf(operation, items.parameters, definitions),
        ]),
    );
    if (operations.length === 0) throw new Error("it names no operation");
    return new Map(operations);
  } catch (error) {
    throw new DescriptionError(`This is no Swagger 2 description: ${messageOf(error)}`);
  }
}

function operationOf(operation: unknown, shared: unknown, definitions: Readonly<Record<string, unknown>>): Operation {
  const { parameters } = z.object({ parameters: Parameters }).parse(operation);
  const all = [...Parameters.parse(shared), ...parameters];
  const named = (place: string): [string, Field][] =>
    all.filter((one) => one.in === place).map(({ name, type, required }) => [name, { type, required }]);
  const bodies = all.filter((one) => one.in === "body").map(({ schema }) => fieldsOf(schema, definitions));
  return { query: new Map(named("query")), body: new Map([...named("formData"), ...bodies.flat()]) };
}

/** A list in the place of an object is known by what its items hold. */
function fieldsOf(schema: unknown, definitions: Readonly<Record<string, unknown>>): [string, Field][] {
  const whole = resolve(schema, definitions, []);
  return membersOf(whole.type === "array" ? resolve(whole.items, definitions, []) : whole, definitions);
}

interface Resolved extends Schema {
  /** Definitions that led here: one that holds itself is followed once. */
  readonly trail: readonly string[];
}

function membersOf(
  { properties = {}, required = [], trail }: Resolved,
  definitions: Readonly<Record<string, unknown>>,
  before = "",
): [string, Field][] {
  const fields = Object.entries(properties).flatMap(([member, schema]): [string, Field][] => {
    const name = before + member;
    const found = resolve(schema, definitions, trail);
    const field = { type: found.type ?? "any", required: required.includes(member) };
    const members = found.properties === undefined ? [] : membersOf(found, definitions, `${name}.`);
    // An object is known by its members, unless it has none or has to be there whatever they are.
    if (members.length > 0) return field.required ? [[name, { ...field, type: "object" }], ...members] : members;
    const items =
      found.items === undefined
        ? []
        : membersOf(resolve(found.items, definitions, found.trail), definitions, `${name}[].`);
    return [[name, field], ...items];
  });
  if (fields.length > mostFields) throw new Error(`one body has more than ${mostFields} fields`);
  return fields;
}

function resolve(schema: unknown, definitions: Readonly<Record<string, unknown>>, trail: readonly string[]): Resolved {
  const found = SchemaObject.parse(schema ?? {});
  // The generator wraps a reference that has a description of its own.
  const target = found.$ref ?? (found.allOf?.length === 1 ? SchemaObject.parse(found.allOf[0]).$ref : undefined);
  if (target === undefined) return { ...found, trail };
  const name = target.replace(/^#\/definitions\//, "");
  if (trail.includes(name)) return { type: "object", trail };
  if (!Object.hasOwn(definitions, name)) throw new Error(`it has no definition ${name}`);
  return resolve(definitions[name], definitions, [...trail, name]);
}

function messageOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
  return error instanceof Error ? error.message : String(error);
}
