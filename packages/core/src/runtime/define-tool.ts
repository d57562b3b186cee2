import * as z from "zod";
import type { PocketIdClient } from "../pocket-id/client.ts";
import type { Image } from "../pocket-id/connection.ts";
import type { Route } from "../pocket-id/versions.ts";
import type { Question } from "./confirm.ts";
import type { FileArgument } from "./file-argument.ts";
import { type Resolved, referenceRoutes } from "./reference-arguments.ts";
import type { Risk } from "./risk.ts";
import type { WithSecrets } from "./secret-arguments.ts";

/** What a tool has at hand while it runs. */
export interface ToolContext {
  /** May call the operations that the tool declares, and no other. */
  readonly pocketId: PocketIdClient;
  /** Tells the client how far a long walk is. */
  readonly onProgress: (done: number, total: number) => void;
  /** Reads a file argument: a path inside the folders that the operator allowed, or base64. @throws {InputError} */
  readonly readFile: (argument: FileArgument) => Promise<Uint8Array>;
  /** Where the action log is. */
  readonly actionLogFile: string;
}

/** Which calls of a tool a person is asked about, and what. */
export interface Asks<V> {
  /** `always`, or the calls that it is about, such as `when it makes somebody an administrator`. */
  readonly when: string;
  /** Works the question out from Pocket ID, by reading alone; undefined if this call needs none. */
  question(values: V, context: ToolContext): Promise<Question | undefined>;
}

/** Refuses what would lock everybody out, whoever agrees to it. Only reads. @throws {NotPossibleError} */
export type Guard = (context: ToolContext) => Promise<void>;

/** What a tool can do to an instance, and so whether a person is asked. */
type Consequence<V> =
  | { readonly risk: Exclude<Risk, "danger">; readonly asks?: never }
  | { readonly risk: "danger"; readonly asks: Asks<V> };

/** What a tool is. Everything else that happens around a call follows from this. */
export type ToolDefinition<I extends z.ZodRawShape, O extends z.ZodRawShape> = ToolParts<I, O> &
  Consequence<Resolved<z.output<z.ZodObject<I>>>>;

interface ToolParts<I extends z.ZodRawShape, O extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  /** One or two sentences for the model: what it does, what to watch out for. */
  readonly description: string;
  /** True if it reaches other systems than this Pocket ID, such as a mail server. */
  readonly openWorld?: boolean;
  readonly input: I;
  readonly output: O;
  /** Operations that it may call, the one it is about first. Those that resolve its references come by themselves. */
  readonly routes: readonly Route[];
  /** Fields of the answer that hold a secret which Pocket ID shows this once. It goes to a file, unless the operator wants it in the answer. */
  readonly reveals?: readonly (keyof O & string)[];
  /** Says whether a call makes such a secret, where it depends on the arguments. */
  makesSecret?(values: z.output<z.ZodObject<I>>): boolean;
  /** Rules between arguments, before anything is looked up. @throws {InputError} */
  check?(values: WithSecrets<z.output<z.ZodObject<I>>>): void;
  /** What guards this very call; undefined if it can lock nobody out. Guarded calls wait for each other: two could do together what neither does alone. */
  guard?(values: Resolved<z.output<z.ZodObject<I>>>): Guard | undefined;
  run(values: Resolved<z.output<z.ZodObject<I>>>, context: ToolContext): Promise<z.input<z.ZodObject<O>> & Remarks>;
}

/** What any answer may say besides. */
export interface Remarks {
  /** Sentences that the person should know of. */
  notes?: string[] | undefined;
  /** An image to show beside the answer. */
  picture?: Image | undefined;
}

/** Where a secret is that was not put into the answer. */
const secretFile = z.object({ path: z.string(), startsWith: z.string() });

const remarks = {
  notes: z.array(z.string()).optional(),
  truncated: z.boolean().optional(),
};

/** A tool as the runtime takes it. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly risk: Risk;
  readonly openWorld: boolean;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  readonly routes: readonly Route[];
  /** Fields of the answer that hold a secret. */
  readonly reveals: ReadonlySet<string>;
  makesSecret(values: Readonly<Record<string, unknown>>): boolean;
  /** When a person is asked; undefined if never. */
  readonly asks: Asks<Readonly<Record<string, unknown>>> | undefined;
  check(values: Readonly<Record<string, unknown>>): void;
  guard(values: Readonly<Record<string, unknown>>): Guard | undefined;
  run(values: Readonly<Record<string, unknown>>, context: ToolContext): Promise<Remarks>;
}

/** Declares a tool. @throws {Error} if the declaration contradicts itself */
export function defineTool<I extends z.ZodRawShape, O extends z.ZodRawShape>(definition: ToolDefinition<I, O>): Tool {
  const { name, risk, input, output } = definition;
  const changing = definition.routes.filter((route) => !route.startsWith("GET "));
  if (risk === "read" && changing.length > 0)
    throw new Error(`${name} is declared as read, but may call ${changing.join(", ")}.`);
  if (risk === "read" && definition.reveals !== undefined)
    throw new Error(`${name} is declared as read, but makes ${definition.reveals.join(", ")}.`);
  if (risk !== "read" && changing.length === 0)
    throw new Error(`${name} is declared as ${risk}, but can change nothing.`);
  // The type says so, too; a tool in plain JavaScript must not go without a question for want of one.
  if ((risk === "danger") !== (definition.asks !== undefined))
    throw new Error(`${name} is declared as ${risk}, but ${risk === "danger" ? "asks nobody" : "asks a person"}.`);
  // The one place where the runtime's untyped values meet a tool's types: they have passed its input schema, and the references in them
  // have been resolved by the same declaration.
  const { check, makesSecret, guard, asks, run } = definition as unknown as Partial<Tool> & Pick<Tool, "asks" | "run">;
  const reveals = new Set(definition.reveals);
  return {
    name,
    title: definition.title,
    description: definition.description,
    risk,
    openWorld: definition.openWorld ?? false,
    input: z.strictObject(input),
    output: z.object({ ...output, ...secretFields(output, reveals), ...remarks }),
    routes: [...new Set([...definition.routes, ...referenceRoutes(input)])],
    reveals,
    makesSecret: (values) => reveals.size > 0 && (makesSecret?.(values) ?? true),
    asks,
    check: (values) => check?.(values),
    guard: (values) => guard?.(values),
    run,
  };
}

/** The fields that hold a secret, or are not there, and where it is then. */
function secretFields(output: z.ZodRawShape, reveals: ReadonlySet<string>): z.ZodRawShape {
  if (reveals.size === 0) return {};
  const held = Object.entries(output).filter(([field]) => reveals.has(field));
  return {
    ...Object.fromEntries(held.map(([field, schema]) => [field, z.optional(schema)])),
    secretFile: secretFile.optional(),
  };
}
