import { minimalGroupDto } from "../dto/user-group.ts";
import { type Answer, created, noContent } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param } from "../http/call.ts";
import { integer, textList, ttl } from "../http/fields.ts";
import { type Columns, listAnswer, listRequest, pageAnswer, sorted } from "../http/list.ts";
import type { Route } from "../http/router.ts";
import { isPast, precise, stored } from "../moments.ts";
import { alphanumeric, newId } from "../random.ts";
import type { SignupToken } from "../state.ts";
import { existingGroups, expiryAfter } from "../users.ts";

const newTokenShape = {
  ttl: ttl("TTL"),
  usageLimit: integer("UsageLimit", { required: true, between: [1, 100] }),
  userGroupIds: textList("UserGroupIDs"),
};

export const signupTokenRoutes: Route[] = [
  { method: "POST", path: "/api/signup-tokens", access: "admin", body: newTokenShape, answer: createToken },
  { method: "GET", path: "/api/signup-tokens", access: "admin", answer: listTokens },
  { method: "DELETE", path: "/api/signup-tokens/:id", access: "admin", answer: deleteToken },
];

const ONE_HOUR = 3600;

/** The token is in clear, in the list as well. */
function tokenDto(call: Call, token: SignupToken, groupsAsOf?: string) {
  return {
    id: token.id,
    token: token.token,
    expiresAt: token.expiresAt,
    usageLimit: token.usageLimit,
    usageCount: token.usageCount,
    ...(call.has("groupsOfSignupTokens") && {
      userGroups: token.userGroupIds
        .flatMap((id) => call.state.userGroups.get(id) ?? [])
        .map((group) => minimalGroupDto(groupsAsOf === undefined ? group : { ...group, createdAt: groupsAsOf })),
    }),
    createdAt: token.createdAt,
  };
}

const columns: Columns<SignupToken> = {
  sort: {
    createdAt: (token) => token.createdAt,
    expiresAt: (token) => token.expiresAt,
    usageLimit: (token) => token.usageLimit,
    usageCount: (token) => token.usageCount,
  },
};

function createToken(call: Call): Answer {
  const input = bindJson(call, newTokenShape);
  const moment = new Date();
  const token: SignupToken = {
    id: newId(),
    createdAt: stored(moment),
    token: alphanumeric(16),
    expiresAt: expiryAfter(input.ttl || ONE_HOUR),
    usageLimit: input.usageLimit,
    usageCount: 0,
    userGroupIds: call.has("groupsOfSignupTokens") ? existingGroups(call.state, input.userGroupIds ?? []) : [],
  };
  call.state.signupTokens.set(token.id, token);
  // Right after they were linked, the groups look as if they had been created this moment.
  return created({ ...tokenDto(call, token, precise(moment)), createdAt: precise(moment) });
}

function listTokens(call: Call): Answer {
  const tokens = [...call.state.signupTokens.values()];
  if (!call.has("expiredSignupTokensVanish"))
    return listAnswer(call, tokens, columns, (token) => tokenDto(call, token));
  // Pocket ID >= 2.12: tokens that have expired are gone, and without a sort the list goes by creation.
  const asked = listRequest(call.query);
  const request = asked.sortColumn in columns.sort ? asked : { ...asked, sortColumn: "createdAt" };
  const alive = tokens.filter(({ expiresAt }) => !isPast(expiresAt));
  return pageAnswer(request, sorted(alive, request, columns), (token) => tokenDto(call, token));
}

/** By id, not by token; an id that is not there is fine. */
function deleteToken(call: Call): Answer {
  call.state.signupTokens.delete(param(call, "id"));
  return noContent();
}
