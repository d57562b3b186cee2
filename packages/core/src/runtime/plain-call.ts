type Fields = Readonly<Record<string, unknown>>;

/** The parameters of a call that asks for an answer and nothing else. */
export interface PlainCall {
  readonly name: string;
  readonly arguments?: Fields;
  readonly _meta?: { readonly progressToken: string | number };
}

/**
 * Says whether the parameters of a call need no schema of MCP to be read. It looks no deeper into the arguments: what they have to be, the tool
 * says.
 */
export function isPlainCall(params: unknown): params is PlainCall {
  if (!isFields(params) || typeof params.name !== "string" || !hasPlainMeta(params)) return false;
  if (params.arguments !== undefined && !isFields(params.arguments)) return false;
  return Object.keys(params).every((key) => key === "name" || key === "arguments" || key === "_meta");
}

/** Most clients of before 2026-07-28 send nothing there, or a token for progress. Those of that version always say more. */
export function hasPlainMeta({ _meta: meta }: Fields): boolean {
  if (meta === undefined) return true;
  return isFields(meta) && Object.keys(meta).length === 1 && isId(meta.progressToken);
}

/** Says whether this can tell a request, or its progress, from others. */
export const isId = (value: unknown): boolean => typeof value === "string" || Number.isSafeInteger(value);

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
