import { checkSetChange, groupEffectRoutes, UserGroupReference } from "@pocketid-mcp/core";
import {
  defineTool,
  groupRefs,
  membershipFields,
  membershipQuestion,
  outcomeOf,
  quoted,
  quotedAll,
  quotedSome,
  setChangeFields,
  userRef,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const UserName = z.object({ id: z.string(), username: z.string() });

export const userGroups = defineTool({
  name: "user_groups",
  title: "Show the groups of a user",
  description: "The groups of an account.",
  risk: "read",
  input: { user: userRef },
  output: { user: UserName, groups: z.array(UserGroupReference) },
  routes: ["GET /api/users/:id/groups"],
  run: async ({ user }, { pocketId }) => ({ user, groups: await pocketId.users.groups(user) }),
});

export const userUpdateGroups = defineTool({
  name: "user_update_groups",
  title: "Change the groups of a user",
  description: "Change the groups of an account; replace sets them all.",
  risk: "danger",
  asks: {
    when: "when it opens or closes a client to the person, or brings claims",
    async question({ user, ...change }, { pocketId }) {
      const effect = await pocketId.groupEffects.ofGroups(user, change);
      const names = (groups: readonly UserGroupReference[]) => groups.map(({ name }) => name);
      return membershipQuestion(effect, {
        joining: `Put ${quoted(user.username)} into ${quotedAll(names(effect.added))}?`,
        leaving: `Take ${quoted(user.username)} out of ${quotedSome(names(effect.removed))}?`,
        about: { user: user.id, username: user.username },
      });
    },
  },
  input: { user: userRef, ...setChangeFields(groupRefs) },
  output: { user: UserName, groups: z.array(UserGroupReference), ...membershipFields(UserGroupReference) },
  routes: ["PUT /api/users/:id/user-groups", "GET /api/users/:id", ...groupEffectRoutes],
  check: checkSetChange,
  async run({ user, ...change }, { pocketId }) {
    const { items, ...outcome } = await pocketId.users.updateGroups(user, change);
    return { user, groups: items, ...outcomeOf(outcome) };
  },
});
