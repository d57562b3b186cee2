/** What Pocket ID keeps in its database, under its own names. Times are RFC 3339 in whole seconds. */

export interface CustomClaim {
  key: string;
  value: string;
}

export interface User {
  id: string;
  createdAt: string;
  updatedAt: string | null;
  username: string;
  email: string | null;
  emailVerified: boolean;
  firstName: string;
  lastName: string;
  displayName: string;
  isAdmin: boolean;
  locale: string | null;
  ldapId: string | null;
  disabled: boolean;
  /** Membership is stored here and nowhere else. */
  userGroupIds: string[];
  customClaims: CustomClaim[];
  profilePicture: Buffer | null;
}

export interface UserGroup {
  id: string;
  createdAt: string;
  updatedAt: string | null;
  friendlyName: string;
  name: string;
  ldapId: string | null;
  customClaims: CustomClaim[];
}

export interface StoredImage {
  /** Lower case, without a dot. */
  extension: string;
  bytes: Buffer;
}

export interface FederatedIdentity {
  issuer: string;
  subject: string;
  audience: string;
  jwks: string;
  replayProtection: boolean;
}

export interface ClientSecret {
  id: string;
  /** First four characters; empty for a secret from before 2.14. */
  prefix: string;
  /** Pocket ID keeps a hash; the sandbox keeps the value, so that a test can sign a client in. */
  value: string;
  createdAt: string;
  expiresAt: string | null;
}

export interface OidcClient {
  id: string;
  createdAt: string;
  name: string;
  description: string;
  callbackURLs: string[];
  logoutCallbackURLs: string[];
  logo: StoredImage | null;
  darkLogo: StoredImage | null;
  isPublic: boolean;
  pkceEnabled: boolean;
  pkceSupported: boolean;
  requiresReauthentication: boolean;
  requiresPushedAuthorizationRequests: boolean;
  skipConsent: boolean;
  federatedIdentities: FederatedIdentity[];
  secrets: ClientSecret[];
  launchURL: string | null;
  isGroupRestricted: boolean;
  allowedUserGroupIds: string[];
  clientType: "standard" | "cimd";
  metadataGrantTypes: string[];
  accessTokenDurationMinutes: number;
  refreshTokenDurationMinutes: number;
  createdById: string | null;
}

/** What a client that registers itself publishes under its id (OAuth Client ID Metadata Document). */
export interface ClientMetadataDocument {
  client_name?: string;
  redirect_uris?: string[];
  post_logout_redirect_uris?: string[];
  grant_types?: string[];
}

export interface AuthorizedClient {
  userId: string;
  clientId: string;
  scopes: string[];
  lastUsedAt: string;
}

export interface WebauthnCredential {
  id: string;
  createdAt: string;
  userId: string;
  name: string;
  credentialId: Buffer;
  attestationType: string;
  transport: string[];
  backupEligible: boolean;
  backupState: boolean;
}

export interface ApiKey {
  id: string;
  createdAt: string;
  userId: string;
  name: string;
  description: string | null;
  /** SHA-256 of the key in hex: the key itself is shown once. */
  key: string;
  expiresAt: string;
  lastUsedAt: string | null;
  expirationEmailSent: boolean;
}

export interface SignupToken {
  id: string;
  createdAt: string;
  token: string;
  expiresAt: string;
  usageLimit: number;
  usageCount: number;
  userGroupIds: string[];
}

export interface OneTimeAccessToken {
  token: string;
  userId: string;
  deviceToken: string | null;
  expiresAt: string;
}

export interface EmailVerificationToken {
  token: string;
  userId: string;
  email: string;
  expiresAt: string;
}

export interface ScimProvider {
  id: string;
  createdAt: string;
  endpoint: string;
  token: string;
  lastSyncedAt: string | null;
  oidcClientId: string;
}

export interface ApiPermission {
  id: string;
  key: string;
  name: string;
  description: string | null;
  allowedForCimdClients: boolean;
}

export interface Api {
  id: string;
  createdAt: string;
  name: string;
  resource: string;
  allowCimdClients: boolean;
  permissions: ApiPermission[];
}

/** What one client may do with one API. */
export interface ApiGrant {
  apiId: string;
  clientId: string;
  userDelegatedAccess: boolean;
  clientAccess: boolean;
  userDelegatedPermissionIds: string[];
  clientPermissionIds: string[];
}

export interface AuditLogEntry {
  id: string;
  createdAt: string;
  event: string;
  ipAddress: string | null;
  country: string;
  city: string;
  userAgent: string;
  userId: string;
  data: Record<string, string>;
}

export interface Session {
  token: string;
  userId: string;
  expiresAt: string;
  /** "otp" after a one-time access token, "" after signing up. */
  authenticationMethod: string;
}

export interface SentMail {
  kind: "test" | "one-time-access" | "email-verification";
  to: string;
  userId: string;
  /** The code or token that the mail carries. */
  token: string | null;
}

export interface SandboxState {
  users: Map<string, User>;
  userGroups: Map<string, UserGroup>;
  oidcClients: Map<string, OidcClient>;
  authorizedClients: AuthorizedClient[];
  webauthnCredentials: Map<string, WebauthnCredential>;
  apiKeys: Map<string, ApiKey>;
  signupTokens: Map<string, SignupToken>;
  /** By token. */
  oneTimeAccessTokens: Map<string, OneTimeAccessToken>;
  emailVerificationTokens: Map<string, EmailVerificationToken>;
  sessions: Map<string, Session>;
  scimProviders: Map<string, ScimProvider>;
  apis: Map<string, Api>;
  grants: ApiGrant[];
  /** Key → value, always strings. */
  configuration: Map<string, string>;
  /** logoLight, logoDark, logoEmail, background, favicon, default-profile-picture. */
  images: Map<string, StoredImage>;
  auditLog: AuditLogEntry[];
  mails: SentMail[];
  /** The documents that refreshing a CIMD client finds, by client id: the sandbox does not fetch them from the network. */
  clientMetadataDocuments: Map<string, ClientMetadataDocument>;
}

export function emptyState(): SandboxState {
  return {
    users: new Map(),
    userGroups: new Map(),
    oidcClients: new Map(),
    authorizedClients: [],
    webauthnCredentials: new Map(),
    apiKeys: new Map(),
    signupTokens: new Map(),
    oneTimeAccessTokens: new Map(),
    emailVerificationTokens: new Map(),
    sessions: new Map(),
    scimProviders: new Map(),
    apis: new Map(),
    grants: [],
    configuration: new Map(),
    images: new Map(),
    auditLog: [],
    mails: [],
    clientMetadataDocuments: new Map(),
  };
}

/** In place, so that whoever holds the list sees it. */
export function removeWhere<T>(rows: T[], gone: (row: T) => boolean): void {
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at];
    if (row !== undefined && gone(row)) rows.splice(at, 1);
  }
}
