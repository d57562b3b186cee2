import { isTrue } from "../configuration.ts";
import { groupDto, membersOf, minimalGroupDto } from "../dto/user-group.ts";
import { type Answer, created, noContent, ok } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param } from "../http/call.ts";
import { between, text, textList } from "../http/fields.ts";
import { isDirection, listAnswer, listRequest, searched } from "../http/list.ts";
import type { Route } from "../http/router.ts";
import { now, precise, stored } from "../moments.ts";
import { newId } from "../random.ts";
import { alreadyInUse, ldapUserGroupUpdate, notFound } from "../refusals.ts";
import type { UserGroup } from "../state.ts";

const groupShape = {
  friendlyName: text("FriendlyName", { required: true, rules: between(2, 50), nfc: true }),
  name: text("Name", { required: true, rules: between(2, 255), nfc: true }),
};
const userIdsShape = { userIds: textList("UserIDs", { required: true }) };
const clientIdsShape = { oidcClientIds: textList("OidcClientIDs", { required: true }) };

export const userGroupRoutes: Route[] = [
  { method: "GET", path: "/api/user-groups", access: "admin", answer: listGroups },
  {
    method: "GET",
    path: "/api/user-groups/:id",
    access: "admin",
    answer: (call) => ok(groupDto(call, groupInPath(call), true)),
  },
  { method: "POST", path: "/api/user-groups", access: "admin", body: groupShape, answer: createGroup },
  { method: "PUT", path: "/api/user-groups/:id", access: "admin", body: groupShape, answer: updateGroup },
  { method: "DELETE", path: "/api/user-groups/:id", access: "admin", answer: deleteGroup },
  { method: "PUT", path: "/api/user-groups/:id/users", access: "admin", body: userIdsShape, answer: replaceMembers },
  {
    method: "PUT",
    path: "/api/user-groups/:id/allowed-oidc-clients",
    access: "admin",
    since: "2.0",
    body: clientIdsShape,
    answer: replaceAllowedClients,
  },
];

export function groupInPath(call: Call, name = "id"): UserGroup {
  const group = call.state.userGroups.get(param(call, name));
  if (group === undefined) throw notFound("User group");
  return group;
}

/** Searches the name only, never the friendly name. */
function listGroups(call: Call): Answer {
  const count = (group: UserGroup): number => membersOf(call, group.id).length;
  const counted = isDirection(listRequest(call.query).sortDirection);
  return listAnswer(
    call,
    searched([...call.state.userGroups.values()], call.query.get("search"), (group) => group.name),
    {
      sort: {
        createdAt: (group) => group.createdAt,
        friendlyName: (group) => group.friendlyName,
        name: (group) => group.name,
        ...(counted && { userCount: count }),
      },
    },
    (group) => minimalGroupDto(group, { userCount: count(group), customClaims: true }),
  );
}

function createGroup(call: Call): Answer {
  const input = bindJson(call, groupShape);
  refuseDuplicate(call, input.name, undefined);
  const moment = new Date();
  const group: UserGroup = {
    id: newId(),
    createdAt: stored(moment),
    updatedAt: null,
    friendlyName: input.friendlyName,
    name: input.name,
    ldapId: null,
    customClaims: [],
  };
  call.state.userGroups.set(group.id, group);
  return created({ ...groupDto(call, group, false), createdAt: precise(moment) });
}

function updateGroup(call: Call): Answer {
  const input = bindJson(call, groupShape);
  const group = groupInPath(call);
  refuseLdap(call, group);
  refuseDuplicate(call, input.name, group.id);
  Object.assign(group, { name: input.name, friendlyName: input.friendlyName, updatedAt: now() });
  return ok(groupDto(call, group, true));
}

/** A client that was restricted to this group alone is left restricted to nobody. */
function deleteGroup(call: Call): Answer {
  const group = groupInPath(call);
  refuseLdap(call, group);
  call.state.userGroups.delete(group.id);
  const without = (ids: string[]): string[] => ids.filter((id) => id !== group.id);
  for (const user of call.state.users.values()) user.userGroupIds = without(user.userGroupIds);
  for (const client of call.state.oidcClients.values())
    client.allowedUserGroupIds = without(client.allowedUserGroupIds);
  for (const token of call.state.signupTokens.values()) token.userGroupIds = without(token.userGroupIds);
  return noContent();
}

/** Takes LDAP groups as well: the next LDAP sync would put their members back. */
function replaceMembers(call: Call): Answer {
  const { userIds } = bindJson(call, userIdsShape);
  const group = groupInPath(call);
  for (const user of call.state.users.values()) {
    const others = user.userGroupIds.filter((id) => id !== group.id);
    user.userGroupIds = userIds?.includes(user.id) ? [...others, group.id] : others;
  }
  group.updatedAt = now();
  return ok(groupDto(call, group, true));
}

/** Does not restrict those clients to groups: that is a switch of the client. */
function replaceAllowedClients(call: Call): Answer {
  const { oidcClientIds } = bindJson(call, clientIdsShape);
  const group = groupInPath(call);
  for (const client of call.state.oidcClients.values()) {
    const others = client.allowedUserGroupIds.filter((id) => id !== group.id);
    client.allowedUserGroupIds = oidcClientIds?.includes(client.id) ? [...others, group.id] : others;
  }
  return ok(groupDto(call, group, true));
}

function refuseLdap(call: Call, group: UserGroup): void {
  if (group.ldapId !== null && isTrue(call.state.configuration, "ldapEnabled")) throw ldapUserGroupUpdate();
}

function refuseDuplicate(call: Call, name: string, ownId: string | undefined): void {
  const taken = [...call.state.userGroups.values()].some((other) => other.id !== ownId && other.name === name);
  if (taken) throw alreadyInUse("name");
}
