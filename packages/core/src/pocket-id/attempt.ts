import type { Dispatcher } from "undici";
import type { Cancellation } from "./cancellation.ts";
import { readErrorBody } from "./error-body.ts";
import { PocketIdError } from "./errors.ts";
import { exchange, LateError, type Received } from "./exchange.ts";
import { hintFor } from "./hint.ts";
import type { PreparedRequest } from "./request.ts";
import type { Secrets } from "./secrets.ts";
import type { Route } from "./versions.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON, undefined for an empty answer, or the bytes of an image where one was asked for. */
  readonly body: unknown;
}

/** Bytes of an answer that are read at the most. */
const maximumAnswer = 32 * 1024 * 1024;
const maximumErrorAnswer = 64 * 1024;

/**
 * Sends one request once.
 * @param timeoutMs milliseconds for it
 * @throws {PocketIdError} for every answer that is not 2xx, and when there is none; a cancelled signal throws its own reason
 */
export async function attempt(
  dispatcher: Dispatcher,
  { route, method, origin, path, headers, body, image, secrets }: PreparedRequest,
  timeoutMs: number,
  signal: Cancellation | undefined,
): Promise<Answer> {
  signal?.throwIfAborted();
  const sent = { origin, path, method, headers, body, timeoutMs, signal, most };
  let received: Received;
  try {
    received = await exchange(dispatcher, sent);
  } catch (error) {
    signal?.throwIfAborted();
    throw noAnswer(route, method, error, timeoutMs);
  }
  const { status, headers: answered, bytes } = received;
  const contentType = single(answered["content-type"]);
  if (isFailed(status)) throw refusal(route, method, status, answered, contentType, bytes.toString("utf8"), secrets);
  if (received.isCut) throw tooLarge(route);
  const isShown = image && isImage(contentType);
  const read = isShown ? bytes : parse(route, method, status, contentType, bytes.toString("utf8"), secrets);
  return { status, headers: answered, body: read };
}

const isFailed = (status: number): boolean => status < 200 || status > 299;

/** What refuses something says why at its beginning. */
const most = (status: number): number => (isFailed(status) ? maximumErrorAnswer : maximumAnswer);

const tooLarge = (route: Route): PocketIdError =>
  new PocketIdError(`The answer to ${route} is larger than ${maximumAnswer / 1024 / 1024} MiB.`, {
    status: null,
    code: "answer_too_large",
    route,
    hint: hintFor(null, "answer_too_large", "GET"),
  });

const isImage = (contentType: string | undefined): boolean => /^image\//i.test(contentType ?? "");

function parse(
  route: Route,
  method: string,
  status: number,
  contentType: string | undefined,
  text: string,
  secrets: Secrets,
): unknown {
  if (text === "") return undefined;
  try {
    if (/\bjson\b/i.test(contentType ?? "")) return JSON.parse(text);
  } catch {
    // Falls through: an answer that calls itself JSON and is none.
  }
  throw new PocketIdError(
    `The answer to ${route} is ${contentType === undefined ? "of no type" : secrets.clean(contentType).slice(0, 60)}, not Pocket ID's JSON.${method === "GET" ? "" : outcomeUnknown}`,
    {
      status,
      code: "not_pocket_id",
      route,
      hint: hintFor(status, "not_pocket_id", "GET"),
    },
  );
}

function refusal(
  route: Route,
  method: string,
  status: number,
  headers: Answer["headers"],
  contentType: string | undefined,
  text: string,
  secrets: Secrets,
): PocketIdError {
  if (status >= 300 && status < 400) {
    // Cleaned before it is read, which turns the host to lower case.
    const target = secrets.clean(single(headers.location) ?? "");
    const host = URL.canParse(target) ? ` to ${new URL(target).origin}` : "";
    return new PocketIdError(`Pocket ID answered ${route} with a redirect${host}.`, {
      status,
      code: "redirect_refused",
      route,
      hint: hintFor(status, "redirect_refused", method),
    });
  }
  const body = readErrorBody(status, contentType, text, (part) => secrets.clean(part));
  const code = body.unknownOperation ? "unknown_operation" : body.code;
  return new PocketIdError(
    `Pocket ID refused ${route}: ${sentence(body.message)} (${[status, code].filter(Boolean).join(" ")})${fieldList(body.fields)}`,
    {
      status,
      code,
      route,
      fields: body.fields,
      requestId: body.requestId ?? (secrets.clean(single(headers["x-request-id"]) ?? "").slice(0, 80) || null),
      hint: hintFor(status, code, method),
      retryAfter: single(headers["retry-after"]) ?? null,
    },
  );
}

function noAnswer(route: Route, method: string, error: unknown, timeoutMs: number): PocketIdError {
  const reason = networkReason(error);
  const late = error instanceof LateError;
  if (reason === "UND_ERR_CONNECT_TIMEOUT" || (late && !error.wasSent)) return notSent(route);
  const code = late
    ? "timeout"
    : /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(reason)
      ? "certificate_refused"
      : "connection_failed";
  const what = late ? `did not answer within ${timeoutMs / 1_000} s` : `could not be reached (${reason})`;
  // Where a changing request got no answer, nobody knows whether it was carried out.
  const unknown = method === "GET" || reason === "ECONNREFUSED" || reason === "ENOTFOUND" ? "" : outcomeUnknown;
  return new PocketIdError(
    `Pocket ID ${what} for ${route}.${unknown}`,
    { status: null, code, route, hint: hintFor(null, code, method) },
    { cause: error },
  );
}

const notSent = (route: Route): PocketIdError =>
  new PocketIdError(`${route} was not sent: no connection to Pocket ID was free or could be made in time.`, {
    status: null,
    code: "not_sent",
    route,
    hint: hintFor(null, "not_sent", "GET"),
  });

const outcomeUnknown = " Whether the change was made is unknown: read the object before trying again.";

function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.cause === undefined ? error.name : networkReason(error.cause);
}

const fieldList = (fields: readonly { field: string; message: string }[]): string =>
  fields.length === 0 ? "" : `: ${fields.map(({ field, message }) => `${field} ${message}`).join("; ")}`;

const sentence = (text: string): string => text.replace(/\.$/, "");

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;
