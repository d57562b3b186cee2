/** The fields of an OIDC client and what a create or an update makes of them. */
import type { Call } from "./http/call.ts";
import {
  type Bound,
  flag,
  integer,
  nullableText,
  object,
  objectList,
  optionalText,
  text,
  textList,
} from "./http/fields.ts";
import { callbackUrl, callbackUrlPattern, clientId, max, min, parsableCallbackUrlPattern, url } from "./http/rules.ts";
import type { OidcClient, User } from "./state.ts";
import type { Has } from "./versions.ts";

const LONGEST_TOKEN_MINUTES = 525_600;

const federatedIdentityShape = {
  issuer: text("Issuer"),
  subject: text("Subject"),
  audience: text("Audience"),
  jwks: text("JWKS"),
  replayProtection: flag("ReplayProtection"),
};

export function clientShape(has: Has) {
  const callbacks = [
    has("callbackUrlsParsed")
      ? parsableCallbackUrlPattern
      : has("callbackUrlPatterns")
        ? callbackUrlPattern
        : callbackUrl,
  ];
  const duration = has("tokenDurations") ? { between: [1, LONGEST_TOKEN_MINUTES] as const, tag: "token_duration" } : {};
  return {
    name: text("Name", { required: true, rules: [max(50)], nfc: true }),
    description: optionalText("Description", { rules: has("clientDescription") ? [max(150)] : [], nfc: true }),
    callbackURLs: textList("CallbackURLs", { each: callbacks }),
    logoutCallbackURLs: textList("LogoutCallbackURLs", { each: callbacks }),
    isPublic: flag("IsPublic"),
    pkceEnabled: flag("PkceEnabled"),
    requiresReauthentication: flag("RequiresReauthentication"),
    requiresPushedAuthorizationRequests: flag("RequiresPushedAuthorizationRequests"),
    skipConsent: flag("SkipConsent"),
    credentials: object("Credentials", {
      federatedIdentities: objectList("FederatedIdentities", federatedIdentityShape),
    }),
    launchURL: nullableText("LaunchURL", { rules: [url] }),
    logoUrl: nullableText("LogoURL"),
    darkLogoUrl: nullableText("DarkLogoURL"),
    isGroupRestricted: flag("IsGroupRestricted"),
    accessTokenDurationMinutes: integer("AccessTokenDurationMinutes", duration),
    refreshTokenDurationMinutes: integer("RefreshTokenDurationMinutes", duration),
  };
}

export function newClientShape(has: Has) {
  return { ...clientShape(has), id: optionalText("ID", { rules: [clientId, min(2), max(128)] }) };
}

export type ClientInput = Bound<ReturnType<typeof clientShape>>;

/** A full replacement: what the body leaves out is emptied or goes back to its default. */
export function applyInput({ has }: Call, client: OidcClient, input: ClientInput): void {
  client.description = has("clientDescription") ? input.description : "";
  client.requiresReauthentication = input.requiresReauthentication;
  // Pocket ID 2.9 only: public clients cannot push their requests.
  const mayPush = has("pushedAuthorizationRequests") && !(input.isPublic && has("publicClientsCannotPush"));
  client.requiresPushedAuthorizationRequests = mayPush && input.requiresPushedAuthorizationRequests;
  client.skipConsent = has("skipConsent") && input.skipConsent;
  client.launchURL = input.launchURL;
  client.isGroupRestricted = has("groupRestrictionFlag") && input.isGroupRestricted;
  client.accessTokenDurationMinutes = (has("tokenDurations") && input.accessTokenDurationMinutes) || 60;
  client.refreshTokenDurationMinutes = (has("tokenDurations") && input.refreshTokenDurationMinutes) || 43_200;
  // Lifting the restriction also forgets the groups.
  if (has("groupRestrictionFlag") && !client.isGroupRestricted) client.allowedUserGroupIds = [];
  // The rest of a CIMD client comes from its own document; also its name, which a PUT has to send all the same.
  if (client.clientType === "cimd") return;
  client.name = input.name;
  client.callbackURLs = input.callbackURLs ?? [];
  client.logoutCallbackURLs = input.logoutCallbackURLs ?? [];
  client.isPublic = input.isPublic;
  client.pkceEnabled = input.isPublic || input.pkceEnabled;
  if (!input.pkceEnabled) client.pkceSupported = false;
  client.federatedIdentities = input.credentials.federatedIdentities.map((identity) => ({
    ...identity,
    replayProtection: has("replayProtection") && identity.replayProtection,
  }));
}

export function blankClient(id: string, createdAt: string, createdById: string | null): OidcClient {
  return {
    id,
    createdAt,
    name: "",
    description: "",
    callbackURLs: [],
    logoutCallbackURLs: [],
    logo: null,
    darkLogo: null,
    isPublic: false,
    pkceEnabled: false,
    pkceSupported: false,
    requiresReauthentication: false,
    requiresPushedAuthorizationRequests: false,
    skipConsent: false,
    federatedIdentities: [],
    secrets: [],
    launchURL: null,
    isGroupRestricted: false,
    allowedUserGroupIds: [],
    clientType: "standard",
    metadataGrantTypes: [],
    accessTokenDurationMinutes: 60,
    refreshTokenDurationMinutes: 43_200,
    createdById,
  };
}

/** Who may use a client. Restricted and without a group means nobody. */
export function mayUse({ has }: Pick<Call, "has">, user: User, client: OidcClient): boolean {
  // Pocket ID <= 1.16: a client is restricted as soon as it has a group.
  const restricted = has("groupRestrictionFlag") ? client.isGroupRestricted : client.allowedUserGroupIds.length > 0;
  return !restricted || inAllowedGroup(user, client);
}

export const inAllowedGroup = (user: User, client: OidcClient): boolean =>
  client.allowedUserGroupIds.some((id) => user.userGroupIds.includes(id));
