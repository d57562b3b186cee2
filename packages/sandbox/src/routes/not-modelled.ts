import { json } from "../http/answer.ts";
import type { Access } from "../http/authentication.ts";
import type { Route } from "../http/router.ts";
import type { Has } from "../versions.ts";

/**
 * What needs a browser or a passkey. The routes are there, and so is the rule who may call them; behind it the sandbox
 * says that it goes no further.
 */
export const notModelledRoutes: Route[] = [
  route("GET", "/api/webauthn/register/start", passkeyAccess),
  route("POST", "/api/webauthn/register/finish", passkeyAccess),
  route("POST", "/api/webauthn/reauthenticate", passkeyAccess),
  route("GET", "/api/webauthn/login/start", "public"),
  route("POST", "/api/webauthn/login/finish", "public"),
  route("POST", "/api/oidc/device/authorize", "public"),
  route("POST", "/api/oidc/device/verify", passkeyAccess),
  route("GET", "/api/oidc/device/info", passkeyAccess),
  route("GET", "/api/oidc/userinfo", "public"),
  route("POST", "/api/oidc/userinfo", "public"),
  route("GET", "/api/oidc/end-session", "public"),
  route("POST", "/api/oidc/end-session", "public"),
  { ...route("POST", "/api/oidc/par", "public"), since: "2.9" },
  { ...route("POST", "/api/device-login/requests", "public"), since: "2.12" },
  { ...route("POST", "/api/device-login/requests/:id/exchange", "public"), since: "2.12" },
  { ...route("POST", "/api/device-login/verification", "session"), since: "2.12" },
  { ...route("POST", "/api/device-login/verification/decision", "session"), since: "2.12" },
  { ...route("GET", "/api/oidc/interactions/:id", "public"), since: "2.10" },
  { ...route("POST", "/api/oidc/interactions/:id/complete", "session"), since: "2.10" },
];

/** Pocket ID >= 2.13: an API key cannot register a passkey. */
function passkeyAccess(has: Has): Access {
  return has("keysRefusedForPasskeys") ? "session" : "user";
}

function route(method: Route["method"], path: string, access: Route["access"]): Route {
  return { method, path, access, answer: () => json(501, { error: "The sandbox does not model this" }) };
}
