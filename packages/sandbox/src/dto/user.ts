import type { Call } from "../http/call.ts";
import { precise } from "../moments.ts";
import type { User, UserGroup } from "../state.ts";
import { groupOfUserDto } from "./user-group.ts";

interface Loaded {
  /** "just linked": right after its groups were set, a user shows them as if they had been created this moment. */
  readonly userGroups?: boolean | "just linked";
  readonly customClaims?: boolean;
}

/** A collection that Pocket ID did not load looks empty. */
export function userDto(call: Call, user: User, { userGroups = false, customClaims = false }: Loaded = {}) {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    ...(call.has("emailVerified") && { emailVerified: user.emailVerified }),
    firstName: user.firstName,
    lastName: user.lastName,
    displayName: user.displayName,
    isAdmin: user.isAdmin,
    locale: user.locale,
    customClaims: customClaims ? user.customClaims : [],
    userGroups:
      userGroups === false ? [] : groupsOf(call, user).map((group) => groupOfUserDto(call, shown(group, userGroups))),
    ldapId: user.ldapId,
    disabled: user.disabled,
  };
}

const shown = (group: UserGroup, loaded: true | "just linked"): UserGroup =>
  loaded === true ? group : { ...group, createdAt: precise(new Date()) };

export const wholeUserDto = (call: Call, user: User) => userDto(call, user, { userGroups: true, customClaims: true });

export function groupsOf({ state }: Call, user: User): UserGroup[] {
  return [...state.userGroups.values()].filter(({ id }) => user.userGroupIds.includes(id));
}
