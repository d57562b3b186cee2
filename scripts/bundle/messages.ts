// What a server asks of JSON-RPC messages in the place of the SDK's schemas (sdk-checks.ts).

type Fields = Readonly<Record<string, unknown>>;

// For messages that were read with a schema, and those that the SDK has made.

export const isJSONRPCRequest = (message: Fields): boolean => "method" in message && "id" in message;
export const isJSONRPCNotification = (message: Fields): boolean => "method" in message && !("id" in message);
export const isJSONRPCResultResponse = (message: Fields): boolean => "result" in message;
export const isJSONRPCErrorResponse = (message: Fields): boolean => "error" in message;

/** Says whether this is a request that the SDK's schema lets through as it is. Others may be so, too: for them, it has to be asked. */
export function isPlainRequest(message: unknown): boolean {
  if (!isFields(message) || message.jsonrpc !== "2.0" || typeof message.method !== "string" || !isId(message.id))
    return false;
  if (!("params" in message)) return Object.keys(message).length === 3;
  return Object.keys(message).length === 4 && isFields(message.params) && hasPlainMeta(message.params);
}

/** Most clients send nothing there, or a token for progress. */
function hasPlainMeta({ _meta: meta }: Fields): boolean {
  if (meta === undefined) return true;
  return isFields(meta) && Object.keys(meta).length === 1 && isId(meta.progressToken);
}

/** Says whether this is a call that the SDK's schema lets through. It looks no deeper into the arguments: what they have to be, the tool says. */
export function isPlainCall({ params }: Fields): boolean {
  if (!isFields(params) || typeof params.name !== "string" || !hasPlainMeta(params)) return false;
  if (params.arguments !== undefined && !isFields(params.arguments)) return false;
  return Object.keys(params).every((key) => key === "name" || key === "arguments" || key === "_meta");
}

const isId = (value: unknown): boolean => typeof value === "string" || Number.isSafeInteger(value);

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
