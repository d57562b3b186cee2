import { CustomClaim, checkClaimsChange, claimsSetBy, UserGroupReference } from "@pocketid-mcp/core";
import {
  claimsChangeFields,
  claimsText,
  counted,
  defineTool,
  groupRef,
  outcomeOf,
  quoted,
  updatedFields,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

export const customClaimSetGroup = defineTool({
  name: "custom_claim_set_group",
  title: "Change claims of a group",
  description: "Change custom claims of a group; others stay.",
  // Applications take claims as roles, and Pocket ID does not know which.
  risk: "danger",
  asks: {
    when: "when it sets a claim that is new or had another value",
    async question({ group, ...change }, { pocketId }) {
      const { id, name, users, customClaims } = await pocketId.userGroups.get(group);
      const set = claimsSetBy(customClaims, change);
      if (set.length === 0) return undefined;
      const whose = `of ${quoted(name)}, which has ${counted(users.length, "member")}`;
      return { text: claimsText(set, whose), about: { id, name, set, members: users.length } };
    },
  },
  input: { group: groupRef, ...claimsChangeFields },
  output: {
    group: UserGroupReference,
    customClaims: z.array(CustomClaim),
    changed: z.array(z.string()),
    removed: z.array(z.string()),
    notApplied: updatedFields.notApplied,
  },
  routes: ["PUT /api/custom-claims/user-group/:id", "GET /api/user-groups/:id"],
  check: checkClaimsChange,
  async run({ group, ...change }, { pocketId }) {
    const { set, ...outcome } = await pocketId.customClaims.updateForGroup(group, change);
    return { group, changed: set, ...outcomeOf(outcome) };
  },
});
