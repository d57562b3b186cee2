import { type Answer, noContent, ok, publicCache } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import type { Route } from "../http/router.ts";
import { internalError } from "../refusals.ts";

export const versionRoutes: Route[] = [
  {
    method: "GET",
    path: "/api/version/current",
    access: "user",
    since: "2.3",
    answer: ({ version }) => ok({ currentVersion: version }),
  },
  { method: "GET", path: "/api/version/latest", access: "public", answer: latest },
  { method: "GET", path: "/healthz", access: "public", answer: () => noContent() },
];

/** The newest release upstream, not what is running. */
function latest(call: Call): Answer {
  const disabled = call.versionCheckDisabled && call.has("versionCheckSwitch");
  if (!disabled && call.latestVersion === null) throw internalError();
  return ok({ latestVersion: disabled ? "" : call.latestVersion }, publicCache(call.query, 300, 900));
}
