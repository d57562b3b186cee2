import { onTestFinished } from "vitest";
import { type Sandbox, type SandboxOptions, type SandboxVersion, startSandbox } from "../src/index.ts";

/** What the tests say to a Pocket ID: plain requests, and no idea of how the sandbox is made. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; otherwise the text; null without a body. */
  readonly body: unknown;
}

export interface Caller {
  get(path: string): Promise<Reply>;
  post(path: string, body?: unknown): Promise<Reply>;
  put(path: string, body?: unknown): Promise<Reply>;
  patch(path: string, body?: unknown): Promise<Reply>;
  delete(path: string): Promise<Reply>;
  send(method: string, path: string, init?: RequestInit): Promise<Reply>;
}

export interface PocketId extends Caller {
  readonly sandbox: Sandbox;
  readonly url: string;
  readonly anonymous: Caller;
  with(headers: Record<string, string>): Caller;
}

/** A sandbox for one test; it talks with the administrator's key unless told otherwise. */
export async function pocketId(options: SandboxOptions = {}): Promise<PocketId> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  const as = (headers: Record<string, string>) => caller(sandbox.url, headers);
  return { ...as({ "x-api-key": sandbox.apiKey }), sandbox, url: sandbox.url, anonymous: as({}), with: as };
}

function caller(url: string, headers: Record<string, string>): Caller {
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Reply> => {
    const response = await fetch(url + path, {
      method,
      redirect: "manual",
      ...init,
      headers: { ...headers, ...Object.fromEntries(new Headers(init.headers)) },
    });
    return { status: response.status, headers: response.headers, body: await bodyOf(response) };
  };
  const sendBody = (method: string) => (path: string, body?: unknown) => send(method, path, initOf(body));
  return {
    send,
    get: (path) => send("GET", path),
    delete: (path) => send("DELETE", path),
    post: sendBody("POST"),
    put: sendBody("PUT"),
    patch: sendBody("PATCH"),
  };
}

function initOf(body: unknown): RequestInit {
  if (body === undefined) return {};
  if (body instanceof FormData || body instanceof URLSearchParams) return { body };
  return { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

async function bodyOf(response: Response): Promise<unknown> {
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength === 0) return null;
  const text = Buffer.from(bytes).toString("utf8");
  return response.headers.get("content-type")?.startsWith("application/json") ? JSON.parse(text) : text;
}

/** A value somewhere inside an answer: at(body, "data", 0, "id"). */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return Object.entries(inner).find(([name]) => name === String(step))?.[1];
  }, value);
}

export function textAt(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== "string") throw new Error(`no text at ${path.join(".")} of ${JSON.stringify(value)}`);
  return found;
}

/** One member of every row of a list, be it a page or a plain array. */
export function column(list: unknown, ...path: (string | number)[]): unknown[] {
  const rows = Array.isArray(list) ? list : at(list, "data");
  if (!Array.isArray(rows)) throw new Error(`no list: ${JSON.stringify(list)}`);
  return rows.map((row: unknown) => at(row, ...path));
}

/** The names of an object's members, in the order in which they came. */
export const members = (value: unknown): string[] =>
  typeof value === "object" && value !== null ? Object.keys(value) : [];

/** A query with brackets, as Pocket ID's lists want it. */
export const query = (parameters: Record<string, string | number>): string =>
  `?${new URLSearchParams(Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]))}`;

/** The file of an upload form. */
export function upload(fileName: string, content: string | Uint8Array<ArrayBuffer> = PNG): FormData {
  const form = new FormData();
  form.set("file", new Blob([content]), fileName);
  return form;
}

/** One transparent pixel. */
export const PNG = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64",
  ),
);

/** A caller in a session of the user, got with a one-time access token. Works on every version. */
export async function signedInAs(instance: PocketId, userId: string): Promise<Caller> {
  const made = await instance.post(`/api/users/${userId}/one-time-access-token`, { userId });
  const redeemed = await instance.anonymous.post(`/api/one-time-access-token/${textAt(made.body, "token")}`);
  return instance.with({ authorization: `Bearer ${sessionToken(redeemed)}` });
}

export function sessionToken({ headers }: Reply): string {
  const [, token] = /access_token=([^;]+);/.exec(headers.get("set-cookie") ?? "") ?? [];
  if (token === undefined) throw new Error("no session cookie");
  return token;
}

/** A user of the seeded club by name. */
export function person({ sandbox }: PocketId, username: string): string {
  const user = [...sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`nobody called ${username}`);
  return user.id;
}

export function group({ sandbox }: PocketId, name: string): string {
  const found = [...sandbox.state.userGroups.values()].find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no group called ${name}`);
  return found.id;
}

/** The thing, or the end of the test. */
export function present<T>(thing: T | undefined | null): T {
  if (thing === undefined || thing === null) throw new Error("is not there");
  return thing;
}

const order = (version: string): number => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
};

/** since("2.13") tells whether a version is that one or newer. The tests do not ask the sandbox's own table. */
export const isSince = (version: SandboxVersion, since: string): boolean => order(version) >= order(since);
