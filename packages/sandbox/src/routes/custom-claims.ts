import { type Answer, ok } from "../http/answer.ts";
import type { ApiError } from "../http/api-error.ts";
import { bindJsonList } from "../http/body.ts";
import { type Call, param } from "../http/call.ts";
import { text } from "../http/fields.ts";
import type { Route } from "../http/router.ts";
import { duplicateClaim, internalError, notFound, reservedClaim, userNotFound } from "../refusals.ts";
import type { CustomClaim } from "../state.ts";

const claimShape = {
  key: text("Key", { required: true, nfc: true }),
  value: text("Value", { required: true, nfc: true }),
};

export const customClaimRoutes: Route[] = [
  { method: "GET", path: "/api/custom-claims/suggestions", access: "admin", answer: suggestions },
  {
    method: "PUT",
    path: "/api/custom-claims/user/:userId",
    access: "admin",
    body: claimShape,
    answer: (call) => replaceClaims(call, call.state.users.get(param(call, "userId")), userNotFound()),
  },
  {
    method: "PUT",
    path: "/api/custom-claims/user-group/:userGroupId",
    access: "admin",
    body: claimShape,
    answer: (call) =>
      replaceClaims(call, call.state.userGroups.get(param(call, "userGroupId")), notFound("User group")),
  },
];

const RESERVED =
  "given_name family_name name email preferred_username display_name groups type sub iss aud exp iat auth_time nonce acr amr azp nbf jti".split(
    " ",
  );

const isReserved = ({ has }: Call, key: string): boolean =>
  RESERVED.includes(key) ||
  (key === "email_verified" && has("emailVerifiedReserved")) ||
  (key === "client_id" && has("clientIdReserved"));

/** A full replacement: claims that are not listed are deleted. */
function replaceClaims(call: Call, owner: { customClaims: CustomClaim[] } | undefined, missing: ApiError): Answer {
  const claims = bindJsonList(call, claimShape);
  if (owner === undefined && call.has("ownersOfClaimsChecked")) throw missing;
  const keys = claims.map(({ key }) => key);
  const repeated = keys.find((key, at) => keys.indexOf(key) < at);
  if (repeated !== undefined) throw duplicateClaim(repeated);
  const reserved = keys.find((key) => isReserved(call, key));
  if (reserved !== undefined) throw reservedClaim(reserved);
  if (owner === undefined) {
    // Pocket ID <= 2.12: nobody looks for the owner, so only the first row that is stored fails.
    if (claims.length > 0) throw internalError();
    return ok([]);
  }
  const kept = owner.customClaims.flatMap(({ key }) => claims.filter((claim) => claim.key === key));
  owner.customClaims = [...kept, ...claims.filter((claim) => !kept.includes(claim))];
  return ok(owner.customClaims);
}

/** Keys in use, the most used first. */
function suggestions({ state }: Call): Answer {
  const uses = new Map<string, number>();
  for (const { customClaims } of [...state.users.values(), ...state.userGroups.values()]) {
    for (const { key } of customClaims) uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  return ok([...uses].sort(([, a], [, b]) => b - a).map(([key]) => key));
}
