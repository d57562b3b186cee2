import { grantOf } from "../api-grants.ts";
import { acceptsSecret, basicCredentials, formOf } from "../client-credentials.ts";
import { type Answer, json } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import type { Route } from "../http/router.ts";
import { newId } from "../random.ts";
import { signedJwt, verifiedClaims } from "../signing-key.ts";
import type { Api, OidcClient } from "../state.ts";

/**
 * Pocket ID >= 2.10, where a library handles OAuth and answers in its own words. The sandbox goes as far as it takes to
 * see whether a client secret is accepted: client credentials and introspection.
 */
export const oauthRoutes: Route[] = [
  {
    method: "POST",
    path: "/api/oidc/token",
    access: "public",
    since: "2.10",
    answer: (call) => answered(() => token(call)),
  },
  {
    method: "POST",
    path: "/api/oidc/introspect",
    access: "public",
    since: "2.10",
    answer: (call) => answered(() => introspect(call)),
  },
];

class OAuthError extends Error {
  readonly answer: Answer;

  constructor(status: number, error: string, description: string) {
    super(description);
    this.answer = oauthJson(status, { error, error_description: description });
  }
}

const oauthJson = (status: number, value: unknown): Answer =>
  json(status, value, {
    "content-type": "application/json;charset=UTF-8",
    "cache-control": "no-store",
    pragma: "no-cache",
  });

function answered(run: () => unknown): Answer {
  try {
    return oauthJson(200, run());
  } catch (error) {
    if (error instanceof OAuthError) return error.answer;
    throw error;
  }
}

const MALFORMED =
  "The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.";
const UNAUTHORIZED = "The request could not be authorized.";

const invalidRequest = (hint: string) => new OAuthError(400, "invalid_request", `${MALFORMED} ${hint}`);
const invalidClient = () =>
  new OAuthError(
    401,
    "invalid_client",
    "Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method).",
  );
const invalidGrant = (hint: string) =>
  new OAuthError(
    400,
    "invalid_grant",
    `The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client. ${hint}`.trim(),
  );
const unauthorized = (hint: string) => new OAuthError(401, "request_unauthorized", `${UNAUTHORIZED} ${hint}`);

function token(call: Call): unknown {
  const form = formOf(call);
  if (form.size === 0) throw invalidRequest("The POST body can not be empty.");
  const grantType = form.get("grant_type") ?? "";
  if (grantType === "") throw invalidRequest("Request parameter 'grant_type' is missing");
  const client = authenticatedClient(call, form);
  // No other grant can have been given here.
  if (grantType !== "client_credentials") throw invalidGrant("");
  if (client.isPublic) {
    throw invalidGrant(
      "The OAuth 2.0 Client is marked as public and is thus not allowed to use authorization grant 'client_credentials'.",
    );
  }
  const { audience, scopes } = resolved(call, client, form);
  const seconds = client.accessTokenDurationMinutes * 60;
  const issuedAt = Math.floor(Date.now() / 1000);
  return {
    access_token: signedJwt({
      iss: call.issuer,
      sub: `client-${client.id}`,
      aud: [audience],
      client_id: client.id,
      iat: issuedAt,
      exp: issuedAt + seconds,
      jti: newId(),
      scp: scopes,
      scope: scopes.join(" "),
    }),
    expires_in: seconds - 1,
    scope: scopes.join(" "),
    token_type: "bearer",
  };
}

function authenticatedClient(call: Call, form: URLSearchParams): OidcClient {
  const credentials = basicCredentials(call) ?? {
    clientId: form.get("client_id") ?? "",
    secret: form.get("client_secret") ?? "",
  };
  if (credentials.clientId === "") {
    throw invalidRequest(
      "Client credentials missing or malformed in both HTTP Authorization header and HTTP POST body.",
    );
  }
  const client = call.state.oidcClients.get(credentials.clientId);
  if (client === undefined || !(client.isPublic || acceptsSecret(client, credentials.secret))) throw invalidClient();
  return client;
}

const STANDARD_SCOPES = ["openid", "profile", "email", "groups", "offline_access"];

/** For a resource the token is good for that API, with what the client may do there as itself; identity scopes are dropped. */
function resolved(call: Call, client: OidcClient, form: URLSearchParams): { audience: string; scopes: string[] } {
  const asked = (form.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
  const resource = (form.get("resource") ?? "").replace(/\/+$/, "");
  if (resource === "") return { audience: client.id, scopes: granted(asked, []) };
  const api = [...call.state.apis.values()].find((candidate) => candidate.resource === resource);
  if (api === undefined) {
    throw new OAuthError(
      400,
      "invalid_target",
      `The requested resource '${resource}' is invalid, missing, unknown, or malformed.`,
    );
  }
  const allowed = clientScopes(call, api, client);
  return { audience: resource, scopes: granted(asked.length > 0 ? asked : allowed, allowed) };
}

function clientScopes(call: Call, api: Api, client: OidcClient): string[] {
  const grant = grantOf(call.state, api, client.id);
  if (!grant?.clientAccess) {
    throw new OAuthError(
      403,
      "access_denied",
      `The resource owner or authorization server denied the request. The OAuth 2.0 Client is not allowed to access resource '${api.resource}'.`,
    );
  }
  return api.permissions.filter(({ id }) => grant.clientPermissionIds.includes(id)).map(({ key }) => key);
}

function granted(asked: readonly string[], allowed: readonly string[]): string[] {
  const unknown = asked.find((scope) => !STANDARD_SCOPES.includes(scope) && !allowed.includes(scope));
  if (unknown !== undefined) {
    throw new OAuthError(
      400,
      "invalid_scope",
      `The requested scope is invalid, unknown, or malformed. The scope '${unknown}' is not available for the requested resource.`,
    );
  }
  return asked.filter((scope) => !STANDARD_SCOPES.includes(scope));
}

/** Only Basic will do. A token that is not the caller's own counts as inactive. */
function introspect(call: Call): unknown {
  const form = formOf(call);
  if (form.size === 0) throw invalidRequest("The POST body can not be empty.");
  const credentials = basicCredentials(call);
  if (credentials === undefined) throw unauthorized("HTTP Authorization header missing.");
  const client = call.state.oidcClients.get(credentials.clientId);
  if (client === undefined) throw unauthorized("Unable to find OAuth 2.0 Client from HTTP basic authorization header.");
  if (!acceptsSecret(client, credentials.secret)) throw unauthorized("OAuth 2.0 Client credentials are invalid.");
  const claims = verifiedClaims(form.get("token") ?? "");
  if (claims === undefined || claims.client_id !== client.id) return { active: false };
  const { exp, iat, sub, aud, scope } = claims;
  return { active: true, client_id: client.id, exp, iat, sub, aud, username: sub, ...(scope !== "" && { scope }) };
}
