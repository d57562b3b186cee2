import * as z from "zod";
import { collection } from "./collection.ts";
import { UserGroupReference } from "./user-group.ts";

/** A client as it stands in other objects. */
export const OidcClientReference = z.object({ id: z.string(), name: z.string() });
export type OidcClientReference = z.output<typeof OidcClientReference>;

export const FederatedIdentity = z.object({
  issuer: z.string(),
  subject: z.string().optional(),
  audience: z.string().optional(),
  jwks: z.string().optional(),
  /** Pocket ID >= 2.10. */
  replayProtection: z.boolean().optional(),
});
export type FederatedIdentity = z.output<typeof FederatedIdentity>;

/** What Pocket ID tells of a secret (2.14 and later): never its value. */
export const ClientSecret = z.object({
  id: z.string(),
  prefix: z.string(),
  createdAt: z.string(),
  expiresAt: z.string().nullish(),
  isActive: z.boolean().optional(),
});
export type ClientSecret = z.output<typeof ClientSecret>;

export const OidcClient = z.object({
  ...OidcClientReference.shape,
  /** Pocket ID >= 2.10. */
  description: z.string().optional(),
  launchURL: z.string().nullish(),
  callbackURLs: collection(z.string()),
  logoutCallbackURLs: collection(z.string()),
  isPublic: z.boolean(),
  pkceEnabled: z.boolean(),
  requiresReauthentication: z.boolean().optional(),
  /** Pocket ID >= 2.9. */
  requiresPushedAuthorizationRequests: z.boolean().optional(),
  /** Pocket ID >= 2.10. */
  skipConsent: z.boolean().optional(),
  /** Pocket ID >= 2.0; before, allowed groups alone decided. */
  isGroupRestricted: z.boolean().optional(),
  /** Pocket ID >= 2.13. */
  accessTokenDurationMinutes: z.int().optional(),
  /** Pocket ID >= 2.13. */
  refreshTokenDurationMinutes: z.int().optional(),
  /** Pocket ID >= 2.13: `cimd` registers itself by a metadata document. */
  clientType: z.string().optional(),
  hasLogo: z.boolean().optional(),
  hasDarkLogo: z.boolean().optional(),
  credentials: z
    .object({
      federatedIdentities: collection(FederatedIdentity).optional(),
      /** Pocket ID >= 2.14. */
      secrets: collection(ClientSecret).optional(),
    })
    .nullish(),
  /** Loaded in the answer to one client and to its update, not in lists. */
  allowedUserGroups: collection(UserGroupReference).optional(),
  /** In lists only. */
  allowedUserGroupsCount: z.int().optional(),
});
export type OidcClient = z.output<typeof OidcClient>;

/** A client that a user has authorized. */
export const AuthorizedClient = z.object({
  client: z.object({ ...OidcClientReference.shape, launchURL: z.string().nullish() }),
  lastUsedAt: z.string().nullish(),
});
export type AuthorizedClient = z.output<typeof AuthorizedClient>;

/** A client that somebody may sign in to. Pocket ID tells less of it here than elsewhere. */
export const AccessibleClient = z.object({
  ...OidcClientReference.shape,
  /** Pocket ID >= 2.10. */
  description: z.string().optional(),
  launchURL: z.string().nullish(),
  hasLogo: z.boolean().optional(),
  hasDarkLogo: z.boolean().optional(),
  /** Pocket ID >= 2.13. */
  clientType: z.string().optional(),
  /** Null if it was never used. */
  lastUsedAt: z.string().nullish(),
});
export type AccessibleClient = z.output<typeof AccessibleClient>;

/** What tokens of a client would say about a user. */
export const ClaimsPreview = z.object({
  idToken: z.record(z.string(), z.unknown()),
  accessToken: z.record(z.string(), z.unknown()),
  userInfo: z.record(z.string(), z.unknown()),
});
export type ClaimsPreview = z.output<typeof ClaimsPreview>;

const Url = z.string().max(2_000);

/** Pocket ID < 2.6 stores what would run in the browser of whoever signs in. */
const CallbackUrl = Url.regex(
  /^(?:\*|(?!(?:javascript|data|vbscript):)(?:\*|[a-z][a-z0-9+.-]*):\S+)$/i,
  "give an address with its scheme, like https://app.example.com/callback",
);

const FederatedIdentityInput = z.strictObject({
  issuer: z.string().describe("URL"),
  subject: z.string().optional().describe("sub"),
  audience: z.string().optional().describe("aud"),
  jwks: z.string().optional().describe("URL"),
  replayProtection: z.boolean().optional().describe("Use once"),
});

/** Fields of a client that can be written. Left out = unchanged, null = cleared. */
export const oidcClientFields = {
  description: z.string().max(150).nullable().optional().describe("Description"),
  callbackURLs: z.array(CallbackUrl).max(200).optional().describe("Redirect URLs"),
  logoutCallbackURLs: z.array(CallbackUrl).max(200).optional().describe("After sign-out"),
  launchURL: Url.regex(/^[a-z][a-z0-9+.-]*:\S+$/i, "give an address with its scheme, like https://app.example.com")
    .nullable()
    .optional()
    .describe("Where it opens"),
  isPublic: z.boolean().optional().describe("Has no secret"),
  pkceEnabled: z.boolean().optional().describe("Require PKCE"),
  requiresReauthentication: z.boolean().optional().describe("Passkey each time"),
  requiresPushedAuthorizationRequests: z.boolean().optional().describe("Require PAR"),
  skipConsent: z.boolean().optional().describe("No consent screen"),
  accessTokenDurationMinutes: z.int().min(1).max(525_600).optional().describe("Minutes"),
  refreshTokenDurationMinutes: z.int().min(1).max(525_600).optional().describe("Minutes"),
  federatedIdentities: z.array(FederatedIdentityInput).max(50).optional().describe("Trusted issuers"),
  logoUrl: Url.optional().describe("Image URL"),
  darkLogoUrl: Url.optional().describe("For dark mode"),
};

export const OidcClientName = z.string().min(1).max(50);

const OidcClientPatch = z.object({
  name: OidcClientName.optional(),
  ...oidcClientFields,
  isGroupRestricted: z.boolean().optional(),
  addCallbackURLs: z.array(CallbackUrl).optional(),
  removeCallbackURLs: z.array(Url).optional(),
});
/** What an update of a client takes: its fields, and single callback URLs to add or remove. */
export type OidcClientPatch = z.output<typeof OidcClientPatch>;
