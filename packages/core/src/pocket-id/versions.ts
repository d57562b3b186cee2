/**
 * The one table that knows versions. Everything that is not in every supported version of Pocket ID names here the
 * version it came with, and the last one that had it where it went away again.
 */

export const oldestSupportedVersion = "1.16.0";
export const newestKnownVersion = "2.14.0";

export interface Availability {
  /** First version that has it; left out: every supported one. */
  readonly since?: string;
  /** First version that no longer has it; left out: the newest known one still has it. */
  readonly until?: string;
}

/** Every operation that this suite uses, by method and path. */
export const routes = {
  "GET /healthz": {},
  "GET /.well-known/openid-configuration": {},
  "GET /.well-known/jwks.json": {},
  "GET /api/version/current": { since: "2.3.0" },
  "GET /api/version/latest": {},

  "GET /api/users": {},
  "GET /api/users/me": {},
  "GET /api/users/:id": {},
  "POST /api/users": {},
  "PUT /api/users/:id": {},
  "DELETE /api/users/:id": {},
  "GET /api/users/:id/groups": {},
  "PUT /api/users/:id/user-groups": {},
  "POST /api/users/:id/one-time-access-token": {},
  "POST /api/users/:id/one-time-access-email": {},
  "POST /api/one-time-access-token/:token": {},
  "POST /api/webauthn/logout": {},
  "GET /api/users/:id/profile-picture.png": {},
  "PUT /api/users/:id/profile-picture": {},
  "DELETE /api/users/:id/profile-picture": {},
  "GET /api/users/:id/webauthn-credentials": { since: "2.6.0" },
  "DELETE /api/users/:id/webauthn-credentials/:credentialId": { since: "2.6.0" },
  "GET /api/webauthn/credentials": {},
  "PATCH /api/webauthn/credentials/:id": {},
  "DELETE /api/webauthn/credentials/:id": {},

  "GET /api/signup/setup": { since: "2.6.0" },

  "GET /api/signup-tokens": {},
  "POST /api/signup-tokens": {},
  "DELETE /api/signup-tokens/:id": {},

  "GET /api/custom-claims/suggestions": {},
  "PUT /api/custom-claims/user/:id": {},
  "PUT /api/custom-claims/user-group/:id": {},

  "GET /api/user-groups": {},
  "GET /api/user-groups/:id": {},
  "POST /api/user-groups": {},
  "PUT /api/user-groups/:id": {},
  "DELETE /api/user-groups/:id": {},
  "PUT /api/user-groups/:id/users": {},
  "PUT /api/user-groups/:id/allowed-oidc-clients": { since: "2.0.0" },

  "GET /api/oidc/clients": {},
  "GET /api/oidc/clients/:id": {},
  "POST /api/oidc/clients": {},
  "PUT /api/oidc/clients/:id": {},
  "DELETE /api/oidc/clients/:id": {},
  "PUT /api/oidc/clients/:id/allowed-user-groups": {},
  "POST /api/oidc/clients/:id/secret": { until: "2.14.0" },
  "GET /api/oidc/clients/:id/secrets": { since: "2.14.0" },
  "POST /api/oidc/clients/:id/secrets": { since: "2.14.0" },
  "DELETE /api/oidc/clients/:id/secrets/:secretId": { since: "2.14.0" },
  "GET /api/oidc/clients/:id/logo": {},
  "POST /api/oidc/clients/:id/logo": {},
  "DELETE /api/oidc/clients/:id/logo": {},
  "POST /api/oidc/clients/:id/refresh": { since: "2.13.0" },
  "GET /api/oidc/clients/:id/preview/:userId": {},
  "GET /api/oidc/users/:id/authorized-clients": {},
  "GET /api/oidc/users/me/clients": {},
  "DELETE /api/oidc/users/me/authorized-clients/:clientId": {},

  "GET /api/apis": { since: "2.10.0" },
  "GET /api/apis/:id": { since: "2.10.0" },
  "POST /api/apis": { since: "2.10.0" },
  "PUT /api/apis/:id": { since: "2.10.0" },
  "DELETE /api/apis/:id": { since: "2.10.0" },
  "PUT /api/apis/:id/permissions": { since: "2.10.0" },
  "PUT /api/apis/:id/cimd-access": { since: "2.14.0" },
  "GET /api/apis/:id/clients": { since: "2.14.0" },
  "PUT /api/apis/:id/clients/:clientId": { since: "2.14.0" },
  "DELETE /api/apis/:id/clients/:clientId": { since: "2.14.0" },
  "GET /api/api-access/:clientId": { since: "2.10.0", until: "2.14.0" },
  "PUT /api/api-access/:clientId": { since: "2.10.0", until: "2.14.0" },
  "GET /api/api-access/:clientId/apis": { since: "2.14.0" },

  "GET /api/oidc/clients/:id/scim-service-provider": { since: "2.0.0" },
  "POST /api/scim/service-provider": { since: "2.0.0" },
  "PUT /api/scim/service-provider/:id": { since: "2.0.0" },
  "DELETE /api/scim/service-provider/:id": { since: "2.0.0" },
  "POST /api/scim/service-provider/:id/sync": { since: "2.0.0" },

  "GET /api/api-keys": {},
  "POST /api/api-keys": {},
  "POST /api/api-keys/:id/renew": { since: "2.2.0" },
  "DELETE /api/api-keys/:id": {},

  "GET /api/application-configuration": {},
  "GET /api/application-configuration/all": {},
  "PUT /api/application-configuration": {},
  "POST /api/application-configuration/test-email": {},
  "POST /api/application-configuration/sync-ldap": {},

  "GET /api/application-images/logo": {},
  "PUT /api/application-images/logo": {},
  "DELETE /api/application-images/logo": { since: "2.14.0" },
  "GET /api/application-images/favicon": {},
  "PUT /api/application-images/favicon": {},
  "GET /api/application-images/background": {},
  "PUT /api/application-images/background": {},
  "DELETE /api/application-images/background": { since: "2.5.0" },
  "GET /api/application-images/email": { since: "2.0.0" },
  "PUT /api/application-images/email": { since: "2.0.0" },
  "GET /api/application-images/default-profile-picture": {},
  "PUT /api/application-images/default-profile-picture": {},
  "DELETE /api/application-images/default-profile-picture": {},

  "GET /api/audit-logs": {},
  "GET /api/audit-logs/all": {},
  "GET /api/audit-logs/filters/users": {},
  "GET /api/audit-logs/filters/client-names": {},
} as const satisfies Record<string, Availability>;

/** A method and a path pattern, as in `GET /api/users/:id`. */
export type Route = keyof typeof routes;

/** Every other operation of the supported versions: no tool may call these. */
export const otherOperations = {
  "GET /.well-known/oauth-authorization-server": { since: "2.14.0" },

  "PUT /api/users/me": {},
  "PUT /api/users/me/profile-picture": {},
  "DELETE /api/users/me/profile-picture": {},
  "POST /api/users/me/one-time-access-token": { until: "2.12.0" },
  "POST /api/users/me/send-email-verification": { since: "2.2.0" },
  "POST /api/users/me/verify-email": { since: "2.2.0" },
  "POST /api/one-time-access-email": {},
  "POST /api/signup": {},
  "POST /api/signup/setup": {},

  "GET /api/oidc/clients/:id/meta": {},
  "GET /api/oidc/users/me/authorized-clients": {},
  "GET /api/apis/:id/assignable-clients": { since: "2.14.0" },
  "GET /api/api-access/:clientId/assignable-apis": { since: "2.14.0" },

  "GET /api/webauthn/register/start": {},
  "POST /api/webauthn/register/finish": {},
  "GET /api/webauthn/login/start": {},
  "POST /api/webauthn/login/finish": {},
  "POST /api/webauthn/reauthenticate": {},
  "POST /api/device-login/requests": { since: "2.12.0" },
  "POST /api/device-login/requests/:id/exchange": { since: "2.12.0" },
  "POST /api/device-login/verification": { since: "2.12.0" },
  "POST /api/device-login/verification/decision": { since: "2.12.0" },

  "GET /authorize": { since: "2.10.0" },
  "POST /authorize": { since: "2.10.0" },
  "POST /api/oidc/authorize": { until: "2.10.0" },
  "POST /api/oidc/authorize/callback-url": { since: "2.9.0", until: "2.10.0" },
  "POST /api/oidc/authorization-required": { until: "2.10.0" },
  "GET /api/oidc/par-request-info": { since: "2.9.0", until: "2.10.0" },
  "GET /api/oidc/interactions/:id": { since: "2.10.0" },
  "POST /api/oidc/interactions/:id/complete": { since: "2.10.0" },
  "POST /api/oidc/par": { since: "2.9.0" },
  "POST /api/oidc/token": {},
  "POST /api/oidc/introspect": {},
  "GET /api/oidc/userinfo": {},
  "POST /api/oidc/userinfo": {},
  "GET /api/oidc/end-session": {},
  "POST /api/oidc/end-session": {},
  "POST /api/oidc/device/authorize": {},
  "POST /api/oidc/device/verify": {},
  "GET /api/oidc/device/info": {},

  "POST /internal/telemetry/traces": { since: "2.10.0" },
} as const satisfies Record<string, Availability>;

/** A key of {@link otherOperations}. */
export type OtherOperation = keyof typeof otherOperations;

/** Fields and behaviours that not every supported version has. */
export const features = {
  "user.emailVerified": { since: "2.2.0" },
  /** Pocket ID < 2.4: a user cannot be created or updated without a first name and a display name. */
  "user.optionalNames": { since: "2.4.0" },
  "user.userGroupIds": { since: "2.0.0" },
  "user.id": { since: "2.12.0" },
  "signupToken.userGroupIds": { since: "2.0.0" },
  /** Pocket ID < 2.0: no flag; a client without allowed groups is open to everyone. */
  "client.isGroupRestricted": { since: "2.0.0" },
  "client.requiresPushedAuthorizationRequests": { since: "2.9.0" },
  /** Pocket ID < 2.10: a client without callback URLs takes the first one that comes for its own. */
  "client.trustOnFirstUse": { until: "2.10.0" },
  "client.description": { since: "2.10.0" },
  "client.skipConsent": { since: "2.10.0" },
  "client.pkceSupported": { since: "2.10.0" },
  "client.replayProtection": { since: "2.10.0" },
  "client.clientType": { since: "2.13.0" },
  "client.accessTokenDurationMinutes": { since: "2.13.0" },
  "client.refreshTokenDurationMinutes": { since: "2.13.0" },
  /** Pocket ID < 2.14: a client has one secret, and making a new one ends the old one. */
  "client.severalSecrets": { since: "2.14.0" },
  "clientSecret.secret": { since: "2.12.0" },
  "clientSecret.expiresAt": { since: "2.14.0" },
  "clientSecret.replaces": { since: "2.14.0" },
  "clientSecret.overlap": { since: "2.14.0" },
  "authorizedClient.hasLaunchURL": { since: "2.14.0" },
  /** Pocket ID < 2.14: the permissions of a client at all APIs are one set, there is no access without one, and no API tells its clients. */
  "api.clientGrants": { since: "2.14.0" },
  /** Pocket ID < 2.12: the list of clients that one may sign in to goes by their groups alone, not by whether they are restricted. */
  "accessibleClient.isGroupRestricted": { since: "2.12.0" },
  "configuration.homePageUrl": { since: "2.2.0" },
  "configuration.emailVerificationEnabled": { since: "2.2.0" },
  "configuration.ldapAdminGroupName": { since: "2.0.0" },
  "configuration.cimdUrlAllowlist": { since: "2.13.0" },
  "configuration.webauthnUserVerification": { since: "2.13.0" },
  "configuration.webauthnAllowSyncedPasskeys": { since: "2.13.0" },
  "configuration.webauthnAuthenticatorAttachment": { since: "2.13.0" },
  /** Pocket ID < 2.14: the variable of signupDefaultUserGroupIDs is SIGNUP_DEFAULT_USER_GROUP_I_DS. */
  "configuration.plainVariableNames": { since: "2.14.0" },
  /** Pocket ID < 2.5: the favicon has to be an .ico file. */
  "image.faviconAsSvgOrPng": { since: "2.5.0" },
} as const satisfies Record<string, Availability>;

/** A key of {@link features}. */
export type Feature = keyof typeof features;

/** What is known of the running version. `exact` is false where only a lower bound could be found. */
export interface ServerVersion {
  readonly version: string;
  readonly exact: boolean;
}

/** Compares two versions like `2.9.0` by number; anything after a dash or plus is left aside. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** How this suite stands to a version: it was tested with it or another patch of it, or it is older or newer than those that it was tested with. */
export function standingOf(version: string): "known" | "older" | "newer" {
  if (compareVersions(version, oldestSupportedVersion) < 0) return "older";
  return compareVersions(minorOf(version), newestKnownVersion) > 0 ? "newer" : "known";
}

/** Says whether a version is of a later major than those that this suite was tested with: it may have changed what it does with a request. */
export const isUnknownMajor = (version: string): boolean =>
  (numbers(version)[0] ?? 0) > (numbers(newestKnownVersion)[0] ?? 0);

const minorOf = (version: string): string => numbers(version).slice(0, 2).join(".");

/** Says whether a server of this version has something. */
export function isAvailable({ since, until }: Availability, version: string): boolean {
  return (
    (since === undefined || compareVersions(version, since) >= 0) &&
    (until === undefined || compareVersions(version, until) < 0)
  );
}

const numbers = (version: string): number[] =>
  (version.replace(/^v/, "").split(/[-+]/)[0] ?? "").split(".").map((part) => Number.parseInt(part, 10) || 0);
