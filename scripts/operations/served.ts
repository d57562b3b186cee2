import { type ConfigurationKeyName, configurationKeys } from "../../packages/core/src/pocket-id/configuration-keys.ts";
import type { Route } from "../../packages/core/src/pocket-id/versions.ts";

/** A field that no argument sets, and why. */
export interface Unused {
  readonly reason: string;
}

/** Where a field of a body comes from: an argument of the first tool, or none. */
export type Source = string | Unused;

/** A parameter of the query, as Pocket ID describes it. Filters and `skipCache` are not in its description, and not here. */
export interface Parameter {
  readonly type: "string" | "integer" | "boolean";
  readonly required: boolean;
}

/** How an operation is within reach. */
export interface Served {
  /** The tools that one would take for it. Others may call it on their way. */
  readonly tools: readonly [string, ...string[]];
  readonly query?: Readonly<Record<string, Parameter>>;
  /** What its body may hold: `a.b` is a member of an object, `a[].b` one of the objects in a list. */
  readonly body?: Readonly<Record<string, Source>>;
  /** Its body is a form with a file. */
  readonly upload?: true;
}

const by = (...tools: Served["tools"]): Served => ({ tools });
const unused = (reason: string): Unused => ({ reason });
const same = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name]));

const optional = <T extends Parameter["type"]>(type: T) => ({ type, required: false });
const paged = {
  "pagination[page]": optional("integer"),
  "pagination[limit]": optional("integer"),
  "sort[column]": optional("string"),
  "sort[direction]": optional("string"),
};
const searched = { search: optional("string"), ...paged };
const light = { light: optional("boolean") };
const launchable = { "filters[hasLaunchURL]": optional("boolean"), ...paged };

const userFields = same(
  "username",
  "email",
  "emailVerified",
  "firstName",
  "lastName",
  "displayName",
  "isAdmin",
  "locale",
  "disabled",
);

const clientFields = {
  ...same(
    "name",
    "description",
    "callbackURLs",
    "logoutCallbackURLs",
    "isPublic",
    "pkceEnabled",
    "requiresReauthentication",
    "requiresPushedAuthorizationRequests",
    "skipConsent",
    "launchURL",
    "logoUrl",
    "darkLogoUrl",
    "accessTokenDurationMinutes",
    "refreshTokenDurationMinutes",
  ),
  "credentials.federatedIdentities": "federatedIdentities",
  "credentials.federatedIdentities[].issuer": "federatedIdentities[].issuer",
  "credentials.federatedIdentities[].subject": "federatedIdentities[].subject",
  "credentials.federatedIdentities[].audience": "federatedIdentities[].audience",
  "credentials.federatedIdentities[].jwks": "federatedIdentities[].jwks",
  "credentials.federatedIdentities[].replayProtection": "federatedIdentities[].replayProtection",
  "credentials.secrets": unused("Pocket ID ignores it: oidc_client_create_secret and oidc_client_delete_secret."),
  hasLogo: unused("Pocket ID accepts and ignores it: oidc_client_set_logo and oidc_client_delete_logo."),
  hasDarkLogo: unused("Pocket ID accepts and ignores it: oidc_client_set_logo and oidc_client_delete_logo."),
};

const configurationFields = same(...(Object.keys(configurationKeys) as ConfigurationKeyName[]));

const ignored = "Pocket ID ignores it in an update";

/** Every operation that tools call. */
export const served: Readonly<Record<Route, Served>> = {
  "GET /healthz": by("health_check"),
  "GET /.well-known/openid-configuration": by("oidc_discovery", "health_check"),
  "GET /.well-known/jwks.json": by("oidc_jwks"),
  "GET /api/version/current": by("version_current", "health_check"),
  "GET /api/version/latest": by("version_latest", "health_check"),

  "GET /api/users": { ...by("user_list"), query: searched },
  "GET /api/users/me": by("user_get_current", "health_check"),
  "GET /api/users/:id": by("user_get"),
  "POST /api/users": { ...by("user_create"), body: { ...userFields, id: "id", userGroupIds: "groups" } },
  "PUT /api/users/:id": {
    ...by("user_update", "user_enable", "user_disable"),
    body: {
      ...userFields,
      id: unused(`${ignored}.`),
      userGroupIds: unused(`${ignored}: user_update_groups.`),
    },
  },
  "DELETE /api/users/:id": by("user_delete"),
  "GET /api/users/:id/groups": by("user_groups"),
  "PUT /api/users/:id/user-groups": { ...by("user_update_groups"), body: { userGroupIds: "replace" } },
  "POST /api/users/:id/one-time-access-token": {
    ...by("user_create_one_time_access_token"),
    body: { ttl: "ttl", userId: "user" },
  },
  "POST /api/users/:id/one-time-access-email": { ...by("user_send_access_email"), body: { ttl: "ttl" } },
  "POST /api/one-time-access-token/:token": by("api_key_create", "api_key_renew"),
  "POST /api/webauthn/logout": by("api_key_create", "api_key_renew"),
  "GET /api/users/:id/profile-picture.png": by("user_get_profile_picture"),
  "PUT /api/users/:id/profile-picture": { ...by("user_set_profile_picture"), upload: true },
  "DELETE /api/users/:id/profile-picture": by("user_reset_profile_picture"),
  "GET /api/users/:id/webauthn-credentials": by("user_passkey_list"),
  "DELETE /api/users/:id/webauthn-credentials/:credentialId": by("user_passkey_delete"),
  "GET /api/webauthn/credentials": by("passkey_list", "user_passkey_list"),
  "PATCH /api/webauthn/credentials/:id": { ...by("passkey_rename"), body: { name: "name" } },
  "DELETE /api/webauthn/credentials/:id": by("passkey_delete", "user_passkey_delete"),

  "GET /api/signup/setup": by("setup_status"),

  "GET /api/signup-tokens": { ...by("signup_token_list"), query: paged },
  "POST /api/signup-tokens": {
    ...by("signup_token_create"),
    body: { ...same("ttl", "usageLimit"), userGroupIds: "groups" },
  },
  "DELETE /api/signup-tokens/:id": by("signup_token_delete"),

  "GET /api/custom-claims/suggestions": by("custom_claim_suggestions"),
  "PUT /api/custom-claims/user/:id": { ...by("custom_claim_set_user"), body: { key: "set", value: "set" } },
  "PUT /api/custom-claims/user-group/:id": { ...by("custom_claim_set_group"), body: { key: "set", value: "set" } },

  "GET /api/user-groups": { ...by("user_group_list"), query: searched },
  "GET /api/user-groups/:id": by("user_group_get"),
  "POST /api/user-groups": { ...by("user_group_create"), body: same("name", "friendlyName") },
  "PUT /api/user-groups/:id": { ...by("user_group_update"), body: same("name", "friendlyName") },
  "DELETE /api/user-groups/:id": by("user_group_delete"),
  "PUT /api/user-groups/:id/users": { ...by("user_group_update_users"), body: { userIds: "replace" } },
  "PUT /api/user-groups/:id/allowed-oidc-clients": {
    ...by("user_group_update_allowed_clients"),
    body: { oidcClientIds: "replace" },
  },

  "GET /api/oidc/clients": { ...by("oidc_client_list"), query: searched },
  "GET /api/oidc/clients/:id": by("oidc_client_get"),
  "POST /api/oidc/clients": {
    ...by("oidc_client_create"),
    body: { ...clientFields, id: "id", isGroupRestricted: "access" },
  },
  "PUT /api/oidc/clients/:id": {
    ...by("oidc_client_update", "oidc_client_update_allowed_groups"),
    body: { ...clientFields, isGroupRestricted: "isGroupRestricted" },
  },
  "DELETE /api/oidc/clients/:id": by("oidc_client_delete"),
  "PUT /api/oidc/clients/:id/allowed-user-groups": {
    ...by("oidc_client_update_allowed_groups"),
    body: { userGroupIds: "groups" },
  },
  "POST /api/oidc/clients/:id/secret": {
    ...by("oidc_client_create_secret", "oidc_client_rotate_secret"),
    body: { secret: "secret" },
  },
  "GET /api/oidc/clients/:id/secrets": by("oidc_client_list_secrets"),
  "POST /api/oidc/clients/:id/secrets": {
    ...by("oidc_client_create_secret", "oidc_client_rotate_secret"),
    body: same("secret", "expiresAt"),
  },
  "DELETE /api/oidc/clients/:id/secrets/:secretId": by("oidc_client_delete_secret", "oidc_client_rotate_secret"),
  "GET /api/oidc/clients/:id/logo": { ...by("oidc_client_get_logo"), query: light },
  "POST /api/oidc/clients/:id/logo": { ...by("oidc_client_set_logo"), query: light, upload: true },
  "DELETE /api/oidc/clients/:id/logo": { ...by("oidc_client_delete_logo"), query: light },
  "POST /api/oidc/clients/:id/refresh": by("oidc_client_refresh_metadata"),
  "GET /api/oidc/clients/:id/preview/:userId": {
    ...by("oidc_client_preview_claims"),
    query: { scopes: { type: "string", required: true } },
  },
  "GET /api/oidc/users/:id/authorized-clients": { ...by("oidc_client_authorized_list"), query: launchable },
  "GET /api/oidc/users/me/clients": { ...by("oidc_client_accessible_list"), query: launchable },
  "DELETE /api/oidc/users/me/authorized-clients/:clientId": by("oidc_client_revoke_authorization"),

  "GET /api/apis": { ...by("api_list"), query: searched },
  "GET /api/apis/:id": by("api_get"),
  "POST /api/apis": { ...by("api_create"), body: same("name", "resource") },
  "PUT /api/apis/:id": { ...by("api_update"), body: { name: "name" } },
  "DELETE /api/apis/:id": by("api_delete"),
  "PUT /api/apis/:id/permissions": {
    ...by("api_set_permissions", "api_create"),
    body: {
      permissions: "add",
      "permissions[].key": "add[].key",
      "permissions[].name": "add[].name",
      "permissions[].description": "add[].description",
    },
  },
  "PUT /api/apis/:id/cimd-access": {
    ...by("api_set_cimd_access"),
    body: { enabled: "enabled", permissionIds: "replace" },
  },
  "GET /api/apis/:id/clients": { ...by("api_client_list"), query: searched },
  "PUT /api/apis/:id/clients/:clientId": {
    ...by("api_grant_client", "api_revoke_client"),
    body: {
      ...same("userDelegatedAccess", "clientAccess"),
      userDelegatedPermissionIds: "userDelegatedPermissions",
      clientPermissionIds: "clientPermissions",
    },
  },
  "DELETE /api/apis/:id/clients/:clientId": by("api_revoke_client"),
  "GET /api/api-access/:clientId": by("api_access_list", "api_client_list"),
  "PUT /api/api-access/:clientId": {
    ...by("api_grant_client", "api_revoke_client"),
    body: { userDelegatedPermissionIds: "userDelegatedPermissions", clientPermissionIds: "clientPermissions" },
  },
  "GET /api/api-access/:clientId/apis": by("api_access_list"),

  "GET /api/oidc/clients/:id/scim-service-provider": by("scim_provider_get"),
  "POST /api/scim/service-provider": {
    ...by("scim_provider_create"),
    body: { ...same("endpoint", "token"), oidcClientId: "client" },
  },
  "PUT /api/scim/service-provider/:id": {
    ...by("scim_provider_update"),
    body: { ...same("endpoint", "token"), oidcClientId: "client" },
  },
  "DELETE /api/scim/service-provider/:id": by("scim_provider_delete"),
  "POST /api/scim/service-provider/:id/sync": by("scim_provider_sync"),

  "GET /api/api-keys": { ...by("api_key_list", "api_key_current"), query: paged },
  "POST /api/api-keys": { ...by("api_key_create"), body: same("name", "description", "expiresAt") },
  "POST /api/api-keys/:id/renew": { ...by("api_key_renew"), body: { expiresAt: "expiresAt" } },
  "DELETE /api/api-keys/:id": by("api_key_delete"),

  "GET /api/application-configuration": by("app_config_get"),
  "GET /api/application-configuration/all": by("app_config_get_all"),
  "PUT /api/application-configuration": {
    ...by("app_config_update"),
    body: {
      ...configurationFields,
      ldapAttributeAdminGroup: unused(
        "What ldapAdminGroupName was called before 2.0: app_config_update keeps it, the web interface changes it.",
      ),
    },
  },
  "POST /api/application-configuration/test-email": by("app_config_test_email"),
  "POST /api/application-configuration/sync-ldap": by("app_config_sync_ldap"),

  "GET /api/application-images/logo": { ...by("app_image_get"), query: light },
  "PUT /api/application-images/logo": { ...by("app_image_update_logo"), query: light, upload: true },
  "DELETE /api/application-images/logo": { ...by("app_image_delete_logo"), query: light },
  "GET /api/application-images/favicon": by("app_image_get"),
  "PUT /api/application-images/favicon": { ...by("app_image_update_favicon"), upload: true },
  "GET /api/application-images/background": by("app_image_get"),
  "PUT /api/application-images/background": { ...by("app_image_update_background"), upload: true },
  "DELETE /api/application-images/background": by("app_image_delete_background"),
  "GET /api/application-images/email": by("app_image_get"),
  "PUT /api/application-images/email": { ...by("app_image_update_email_logo"), upload: true },
  "GET /api/application-images/default-profile-picture": by("app_image_get"),
  "PUT /api/application-images/default-profile-picture": {
    ...by("app_image_update_default_profile_picture"),
    upload: true,
  },
  "DELETE /api/application-images/default-profile-picture": by("app_image_delete_default_profile_picture"),

  "GET /api/audit-logs": { ...by("audit_log_list"), query: paged },
  "GET /api/audit-logs/all": { ...by("audit_log_list_all"), query: paged },
  "GET /api/audit-logs/filters/users": by("audit_log_filter_users"),
  "GET /api/audit-logs/filters/client-names": by("audit_log_filter_clients"),
};
