/** What happens to a user in Pocket ID, whoever asks for it: an administrator, the user, a sign-up. */
import { isTrue } from "./configuration.ts";
import type { Call } from "./http/call.ts";
import { type Bound, flag, nullableText, optionalText, text, textList } from "./http/fields.ts";
import { email, isClaim, isStringArray, longUsername, max, parsed, username, uuid } from "./http/rules.ts";
import { now, stored } from "./moments.ts";
import { alphanumeric, newId } from "./random.ts";
import { alreadyInUse, emailRequired, internalError } from "./refusals.ts";
import { removeWhere, type SandboxState, type User } from "./state.ts";
import type { Has } from "./versions.ts";

export function nameFields(has: Has) {
  const name = has("usernamesOfOneCharacter") ? username : longUsername;
  return {
    username: text("Username", { required: true, rules: [name, max(50)], nfc: true }),
    email: nullableText("Email", { rules: [email], nfc: true }),
    // Pocket ID <= 2.3: a first and a display name are needed.
    firstName: text("FirstName", { required: !has("optionalNames"), rules: [max(50)], nfc: true }),
    lastName: text("LastName", { rules: [max(50)], nfc: true }),
  };
}

export function userShape(has: Has) {
  const { username: name, email: address, firstName, lastName } = nameFields(has);
  return {
    id: optionalText("ID", { rules: has("userIdOnCreate") ? [uuid] : [] }),
    username: name,
    email: address,
    emailVerified: flag("EmailVerified"),
    firstName,
    lastName,
    displayName: text("DisplayName", { required: !has("optionalNames"), rules: [max(100)], nfc: true }),
    isAdmin: flag("IsAdmin"),
    locale: nullableText("Locale"),
    disabled: flag("Disabled"),
    userGroupIds: textList("UserGroupIds"),
  };
}

export type UserInput = Bound<ReturnType<typeof userShape>>;

export function createUser({ state, has }: Call, input: UserInput): User {
  requireEmail(state, input.email);
  refuseDuplicates(state, input, undefined);
  const id = has("userIdOnCreate") && input.id !== "" ? input.id : newId();
  // Pocket ID >= 2.12: an id that is taken passes the check for duplicates and breaks on the commit.
  if (state.users.has(id)) throw internalError();
  const asked = has("groupsOnCreate") ? (input.userGroupIds ?? []) : [];
  const user: User = {
    id,
    createdAt: now(),
    updatedAt: null,
    username: input.username,
    email: input.email,
    emailVerified: has("emailVerified") && input.emailVerified,
    firstName: input.firstName,
    lastName: input.lastName,
    displayName: input.displayName,
    isAdmin: input.isAdmin,
    locale: input.locale,
    ldapId: null,
    disabled: input.disabled,
    userGroupIds: existingGroups(state, asked.length > 0 ? asked : configuredGroups(state)),
    customClaims: configuredClaims(state),
    profilePicture: null,
  };
  state.users.set(id, user);
  for (const groupId of user.userGroupIds) {
    const group = state.userGroups.get(groupId);
    if (group !== undefined) group.updatedAt = user.createdAt;
  }
  return user;
}

/** A full replacement: what the body leaves out is emptied. */
export function updateUser({ state, has }: Call, target: () => User, input: UserInput, own: boolean): User {
  requireEmail(state, input.email);
  const user = target();
  const fromLdap = user.ldapId !== null && isTrue(state.configuration, "ldapEnabled");
  // Answers 200 as if all was well: an LDAP user, or one who may not edit the own account, keeps everything but the locale.
  if (fromLdap || (own && !isTrue(state.configuration, "allowOwnAccountEdit"))) {
    user.locale = input.locale;
    user.updatedAt = now();
    return user;
  }
  refuseDuplicates(state, input, user.id);
  if (own && input.email !== null && input.email !== user.email)
    user.emailVerified = isTrue(state.configuration, "emailsVerified");
  user.username = input.username;
  user.email = input.email;
  user.firstName = input.firstName;
  user.lastName = input.lastName;
  user.displayName = input.displayName;
  user.locale = input.locale;
  user.updatedAt = now();
  if (!own) {
    user.isAdmin = input.isAdmin;
    user.disabled = input.disabled;
    if (has("emailVerified")) user.emailVerified = input.emailVerified;
  }
  return user;
}

/** Takes along everything that belongs to the user, the audit log included; clients that the user made stay. */
export function deleteUser(state: SandboxState, id: string): void {
  state.users.delete(id);
  removeWhere(state.auditLog, ({ userId }) => userId === id);
  removeWhere(state.authorizedClients, ({ userId }) => userId === id);
  const owned = [
    state.apiKeys,
    state.webauthnCredentials,
    state.oneTimeAccessTokens,
    state.emailVerificationTokens,
    state.sessions,
  ];
  for (const things of owned) {
    for (const [key, { userId }] of things) if (userId === id) things.delete(key);
  }
  for (const client of state.oidcClients.values()) if (client.createdById === id) client.createdById = null;
}

const STATIC_OWNER = "00000000-0000-0000-0000-000000000000";

/** An administrator made by the first use of the key, and again after being deleted; demoting lasts. */
export function ownerOfStaticKey(state: SandboxState): User {
  const known = state.users.get(STATIC_OWNER);
  if (known !== undefined) return known;
  const user: User = {
    id: STATIC_OWNER,
    createdAt: now(),
    updatedAt: null,
    username: `static-api-user-${alphanumeric(6)}`,
    email: null,
    emailVerified: false,
    firstName: "Static API User",
    lastName: "",
    displayName: "Static API User",
    isAdmin: true,
    locale: null,
    ldapId: null,
    disabled: false,
    userGroupIds: [],
    customClaims: [],
    profilePicture: null,
  };
  state.users.set(user.id, user);
  return user;
}

/** "Ada Lovelace", else the display name, else the username. */
export function fullName({ has }: Call, user: User): string {
  const name = `${user.firstName} ${user.lastName}`;
  if (!has("fullNameFallsBack")) return name;
  return name.trim() || user.displayName || user.username;
}

export function initialsOf(user: User): string {
  const initials = `${[...user.firstName.trim()][0] ?? ""}${[...user.lastName.trim()][0] ?? ""}`;
  return (initials || user.username.slice(0, 2)).toUpperCase();
}

function requireEmail(state: SandboxState, address: string | null): void {
  if (address === null && isTrue(state.configuration, "requireUserEmail")) throw emailRequired();
}

/** E-mail is looked at first. Usernames that differ in case only are the same. */
function refuseDuplicates(state: SandboxState, input: UserInput, ownId: string | undefined): void {
  const others = [...state.users.values()].filter(({ id }) => id !== ownId);
  if (input.email !== null && others.some((other) => other.email === input.email)) throw alreadyInUse("email");
  if (others.some((other) => other.username.toLowerCase() === input.username.toLowerCase()))
    throw alreadyInUse("username");
}

function configuredGroups(state: SandboxState): string[] {
  const ids = parsed(state.configuration.get("signupDefaultUserGroupIDs") ?? "");
  return isStringArray(ids) ? ids : [];
}

function configuredClaims(state: SandboxState) {
  const claims = parsed(state.configuration.get("signupDefaultCustomClaims") ?? "");
  return Array.isArray(claims) ? claims.filter(isClaim).map(({ key, value }) => ({ key, value })) : [];
}

/** Unknown ids are dropped without a word. */
export function existingGroups(state: SandboxState, ids: readonly string[]): string[] {
  return [...state.userGroups.keys()].filter((id) => ids.includes(id));
}

export const expiryAfter = (seconds: number): string =>
  stored(new Date(Math.round(Date.now() / 1000) * 1000 + seconds * 1000));
