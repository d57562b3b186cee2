import type { Call } from "../http/call.ts";
import { isPast } from "../moments.ts";
import type { ClientSecret, FederatedIdentity, OidcClient } from "../state.ts";
import { minimalGroupDto } from "./user-group.ts";

export function clientMetaDto({ has }: Call, client: OidcClient) {
  return {
    id: client.id,
    name: client.name,
    ...(has("clientDescription") && { description: client.description }),
    hasLogo: client.logo !== null,
    hasDarkLogo: client.darkLogo !== null,
    launchURL: client.launchURL,
    requiresReauthentication: client.requiresReauthentication,
    ...(has("clientTypes") && { clientType: client.clientType }),
  };
}

/** A client that was not loaded, as Go prints it. */
export function emptyClientMetaDto({ has }: Call) {
  return {
    id: "",
    name: "",
    ...(has("clientDescription") && { description: "" }),
    hasLogo: false,
    hasDarkLogo: false,
    launchURL: null,
    requiresReauthentication: false,
    ...(has("clientTypes") && { clientType: "" }),
  };
}

export function clientDto(call: Call, client: OidcClient) {
  const { has } = call;
  return {
    ...clientMetaDto(call, client),
    callbackURLs: client.callbackURLs,
    logoutCallbackURLs: client.logoutCallbackURLs,
    isPublic: client.isPublic,
    pkceEnabled: client.pkceEnabled,
    ...(has("pushedAuthorizationRequests") && {
      requiresPushedAuthorizationRequests: client.requiresPushedAuthorizationRequests,
    }),
    ...(has("skipConsent") && { skipConsent: client.skipConsent }),
    credentials: {
      ...(client.federatedIdentities.length > 0 && {
        federatedIdentities: client.federatedIdentities.map((identity) => federatedIdentityDto(call, identity)),
      }),
      ...(has("severalSecrets") && { secrets: client.secrets.map(secretDto) }),
    },
    ...(has("groupRestrictionFlag") && { isGroupRestricted: client.isGroupRestricted }),
    ...(has("pkceSupport") && client.pkceSupported && { pkceSupported: true }),
    ...(has("tokenDurations") && {
      accessTokenDurationMinutes: client.accessTokenDurationMinutes,
      refreshTokenDurationMinutes: client.refreshTokenDurationMinutes,
    }),
  };
}

/** With the groups that may use the client; empty where Pocket ID does not load them. */
export function clientWithGroupsDto(call: Call, client: OidcClient, loaded = true) {
  const groups = loaded ? client.allowedUserGroupIds.flatMap((id) => call.state.userGroups.get(id) ?? []) : [];
  return { ...clientDto(call, client), allowedUserGroups: groups.map((group) => minimalGroupDto(group)) };
}

export const clientWithCountDto = (call: Call, client: OidcClient) => ({
  ...clientDto(call, client),
  allowedUserGroupsCount: client.allowedUserGroupIds.length,
});

function federatedIdentityDto({ has }: Call, identity: FederatedIdentity) {
  return {
    issuer: identity.issuer,
    ...(identity.subject !== "" && { subject: identity.subject }),
    ...(identity.audience !== "" && { audience: identity.audience }),
    ...(identity.jwks !== "" && { jwks: identity.jwks }),
    ...(has("replayProtection") && { replayProtection: identity.replayProtection }),
  };
}

export const secretDto = (secret: ClientSecret) => ({
  id: secret.id,
  prefix: secret.prefix,
  createdAt: secret.createdAt,
  expiresAt: secret.expiresAt,
  isActive: secret.expiresAt === null || !isPast(secret.expiresAt),
});
