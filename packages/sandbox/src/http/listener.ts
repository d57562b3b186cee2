import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { newId } from "../random.ts";
import { internalError } from "../refusals.ts";
import type { Answer } from "./answer.ts";
import { ApiError, errorAnswer } from "./api-error.ts";
import { authenticate } from "./authentication.ts";
import type { Instance } from "./call.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { type RecordedRequest, recordRequest } from "./recorded-requests.ts";
import { decodedClientIds, type Match, type Router } from "./router.ts";
import { fallback, withoutTrailingSlash } from "./web-app.ts";

export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

interface Listening {
  readonly instance: Instance;
  readonly router: Router;
  readonly limiter: RateLimiter;
  readonly requests: RecordedRequest[];
  readonly intercept: () => Intercept | undefined;
}

export function listener({ instance, router, limiter, requests, intercept }: Listening): RequestListener {
  return async (request, response) => {
    const body = await recordRequest(requests, request, response);
    if (intercept()?.(request, response)) return;
    const requestId = newId();
    const answer = await answerTo({ instance, router, limiter }, request, body).catch((error: unknown) =>
      errorAnswer(error instanceof ApiError ? error : internalError(), instance.has, requestId),
    );
    if (!answer.bare) {
      response.setHeader("cache-control", "private, no-store");
      if (instance.has("requestIds")) response.setHeader("x-request-id", requestId);
    }
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  };
}

async function answerTo(
  { instance, router, limiter }: Pick<Listening, "instance" | "router" | "limiter">,
  request: IncomingMessage,
  body: Buffer,
): Promise<Answer> {
  const rawUrl = request.url ?? "/";
  const url = new URL(rawUrl, "http://sandbox");
  const path = decoded(rawUrl.split("?")[0] ?? "/");
  if (path === undefined)
    return { status: 400, body: "400 Bad Request", headers: { "content-type": "text/plain; charset=utf-8" } };
  const method = request.method === "HEAD" && instance.has("headRequests") ? "GET" : (request.method ?? "GET");
  const match = router(method, path);
  if (match === undefined) {
    const redirect = withoutTrailingSlash(path, rawUrl, router(method, path.replace(/\/$/, "")) !== undefined, method);
    return redirect ?? fallback(instance, path);
  }
  return answerOf(
    match,
    { instance, limiter },
    { method, path, query: url.searchParams, headers: request.headers, body, ipAddress: addressOf(request) },
  );
}

function answerOf(
  { route, params }: Match,
  { instance, limiter }: Pick<Listening, "instance" | "limiter">,
  asked: {
    method: string;
    path: string;
    query: URLSearchParams;
    headers: IncomingMessage["headers"];
    body: Buffer;
    ipAddress: string;
  },
): Answer | Promise<Answer> {
  if (/^\/(api|\.well-known)\//.test(route.path)) limiter(route.limit);
  const access = typeof route.access === "function" ? route.access(instance.has) : route.access;
  return route.answer({
    ...instance,
    ...asked,
    ...authenticate(instance, asked.headers, access),
    route,
    userAgent: asked.headers["user-agent"] ?? "",
    params: instance.has("encodedClientIds") ? decodedClientIds(params) : params,
  });
}

function decoded(rawPath: string): string | undefined {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return undefined;
  }
}

function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
}
