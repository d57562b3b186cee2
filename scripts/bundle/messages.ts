// What a server asks of JSON-RPC messages in the place of the SDK's schemas (sdk-checks.ts).

import { hasPlainMeta, isFields, isId } from "../../packages/core/src/runtime/plain-call.ts";

export { Canceller } from "../../packages/core/src/pocket-id/cancellation.ts";
export { isPlainCall } from "../../packages/core/src/runtime/plain-call.ts";

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
