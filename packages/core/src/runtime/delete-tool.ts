import * as z from "zod";
import type { Found, ReferenceKind } from "../pocket-id/finders.ts";
import type { Route } from "../pocket-id/versions.ts";
import type { Question } from "./confirm.ts";
import { defineTool, type Guard, type Tool, type ToolContext } from "./define-tool.ts";
import { checkSome, oneByOne } from "./one-by-one.ts";

export interface DeleteToolDefinition<K extends ReferenceKind, P extends string> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly kind: K;
  /** What several of them are called, in arguments and answer. */
  readonly plural: P;
  readonly references: z.ZodType;
  readonly routes: readonly Route[];
  /** What goes with them, worked out from Pocket ID by reading alone. */
  question(objects: readonly Found[K][], context: ToolContext): Promise<Question>;
  /** What guards a call; left out if it can lock nobody out. */
  guard?(objects: readonly Found[K][]): Guard;
  /** What a person calls one of them. */
  label(object: Found[K]): string;
  remove(object: Found[K], context: ToolContext): Promise<void>;
}

/** Declares a tool that deletes several objects at once, with a result for each. */
export function defineDeleteTool<K extends ReferenceKind, P extends string>(
  definition: DeleteToolDefinition<K, P>,
): Tool {
  const { plural, references } = definition;
  // The references have been resolved to objects of this kind by the time any of this is called.
  const objectsIn = (values: unknown): Found[K][] => (values as Record<P, Found[K][]>)[plural];
  return defineTool({
    name: definition.name,
    title: definition.title,
    description: definition.description,
    risk: "danger",
    asks: { when: "always", question: (values, context) => definition.question(objectsIn(values), context) },
    input: { [plural]: references },
    output: {
      [plural]: z.array(
        z.object({ id: z.string(), name: z.string(), deleted: z.boolean(), error: z.string().optional() }),
      ),
    },
    routes: definition.routes,
    check: (values) => checkSome(plural, values[plural], "delete"),
    guard: (values) => definition.guard?.(objectsIn(values)),
    async run(values, context) {
      const rows = await oneByOne(objectsIn(values), {
        label: definition.label,
        result: (deleted) => ({ deleted }),
        async act(object) {
          await definition.remove(object, context);
          return undefined;
        },
      });
      return { [plural]: rows } as never;
    },
  });
}
