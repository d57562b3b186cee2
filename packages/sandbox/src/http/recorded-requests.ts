import type { IncomingMessage, ServerResponse } from "node:http";
import { parseMultipart } from "./multipart.ts";
import { parsed } from "./rules.ts";

/** One request as it came in. */
export interface RecordedRequest {
  method: string;
  /** Still percent-encoded. */
  path: string;
  /** Without the question mark. */
  query: string;
  headers: Record<string, string>;
  /** Parsed JSON or form, a summary of a multipart form, or null. */
  body: unknown;
  /** 0 until the answer went out, and for ever if the connection was cut. */
  status: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt: number;
}

/** Takes the request down in order of arrival and reads its body. */
export async function recordRequest(
  requests: RecordedRequest[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Buffer> {
  const [path = "", ...query] = (request.url ?? "").split("?");
  const record: RecordedRequest = {
    method: request.method ?? "",
    path,
    query: query.join("?"),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]),
    ),
    body: null,
    status: 0,
    startedAt: Date.now(),
    endedAt: 0,
  };
  requests.push(record);
  response.once("finish", () => {
    record.status = response.statusCode;
  });
  response.once("close", () => {
    record.endedAt = Date.now();
  });
  const body = await bodyOf(request);
  record.body = summary(record.headers["content-type"], body);
  return body;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
  } catch {
    // The client went away in the middle; nobody is left to answer.
  }
  return Buffer.concat(chunks);
}

function summary(contentType: string | undefined, body: Buffer): unknown {
  if (body.length === 0) return null;
  const form = parseMultipart(contentType, body);
  if (form !== undefined) {
    return {
      fields: form.fields,
      files: form.files.map(({ field, fileName, bytes }) => ({ field, fileName, size: bytes.length })),
    };
  }
  const text = body.toString("utf8");
  if (contentType?.startsWith("application/x-www-form-urlencoded"))
    return Object.fromEntries(new URLSearchParams(text));
  return parsed(text) ?? text;
}
