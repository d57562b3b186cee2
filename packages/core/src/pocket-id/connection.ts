import type { Dispatcher } from "undici";
import type * as z from "zod";
import { oncePer } from "../once-per.ts";
import { tierUp } from "../tier-up.ts";
import type { Answer } from "./attempt.ts";
import type { Cancellation } from "./cancellation.ts";
import type { ChangeRecord } from "./change-record.ts";
import { openDispatcher } from "./dispatcher.ts";
import { InputError, notAsExpected, PocketIdError } from "./errors.ts";
import { remarkOn, requireKnownMajor } from "./newer-version.ts";
import { parseOrigin } from "./origin.ts";
import { methodOf, prepareRequest, type RequestOptions } from "./request.ts";
import { EndedRequest, type RequestRecord } from "./request-record.ts";
import { isNotEverywhere, requireRoute, unknownOperation } from "./requirements.ts";
import { Secrets, secretsIn } from "./secrets.ts";
import { send } from "./send.ts";
import type { Keeper } from "./shown-once.ts";
import { Turns } from "./turns.ts";
import { askVersion, detectVersion } from "./version-detection.ts";
import { type Feature, features, isAvailable, type Route, type ServerVersion } from "./versions.ts";

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
  /** Change things also in a Pocket ID of a later major version than those that are known. */
  allowUnknownVersion?: boolean | undefined;
  /** Told once what the operator should know, such as that the running version is newer than those that are known. */
  warn?: ((message: string) => void) | undefined;
}

/** An image as Pocket ID shows it. */
export interface Image {
  readonly bytes: Uint8Array;
  readonly mimeType: string;
}

/** Limits and listeners that hold for one piece of work. */
export interface Scope {
  /** When it began, by `performance.now()`. */
  began?: number | undefined;
  /** Only these operations may be called; any other is refused before the network. */
  routes?: ReadonlySet<Route> | undefined;
  /** Cancels what is under way. */
  signal?: Cancellation | undefined;
  /** Told of every request when it has ended. */
  observe?: ((record: RequestRecord) => void) | undefined;
  /** Answers about single objects that this piece of work has had. It must change nothing: it is not told of what changes meanwhile. */
  seen?: Map<string, Answer> | undefined;
  /** Every secret that is sent or received is added to these. */
  secrets?: Secrets | undefined;
  /** Takes care of secrets that Pocket ID shows this once. */
  keeper?: Keeper | undefined;
  /** Told of every change that was carried out, with what can be told of its values. */
  observeChange?: ((change: ChangeRecord) => void) | undefined;
}

/** The one way to Pocket ID: every request of the suite passes through `request`. */
export interface Connection {
  readonly origin: string;
  readonly signal: Cancellation | undefined;
  /** The secrets that this piece of work has met, if anybody gathers them. */
  readonly secrets: Secrets | undefined;
  /** Takes care of secrets that are shown this once, if anybody does besides whoever called. */
  readonly keeper: Keeper | undefined;
  /** Milliseconds for a request with all its retries. */
  readonly deadlineMs: number;
  /** When the piece of work began that this one is for, by `performance.now()`. */
  readonly began: number | undefined;
  /** Sends a request, with retries where a repeat is safe. @throws {PocketIdError} */
  request(route: Route, options?: RequestOptions): Promise<Answer>;
  /** The same, and reads the answer with a schema. */
  json<T extends z.ZodType>(route: Route, schema: T, options?: RequestOptions): Promise<z.output<T>>;
  /** Asks for an image. @throws {PocketIdError} also if the answer is none */
  image(route: Route, options?: RequestOptions): Promise<Image>;
  /** Refuses an operation that the running version does not have, before the steps that lead up to it. @throws {PocketIdError} */
  require(route: Route): Promise<void>;
  /** Refuses to change anything in a version of which nothing is known, before the steps that lead up to it. @throws {NotPossibleError} */
  requireKnownVersion(): Promise<void>;
  /** The running version: found once, then remembered for ten minutes, because Pocket ID may be updated meanwhile. */
  version(): Promise<ServerVersion>;
  /** Says whether the running version has a feature. */
  supports(feature: Feature): Promise<boolean>;
  /** Tells whoever listens of a change that was carried out. */
  tellChange(change: ChangeRecord): void;
  /** Runs a piece of work after all others of this instance that have the same key. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Runs a piece of work unless one of this instance with the same key is under way. @throws {NotPossibleError} */
  alone<T>(key: string, busy: string, work: () => Promise<T>): Promise<T>;
  /** The same connection within narrower limits. */
  within(scope: Scope): Connection;
  /** Closes the pool; requests under way are ended. */
  close(): Promise<void>;
}

/** Milliseconds for an operation that waits for a mail server, a directory or an application. */
const slowTimeoutMs = 120_000;

/**
 * Prepares a connection; nothing is sent yet.
 * @throws {InputError} if the address cannot be used
 */
export function openConnection(options: ConnectionOptions): Connection {
  const origin = parseOrigin(options.url, { allowHttp: options.allowHttp });
  if (options.apiKey === "") throw new InputError("apiKey", "it is empty. Give an API key of an administrator.");
  const timeoutMs = options.timeoutMs ?? 30_000;
  const deadlineMs = Math.max(options.deadlineMs ?? 50_000, timeoutMs);
  let dispatcher: Promise<Dispatcher> | undefined;
  let underWay = 0;
  let stale = false;
  let asked: { readonly version: string | undefined; readonly until: number } | undefined;
  let version: ServerVersion | undefined;
  const own = new Secrets([options.apiKey]);

  /** Sends a request and tells the listener how it ended. */
  const sendObserved = async (scope: Scope, route: Route, requestOptions: RequestOptions): Promise<Answer> => {
    const { params, slow } = requestOptions;
    const secrets = scope.secrets ?? new Secrets([], own);
    const request = await prepareRequest(origin.origin, options.apiKey, route, requestOptions, secrets);
    const started = performance.now();
    const observe = (status: number | null, code: string | null, requestId: string | null) => {
      const durationMs = Math.round(performance.now() - started);
      scope.observe?.(new EndedRequest(route, params, { status, code, requestId, durationMs }));
    };
    try {
      const { caFile, skipTlsVerify } = options;
      dispatcher ??= openDispatcher({ origin, caFile, skipTlsVerify, timeoutMs });
      underWay++;
      const limits = {
        timeoutMs: slow ? Math.max(timeoutMs, slowTimeoutMs) : timeoutMs,
        deadlineMs,
        signal: scope.signal,
      };
      const answer = await send(await dispatcher, request, limits);
      secrets.add(secretsIn(answer.body));
      observe(answer.status, null, requestIdOf(answer, secrets));
      return answer;
    } catch (error) {
      if (error instanceof PocketIdError) observe(error.status, error.code, error.requestId);
      else observe(null, "cancelled", null);
      stale ||= !(error instanceof PocketIdError) || error.code === "timeout";
      throw error;
    } finally {
      underWay--;
      // A connection that was never made would go on being tried for nobody: the pool is made anew once nobody else is using it.
      if (stale && underWay === 0) void closePool();
    }
  };

  const closePool = async (): Promise<void> => {
    const closing = dispatcher;
    dispatcher = undefined;
    stale = false;
    // One that could not be opened has been reported by the request that needed it.
    await closing?.then((open) => open.destroy()).catch(() => undefined);
  };

  /** The version that Pocket ID tells, if it does. What finding it sends changes nothing, and needs no declaration. */
  const toldVersion = async (scope: Scope): Promise<string | undefined> => {
    if (asked !== undefined && performance.now() < asked.until) return asked.version;
    const told = await askVersion((route, requestOptions = {}) => sendObserved(scope, route, requestOptions));
    if (asked === undefined || asked.version !== told) {
      version = undefined;
      const remark = told === undefined ? undefined : remarkOn(told, options.allowUnknownVersion ?? false);
      if (remark !== undefined) options.warn?.(remark);
    }
    asked = { version: told, until: performance.now() + versionLifetimeMs };
    return told;
  };

  const findVersion = async (scope: Scope): Promise<ServerVersion> => {
    const told = await toldVersion(scope);
    version ??=
      told === undefined
        ? await detectVersion((route, requestOptions = {}) => sendObserved(scope, route, requestOptions))
        : { version: told, exact: true };
    return version;
  };

  return new ScopedConnection(
    {
      origin: origin.origin,
      deadlineMs,
      turns: new Turns(),
      allowUnknownVersion: options.allowUnknownVersion ?? false,
      send: sendObserved,
      toldVersion,
      findVersion,
      close: closePool,
    },
    {},
  );
}

/** What all connections have in common that are narrower than the same one. */
interface Shared {
  readonly origin: string;
  readonly deadlineMs: number;
  readonly turns: Turns;
  readonly allowUnknownVersion: boolean;
  send(scope: Scope, route: Route, options: RequestOptions): Promise<Answer>;
  toldVersion(scope: Scope): Promise<string | undefined>;
  findVersion(scope: Scope): Promise<ServerVersion>;
  close(): Promise<void>;
}

/** A class, because each call makes several of these: they share what they can do. */
class ScopedConnection implements Connection {
  readonly #shared: Shared;
  readonly #scope: Scope;

  constructor(shared: Shared, scope: Scope) {
    this.#shared = shared;
    this.#scope = scope;
  }

  get origin() {
    return this.#shared.origin;
  }

  get deadlineMs() {
    return this.#shared.deadlineMs;
  }

  get signal() {
    return this.#scope.signal;
  }

  get began() {
    return this.#scope.began;
  }

  get secrets() {
    return this.#scope.secrets;
  }

  get keeper() {
    return this.#scope.keeper;
  }

  async request(route: Route, options: RequestOptions = {}): Promise<Answer> {
    requireDeclared(this.#scope, route);
    if (methodOf(route) !== "GET") await this.requireKnownVersion();
    // Who asks as nobody may have no key that is valid, and without one the version cannot be told: the answer says what is not there.
    if (options.as !== "nobody" && isNotEverywhere(route)) await this.require(route);
    // Who finds an object by its id has read it, and is about to read it again.
    const seen = readsOne(route) && options.as === undefined ? this.#scope.seen : undefined;
    const key = seen && `${route} ${options.params?.id}`;
    const before = key && seen?.get(key);
    if (before) return before;
    try {
      const answer = await this.#shared.send(this.#scope, route, options);
      if (key) seen?.set(key, answer);
      return answer;
    } catch (error) {
      if (!(error instanceof PocketIdError) || error.code !== "unknown_operation") throw error;
      throw unknownOperation(route, (await this.version()).version);
    }
  }

  async json<T extends z.ZodType>(route: Route, schema: T, options?: RequestOptions): Promise<z.output<T>> {
    const { body } = await this.request(route, options);
    requireAskedFor(route, options?.params, body);
    return readAnswer(route, schema, body);
  }

  async image(route: Route, options?: RequestOptions): Promise<Image> {
    const { body, headers } = await this.request(route, { ...options, image: true });
    if (!(body instanceof Uint8Array)) throw notAsExpected(route);
    return { bytes: body, mimeType: String(headers["content-type"]).split(";")[0]?.trim().toLowerCase() ?? "" };
  }

  async require(route: Route): Promise<void> {
    if (isNotEverywhere(route)) requireRoute(route, (await this.version()).version);
  }

  async requireKnownVersion(): Promise<void> {
    const told = await this.#shared.toldVersion(this.#scope).catch((error: unknown) => {
      // Whoever may not ask is told of that by the change itself.
      if (error instanceof PocketIdError && isRefused(error.status)) return undefined;
      throw error;
    });
    if (told !== undefined && !this.#shared.allowUnknownVersion) requireKnownMajor(told);
  }

  version(): Promise<ServerVersion> {
    return this.#shared.findVersion(this.#scope);
  }

  async supports(feature: Feature): Promise<boolean> {
    return isAvailable(features[feature], (await this.version()).version);
  }

  tellChange(change: ChangeRecord): void {
    this.#scope.observeChange?.(change);
  }

  inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#shared.turns.take(key, work);
  }

  alone<T>(key: string, busy: string, work: () => Promise<T>): Promise<T> {
    return this.#shared.turns.alone(key, busy, work);
  }

  within(narrower: Scope): Connection {
    return new ScopedConnection(this.#shared, { ...this.#scope, ...narrower });
  }

  close(): Promise<void> {
    return this.#shared.close();
  }
}

/** An operation that reads one object by its id. */
const readsOne = oncePer((route: Route): boolean => /^GET .*\/:id$/.test(route));

/** How long a version is taken for the running one. */
const versionLifetimeMs = 600_000;

function requireDeclared({ routes }: Scope, route: Route): void {
  if (routes === undefined || routes.has(route)) return;
  const details = { status: null, code: "route_not_declared", route };
  throw new PocketIdError(`${route} is not among the operations that this tool may call.`, details);
}

/** Refuses another object than the one asked for, such as a proxy's cache may give: it would be changed in the place of this one. */
function requireAskedFor(route: Route, params: RequestOptions["params"], body: unknown): void {
  if (!readsOne(route) || typeof body !== "object" || body === null || !("id" in body)) return;
  if (String(body.id).toLowerCase() !== params?.id?.toLowerCase()) throw notAsExpected(route, "id");
}

const isRefused = (status: number | null): boolean => status === 401 || status === 403;

function readAnswer<T extends z.ZodType>(route: Route, schema: T, body: unknown): z.output<T> {
  const parsed = tierUp(schema).safeParse(body);
  if (parsed.success) return parsed.data;
  throw notAsExpected(route, parsed.error.issues[0]?.path.join("."));
}

const requestIdOf = ({ headers }: Answer, secrets: Secrets): string | null => {
  const header = headers["x-request-id"];
  return typeof header === "string" ? secrets.clean(header).slice(0, 80) : null;
};
