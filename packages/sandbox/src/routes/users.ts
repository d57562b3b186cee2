import { isTrue } from "../configuration.ts";
import { groupsOf, userDto, wholeUserDto } from "../dto/user.ts";
import { groupDto } from "../dto/user-group.ts";
import { type Answer, created, noContent, ok } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param, signedIn } from "../http/call.ts";
import { textList } from "../http/fields.ts";
import { listAnswer, searched } from "../http/list.ts";
import type { Route } from "../http/router.ts";
import { now } from "../moments.ts";
import { ldapUserUpdate, userNotFound } from "../refusals.ts";
import type { User } from "../state.ts";
import { createUser, deleteUser, updateUser, userShape } from "../users.ts";

const groupIdsShape = { userGroupIds: textList("UserGroupIds", { required: true }) };

export const userRoutes: Route[] = [
  { method: "GET", path: "/api/users", access: "admin", answer: listUsers },
  { method: "GET", path: "/api/users/me", access: "user", answer: (call) => ok(wholeUserDto(call, signedIn(call))) },
  {
    method: "GET",
    path: "/api/users/:id",
    access: "admin",
    answer: (call) => ok(wholeUserDto(call, userInPath(call))),
  },
  { method: "POST", path: "/api/users", access: "admin", body: userShape, answer: createUserHandler },
  {
    method: "PUT",
    path: "/api/users/me",
    access: "user",
    body: userShape,
    answer: (call) => updateHandler(call, () => signedIn(call), true),
  },
  {
    method: "PUT",
    path: "/api/users/:id",
    access: "admin",
    body: userShape,
    answer: (call) => updateHandler(call, () => userInPath(call), false),
  },
  { method: "DELETE", path: "/api/users/:id", access: "admin", answer: deleteHandler },
  { method: "GET", path: "/api/users/:id/groups", access: "admin", answer: listGroups },
  { method: "PUT", path: "/api/users/:id/user-groups", access: "admin", body: groupIdsShape, answer: replaceGroups },
];

export function userInPath(call: Call, name = "id"): User {
  const user = call.state.users.get(param(call, name));
  if (user === undefined) throw userNotFound();
  return user;
}

function listUsers(call: Call): Answer {
  const rows = searched(
    [...call.state.users.values()],
    call.query.get("search"),
    (user) => user.email,
    (user) => user.firstName,
    (user) => user.lastName,
    (user) => user.username,
  );
  return listAnswer(
    call,
    rows,
    {
      sort: {
        createdAt: (user) => user.createdAt,
        // The column ignores case; the others do not.
        username: (user) => user.username.toLowerCase(),
        email: (user) => user.email,
        firstName: (user) => user.firstName,
        lastName: (user) => user.lastName,
        displayName: (user) => user.displayName,
        isAdmin: (user) => user.isAdmin,
        disabled: (user) => user.disabled,
        ...(call.has("emailVerified") && { emailVerified: (user: User) => user.emailVerified }),
      },
      filter: {
        isAdmin: (user) => user.isAdmin,
        disabled: (user) => user.disabled,
        ...(call.has("emailVerified") && { emailVerified: (user: User) => user.emailVerified }),
      },
    },
    (user) => wholeUserDto(call, user),
  );
}

function createUserHandler(call: Call): Answer {
  const user = createUser(call, bindJson(call, userShape(call.has)));
  return created(userDto(call, user, { userGroups: "just linked" }));
}

/** Answers without groups and claims, although the user keeps both. */
function updateHandler(call: Call, target: () => User, own: boolean): Answer {
  const input = bindJson(call, userShape(call.has));
  return ok(userDto(call, updateUser(call, target, input, own)));
}

function deleteHandler(call: Call): Answer {
  const user = userInPath(call);
  if (user.ldapId !== null && !user.disabled && isTrue(call.state.configuration, "ldapEnabled")) throw ldapUserUpdate();
  deleteUser(call.state, user.id);
  return noContent();
}

function listGroups(call: Call): Answer {
  return ok(groupsOf(call, userInPath(call)).map((group) => groupDto(call, group, false)));
}

function replaceGroups(call: Call): Answer {
  const { userGroupIds } = bindJson(call, groupIdsShape);
  const user = userInPath(call);
  user.userGroupIds = [...call.state.userGroups.keys()].filter((id) => userGroupIds?.includes(id));
  // Only the groups that are new count as changed: a group that loses the user here keeps its old date.
  for (const group of groupsOf(call, user)) group.updatedAt = now();
  return ok(userDto(call, user, { userGroups: "just linked", customClaims: true }));
}
