import { type Answer, json } from "./answer.ts";
import type { Instance } from "./call.ts";

const INDEX = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Pocket ID</title></head>
  <body>This stands for the web app of Pocket ID, which the sandbox does not have.</body>
</html>
`;

/** What Pocket ID says to a path that is no route: JSON below /api, the web app everywhere else. */
export function fallback({ has, version }: Instance, path: string): Answer {
  // No code and no request_id in this one, unlike the 404 of a missing record.
  if (path.startsWith("/api/") || (path.startsWith("/.well-known/") && has("unknownWellKnownIsJson"))) {
    return json(404, { error: "API endpoint not found" });
  }
  if (path === "/_app/version.json") return json(200, { version }, { "cache-control": "public, max-age=86400" });
  return {
    status: 200,
    body: INDEX,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  };
}

/** Paths do not end in a slash: the answer is a redirect to the one without, keeping the method where there is a route. */
export function withoutTrailingSlash(
  path: string,
  rawUrl: string,
  hasRoute: boolean,
  method: string,
): Answer | undefined {
  if (path === "/" || !path.endsWith("/")) return undefined;
  const [rawPath = "", ...query] = rawUrl.split("?");
  const location = [rawPath.replace(/\/+$/, "") || "/", ...query].join("?");
  if (method !== "GET")
    return { status: hasRoute ? 307 : 301, body: null, headers: { location }, ...(hasRoute && { bare: true }) };
  const body = `<a href="${location.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)}">Moved Permanently</a>.\n\n`;
  return {
    status: 301,
    body,
    headers: { location, "content-type": "text/html; charset=utf-8" },
    ...(hasRoute && { bare: true }),
  };
}
