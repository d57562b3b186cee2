import { randomBytes } from "node:crypto";

/** JSON as Pocket ID answered it. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever Pocket ID answered
export type Json = any;

export interface Reply {
  readonly status: number;
  readonly body: Json;
  readonly bytes: Buffer;
  readonly headers: Headers;
}

export interface SendOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as a form: of fields, or with one file. */
  readonly form?: URLSearchParams | FormData;
  /** Who asks: the API key if left out, nobody, somebody's session, another key, or a client with its secret. */
  readonly as?:
    | "nobody"
    | { readonly session: string }
    | { readonly key: string }
    | { readonly client: string; readonly secret: string };
}

/** A real Pocket ID, looked at with plain HTTP: nothing of ours stands in between. */
export interface Instance {
  readonly url: string;
  readonly apiKey: string;
  readonly version: string;
  /** Begins the name of everything that the tests make. */
  readonly prefix: string;
  /** The owner of the API key. */
  readonly owner: Json;
  /** Says whether a session can ask for an authorization code as the web page does (Pocket ID <= 2.9), so that a sign-in needs no browser. */
  readonly codeByApi: boolean;
  /** Says whether the running version is this one or later. */
  atLeast(version: string): boolean;
  send(method: string, path: string, options?: SendOptions): Promise<Reply>;
  /** Sends what has to succeed, and answers its body. */
  done(method: string, path: string, body?: unknown): Promise<Json>;
  read(path: string): Promise<Json>;
  /** All rows of a list. */
  rows(path: string): Promise<Json[]>;
  /** Every value of the configuration, as text. */
  configuration(): Promise<Record<string, string>>;
  /** Changes some values of the configuration. */
  configure(changes: Readonly<Record<string, string>>): Promise<void>;
  /** Signs in as a user by a one-time access token. */
  signIn(userId: string): Promise<string>;
  /** Takes away whatever bears the prefix, and puts configuration and images back. */
  restore(): Promise<void>;
}

const images = ["logo?light=true", "logo?light=false", "favicon", "background", "email", "default-profile-picture"];

export async function openInstance(env: NodeJS.ProcessEnv): Promise<Instance> {
  const missing = ["POCKETID_LIVE_URL", "POCKETID_LIVE_API_KEY"].filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(" and ")} not set. The live tests need the address of a Pocket ID that may be changed, and an API key of an administrator of it.`,
    );
  }
  const url = new URL(env.POCKETID_LIVE_URL ?? "").origin;
  const apiKey = env.POCKETID_LIVE_API_KEY ?? "";
  const prefix = `live-${randomBytes(3).toString("hex")}`;

  async function send(method: string, path: string, { body, form, as }: SendOptions = {}): Promise<Reply> {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: { ...credentials(as), ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(form !== undefined ? { body: form } : body !== undefined ? { body: JSON.stringify(body) } : {}),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, body: parse(bytes), bytes, headers: response.headers };
  }

  function credentials(as: SendOptions["as"]): Record<string, string> {
    if (as === undefined) return { "x-api-key": apiKey };
    if (as === "nobody") return {};
    if ("session" in as) return { authorization: `Bearer ${as.session}` };
    if ("key" in as) return { "x-api-key": as.key };
    return { authorization: `Basic ${Buffer.from(`${as.client}:${as.secret}`).toString("base64")}` };
  }

  async function done(method: string, path: string, body?: unknown): Promise<Json> {
    const reply = await send(method, path, body === undefined ? {} : { body });
    if (reply.status < 200 || reply.status > 299)
      throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply.body;
  }

  const read = (path: string): Promise<Json> => done("GET", path);

  async function rows(path: string): Promise<Json[]> {
    const found: Json[] = [];
    for (let page = 1, pages = 1; page <= pages; page++) {
      const query = `pagination[page]=${page}&pagination[limit]=100&sort[column]=createdAt&sort[direction]=asc`;
      const { data, pagination } = await read(`${path}${path.includes("?") ? "&" : "?"}${query}`);
      found.push(...data);
      pages = pagination.totalPages;
    }
    return found;
  }

  const configuration = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await read("/api/application-configuration/all")).map((row: Json) => [row.key, row.value]));

  const configure = async (changes: Readonly<Record<string, string>>): Promise<void> => {
    await done("PUT", "/api/application-configuration", { ...(await configuration()), ...changes });
  };

  const version = await versionOf(send, env.POCKETID_LIVE_VERSION);
  const owner = await read("/api/users/me");
  if (!owner.isAdmin) throw new Error("POCKETID_LIVE_API_KEY is not a key of an administrator.");
  const codeByApi = ![404, 501].includes((await send("POST", "/api/oidc/authorize", { body: {} })).status);
  const configurationBefore = await configuration();
  const imagesBefore = new Map<string, Reply>();
  for (const image of images) imagesBefore.set(image, await send("GET", imagePath(image)));

  const atLeast = (wanted: string): boolean => compare(version, wanted) >= 0;

  return {
    url,
    apiKey,
    version,
    prefix,
    owner,
    codeByApi,
    atLeast,
    send,
    done,
    read,
    rows,
    configuration,
    configure,

    async signIn(userId) {
      // Before 2.4 the body, later the path says whose token it is.
      const { token } = await done("POST", `/api/users/${userId}/one-time-access-token`, { userId, ttl: "5m" });
      const reply = await send("POST", `/api/one-time-access-token/${token}`, { as: "nobody" });
      return sessionOf(reply);
    },

    async restore() {
      for (const token of await rows("/api/signup-tokens")) {
        if (token.usageLimit === signupUses) await send("DELETE", `/api/signup-tokens/${token.id}`);
      }
      for (const client of await rows("/api/oidc/clients"))
        if (client.name.startsWith(prefix)) await send("DELETE", `/api/oidc/clients/${client.id}`);
      if (atLeast("2.10.0")) {
        for (const api of await rows("/api/apis"))
          if (api.name.startsWith(prefix)) await send("DELETE", `/api/apis/${api.id}`);
      }
      for (const user of await rows("/api/users"))
        if (user.username.startsWith(prefix)) await send("DELETE", `/api/users/${user.id}`);
      for (const group of await rows("/api/user-groups"))
        if (group.name.startsWith(prefix)) await send("DELETE", `/api/user-groups/${group.id}`);
      for (const key of await rows("/api/api-keys"))
        if (key.name.startsWith(prefix)) await send("DELETE", `/api/api-keys/${key.id}`);
      await done("PUT", "/api/application-configuration", configurationBefore);
      for (const [image, before] of imagesBefore) await restoreImage(image, before);
    },
  };

  async function restoreImage(image: string, before: Reply): Promise<void> {
    const now = await send("GET", imagePath(image));
    if (now.status === before.status && now.bytes.equals(before.bytes)) return;
    if (before.status !== 200) {
      await send("DELETE", `/api/application-images/${image}`);
      return;
    }
    const type = before.headers.get("content-type") ?? "";
    const extension = /svg/.test(type) ? "svg" : /icon/.test(type) ? "ico" : type.replace(/^image\//, "");
    await send("PUT", `/api/application-images/${image}`, { form: fileForm(`before.${extension}`, before.bytes) });
  }
}

/** Signup tokens of the tests are known by this limit: they have no name. */
export const signupUses = 97;

/** Where an image is read, past every cache. */
export const imagePath = (image: string): string =>
  `/api/application-images/${image}${image.includes("?") ? "&" : "?"}skipCache=1`;

export function fileForm(name: string, bytes: Uint8Array): FormData {
  const form = new FormData();
  form.append("file", new Blob([Uint8Array.from(bytes)]), name);
  return form;
}

/** The session that an answer sets. */
export function sessionOf({ status, headers, body }: Reply): string {
  const cookie = headers
    .getSetCookie()
    .map((line) => /^(?:__Host-)?access_token=([^;]+)/.exec(line)?.[1])
    .find(Boolean);
  if (cookie === undefined) throw new Error(`no session: ${status} ${JSON.stringify(body)}`);
  return cookie;
}

async function versionOf(send: Instance["send"], given: string | undefined): Promise<string> {
  const { status, body } = await send("GET", "/api/version/current");
  if (status === 200 && /^\d+\.\d+/.test(body?.currentVersion ?? "")) return body.currentVersion;
  if (status === 401) throw new Error("POCKETID_LIVE_API_KEY was refused.");
  if (given) return given;
  throw new Error("This Pocket ID does not tell its version (before 2.3): set POCKETID_LIVE_VERSION.");
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parse(bytes: Buffer): Json {
  const text = bytes.toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 500);
  }
}
