import {
  defaultSignupLifetime,
  durationInWords,
  groupEffectRoutes,
  parseTokenLifetime,
  SignupToken,
} from "@pocketid-mcp/core";
import {
  counted,
  defineDeleteTool,
  defineListTool,
  defineTool,
  groupRefs,
  signupTokenRefs,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";
import { joiningTexts } from "./naming.ts";

const { token: _, ...shownFields } = SignupToken.shape;

export const signupTokenList = defineListTool({
  name: "signup_token_list",
  title: "List signup tokens",
  description: "Signup tokens, without their values.",
  rows: "signupTokens",
  row: shownFields,
  short: ["id", "expiresAt", "usageLimit", "usageCount", "userGroups"],
  sortable: ["createdAt", "expiresAt", "usageLimit", "usageCount"],
  filters: {},
  routes: ["GET /api/signup-tokens"],
  source: (_values, { pocketId }) => ({ list: pocketId.signupTokens }),
});

export const signupTokenCreate = defineTool({
  name: "signup_token_create",
  title: "Create a signup link",
  description: "A link with which people create their own account.",
  risk: "danger",
  asks: {
    when: "always",
    async question({ ttl = defaultSignupLifetime, usageLimit = 1, groups }, { pocketId }) {
      const joined = groups?.length ? groups : await pocketId.signupTokens.defaultGroups();
      const effect = await pocketId.groupEffects.ofJoining(joined);
      const time = durationInWords(parseTokenLifetime(ttl).seconds);
      return {
        text: [
          `Make a link with which ${counted(usageLimit, "person", "people")} can create an account within ${time}?`,
          ...joiningTexts("They are", joined, effect),
        ].join(" "),
        about: { groups: joined.map(({ id, name }) => ({ id, name })), ...effect },
      };
    },
  },
  input: {
    ttl: z.string().max(20).optional().describe("Like 7d; default 1d"),
    usageLimit: z.int().min(1).max(100).optional().describe("People; default 1"),
    groups: groupRefs.optional().describe("Their groups"),
  },
  output: { signupToken: z.object(shownFields), link: z.string(), token: z.string() },
  routes: [
    "POST /api/signup-tokens",
    "DELETE /api/signup-tokens/:id",
    "GET /.well-known/openid-configuration",
    "GET /api/application-configuration",
    "GET /api/application-configuration/all",
    ...groupEffectRoutes,
  ],
  reveals: ["token", "link"],
  check: ({ ttl }) => {
    if (ttl !== undefined) parseTokenLifetime(ttl);
  },
  async run(values, { pocketId }) {
    // Read first: after the creation, a failure would lose the value, which is shown this once.
    const { allowUserSignups } = await pocketId.applicationConfiguration.get();
    const { signupToken, link } = await pocketId.signupTokens.create(values);
    const closed =
      allowUserSignups === "disabled"
        ? [
            // Only the page says no: Pocket ID makes an account for whoever sends a token, whatever the setting is.
            "Sign-ups are switched off: set allowUserSignups to withToken, or the page of the link says so. The token itself is good already.",
          ]
        : [];
    return { signupToken, link, token: signupToken.token, ...(closed.length > 0 ? { notes: closed } : {}) };
  },
});

export const signupTokenDelete = defineDeleteTool({
  name: "signup_token_delete",
  title: "Delete signup tokens",
  description: "End signup links; accounts stay.",
  kind: "signupToken",
  plural: "signupTokens",
  references: signupTokenRefs,
  routes: ["DELETE /api/signup-tokens/:id"],
  question: async (signupTokens) => ({
    text: `End ${counted(signupTokens.length, "signup link")} (${described(signupTokens)})? Nobody can create an account with ${
      signupTokens.length === 1 ? "it" : "them"
    } any more; accounts that are there stay.`,
    about: signupTokens.map(({ id, usageLimit, expiresAt }) => ({ id, usageLimit, expiresAt })),
  }),
  label: ({ id }) => id,
  remove: (signupToken, { pocketId }) => pocketId.signupTokens.delete(signupToken),
});

/** What tells links apart that have no names: for how many people they are, and until when. */
function described(signupTokens: readonly SignupToken[]): string {
  const shown = signupTokens
    .slice(0, 3)
    .map(
      ({ usageLimit, expiresAt }) => `for ${counted(usageLimit, "person", "people")}, until ${expiresAt.slice(0, 10)}`,
    );
  const more = signupTokens.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join("; ");
}
