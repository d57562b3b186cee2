import type { Field, Operation, Operations } from "./description.ts";

/** One difference between what we know and what is described. */
export interface Difference {
  readonly operation: string;
  /** What differs in it, such as "query scopes"; left out where it is the operation itself. */
  readonly field?: string;
  readonly change: string;
}

export interface OurOperation {
  /** As it is called here, with the names of its parameters. */
  readonly name: string;
  /** Left out where no tool calls it: then nothing but its being there is compared. */
  readonly takes?: Operation & {
    /** Fields of the body that nothing is made of, with all that is in them. */
    readonly leftAside: readonly string[];
  };
}

/** Everything that was added, removed or changed, in the order of our table. */
export function compare(ours: ReadonlyMap<string, OurOperation>, described: Operations): Difference[] {
  const known = [...ours].flatMap(([key, { name, takes }]): Difference[] => {
    const there = described.get(key);
    if (there === undefined) return [{ operation: name, change: "removed" }];
    if (takes === undefined) return [];
    return [
      ...fieldDifferences(name, "query", takes.query, there.query),
      ...fieldDifferences(name, "body", takes.body, without(there.body, takes.leftAside)),
      // What nothing is made of may not stay away for ever.
      ...takes.leftAside
        .filter((field) => there.body.get(field)?.required)
        .map((field) => ({ operation: name, field: `body ${field}`, change: "now required" })),
    ];
  });
  const added = [...described.keys()].filter((key) => !ours.has(key));
  return [...known, ...added.map((operation) => ({ operation, change: "added" }))];
}

function without(fields: ReadonlyMap<string, Field>, names: readonly string[]): ReadonlyMap<string, Field> {
  const isIn = (name: string, whole: string) =>
    name === whole || name.startsWith(`${whole}.`) || name.startsWith(`${whole}[]`);
  return new Map([...fields].filter(([name]) => !names.some((whole) => isIn(name, whole))));
}

function fieldDifferences(
  operation: string,
  place: "query" | "body",
  ours: ReadonlyMap<string, Field>,
  described: ReadonlyMap<string, Field>,
): Difference[] {
  const difference = (field: string, change: string): Difference => ({ operation, field: `${place} ${field}`, change });
  const known = [...ours].flatMap(([name, field]) => {
    const there = described.get(name);
    if (there === undefined) return [difference(name, "removed")];
    return [
      ...(field.type === there.type ? [] : [difference(name, `${field.type} → ${there.type}`)]),
      ...(field.required === there.required
        ? []
        : [difference(name, there.required ? "now required" : "now optional")]),
    ];
  });
  const added = [...described.keys()].filter((name) => !ours.has(name));
  return [...known, ...added.map((name) => difference(name, `added (${described.get(name)?.type})`))];
}
