export type { ApiKeys, ApiKeyValue, NewApiKey } from "./pocket-id/api-keys.ts";
export type { ApplicationConfiguration, Configuration } from "./pocket-id/application-configuration.ts";
export type { ApplicationImages, ColorMode } from "./pocket-id/application-images.ts";
export {
  type AuditLogCounts,
  type AuditLogFilters,
  type AuditLogGrouping,
  type AuditLogQuery,
  type AuditLogs,
  auditLogGroupings,
  checkPeriod,
} from "./pocket-id/audit-logs.ts";
export { PocketIdClient } from "./pocket-id/client.ts";
export {
  type Access,
  type AccessChange,
  type AccessChanged,
  type AccessKind,
  accessKinds,
  accessOf,
  checkAccessChange,
} from "./pocket-id/client-access.ts";
export type { OidcClientFilters, OidcClientListing, OidcClientWithAccess } from "./pocket-id/client-listing.ts";
export { type ClientSecretValue, checkClientSecret, type NewClientSecret } from "./pocket-id/client-secrets.ts";
export { checkClientPatch } from "./pocket-id/client-update.ts";
export { configurationFields } from "./pocket-id/configuration-fields.ts";
export { type ConfigurationKeyName, configurationKeys, isSecretKey } from "./pocket-id/configuration-keys.ts";
export type { ConfigurationPatch } from "./pocket-id/configuration-values.ts";
export type { Connection, ConnectionOptions, Image, RequestRecord, Scope } from "./pocket-id/connection.ts";
export {
  type ClaimsChange,
  type ClaimsChanged,
  type CustomClaims,
  checkClaimsChange,
} from "./pocket-id/custom-claims.ts";
export { parseExpiry, parsePast, parseTokenLifetime } from "./pocket-id/duration.ts";
export { type FieldError, InputError, NotPossibleError, PocketIdError } from "./pocket-id/errors.ts";
export type { Found, ReferenceKind } from "./pocket-id/finders.ts";
export type { Check, Health } from "./pocket-id/health.ts";
export type { Instance } from "./pocket-id/instance.ts";
export type { AllOptions, List } from "./pocket-id/list.ts";
export type { ListOptions } from "./pocket-id/list-query.ts";
export { checkSetChange, type Membership, type SetChange } from "./pocket-id/membership.ts";
export type { UploadFile } from "./pocket-id/multipart.ts";
export { ApiKey } from "./pocket-id/objects/api-key.ts";
export { AuditLog, auditEvents } from "./pocket-id/objects/audit-log.ts";
export { CustomClaim } from "./pocket-id/objects/custom-claim.ts";
export {
  AuthorizedClient,
  ClaimsPreview,
  ClientSecret,
  FederatedIdentity,
  OidcClient,
  OidcClientName,
  type OidcClientPatch,
  OidcClientReference,
  oidcClientFields,
} from "./pocket-id/objects/oidc-client.ts";
export { ScimProvider } from "./pocket-id/objects/scim-provider.ts";
export { SignupToken } from "./pocket-id/objects/signup-token.ts";
export { User, Username, type UserPatch, userFields } from "./pocket-id/objects/user.ts";
export {
  type NewUserGroup,
  UserGroup,
  UserGroupMember,
  type UserGroupPatch,
  UserGroupReference,
  UserGroupRow,
  userGroupFields,
} from "./pocket-id/objects/user-group.ts";
export {
  type AccessRequest,
  type CreatedOidcClient,
  checkNewClient,
  type NewOidcClient,
  type OidcClients,
} from "./pocket-id/oidc-clients.ts";
export type { OneTimeAccess, OneTimeAccessToken } from "./pocket-id/one-time-access.ts";
export type { Page } from "./pocket-id/paginate.ts";
export { redactedValue, refuseRedacted } from "./pocket-id/redacted.ts";
export type { Reference } from "./pocket-id/reference.ts";
export type { ScimProviderPatch, ScimProviders } from "./pocket-id/scim-providers.ts";
export type { NewSignupToken, SignupTokens } from "./pocket-id/signup-tokens.ts";
export type { NotApplied, Updated } from "./pocket-id/update.ts";
export type { UserGroups } from "./pocket-id/user-groups.ts";
export type { NewUser, Users } from "./pocket-id/users.ts";
export {
  type Feature,
  newestKnownVersion,
  oldestSupportedVersion,
  type Route,
  routes,
  type ServerVersion,
} from "./pocket-id/versions.ts";
