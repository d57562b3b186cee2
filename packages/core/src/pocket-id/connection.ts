import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import * as z from "zod";
import { type Answer, attempt } from "./attempt.ts";
import { openDispatcher } from "./dispatcher.ts";
import { PocketIdError } from "./errors.ts";
import { multipart, type UploadFile } from "./multipart.ts";
import { parseOrigin } from "./origin.ts";
import { expandPath } from "./path.ts";
import { isTransient, maximumRetries, mayRepeat, parseRetryAfter, retryDelay } from "./retry.ts";
import { detectVersion } from "./version-detection.ts";
import { type Feature, features, isAvailable, type Route, routes, type ServerVersion } from "./versions.ts";

export interface ConnectionOptions {
  /** Origin of the instance, such as `https://id.example.com`. */
  url: string | URL;
  /** API key of an administrator. */
  apiKey: string;
  /** Milliseconds for one attempt; 30,000 if left out. */
  timeoutMs?: number | undefined;
  /** Milliseconds for a request with all its retries; 50,000 if left out, because MCP clients wait for a minute. */
  deadlineMs?: number | undefined;
  /** PEM file with more certificate authorities to trust. */
  caFile?: string | undefined;
  /** Accept any certificate. For a test instance, never for a real one. */
  skipTlsVerify?: boolean | undefined;
  /** Allow plain http to other machines than this one. */
  allowHttp?: boolean | undefined;
}

export interface RequestOptions {
  /** Values of the path's parameters. */
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as a multipart form instead of a JSON body. */
  file?: UploadFile;
  /** Waits as long as two minutes for the answer: Pocket ID works on others before it gives one. */
  slow?: boolean;
  /** Who asks: the API key (if left out), a signed-in session, or nobody. */
  as?: { readonly session: string } | "nobody";
}

/** What is known of a request that has ended, for logs. Holds no body, no key and no parameter that is a secret. */
export interface RequestRecord {
  readonly route: Route;
  readonly method: string;
  readonly path: string;
  /** Id in the path of the object that the request is about. */
  readonly resourceId: string | null;
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string | null;
  readonly durationMs: number;
  readonly attempts: number;
}

/** Limits and listeners that hold for one piece of work. */
export interface Scope {
  /** Only these operations may be called; any other is refused before the network. */
  routes?: ReadonlySet<Route> | undefined;
  /** Cancels what is under way. */
  signal?: AbortSignal | undefined;
  /** Told of every request when it has ended. */
  observe?: ((record: RequestRecord) => void) | undefined;
}

/** The one way to Pocket ID: every request of the suite passes through `request`. */
export interface Connection {
  readonly origin: string;
  readonly signal: AbortSignal | undefined;
  /** Sends a request, with retries where a repeat is safe. @throws {PocketIdError} */
  request(route: Route, options?: RequestOptions): Promise<Answer>;
  /** The same, and reads the answer with a schema. */
  json<T extends z.ZodType>(route: Route, schema: T, options?: RequestOptions): Promise<z.output<T>>;
  /** Refuses an operation that the running version does not have, before the steps that lead up to it. @throws {PocketIdError} */
  require(route: Route): Promise<void>;
  /** The running version: found once, then remembered. */
  version(): Promise<ServerVersion>;
  /** Says whether the running version has a feature. */
  supports(feature: Feature): Promise<boolean>;
  /** The same connection within narrower limits. */
  within(scope: Scope): Connection;
  /** Closes the pool; requests under way are ended. */
  close(): Promise<void>;
}

/** Operations that finding the version needs. They change nothing and are always allowed. */
const versionRoutes: ReadonlySet<Route> = new Set<Route>([
  "GET /api/version/current",
  "GET /api/application-configuration",
  "GET /.well-known/openid-configuration",
  "GET /api/oidc/clients/:id/scim-service-provider",
]);

/** Milliseconds for an operation that waits for a mail server, a directory or an application. */
const slowTimeoutMs = 120_000;

/** Parameters whose values are secrets and never stand in a record. */
const secretParameters: ReadonlySet<string> = new Set(["token"]);

/**
 * Prepares a connection; nothing is sent yet.
 * @throws {InputError} if the address cannot be used
 */
export function openConnection(options: ConnectionOptions): Connection {
  const origin = parseOrigin(options.url, { allowHttp: options.allowHttp });
  const timeoutMs = options.timeoutMs ?? 30_000;
  const deadlineMs = Math.max(options.deadlineMs ?? 50_000, timeoutMs);
  let dispatcher: Promise<Dispatcher> | undefined;
  let version: ServerVersion | undefined;

  const connect = (scope: Scope): Connection => {
    const send = async (
      route: Route,
      { params, query, body, file, slow, as }: RequestOptions,
      finding: boolean,
    ): Promise<Answer> => {
      if (scope.routes !== undefined && !scope.routes.has(route) && !(finding && versionRoutes.has(route))) {
        throw new PocketIdError(`${route} is not among the operations that this tool may call.`, {
          status: null,
          code: "route_not_declared",
          route,
        });
      }
      const [method, pattern] = splitRoute(route);
      const url = new URL(expandPath(pattern, params), origin);
      for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
      const form = file === undefined ? undefined : await multipart(file);
      const headers = {
        accept: "application/json",
        "user-agent": "pocketid-mcp",
        ...(as === "nobody"
          ? {}
          : as === undefined
            ? { "x-api-key": options.apiKey }
            : { authorization: `Bearer ${as.session}` }),
        ...(form
          ? { "content-type": form.contentType }
          : body === undefined
            ? {}
            : { "content-type": "application/json" }),
      };
      const payload = form?.body ?? (body === undefined ? undefined : JSON.stringify(body));
      const started = performance.now();
      const path = maskedPath(pattern, params);
      const record = (
        attempts: number,
        answer: { status: number | null; code?: string | null; requestId: string | null },
      ) =>
        scope.observe?.({
          route,
          method,
          path,
          resourceId: params?.id ?? params?.clientId ?? null,
          code: null,
          ...answer,
          durationMs: Math.round(performance.now() - started),
          attempts,
        });

      for (let tries = 1; ; tries++) {
        try {
          dispatcher ??= openDispatcher({ origin, caFile: options.caFile, skipTlsVerify: options.skipTlsVerify });
          const answer = await attempt(await dispatcher, {
            route,
            method,
            url,
            headers,
            body: payload,
            timeoutMs: slow ? Math.max(timeoutMs, slowTimeoutMs) : timeoutMs,
            signal: scope.signal,
          });
          record(tries, { status: answer.status, requestId: requestIdOf(answer) });
          return answer;
        } catch (error) {
          // The first DELETE was carried out and only its answer was lost: what was asked for holds.
          if (method === "DELETE" && tries > 1 && error instanceof PocketIdError && error.status === 404) {
            record(tries, { status: 404, requestId: error.requestId });
            return { status: 204, headers: {}, body: undefined };
          }
          const delay = delayBeforeRetry(error, method, tries);
          if (delay === undefined || performance.now() - started + delay > deadlineMs) {
            const failed = error instanceof PocketIdError ? error : undefined;
            record(tries, {
              status: failed?.status ?? null,
              code: failed?.code ?? "cancelled",
              requestId: failed?.requestId ?? null,
            });
            throw error;
          }
          await sleep(delay, undefined, { ...(scope.signal ? { signal: scope.signal } : {}) });
        }
      }
    };

    const connection: Connection = {
      origin: origin.origin,
      signal: scope.signal,
      async request(route, requestOptions = {}) {
        await connection.require(route);
        return send(route, requestOptions, false).catch(async (error: unknown) => {
          throw error instanceof PocketIdError && error.code === "unknown_operation"
            ? unknownOperation(route, (await connection.version()).version)
            : error;
        });
      },
      async json(route, schema, requestOptions) {
        const { body } = await connection.request(route, requestOptions);
        const parsed = schema.safeParse(body);
        if (parsed.success) return parsed.data;
        const where = parsed.error.issues[0]?.path.join(".") ?? "";
        throw new PocketIdError(`The answer to ${route} is not as expected${where ? ` at ${where}` : ""}.`, {
          status: null,
          code: "unexpected_answer",
          route,
          hint: "This version of Pocket ID may be newer than this server: look for an update of pocketid-mcp.",
        });
      },
      async require(route) {
        const availability = routes[route];
        if ("since" in availability || "until" in availability) requireRoute(route, await connection.version());
      },
      async version() {
        version ??= await detectVersion((route, requestOptions = {}) => send(route, requestOptions, true));
        return version;
      },
      async supports(feature) {
        return isAvailable(features[feature], (await connection.version()).version);
      },
      within: (narrower) => connect({ ...scope, ...narrower }),
      async close() {
        await (await dispatcher)?.destroy();
      },
    };
    return connection;
  };
  return connect({});
}

function delayBeforeRetry(error: unknown, method: string, tries: number): number | undefined {
  if (!(error instanceof PocketIdError) || tries > maximumRetries || !mayRepeat(method)) return undefined;
  // A silent instance has had its time: another wait would outlast the patience of the client.
  const transient = error.status === null ? error.code === "connection_failed" : isTransient(error.status);
  return transient
    ? retryDelay(tries, error.status, parseRetryAfter(error.retryAfter ?? undefined, Date.now()), Math.random())
    : undefined;
}

function requireRoute(route: Route, { version }: ServerVersion): void {
  if (!isAvailable(routes[route], version)) throw unknownOperation(route, version);
}

function unknownOperation(route: Route, version: string): PocketIdError {
  const availability: { since?: string; until?: string } = routes[route];
  const when = availability.since
    ? ` It came with ${availability.since}.`
    : availability.until
      ? ` It was there until ${availability.until}.`
      : "";
  return new PocketIdError(`Pocket ID ${version} has no operation ${route}.${when}`, {
    status: null,
    code: "unknown_operation",
    route,
    hint: availability.since
      ? `Update Pocket ID to ${availability.since} or later.`
      : "Check that POCKETID_URL is the origin of a Pocket ID instance.",
  });
}

function splitRoute(route: Route): [Dispatcher.HttpMethod, string] {
  const space = route.indexOf(" ");
  const method = httpMethod.parse(route.slice(0, space));
  return [method, route.slice(space + 1)];
}

const httpMethod = z.enum(["GET", "POST", "PUT", "DELETE"]);

const maskedPath = (pattern: string, params: Readonly<Record<string, string>> = {}): string =>
  pattern.replace(/:([A-Za-z]+)/g, (whole, name: string) =>
    secretParameters.has(name) ? whole : encodeURIComponent(params[name] ?? whole),
  );

const requestIdOf = (answer: Answer): string | null => {
  const header = answer.headers["x-request-id"];
  return typeof header === "string" ? header : null;
};
