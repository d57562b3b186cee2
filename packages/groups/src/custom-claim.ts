import { CustomClaim, checkClaimsChange, UserGroupReference } from "@pocketid-mcp/core";
import { claimsChangeFields, defineTool, groupRef, outcomeOf, updatedFields } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

export const customClaimSetGroup = defineTool({
  name: "custom_claim_set_group",
  title: "Change claims of a group",
  description: "Change custom claims of a group; others stay.",
  risk: "write",
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
