import { userClaims } from "../claims.ts";
import { mayUse } from "../clients.ts";
import { type Answer, ok } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import type { Route } from "../http/router.ts";
import { newId } from "../random.ts";
import { invalidField, oidcAccessDenied } from "../refusals.ts";
import type { OidcClient, User } from "../state.ts";
import { clientInPath } from "./oidc-clients.ts";
import { userInPath } from "./users.ts";

export const claimsPreviewRoutes: Route[] = [
  { method: "GET", path: "/api/oidc/clients/:id/preview/:userId", access: "admin", answer: preview },
];

const STANDARD_SCOPES = ["openid", "profile", "email", "groups", "offline_access"];

/** Scopes are separated by spaces; words that are no scope are dropped. */
function preview(call: Call): Answer {
  const scopes = call.query.get("scopes") ?? "";
  if (scopes === "") throw invalidField("scopes", "required", "is required", { message: "scopes are required" });
  const client = clientInPath(call);
  const user = userInPath(call, "userId");
  if (!mayUse(call, user, client)) throw oidcAccessDenied();
  const asked = [...new Set(scopes.split(" "))];
  return ok(
    call.has("oauthLibrary") ? previewSince210(call, client, user, asked) : previewBefore210(call, client, user, asked),
  );
}

/** iat and exp come out as texts here: the claims of a parsed token, not of the token itself. */
function lifetime(minutes: number): { iat: string; exp: string } {
  const at = Date.now();
  return { iat: new Date(at).toISOString(), exp: new Date(at + minutes * 60_000).toISOString() };
}

function previewBefore210(call: Call, client: OidcClient, user: User, scopes: string[]) {
  const claims = userClaims(call, user, scopes);
  const common = (type: string) => ({
    iss: call.issuer,
    aud: [client.id],
    ...lifetime(60),
    ...(call.has("tokenIds") && { jti: newId() }),
    type,
    ...methods(call),
  });
  return {
    idToken: { ...common("id-token"), ...claims },
    accessToken: { ...common("oauth-access-token"), sub: user.id },
    userInfo: claims,
  };
}

function previewSince210(call: Call, client: OidcClient, user: User, asked: string[]) {
  const scopes = asked.filter((scope) => STANDARD_SCOPES.includes(scope));
  const claims = userClaims(call, user, scopes);
  const seconds = Math.floor(Date.now() / 1000);
  // A token with an identity scope is good for Pocket ID's own endpoints as well.
  const audience = scopes.some((scope) => scope !== "offline_access") ? [client.id, call.issuer] : [client.id];
  return {
    idToken: {
      ...claims,
      iss: call.issuer,
      aud: [client.id],
      ...lifetime(60),
      jti: newId(),
      rat: seconds,
      auth_time: seconds,
      type: "id-token",
      ...methods(call),
    },
    accessToken: {
      iss: call.issuer,
      aud: audience,
      sub: user.id,
      client_id: client.id,
      ...lifetime(client.accessTokenDurationMinutes),
      jti: newId(),
      scp: scopes,
      scope: scopes.join(" "),
    },
    userInfo: { ...claims, type: "id-token" },
  };
}

/** How the administrator who looks signed in; with an API key there is nothing to say. */
function methods({ authenticationMethod, has }: Call): Record<string, unknown> {
  return authenticationMethod !== "" && has("authenticationMethods") ? { amr: [authenticationMethod] } : {};
}
