import { sandboxVersions, startSandbox } from "@pocketid-mcp/sandbox";
import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import {
  fileForm,
  type Instance,
  type Json,
  openInstance,
  type Reply,
  type SendOptions,
  sessionOf,
} from "../live/instance.ts";

export { fileForm, type Json, type Reply, sessionOf };

/** What is known of a Pocket ID before anything is asked of it. */
export interface Target {
  readonly version: string;
  readonly isReal: boolean;
  /** Where people see pages. Pocket ID can be built without, and then says less of paths that it does not know. */
  readonly hasWebApp: boolean;
  readonly database: "sqlite" | "postgres";
  /** UI_CONFIG_DISABLED: settings come from its environment, and nobody can change them. */
  readonly uiConfigDisabled: boolean;
}

export interface RealPocketId extends Target {
  readonly url: string;
  readonly apiKey: string;
}

declare module "vitest" {
  interface ProvidedContext {
    realPocketId?: RealPocketId;
  }
}

type Sending = (path: string, body?: unknown, options?: SendOptions) => Promise<Reply>;

/** A Pocket ID as the contract sees it. All but what is known before can be used once tests run, not while they are collected. */
export interface PocketId
  extends Target,
    Pick<Instance, "url" | "apiKey" | "prefix" | "owner" | "send" | "done" | "read" | "rows" | "configuration"> {
  /** Says whether the version is this one or later. */
  since(version: string): boolean;
  get(path: string, options?: SendOptions): Promise<Reply>;
  post: Sending;
  put: Sending;
  delete(path: string, options?: SendOptions): Promise<Reply>;
  /** A request with these headers and this body, and nothing of our own. */
  raw(method: string, path: string, init?: RequestInit): Promise<Reply>;
  /** Does something while these values of the configuration hold. */
  whileConfigured<T>(changes: Readonly<Record<string, string>>, run: () => Promise<T>): Promise<T>;
  /** Puts a file where an image belongs. */
  upload(method: "PUT" | "POST", path: string, fileName: string, content?: Uint8Array | string): Promise<Reply>;
  /** A word that nothing else here is called. */
  unique(word: string): string;
  user(more?: object): Promise<Json>;
  group(more?: object): Promise<Json>;
  client(more?: object): Promise<Json>;
  api(more?: object): Promise<Json>;
  /** Credentials of a session of this user, got with a one-time access token. */
  sessionOf(user: Json): Promise<{ readonly session: string }>;
  /** Credentials of an API key of this user. */
  keyOf(user: Json): Promise<{ readonly key: string }>;
}

/**
 * Tests of what Pocket ID does. In `npm test` they run on the sandbox, once for every version that it plays; in `npm run test:live` on the
 * real Pocket ID of POCKETID_LIVE_URL. What they make bears a prefix and is taken away again, and settings are put back.
 */
export function contract(
  topic: string,
  tests: (pocketId: PocketId) => void,
  { uiConfigDisabled = false }: Partial<Pick<Target, "uiConfigDisabled">> = {},
): void {
  const real = inject("realPocketId");
  const targets: readonly Target[] =
    real !== undefined ? [real] : sandboxVersions.map((version) => played(version, uiConfigDisabled));
  for (const target of targets) {
    describe.runIf(target.uiConfigDisabled === uiConfigDisabled)(`Pocket ID ${target.version}: ${topic}`, () => {
      let opened: Opened | undefined;
      beforeAll(async () => {
        opened = await open(target, real);
      });
      afterAll(() => opened?.close());
      tests(
        pocketIdOf(target, () => {
          if (opened === undefined) throw new Error("Ask Pocket ID in a test, not around it.");
          return opened;
        }),
      );
    });
  }
}

const played = (version: string, uiConfigDisabled: boolean): Target => ({
  version: `${version}.0`,
  isReal: false,
  hasWebApp: true,
  database: "sqlite",
  uiConfigDisabled,
});

interface Opened {
  readonly instance: Instance;
  close(): Promise<void>;
}

async function open(target: Target, real: RealPocketId | undefined): Promise<Opened> {
  const { version, uiConfigDisabled } = target;
  const instanceAt = ({ url, apiKey }: { url: string; apiKey: string }): Promise<Instance> =>
    openInstance({ POCKETID_LIVE_URL: url, POCKETID_LIVE_API_KEY: apiKey, POCKETID_LIVE_VERSION: version });
  if (real !== undefined) {
    const instance = await instanceAt(real);
    return { instance, close: () => (uiConfigDisabled ? Promise.resolve() : cleanUp(instance, version)) };
  }
  const sandbox = await startSandbox({
    version: version as `${(typeof sandboxVersions)[number]}.0`,
    // The club has a mail password to hide.
    seed: uiConfigDisabled ? "club" : "empty",
    uiConfigDisabled,
  });
  return { instance: await instanceAt(sandbox), close: () => sandbox.close() };
}

async function cleanUp(instance: Instance, version: string): Promise<void> {
  if (isSince(version, "2.10")) {
    for (const { id, name } of await instance.rows("/api/apis"))
      if (name.startsWith(instance.prefix)) await instance.send("DELETE", `/api/apis/${id}`);
  }
  await instance.restore();
}

/** Compares by minor version, which is all that a contract speaks of. */
function isSince(version: string, wanted: string): boolean {
  const order = (text: string): number => {
    const [major = 0, minor = 0] = text.split(".").map(Number);
    return major * 1000 + minor;
  };
  return order(version) >= order(wanted);
}

function pocketIdOf(target: Target, opened: () => Opened): PocketId {
  let made = 0;
  const at = (): Instance => opened().instance;
  const send: PocketId["send"] = async (method, path, options) => checked(await at().send(method, path, options));
  const since = (version: string): boolean => isSince(target.version, version);
  const unique = (word: string): string => `${at().prefix}-${word}-${++made}`;
  const sessionOfUser = async ({ id }: Json) => {
    // Up to 2.3 the body says whose token it is, later the path.
    const { token } = await at().done("POST", `/api/users/${id}/one-time-access-token`, { userId: id });
    return { session: sessionOf(await send("POST", `/api/one-time-access-token/${token}`, { as: "nobody" })) };
  };
  return {
    ...target,
    get url() {
      return at().url;
    },
    get apiKey() {
      return at().apiKey;
    },
    get prefix() {
      return at().prefix;
    },
    get owner() {
      return at().owner;
    },
    since,
    send,
    done: (...call) => at().done(...call),
    read: (path) => at().read(path),
    rows: (path) => at().rows(path),
    configuration: () => at().configuration(),
    get: (path, options) => send("GET", path, options),
    delete: (path, options) => send("DELETE", path, options),
    post: (path, body, options) => send("POST", path, { ...options, body }),
    put: (path, body, options) => send("PUT", path, { ...options, body }),
    async raw(method, path, init) {
      const response = await fetch(at().url + path, { method, redirect: "manual", ...init });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, bytes, body: parsed(bytes.toString("utf8")) };
    },
    async whileConfigured(changes, run) {
      const before = await at().configuration();
      await at().configure(changes);
      try {
        return await run();
      } finally {
        await at().done("PUT", "/api/application-configuration", before);
      }
    },
    upload: (method, path, fileName, content = pixel) =>
      send(method, path, { form: fileForm(fileName, Buffer.from(content)) }),
    unique,
    async user(more = {}) {
      const username = unique("user");
      const { id } = await at().done("POST", "/api/users", {
        username,
        email: `${username}@contract.example`,
        firstName: "Ada",
        lastName: "Contract",
        displayName: "Ada Contract",
        ...more,
      });
      return at().read(`/api/users/${id}`);
    },
    async group(more = {}) {
      const { id } = await at().done("POST", "/api/user-groups", {
        name: unique("group"),
        friendlyName: "Contract",
        ...more,
      });
      return at().read(`/api/user-groups/${id}`);
    },
    async client(more = {}) {
      const { id } = await at().done("POST", "/api/oidc/clients", {
        name: unique("client"),
        callbackURLs: [callbackURL],
        ...more,
      });
      return at().read(`/api/oidc/clients/${id}`);
    },
    async api(more = {}) {
      const name = unique("api");
      const { id } = await at().done("POST", "/api/apis", { name, resource: `https://${name}.example`, ...more });
      return at().read(`/api/apis/${id}`);
    },
    sessionOf: sessionOfUser,
    async keyOf(user) {
      const { body } = await send("POST", "/api/api-keys", {
        body: { name: unique("key"), expiresAt: inAnHour() },
        as: await sessionOfUser(user),
      });
      return { key: body.token };
    },
  };
}

function checked(reply: Reply): Reply {
  if (reply.status === 429)
    throw new Error("This Pocket ID limits requests. Start it with DISABLE_RATE_LIMITING=true (Pocket ID >= 2.2).");
  return reply;
}

/** Where the contract expects a refusal: status and text up to 2.12, status and code since 2.13. */
export interface Refusal {
  readonly until212: readonly [status: number, error?: string];
  readonly since213: readonly [status: number, code: string, details?: object];
}

/** Holds a refusal to what its version says. */
export function expectRefusal({ since }: PocketId, { status, body }: Reply, { until212, since213 }: Refusal): void {
  if (!since("2.13")) {
    const [expected, error = somethingWentWrong] = until212;
    expect({ status, body }).toEqual({ status: expected, body: { error } });
    return;
  }
  const [expected, code, details] = since213;
  expect({ status, body }).toMatchObject({ status: expected, body: { code, ...(details && { details }) } });
}

export const somethingWentWrong = "Something went wrong";
export const unreadableBody: Refusal = { until212: [500], since213: [400, "invalid_request_body"] };
export const notFound = (resource: string): Refusal => ({
  until212: [404, "Record not found"],
  since213: [404, "not_found", { resource }],
});
export const userNotFound: Refusal = { until212: [404, "Record not found"], since213: [404, "user_not_found"] };

/** An id that belongs to nothing. */
export const nobody = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";

export const callbackURL = "https://app.contract.example/callback";

export const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

/** One transparent pixel, as PNG. */
export const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** A query as Pocket ID's lists want it; a value may be given several times. */
export const query = (parameters: Readonly<Record<string, string | number | readonly string[]>>): string =>
  `?${Object.entries(parameters)
    .flatMap(([name, values]) => [values].flat().map((value) => `${name}=${encodeURIComponent(value)}`))
    .join("&")}`;

/** The names of the members of an object, in alphabetical order. */
export const members = (object: Json): string[] => Object.keys(object).sort();

export const column = (rows: Json[], name: string): Json[] => rows.map((row) => row[name]);

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
