import { existsIn, type Has, type Lifespan } from "../versions.ts";
import type { Answer } from "./answer.ts";
import type { Access } from "./authentication.ts";
import type { Call } from "./call.ts";
import type { Shape } from "./fields.ts";
import type { LimitedRoute } from "./rate-limit.ts";

export interface Route extends Lifespan {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** ":name" stands for one segment. */
  readonly path: string;
  readonly access: Access | ((has: Has) => Access);
  readonly limit?: LimitedRoute;
  /** What the JSON that it takes may hold, or each item where it takes a list. */
  readonly body?: Shape | ((has: Has) => Shape);
  readonly answer: (call: Call) => Answer | Promise<Answer>;
}

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

export type Router = (method: string, path: string) => Match | undefined;

export function router(routes: readonly Route[], version: string): Router {
  // Fixed segments win over parameters: /api/users/me is not the user "me".
  const known = routes
    .filter((route) => existsIn(version, route))
    .map((route) => ({ route, segments: route.path.split("/") }))
    .sort((a, b) => wildness(a.segments).localeCompare(wildness(b.segments)));
  return (method, path) => {
    const asked = path.split("/");
    for (const { route, segments } of known) {
      if (route.method !== method || segments.length !== asked.length) continue;
      const params = matched(segments, asked);
      if (params !== undefined) return { route, params };
    }
    return undefined;
  };
}

const wildness = (segments: readonly string[]): string =>
  segments.map((segment) => (segment.startsWith(":") ? "1" : "0")).join("");

function matched(segments: readonly string[], asked: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const value = asked[at] ?? "";
    if (segment.startsWith(":") && value !== "") params[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return params;
}

/** Pocket ID >= 2.13: the id of a CIMD client is a URL; it goes into a path as "~" and base64url. */
export function decodedClientIds(params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      const encoded = (name === "id" || name === "clientId") && /^~[A-Za-z0-9_-]*$/.test(value);
      return [name, encoded ? Buffer.from(value.slice(1), "base64url").toString("utf8") : value];
    }),
  );
}
