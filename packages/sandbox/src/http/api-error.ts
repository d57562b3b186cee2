import type { Has } from "../versions.ts";
import { type Answer, json } from "./answer.ts";

export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, string>>;
  readonly fields?: readonly FieldError[];
  readonly retryAfter?: number;
  /** Pocket ID <= 2.12 knew neither codes nor details, and often another status or text. */
  readonly before213?: { readonly status?: number; readonly message?: string };
}

export class ApiError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = "ApiError";
    this.refusal = refusal;
  }
}

export function errorAnswer({ refusal }: ApiError, has: Has, requestId: string): Answer {
  const headers: Record<string, string> =
    refusal.retryAfter !== undefined && has("retryAfter") ? { "retry-after": String(refusal.retryAfter) } : {};
  if (!has("structuredErrors")) {
    const { status = refusal.status, message = refusal.message } = refusal.before213 ?? {};
    return json(status, { error: capitalised(message) }, headers);
  }
  const details = { ...refusal.details, ...(refusal.fields && { fields: refusal.fields }) };
  return json(
    refusal.status,
    {
      error: capitalised(refusal.message),
      code: refusal.code,
      ...(Object.keys(details).length > 0 && { details }),
      request_id: requestId,
    },
    headers,
  );
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
