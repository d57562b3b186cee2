import { nobody, type PocketId, type Reply } from "./pocket-id.ts";

/**
 * Who may call: everybody, whoever is signed in, administrators, or whoever has a session, because API keys are refused.
 */
export type Access = "public" | "user" | "admin" | "session";

export interface Availability {
  /** First version that has it. */
  readonly since?: string;
  /** First version that has it no more. */
  readonly until?: string;
}

interface Route extends Availability {
  readonly route: string;
  readonly access: Access | ((pocketId: PocketId) => Access);
}

const of = (access: Route["access"], availability: Availability, ...routes: string[]): Route[] =>
  routes.map((route) => ({ route, access, ...availability }));

/** Every route of the administrative API. */
export const routes: readonly Route[] = [
  ...of(
    "public",
    {},
    "GET /healthz",
    "GET /.well-known/openid-configuration",
    "GET /.well-known/jwks.json",
    "GET /api/version/latest",
    "GET /api/application-configuration",
    "GET /api/application-images/logo",
    "GET /api/application-images/favicon",
    "GET /api/application-images/background",
    "GET /api/users/:id/profile-picture.png",
    "GET /api/oidc/clients/:id/meta",
    "GET /api/oidc/clients/:id/logo",
    "POST /api/signup",
    "POST /api/signup/setup",
    "POST /api/one-time-access-token/:token",
    "POST /api/one-time-access-email",
    "POST /api/oidc/token",
    "POST /api/oidc/introspect",
  ),
  ...of("public", { since: "2.0" }, "GET /api/application-images/email"),
  ...of("public", { since: "2.6" }, "GET /api/signup/setup"),
  ...of("public", { since: "2.14" }, "GET /.well-known/oauth-authorization-server"),
  ...of(
    "user",
    {},
    "GET /api/users/me",
    "PUT /api/users/me",
    "PUT /api/users/me/profile-picture",
    "DELETE /api/users/me/profile-picture",
    "GET /api/api-keys",
    "DELETE /api/api-keys/:id",
    "GET /api/audit-logs",
    "GET /api/webauthn/credentials",
    "PATCH /api/webauthn/credentials/:id",
    "DELETE /api/webauthn/credentials/:id",
    "POST /api/webauthn/logout",
    "GET /api/oidc/users/me/authorized-clients",
    "DELETE /api/oidc/users/me/authorized-clients/:clientId",
    "GET /api/oidc/users/me/clients",
  ),
  ...of("user", { since: "2.2" }, "POST /api/users/me/send-email-verification", "POST /api/users/me/verify-email"),
  ...of("user", { since: "2.3" }, "GET /api/version/current"),
  // A key could make keys until 2.2.
  ...of(({ since }) => (since("2.3") ? "session" : "user"), {}, "POST /api/api-keys"),
  ...of(({ since }) => (since("2.3") ? "session" : "user"), { since: "2.2" }, "POST /api/api-keys/:id/renew"),
  ...of(
    ({ since }) => (since("2.13") ? "session" : "user"),
    {},
    "GET /api/webauthn/register/start",
    "POST /api/webauthn/register/finish",
    "POST /api/webauthn/reauthenticate",
    "POST /api/oidc/device/verify",
    "GET /api/oidc/device/info",
  ),
  ...of(
    "admin",
    {},
    "GET /api/users",
    "POST /api/users",
    "GET /api/users/:id",
    "PUT /api/users/:id",
    "DELETE /api/users/:id",
    "GET /api/users/:id/groups",
    "PUT /api/users/:id/user-groups",
    "PUT /api/users/:id/profile-picture",
    "DELETE /api/users/:id/profile-picture",
    "POST /api/users/:id/one-time-access-token",
    "POST /api/users/:id/one-time-access-email",
    "GET /api/custom-claims/suggestions",
    "PUT /api/custom-claims/user/:id",
    "PUT /api/custom-claims/user-group/:id",
    "GET /api/user-groups",
    "POST /api/user-groups",
    "GET /api/user-groups/:id",
    "PUT /api/user-groups/:id",
    "DELETE /api/user-groups/:id",
    "PUT /api/user-groups/:id/users",
    "GET /api/oidc/clients",
    "POST /api/oidc/clients",
    "GET /api/oidc/clients/:id",
    "PUT /api/oidc/clients/:id",
    "DELETE /api/oidc/clients/:id",
    "PUT /api/oidc/clients/:id/allowed-user-groups",
    "POST /api/oidc/clients/:id/logo",
    "GET /api/oidc/clients/:id/preview/:userId",
    "GET /api/oidc/users/:id/authorized-clients",
    "GET /api/signup-tokens",
    "POST /api/signup-tokens",
    "DELETE /api/signup-tokens/:id",
    "GET /api/application-configuration/all",
    "PUT /api/application-configuration",
    "POST /api/application-configuration/test-email",
    "POST /api/application-configuration/sync-ldap",
    "PUT /api/application-images/logo",
    "PUT /api/application-images/favicon",
    "PUT /api/application-images/background",
    "GET /api/application-images/default-profile-picture",
    "PUT /api/application-images/default-profile-picture",
    "DELETE /api/application-images/default-profile-picture",
    "GET /api/audit-logs/all",
    "GET /api/audit-logs/filters/users",
    "GET /api/audit-logs/filters/client-names",
  ),
  // Anybody could delete a logo until 2.2.
  ...of(({ since }) => (since("2.3") ? "admin" : "public"), {}, "DELETE /api/oidc/clients/:id/logo"),
  ...of("admin", { until: "2.14" }, "POST /api/oidc/clients/:id/secret"),
  ...of(
    "admin",
    { since: "2.0" },
    "PUT /api/user-groups/:id/allowed-oidc-clients",
    "GET /api/oidc/clients/:id/scim-service-provider",
    "POST /api/scim/service-provider",
    "PUT /api/scim/service-provider/:id",
    "DELETE /api/scim/service-provider/:id",
    "POST /api/scim/service-provider/:id/sync",
    "PUT /api/application-images/email",
  ),
  ...of("admin", { since: "2.5" }, "DELETE /api/application-images/background"),
  ...of(
    "admin",
    { since: "2.6" },
    "GET /api/users/:id/webauthn-credentials",
    "DELETE /api/users/:id/webauthn-credentials/:credentialId",
  ),
  ...of(
    "admin",
    { since: "2.10" },
    "GET /api/apis",
    "POST /api/apis",
    "GET /api/apis/:id",
    "PUT /api/apis/:id",
    "DELETE /api/apis/:id",
    "PUT /api/apis/:id/permissions",
  ),
  ...of("admin", { since: "2.10", until: "2.14" }, "GET /api/api-access/:clientId", "PUT /api/api-access/:clientId"),
  ...of("admin", { since: "2.13" }, "POST /api/oidc/clients/:id/refresh"),
  ...of(
    "admin",
    { since: "2.14" },
    "GET /api/oidc/clients/:id/secrets",
    "POST /api/oidc/clients/:id/secrets",
    "DELETE /api/oidc/clients/:id/secrets/:secretId",
    "PUT /api/apis/:id/cimd-access",
    "GET /api/apis/:id/clients",
    "GET /api/apis/:id/assignable-clients",
    "PUT /api/apis/:id/clients/:clientId",
    "DELETE /api/apis/:id/clients/:clientId",
    "GET /api/api-access/:clientId/apis",
    "GET /api/api-access/:clientId/assignable-apis",
    "DELETE /api/application-images/logo",
  ),
];

/** Without any effect: an id of nothing, and no body. */
export const asked = (route: string): [method: string, path: string] => {
  const [method = "", pattern = ""] = route.split(" ");
  return [method, pattern.replace(/:\w+/g, nobody)];
};

/** Whether the answer comes from a route. Where none is, Pocket ID without its web app says so in plain text. */
export const isAnswered = ({ status, headers, bytes }: Reply): boolean => {
  const text = bytes.toString("utf8");
  return !(
    (status === 404 && /^404 page not found|API endpoint not found/.test(text.replace(/^\{"error":"/, ""))) ||
    headers.get("content-type")?.startsWith("text/html")
  );
};

export const exists = ({ since: is }: PocketId, { since, until }: Availability): boolean =>
  (since === undefined || is(since)) && (until === undefined || !is(until));
