import type { Difference } from "./compare.ts";

/** A difference that is a mistake of the description, or of the tool that makes it out of upstream's annotations. */
export interface KnownMistake extends Difference {
  readonly reason: string;
}

const notAnnotated = (...operations: readonly string[]): KnownMistake[] =>
  operations.map((operation) => ({ operation, change: "removed", reason: "It has no annotation." }));

const eachOfList = "The rule that every item needs a value is taken for one that needs the list.";
const duration = "The type is described as Go holds it, not as it is sent: seconds, or a text.";

const mistaken = (operation: string, field: string, change: string, reason: string): KnownMistake => ({
  operation,
  field: `body ${field}`,
  change,
  reason,
});

/** What does not count: exactly these differences. */
export const knownMistakes: readonly KnownMistake[] = [
  ...notAnnotated(
    "GET /api/webauthn/credentials",
    "PATCH /api/webauthn/credentials/:id",
    "DELETE /api/webauthn/credentials/:id",
    "POST /api/webauthn/logout",
    "GET /api/webauthn/register/start",
    "POST /api/webauthn/register/finish",
    "GET /api/webauthn/login/start",
    "POST /api/webauthn/login/finish",
    "POST /api/webauthn/reauthenticate",
    "GET /api/signup/setup",
    "GET /authorize",
    "POST /authorize",
    "GET /api/oidc/interactions/:id",
    "POST /api/oidc/interactions/:id/complete",
    "POST /api/oidc/par",
    "POST /api/oidc/token",
    "POST /api/oidc/userinfo",
    "GET /api/oidc/end-session",
    "POST /api/oidc/end-session",
    "POST /api/oidc/device/authorize",
    "POST /api/oidc/device/verify",
    "GET /api/oidc/device/info",
    "POST /internal/telemetry/traces",
  ),
  {
    operation: "GET /api/oidc/clients/:id/preview/:userId",
    field: "query scopes",
    change: "now optional",
    reason: "Pocket ID refuses to preview without scopes. They are separated by spaces, too, not by commas.",
  },
  mistaken("POST /api/users/:id/one-time-access-token", "ttl", "removed", "The type is described without its fields."),
  mistaken("POST /api/users/:id/one-time-access-token", "userId", "removed", "Read before 2.4 only, and still sent."),
  mistaken("POST /api/users/:id/one-time-access-email", "ttl", "string → object", duration),
  mistaken("POST /api/signup-tokens", "ttl", "string → object", duration),
  mistaken("POST /api/signup-tokens", "ttl", "now required", "Pocket ID takes its default for a token without one."),
  mistaken("POST /api/api-keys/:id/renew", "expiresAt", "removed", "The annotation names no body."),
  mistaken("PUT /api/apis/:id/cimd-access", "permissionIds", "now required", eachOfList),
  mistaken("PUT /api/apis/:id/clients/:clientId", "userDelegatedPermissionIds", "now required", eachOfList),
  mistaken("PUT /api/apis/:id/clients/:clientId", "clientPermissionIds", "now required", eachOfList),
];

/** The differences that count, and the known mistakes that have been corrected. */
export function withoutMistakes(differences: readonly Difference[]): {
  readonly differences: readonly Difference[];
  readonly corrected: readonly KnownMistake[];
} {
  const same = (a: Difference, b: Difference) =>
    a.operation === b.operation && a.field === b.field && a.change === b.change;
  return {
    differences: differences.filter((one) => !knownMistakes.some((known) => same(known, one))),
    corrected: knownMistakes.filter((known) => !differences.some((one) => same(known, one))),
  };
}
