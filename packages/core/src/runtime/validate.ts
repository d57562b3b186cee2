import type * as z from "zod";
import { InputError } from "../pocket-id/errors.ts";
import { closest } from "../pocket-id/reference.ts";
import type { Tool } from "./define-tool.ts";
import { checkReferences } from "./reference-arguments.ts";

/**
 * Reads the arguments of a call with the tool's strict schema, and checks its rules. Nothing is sent yet.
 * @throws {InputError} naming every argument that is wrong
 */
export function validate(tool: Tool, given: unknown): Record<string, unknown> {
  const result = tool.input.safeParse(given ?? {});
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => describe(issue, tool));
    const [first, ...others] = problems.slice(0, 6);
    throw new InputError(
      first?.field ?? "arguments",
      [first?.text, ...others.map(({ field, text }) => `${field}: ${text}`)].join(" "),
    );
  }
  checkReferences(tool.input.shape, result.data);
  tool.check(result.data);
  return result.data;
}

function describe(issue: z.core.$ZodIssue, tool: Tool): { field: string; text: string }[] {
  const path = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: path ? `${path}.${key}` : key,
      text: unknownArgument(key, path === "" ? Object.keys(tool.input.shape) : []),
    }));
  }
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  return [
    {
      field: path || "arguments",
      text: missing ? "this argument is needed." : `${issue.message.replace(/^Invalid input: /, "")}.`,
    },
  ];
}

function unknownArgument(key: string, known: readonly string[]): string {
  const [guess] = closest(key, known, (name) => name);
  if (guess !== undefined) return `there is no such argument. Did you mean ${guess}?`;
  return known.length > 0 ? `there is no such argument. There are: ${known.join(", ")}.` : "there is no such field.";
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`))
    .join("");
