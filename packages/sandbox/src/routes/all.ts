import type { Route } from "../http/router.ts";
import { apiAccessRoutes } from "./api-access.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { apiRoutes } from "./apis.ts";
import { applicationConfigurationRoutes } from "./application-configuration.ts";
import { applicationImageRoutes } from "./application-images.ts";
import { auditLogRoutes } from "./audit-logs.ts";
import { authorizedClientRoutes } from "./authorized-clients.ts";
import { claimsPreviewRoutes } from "./claims-preview.ts";
import { clientLogoRoutes } from "./client-logos.ts";
import { clientMetadataRoutes } from "./client-metadata.ts";
import { clientSecretRoutes } from "./client-secrets.ts";
import { customClaimRoutes } from "./custom-claims.ts";
import { discoveryRoutes } from "./discovery.ts";
import { emailVerificationRoutes } from "./email-verification.ts";
import { notModelledRoutes } from "./not-modelled.ts";
import { oauthRoutes } from "./oauth.ts";
import { oauthRoutesBefore210 } from "./oauth-before-210.ts";
import { oidcClientRoutes } from "./oidc-clients.ts";
import { oneTimeAccessRoutes } from "./one-time-access.ts";
import { profilePictureRoutes } from "./profile-pictures.ts";
import { scimRoutes } from "./scim.ts";
import { signupRoutes } from "./signup.ts";
import { signupTokenRoutes } from "./signup-tokens.ts";
import { userGroupRoutes } from "./user-groups.ts";
import { userRoutes } from "./users.ts";
import { versionRoutes } from "./version.ts";
import { webauthnCredentialRoutes } from "./webauthn-credentials.ts";

export const allRoutes: Route[] = [
  ...userRoutes,
  ...profilePictureRoutes,
  ...emailVerificationRoutes,
  ...oneTimeAccessRoutes,
  ...customClaimRoutes,
  ...userGroupRoutes,
  ...oidcClientRoutes,
  ...clientLogoRoutes,
  ...clientSecretRoutes,
  ...clientMetadataRoutes,
  ...claimsPreviewRoutes,
  ...authorizedClientRoutes,
  ...scimRoutes,
  ...apiRoutes,
  ...apiAccessRoutes,
  ...signupRoutes,
  ...signupTokenRoutes,
  ...apiKeyRoutes,
  ...applicationConfigurationRoutes,
  ...applicationImageRoutes,
  ...auditLogRoutes,
  ...webauthnCredentialRoutes,
  ...versionRoutes,
  ...discoveryRoutes,
  ...oauthRoutes,
  ...oauthRoutesBefore210,
  ...notModelledRoutes,
];
