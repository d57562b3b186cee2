import type * as z from "zod";
import { InputError } from "../pocket-id/errors.ts";
import { redactedValue, refuseRedacted } from "../pocket-id/redacted.ts";
import { closest } from "../pocket-id/reference.ts";
import { tierUp } from "../tier-up.ts";
import type { Tool } from "./define-tool.ts";
import { checkReferences } from "./reference-arguments.ts";

/**
 * Reads the arguments of a call with the tool's strict schema. Nothing is sent yet.
 * @throws {InputError} naming every argument that is wrong
 */
export function validate(tool: Tool, given: unknown): Record<string, unknown> {
  refuseTricks(given);
  const result = tierUp(tool.input).safeParse(given ?? {}, { reportInput: true });
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => describe(issue, tool));
    const [first, ...others] = problems.slice(0, 6);
    const known = problems.some(({ listArguments }) => listArguments)
      ? ` There are: ${Object.keys(tool.input.shape).join(", ")}.`
      : "";
    throw new InputError(
      first?.field ?? "arguments",
      [first?.text, ...others.map(({ field, text }) => `${field}: ${text}`)].join(" ") + known,
    );
  }
  checkReferences(tool.input.shape, result.data);
  return result.data;
}

/** No argument of ours goes nearly as deep. */
const deepest = 16;

/**
 * Refuses what JSON can hold and a schema would not see: a field that would vanish without a word, what goes too deep to be read, and what
 * answers show in the place of a secret, such as the password in an address.
 */
function refuseTricks(value: unknown, path: readonly string[] = []): void {
  if (typeof value === "string" && value.includes(redactedValue)) refuseRedacted(redactedValue, path.join("."));
  if (typeof value !== "object" || value === null) return;
  if (path.length > deepest) throw new InputError(path[0] ?? "arguments", "it is nested too deeply.");
  if (Object.hasOwn(value, "__proto__"))
    throw new InputError([...path, "__proto__"].join("."), "there can be no such argument.");
  for (const [key, inner] of Object.entries(value)) refuseTricks(inner, [...path, key]);
}

interface Problem {
  readonly field: string;
  readonly text: string;
  /** Says that it helps to know which arguments there are. */
  readonly listArguments?: boolean;
}

function describe(issue: z.core.$ZodIssue, tool: Tool): Problem[] {
  const path = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(tool.input.shape);
    return issue.keys.map((key) =>
      path === "" ? unknownArgument(key, known) : { field: `${path}.${key}`, text: "there is no such field." },
    );
  }
  return [{ field: path || "arguments", text: textOf(issue) }];
}

function textOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.code === "invalid_type") return "this argument is needed.";
  if (issue.input === undefined && issue.code === "invalid_value")
    return `this argument is needed: one of ${issue.values.join(", ")}.`;
  return `${issue.message.replace(/^Invalid input: /, "")}.`;
}

function unknownArgument(key: string, known: readonly string[]): Problem {
  const [guess] = closest(key, known, (name) => name);
  if (guess !== undefined) return { field: key, text: `there is no such argument. Did you mean ${guess}?` };
  return { field: key, text: "there is no such argument.", listArguments: known.length > 0 };
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`))
    .join("");
