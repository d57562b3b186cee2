import { acceptsSecret, basicCredentials, type Credentials, formOf } from "../client-credentials.ts";
import { type Answer, json } from "../http/answer.ts";
import { ApiError } from "../http/api-error.ts";
import type { Call } from "../http/call.ts";
import type { Route } from "../http/router.ts";
import { newId } from "../random.ts";
import { signedJwt, verifiedClaims } from "../signing-key.ts";
import type { OidcClient } from "../state.ts";

/** Pocket ID <= 2.9 did OAuth itself and answered with its own errors. */
export const oauthRoutesBefore210: Route[] = [
  { method: "POST", path: "/api/oidc/token", access: "public", until: "2.9", answer: token },
  { method: "POST", path: "/api/oidc/introspect", access: "public", until: "2.9", answer: introspect },
];

const refusal = (status: number, message: string) => new ApiError({ status, code: "", message });

const ONE_HOUR = 3600;

function token(call: Call): Answer {
  const form = formOf(call);
  const grantType = form.get("grant_type") ?? "";
  if (grantType === "") throw refusal(400, "GrantType is required");
  if (grantType === "authorization_code" && !form.get("code")) throw refusal(400, "authorization code is required");
  if (grantType === "refresh_token" && !form.get("refresh_token")) throw refusal(400, "refresh token is required");
  if (!["authorization_code", "refresh_token", "client_credentials"].includes(grantType))
    throw refusal(400, "grant type not supported");
  const client = authenticatedClient(call, credentialsOf(call, form));
  // No other grant can have been given here.
  if (grantType !== "client_credentials") throw refusal(400, "invalid authorization code");
  const issuedAt = Math.floor(Date.now() / 1000);
  const accessToken = signedJwt({
    aud: [form.get("resource") || client.id],
    exp: issuedAt + ONE_HOUR,
    iat: issuedAt,
    iss: call.issuer,
    ...(call.has("tokenIds") && { jti: newId() }),
    sub: `client-${client.id}`,
    type: "oauth-access-token",
  });
  return json(200, { access_token: accessToken, token_type: "Bearer", expires_in: ONE_HOUR });
}

function credentialsOf(call: Call, form: URLSearchParams): Credentials {
  const posted = { clientId: form.get("client_id") ?? "", secret: form.get("client_secret") ?? "" };
  const basic = basicCredentials(call);
  if (posted.secret !== "" || basic === undefined) return posted;
  return { clientId: posted.clientId || basic.clientId, secret: basic.secret };
}

function authenticatedClient(call: Call, { clientId, secret }: Credentials): OidcClient {
  if (clientId === "") throw refusal(400, "client id or secret not provided");
  const client = call.state.oidcClients.get(clientId);
  if (client === undefined)
    throw refusal(404, call.has("unknownClientNamed") ? "client not found" : "Record not found");
  if (client.isPublic || secret === "") throw refusal(400, "client id or secret not provided");
  if (!acceptsSecret(client, secret))
    throw refusal(call.has("expiredTokensAreUnauthorized") ? 401 : 400, "invalid client secret");
  return client;
}

function introspect(call: Call): Answer {
  const sent = formOf(call).get("token") ?? "";
  if (sent === "") throw refusal(400, "Token is required");
  const client = authenticatedClient(call, basicCredentials(call) ?? { clientId: "", secret: "" });
  const claims = verifiedClaims(sent);
  if (claims === undefined) return json(200, { active: false });
  const { exp, iat, sub, aud, iss, jti } = claims;
  if (!Array.isArray(aud) || aud[0] !== client.id) throw refusal(400, "client id or secret not provided");
  return json(200, {
    active: true,
    token_type: "access_token",
    exp,
    iat,
    sub,
    aud,
    iss,
    ...(jti !== undefined && { jti }),
  });
}
