import type { OtherOperation } from "../../packages/core/src/pocket-id/versions.ts";

const browser = "A ceremony between a person's browser and passkey: nothing that an assistant could take part in.";
const otherDevice = "A person signs in on one device with the passkey of another.";
const protocol = "OAuth and OpenID Connect: what applications and browsers call, with their own credentials.";
const ownAccount = "What people do with their own account; as an administrator";
const signup = "People sign themselves up.";

/** Operations that no tool calls, each with the reason why. */
export const notServed: Readonly<Record<OtherOperation, string>> = {
  "GET /.well-known/oauth-authorization-server": "The same document as oidc_discovery reads.",

  "PUT /api/users/me": `${ownAccount}, user_update does it.`,
  "PUT /api/users/me/profile-picture": `${ownAccount}, user_set_profile_picture does it.`,
  "DELETE /api/users/me/profile-picture": `${ownAccount}, user_reset_profile_picture does it.`,
  "POST /api/users/me/one-time-access-token": `${ownAccount}, user_create_one_time_access_token does it.`,
  "POST /api/users/me/send-email-verification": `${ownAccount}, user_update sets emailVerified.`,
  "POST /api/users/me/verify-email": "Needs the token that was mailed to the person.",
  "POST /api/one-time-access-email": "People ask for their own link; user_send_access_email sends one to anybody.",
  "POST /api/signup": `${signup} user_create makes accounts.`,
  "POST /api/signup/setup":
    "Makes the first administrator, before whom there is no API key; setup_status says whether there is one.",

  "GET /api/oidc/clients/:id/meta": "A part of what oidc_client_get shows, for the sign-in page.",
  "GET /api/oidc/users/me/authorized-clients": "oidc_client_authorized_list shows it of any user.",
  "GET /api/apis/:id/assignable-clients": "For a list to pick from: the clients that api_client_list does not show.",
  "GET /api/api-access/:clientId/assignable-apis":
    "For a list to pick from: the APIs that api_access_list does not show.",

  "GET /api/webauthn/register/start": browser,
  "POST /api/webauthn/register/finish": browser,
  "GET /api/webauthn/login/start": browser,
  "POST /api/webauthn/login/finish": browser,
  "POST /api/webauthn/reauthenticate": browser,
  "POST /api/device-login/requests": otherDevice,
  "POST /api/device-login/requests/:id/exchange": otherDevice,
  "POST /api/device-login/verification": otherDevice,
  "POST /api/device-login/verification/decision": otherDevice,

  "GET /authorize": protocol,
  "POST /authorize": protocol,
  "POST /api/oidc/authorize": protocol,
  "POST /api/oidc/authorize/callback-url": protocol,
  "POST /api/oidc/authorization-required": protocol,
  "GET /api/oidc/par-request-info": protocol,
  "GET /api/oidc/interactions/:id": protocol,
  "POST /api/oidc/interactions/:id/complete": protocol,
  "POST /api/oidc/par": protocol,
  "POST /api/oidc/token": protocol,
  "POST /api/oidc/introspect": protocol,
  "GET /api/oidc/userinfo": protocol,
  "POST /api/oidc/userinfo": protocol,
  "GET /api/oidc/end-session": protocol,
  "POST /api/oidc/end-session": protocol,
  "POST /api/oidc/device/authorize": protocol,
  "POST /api/oidc/device/verify": protocol,
  "GET /api/oidc/device/info": protocol,

  "POST /internal/telemetry/traces": "Takes what the web interface measures in browsers.",
};
