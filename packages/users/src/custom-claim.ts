import { CustomClaim, checkClaimsChange, claimsSetBy } from "@pocketid-mcp/core";
import {
  claimsChangeFields,
  claimsText,
  defineTool,
  outcomeOf,
  quoted,
  updatedFields,
  userRef,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

export const customClaimSuggestions = defineTool({
  name: "custom_claim_suggestions",
  title: "Suggest claim keys",
  description: "Custom claim keys in use.",
  risk: "read",
  input: {},
  output: { suggestions: z.array(z.string()) },
  routes: ["GET /api/custom-claims/suggestions"],
  run: async (_values, { pocketId }) => ({ suggestions: await pocketId.customClaims.suggestions() }),
});

export const customClaimSetUser = defineTool({
  name: "custom_claim_set_user",
  title: "Change claims of a user",
  description: "Change custom claims of an account; others stay.",
  // Applications take claims as roles, and Pocket ID does not know which.
  risk: "danger",
  asks: {
    when: "when it sets a claim that is new or had another value",
    async question({ user, ...change }) {
      const set = claimsSetBy(user.customClaims, change);
      if (set.length === 0) return undefined;
      return {
        text: claimsText(set, `of ${quoted(user.username)}`),
        about: { id: user.id, username: user.username, set },
      };
    },
  },
  input: { user: userRef, ...claimsChangeFields },
  output: {
    user: z.object({ id: z.string(), username: z.string() }),
    customClaims: z.array(CustomClaim),
    changed: z.array(z.string()),
    removed: z.array(z.string()),
    notApplied: updatedFields.notApplied,
  },
  routes: ["PUT /api/custom-claims/user/:id", "GET /api/users/:id"],
  check: checkClaimsChange,
  async run({ user, ...change }, { pocketId }) {
    const { set, ...outcome } = await pocketId.customClaims.updateForUser(user, change);
    return { user, changed: set, ...outcomeOf(outcome) };
  },
});
