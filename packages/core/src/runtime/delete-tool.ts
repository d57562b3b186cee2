import * as z from "zod";
import { InputError, PocketIdError } from "../pocket-id/errors.ts";
import type { Found, ReferenceKind } from "../pocket-id/finders.ts";
import type { Route } from "../pocket-id/versions.ts";
import { defineTool, type Tool, type ToolContext } from "./define-tool.ts";
import { errorText } from "./error-text.ts";

export interface DeleteToolDefinition<K extends ReferenceKind, P extends string> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly kind: K;
  /** What several of them are called, in arguments and answer. */
  readonly plural: P;
  readonly references: z.ZodType;
  readonly routes: readonly Route[];
  /** What a person calls one of them. */
  label(object: Found[K]): string;
  remove(object: Found[K], context: ToolContext): Promise<void>;
}

/** Declares a tool that deletes several objects at once, with a result for each. */
export function defineDeleteTool<K extends ReferenceKind, P extends string>(
  definition: DeleteToolDefinition<K, P>,
): Tool {
  const { plural, references } = definition;
  return defineTool({
    name: definition.name,
    title: definition.title,
    description: definition.description,
    risk: "danger",
    input: { [plural]: references },
    output: {
      [plural]: z.array(
        z.object({ id: z.string(), name: z.string(), deleted: z.boolean(), error: z.string().optional() }),
      ),
    },
    routes: definition.routes,
    check(values) {
      const references: unknown = values[plural];
      if (Array.isArray(references) && references.length === 0)
        throw new InputError(plural, "it is empty. Name what to delete.");
    },
    async run(values, context) {
      // The references have been resolved to objects of this kind by the time the tool runs.
      const objects = (values as unknown as Record<P, Found[K][]>)[plural];
      const results: Result[] = [];
      for (const object of objects) results.push(await deleteOne(object));
      const [only] = results;
      if (only?.failure !== undefined && results.every(({ failure }) => failure !== undefined)) throw only.failure;
      return { [plural]: results.map(({ failure, ...result }) => result) } as never;

      async function deleteOne(object: Found[K]): Promise<Result> {
        const row = { id: object.id, name: definition.label(object) };
        try {
          await definition.remove(object, context);
          return { ...row, deleted: true };
        } catch (failure) {
          if (!(failure instanceof PocketIdError)) throw failure;
          return { ...row, deleted: false, error: errorText(failure), failure };
        }
      }
    },
  });
}

interface Result {
  readonly id: string;
  readonly name: string;
  readonly deleted: boolean;
  readonly error?: string;
  readonly failure?: PocketIdError;
}
