import type { Call } from "../http/call.ts";
import type { UserGroup } from "../state.ts";
import { clientMetaDto } from "./oidc-client.ts";
import { userDto } from "./user.ts";

/** A group as other objects show it. Its members are counted in the list of groups only; everywhere else it says 0. */
export function minimalGroupDto(group: UserGroup, { userCount = 0, customClaims = false } = {}) {
  return {
    id: group.id,
    friendlyName: group.friendlyName,
    name: group.name,
    customClaims: customClaims ? group.customClaims : [],
    userCount,
    ldapId: group.ldapId,
    createdAt: group.createdAt,
  };
}

/** A group inside a user. Pocket ID <= 1.16 has no userCount there. */
export function groupOfUserDto(call: Call, group: UserGroup) {
  const { userCount, ...rest } = minimalGroupDto(group);
  return call.has("userCountInsideUsers") ? { ...rest, userCount } : rest;
}

/** A collection that Pocket ID did not load looks empty. */
export function groupDto(call: Call, group: UserGroup, loaded: boolean) {
  return {
    id: group.id,
    friendlyName: group.friendlyName,
    name: group.name,
    customClaims: loaded ? group.customClaims : [],
    ldapId: group.ldapId,
    createdAt: group.createdAt,
    users: loaded ? membersOf(call, group.id).map((user) => userDto(call, user)) : [],
    ...(call.has("groupsKnowTheirClients") && {
      allowedOidcClients: loaded ? clientsOf(call, group.id).map((client) => clientMetaDto(call, client)) : [],
    }),
  };
}

export const membersOf = ({ state }: Call, groupId: string) =>
  [...state.users.values()].filter(({ userGroupIds }) => userGroupIds.includes(groupId));

const clientsOf = ({ state }: Call, groupId: string) =>
  [...state.oidcClients.values()].filter(({ allowedUserGroupIds }) => allowedUserGroupIds.includes(groupId));
