import type { Dispatcher } from "undici";
import { oncePer } from "../once-per.ts";
import { multipart, type UploadFile } from "./multipart.ts";
import { expandPath } from "./path.ts";
import { type Secrets, secretParameters, secretsIn } from "./secrets.ts";
import type { Route } from "./versions.ts";

export interface RequestOptions {
  /** Values of the path's parameters. */
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as a multipart form instead of a JSON body. */
  file?: UploadFile;
  /** Never sent a second time: what it replaces may have changed by then. */
  once?: boolean;
  /** Whoever asks slows down by himself: that there are too many requests is told at once. */
  paced?: boolean;
  /** The answer is an image, not JSON. */
  image?: boolean;
  /** Waits as long as two minutes for the answer: Pocket ID works on others before it gives one. */
  slow?: boolean;
  /** Who asks: the API key (if left out), a signed-in session, or nobody. */
  as?: { readonly session: string } | "nobody";
}

/** A request that is ready to be sent. */
export interface PreparedRequest {
  readonly route: Route;
  readonly method: Dispatcher.HttpMethod;
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
  /** Never to be sent a second time. */
  readonly once: boolean;
  /** Not sent again here where there are too many requests. */
  readonly paced: boolean;
  /** What nothing that is said of it may show: the values in it, and those that were met before. */
  readonly secrets: Secrets;
  /** Whether the answer is an image. */
  readonly image: boolean;
}

/**
 * Makes a request of a route and what is to be sent.
 * @param secrets those that are known; the ones in this request are added
 * @throws {InputError} if a parameter could leave its place in the path
 */
export async function prepareRequest(
  origin: string,
  apiKey: string,
  route: Route,
  { params, query, body, file, as, image = false, once = false, paced = false }: RequestOptions,
  secrets: Secrets,
): Promise<PreparedRequest> {
  const { method, pattern } = splitRoute(route);
  const search = query === undefined ? "" : String(new URLSearchParams(query));
  const path = expandPath(pattern, params) + (search === "" ? "" : `?${search}`);
  secrets.add([apiKey]);
  for (const name of secretParameters) if (params?.[name] !== undefined) secrets.add([params[name]]);
  if (body !== undefined) secrets.add(secretsIn(body));
  const headers: Record<string, string> = {
    accept: image ? "image/*" : "application/json",
    "user-agent": "pocketid-mcp",
  };
  if (as === undefined) headers["x-api-key"] = apiKey;
  else if (as !== "nobody") {
    secrets.add([as.session]);
    headers.authorization = `Bearer ${as.session}`;
  }
  let sent: string | Buffer | undefined;
  if (file !== undefined) {
    const form = await multipart(file);
    headers["content-type"] = form.contentType;
    sent = form.body;
  } else if (body !== undefined) {
    headers["content-type"] = "application/json";
    sent = JSON.stringify(body);
  }
  return { route, method, origin, path, headers, body: sent, image, once, paced, secrets };
}

/** The path of a request as a log may show it. */
export const loggedPath = (route: Route, params: RequestOptions["params"] = {}): string =>
  splitRoute(route).pattern.replace(/:([A-Za-z]+)/g, (whole, name: string) =>
    secretParameters.has(name) ? whole : encodeURIComponent(params[name] ?? whole),
  );

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** The method of a route. */
export const methodOf = (route: Route): Dispatcher.HttpMethod => splitRoute(route).method;

/** The parts of a route: its method, and the pattern of its path. */
const splitRoute = oncePer((route: Route) => {
  const method = methods.find((name) => route.startsWith(`${name} `)) ?? "GET";
  return { method, pattern: route.slice(method.length + 1) };
});
