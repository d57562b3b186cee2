import type { Annotations } from "./risk.ts";

/** A tool as `tools/list` shows it. */
export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ListedSchema;
  readonly outputSchema: ListedSchema;
  readonly annotations: Annotations;
}

/** JSON Schema of an object. */
export interface ListedSchema {
  readonly type: "object";
  readonly [keyword: string]: unknown;
}

/** What a server offers, made from its tools when it is built: a server starts with this alone and loads the tools with the first call. */
export interface Contract {
  readonly tools: readonly ListedTool[];
}

/** Takes a contract out of the JSON that was made from the same tools when the server was built. */
export function readContract(json: unknown): Contract {
  const tools = typeof json === "object" && json !== null && "tools" in json ? json.tools : undefined;
  if (!Array.isArray(tools)) throw new Error("This is not the contract of a server: build it anew.");
  return { tools };
}
