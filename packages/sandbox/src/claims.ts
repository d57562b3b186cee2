import { isTrue } from "./configuration.ts";
import { groupsOf } from "./dto/user.ts";
import type { Call } from "./http/call.ts";
import { parsed } from "./http/rules.ts";
import type { User } from "./state.ts";
import { fullName } from "./users.ts";

/** What Pocket ID tells an application about a user, by scope. Custom claims belong to "profile". */
export function userClaims(call: Call, user: User, scopes: readonly string[]): Record<string, unknown> {
  return {
    ...(scopes.includes("profile") && profileClaims(call, user)),
    sub: user.id,
    ...(scopes.includes("email") && emailClaims(call, user)),
    ...(scopes.includes("groups") && { groups: groupsOf(call, user).map(({ name }) => name) }),
  };
}

function profileClaims(call: Call, user: User): Record<string, unknown> {
  return {
    ...customClaims(call, user),
    given_name: user.firstName,
    family_name: user.lastName,
    name: fullName(call, user),
    display_name: user.displayName,
    preferred_username: user.username,
    picture: `${call.issuer}/api/users/${user.id}/profile-picture.png`,
  };
}

function emailClaims({ has, state }: Call, user: User): Record<string, unknown> {
  // Pocket ID >= 2.10: without an address there is no claim at all.
  if (has("oauthLibrary") && !user.email) return {};
  // Pocket ID <= 2.1: one setting speaks for all users.
  const verified = has("emailVerified") ? user.emailVerified : isTrue(state.configuration, "emailsVerified");
  return { email: user.email, email_verified: verified };
}

/** The user's own claim wins over one of a group. A value that is JSON is sent as what it is. */
function customClaims(call: Call, user: User): Record<string, unknown> {
  const fromGroups = groupsOf(call, user).flatMap((group) => group.customClaims);
  const claims = new Map<string, unknown>();
  for (const { key, value } of [...user.customClaims, ...fromGroups]) {
    if (!claims.has(key)) claims.set(key, parsed(value) ?? value);
  }
  return Object.fromEntries(claims);
}
