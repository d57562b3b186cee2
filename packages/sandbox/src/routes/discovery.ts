import { type Answer, ok } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import type { Route } from "../http/router.ts";
import { isStringArray, parsed } from "../http/rules.ts";
import { jsonWebKeySet } from "../signing-key.ts";

export const discoveryRoutes: Route[] = [
  { method: "GET", path: "/.well-known/jwks.json", access: "public", answer: () => ok(jsonWebKeySet()) },
  { method: "GET", path: "/.well-known/openid-configuration", access: "public", answer: metadata },
  { method: "GET", path: "/.well-known/oauth-authorization-server", access: "public", since: "2.14", answer: metadata },
];

/** Everything starts with APP_URL; nothing is taken from the request. */
function metadata(call: Call): Answer {
  const { issuer, has } = call;
  const newer = has("oauthLibrary");
  return ok({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/api/oidc/token`,
    userinfo_endpoint: `${issuer}/api/oidc/userinfo`,
    end_session_endpoint: `${issuer}/api/oidc/end-session`,
    introspection_endpoint: `${issuer}/api/oidc/introspect`,
    ...(has("responseModes") && { introspection_endpoint_auth_methods_supported: ["client_secret_basic", "Bearer"] }),
    device_authorization_endpoint: `${issuer}/api/oidc/device/authorize`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    grant_types_supported: [
      "authorization_code",
      "refresh_token",
      "urn:ietf:params:oauth:grant-type:device_code",
      "client_credentials",
    ],
    scopes_supported: ["openid", "profile", "email", "groups", ...(newer ? ["offline_access"] : [])],
    claims_supported: newer ? CLAIMS_SINCE_210 : CLAIMS_BEFORE_210,
    response_types_supported: has("responseModes") ? ["code"] : ["code", "id_token"],
    ...(has("responseModes") && { response_modes_supported: ["query", "fragment", "form_post"] }),
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    authorization_response_iss_parameter_supported: true,
    code_challenge_methods_supported: ["plain", "S256"],
    ...(has("requestObjects") && {
      request_parameter_supported: true,
      request_uri_parameter_supported: false,
      request_object_signing_alg_values_supported: ["none"],
    }),
    ...(has("promptValues") && { prompt_values_supported: ["none", "login", "consent", "select_account"] }),
    ...(has("tokenEndpointMethods") && { token_endpoint_auth_methods_supported: tokenEndpointMethods(call) }),
    ...(has("pushedAuthorizationRequests") && {
      pushed_authorization_request_endpoint: `${issuer}/api/oidc/par`,
      require_pushed_authorization_requests: false,
    }),
    ...(has("cimd") && { client_id_metadata_document_supported: allowsCimd(call) }),
    ...(has("serviceDocumentation") && { service_documentation: "https://pocket-id.org/docs" }),
  });
}

const CLAIMS_BEFORE_210 = [
  "sub",
  "given_name",
  "family_name",
  "name",
  "email",
  "email_verified",
  "preferred_username",
  "picture",
  "groups",
];
const CLAIMS_SINCE_210 = [
  "sub",
  "given_name",
  "family_name",
  "name",
  "display_name",
  "email",
  "email_verified",
  "preferred_username",
  "picture",
  "groups",
  "auth_time",
  "amr",
];

const tokenEndpointMethods = ({ has }: Call): string[] => [
  "client_secret_basic",
  "client_secret_post",
  ...(has("privateKeyJwt") ? ["private_key_jwt"] : []),
  "none",
];

function allowsCimd({ state }: Call): boolean {
  const patterns = parsed(state.configuration.get("cimdUrlAllowlist") ?? "[]");
  return isStringArray(patterns) && patterns.length > 0;
}
