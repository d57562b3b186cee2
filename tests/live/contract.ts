import { readFileSync } from "node:fs";
import { builtServers } from "../support/built.ts";
import type { Json } from "./instance.ts";

/** Every tool that there is, by name, as `tools.json` of its server declares it: whatever a server forgets to offer is missed by this. */
export const declaredTools: ReadonlyMap<string, Json> = new Map(
  builtServers
    .flatMap(
      (name) => JSON.parse(readFileSync(new URL(`../../packages/${name}/tools.json`, import.meta.url), "utf8")).tools,
    )
    .map((tool: Json) => [tool.name, tool]),
);

/** What a tool can be given besides the object that it acts on, each with whether null is an answer. */
export function declaredFields(tool: string, reference?: string): { field: string; nullable: boolean }[] {
  const properties: Record<string, Json> = declaredTools.get(tool).inputSchema.properties;
  return Object.entries(properties)
    .filter(([field]) => field !== reference)
    .map(([field, schema]) => ({ field, nullable: JSON.stringify(schema).includes('"null"') }));
}
