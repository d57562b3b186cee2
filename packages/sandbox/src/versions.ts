/**
 * The only place that knows how the versions of Pocket ID differ.
 *
 * `since` is the first minor version that has a behaviour, `until` the last one. Routes use the same two words next to
 * their path. Everything not named here is the same in all seven versions.
 */
const VERSIONS = {
  "2.14": "2.14.0",
  "2.13": "2.13.0",
  "2.12": "2.12.0",
  "2.9": "2.9.0",
  "2.7": "2.7.0",
  "2.2": "2.2.0",
  "1.16": "1.16.0",
} as const;

export type SandboxVersion = keyof typeof VERSIONS;
type FullVersion = (typeof VERSIONS)[SandboxVersion];

export interface Lifespan {
  readonly since?: string;
  readonly until?: string;
}

const FEATURES = {
  // Errors and HTTP
  structuredErrors: { since: "2.13" },
  requestIds: { since: "2.13" },
  jsonContentTypeRequired: { since: "2.13" },
  encodedClientIds: { since: "2.13" },
  normalisedTexts: { since: "2.13" },
  missingRecordsReported: { since: "2.13" },
  ownersOfClaimsChecked: { since: "2.13" },
  headRequests: { since: "2.0" },
  sameSiteCookies: { since: "2.13" },
  unknownWellKnownIsJson: { since: "2.8" },
  expiredTokensAreUnauthorized: { since: "2.4" },
  highRateLimit: { since: "2.10" },
  retryAfter: { since: "2.10" },

  // Who may call what
  staticApiKey: { since: "2.2" },
  keysRefusedForKeys: { since: "2.3" },
  keysRefusedForPasskeys: { since: "2.13" },
  logoDeleteNeedsAdmin: { since: "2.3" },

  // Users and groups
  emailVerified: { since: "2.2" },
  emailVerifiedReserved: { since: "2.8" },
  clientIdReserved: { since: "2.13" },
  optionalNames: { since: "2.4" },
  usernamesOfOneCharacter: { since: "2.5" },
  groupsOnCreate: { since: "2.0" },
  userIdOnCreate: { since: "2.12" },
  groupsKnowTheirClients: { since: "2.0" },
  userCountInsideUsers: { since: "2.0" },
  fullNameFallsBack: { since: "2.4" },
  missingPasskeyReported: { since: "2.6" },
  auditActor: { since: "2.6" },

  // Signing up and signing in
  setupStateReadable: { since: "2.6" },
  oneTimeTokenOwnerFromUrl: { since: "2.4" },
  deviceBoundCodes: { since: "2.0" },
  unambiguousCodes: { since: "2.0" },
  similarLettersAccepted: { since: "2.12" },
  disabledUsersCannotRedeem: { since: "2.12" },
  codesOfTwelve: { since: "2.14" },
  expiredSignupTokensVanish: { since: "2.12" },
  groupsOfSignupTokens: { since: "2.0" },

  // OIDC clients
  groupRestrictionFlag: { since: "2.0" },
  callbackUrlPatterns: { since: "2.6" },
  callbackUrlsParsed: { since: "2.10" },
  pushedAuthorizationRequests: { since: "2.9" },
  publicClientsCannotPush: { since: "2.9", until: "2.9" },
  clientDescription: { since: "2.10" },
  skipConsent: { since: "2.10" },
  pkceSupport: { since: "2.10" },
  replayProtection: { since: "2.10" },
  clientTypes: { since: "2.13" },
  tokenDurations: { since: "2.13" },
  allowedGroupsAfterUpdate: { since: "2.13" },
  accessibleByFlag: { since: "2.12" },
  launchUrlFilter: { since: "2.14" },
  ownSecretValue: { since: "2.12" },
  noSecretForPublicClients: { since: "2.13" },
  severalSecrets: { since: "2.14" },
  scopeStoredAsList: { since: "2.10" },

  // APIs
  cimdAccessOfApis: { since: "2.14" },
  resourcesWithoutSlash: { since: "2.14" },

  // Configuration and images
  homePageAndEmailVerification: { since: "2.2" },
  ldapAdminGroupName: { since: "2.0" },
  instanceIdInConfiguration: { until: "2.10" },
  tracingFlag: { since: "2.10" },
  webauthnPolicy: { since: "2.13" },
  cimd: { since: "2.13" },
  strictConfiguration: { since: "2.14" },
  logoShipped: { until: "2.13" },
  emailLogoShipped: { since: "2.0" },
  faviconOfThreeTypes: { since: "2.5" },
  versionCheckSwitch: { since: "2.3" },

  // OAuth and discovery
  tokenIds: { since: "2.3" },
  authenticationMethods: { since: "2.6" },
  oauthLibrary: { since: "2.10" },
  unknownClientNamed: { since: "2.4" },
  promptValues: { since: "2.6" },
  tokenEndpointMethods: { since: "2.5" },
  privateKeyJwt: { since: "2.9", until: "2.9" },
  requestObjects: { since: "2.10" },
  responseModes: { since: "2.14" },
  serviceDocumentation: { since: "2.14" },
} as const satisfies Record<string, Lifespan>;

export type Feature = keyof typeof FEATURES;
export type Has = (feature: Feature) => boolean;

export function isSandboxVersion(text: string): text is SandboxVersion {
  return Object.hasOwn(VERSIONS, text);
}

export const sandboxVersions = Object.keys(VERSIONS).filter(isSandboxVersion);

/** Takes "2.9" or "2.9.0"; anything that the sandbox does not play is an error naming the choices. */
export function fullVersion(text: string): FullVersion {
  const minor = text.endsWith(".0") && !isSandboxVersion(text) ? text.slice(0, -2) : text;
  if (isSandboxVersion(minor)) return VERSIONS[minor];
  throw new RangeError(`Unknown version "${text}". The sandbox plays ${sandboxVersions.join(", ")}.`);
}

export function existsIn(version: string, { since, until }: Lifespan): boolean {
  return (
    (since === undefined || order(version) >= order(since)) && (until === undefined || order(version) <= order(until))
  );
}

export function featuresOf(version: string): Has {
  return (feature) => existsIn(version, FEATURES[feature]);
}

function order(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
}
