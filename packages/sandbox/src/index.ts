export type { Intercept } from "./http/listener.ts";
export type { RecordedRequest } from "./http/recorded-requests.ts";
export { type Sandbox, type SandboxOptions, startSandbox } from "./start.ts";
export type {
  Api,
  ApiGrant,
  ApiKey,
  ApiPermission,
  AuditLogEntry,
  AuthorizedClient,
  ClientMetadataDocument,
  ClientSecret,
  CustomClaim,
  EmailVerificationToken,
  FederatedIdentity,
  OidcClient,
  OneTimeAccessToken,
  SandboxState,
  ScimProvider,
  SentMail,
  Session,
  SignupToken,
  StoredImage,
  User,
  UserGroup,
  WebauthnCredential,
} from "./state.ts";
export { type SandboxVersion, sandboxVersions } from "./versions.ts";
