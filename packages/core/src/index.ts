export {
  type CimdAccess,
  type CimdAccessChange,
  type CimdAccessChanged,
  type CimdAccessPreview,
  checkCimdAccess,
} from "./pocket-id/api-cimd-access.ts";
export type { ApiCallers, ApiClientListing } from "./pocket-id/api-clients.ts";
export {
  type ApiGrantChanged,
  type ApiGrantPreview,
  type ApiGrantRequest,
  checkGrant,
} from "./pocket-id/api-grants.ts";
export type { ApiKeys, ApiKeyValue, NewApiKey } from "./pocket-id/api-keys.ts";
export {
  type ApiPermissionsChange,
  type ApiPermissionsChanged,
  type ApiPermissionsPreview,
  checkNewPermissions,
  checkPermissionsChange,
  type LostPermissions,
} from "./pocket-id/api-permissions.ts";
export type { Apis, NewApi } from "./pocket-id/apis.ts";
export type {
  ApplicationConfiguration,
  Configuration,
  ConfigurationPreview,
} from "./pocket-id/application-configuration.ts";
export { checkPatch as checkConfigurationPatch } from "./pocket-id/application-configuration.ts";
export {
  type ApplicationImage,
  type ApplicationImages,
  applicationImageNames,
  type DeletableImage,
} from "./pocket-id/application-images.ts";
export { type AuditEventType, auditEvents, auditEventsOf } from "./pocket-id/audit-events.ts";
export {
  type AuditLogCounts,
  type AuditLogFilters,
  type AuditLogGrouping,
  type AuditLogQuery,
  type AuditLogs,
  auditLogGroupings,
  checkPeriod,
} from "./pocket-id/audit-logs.ts";
export { type NewCallbackUrls, newCallbackUrls } from "./pocket-id/callback-urls.ts";
export type { Cancellation } from "./pocket-id/cancellation.ts";
export type { ChangeRecord, PlainValue, ValueChange } from "./pocket-id/change-record.ts";
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
export type { ClientLogos, HeldLogos, ShownLogo } from "./pocket-id/client-logos.ts";
export type { RefreshedClient } from "./pocket-id/client-metadata.ts";
export {
  type ClientSecretRotation,
  type PlannedRotation,
  parseOverlap,
  type RotatedClientSecret,
} from "./pocket-id/client-secret-rotation.ts";
export { type ClientSecrets, canAuthenticate } from "./pocket-id/client-secrets.ts";
export { type ClientPreview, checkClientPatch } from "./pocket-id/client-update.ts";
export { type ColorMode, colorModes } from "./pocket-id/color-mode.ts";
export { configurationFields } from "./pocket-id/configuration-fields.ts";
export { type ConfigurationKeyName, configurationKeys, isSecretKey } from "./pocket-id/configuration-keys.ts";
export type { ConfigurationPatch } from "./pocket-id/configuration-values.ts";
export type { Connection, ConnectionOptions, Image, Scope } from "./pocket-id/connection.ts";
export type { CurrentApiKey } from "./pocket-id/current-api-key.ts";
export {
  type ClaimsChange,
  type ClaimsChanged,
  type CustomClaims,
  checkClaimsChange,
  claimsSetBy,
} from "./pocket-id/custom-claims.ts";
export {
  durationInWords,
  isDuration,
  parseDuration,
  parseExpiry,
  parsePast,
  parseTokenLifetime,
} from "./pocket-id/duration.ts";
export { type FieldError, InputError, NotPossibleError, PocketIdError } from "./pocket-id/errors.ts";
export type { Found, ReferenceKind } from "./pocket-id/finders.ts";
export {
  type GroupEffect,
  type GroupEffects,
  groupEffectRoutes,
  type MembershipEffect,
} from "./pocket-id/group-effects.ts";
export type { Check, Health } from "./pocket-id/health.ts";
export type { Instance } from "./pocket-id/instance.ts";
export type { AllOptions, List } from "./pocket-id/list.ts";
export type { ListOptions } from "./pocket-id/list-query.ts";
export { type LockOut, lockOutRoutes } from "./pocket-id/lock-out.ts";
export { canLockOut } from "./pocket-id/lock-out-rules.ts";
export { checkSetChange, type Membership, type SetChange } from "./pocket-id/membership.ts";
export { type ClientSecretValue, checkClientSecret, type NewClientSecret } from "./pocket-id/new-client-secret.ts";
export {
  Api,
  ApiAccess,
  ApiClient,
  ApiGrant,
  ApiName,
  ApiPermission,
  ApiPermissionKey,
  ApiPermissionName,
  ApiPermissionPatch,
  ApiReference,
  ApiResource,
  NewApiPermission,
} from "./pocket-id/objects/api.ts";
export { ApiKey } from "./pocket-id/objects/api-key.ts";
export { AuditLog } from "./pocket-id/objects/audit-log.ts";
export { CustomClaim } from "./pocket-id/objects/custom-claim.ts";
export {
  AccessibleClient,
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
export { Passkey, PasskeyName } from "./pocket-id/objects/passkey.ts";
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
export { defaultAccessLifetime, type OneTimeAccess, type OneTimeAccessToken } from "./pocket-id/one-time-access.ts";
export type { Page } from "./pocket-id/paginate.ts";
export { checkPasskeys, type Passkeys, type PasskeysOfOne, type RenamedPasskey } from "./pocket-id/passkeys.ts";
export type { People, PeopleChange, PeopleCount, Provisioned } from "./pocket-id/people.ts";
export type { ProfilePictures } from "./pocket-id/profile-pictures.ts";
export { redactedValue, refuseRedacted } from "./pocket-id/redacted.ts";
export type { Reference } from "./pocket-id/reference.ts";
export type { RequestRecord } from "./pocket-id/request-record.ts";
export type { ScimProviderPatch, ScimProviders } from "./pocket-id/scim-providers.ts";
export { Secrets } from "./pocket-id/secrets.ts";
export type { Keeper, ShownOnce } from "./pocket-id/shown-once.ts";
export { defaultSignupLifetime, type NewSignupToken, type SignupTokens } from "./pocket-id/signup-tokens.ts";
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
  standingOf,
} from "./pocket-id/versions.ts";
