import {
  checkSetChange,
  groupEffectRoutes,
  OidcClientReference,
  UserGroup,
  UserGroupReference,
  UserGroupRow,
  userGroupFields,
} from "@pocketid-mcp/core";
import {
  clientRefs,
  clients,
  counted,
  defineDeleteTool,
  defineListTool,
  defineTool,
  groupRef,
  groupRefs,
  membershipFields,
  membershipQuestion,
  nobodyLeft,
  outcomeOf,
  quoted,
  quotedAll,
  quotedSome,
  setChangeFields,
  updatedFields,
  userRefs,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

export const userGroupList = defineListTool({
  name: "user_group_list",
  title: "List groups",
  description: "Find user groups.",
  rows: "groups",
  row: UserGroupRow.shape,
  short: ["id", "name", "friendlyName", "userCount"],
  searches: "in the name",
  sortable: ["name", "friendlyName", "userCount", "createdAt"],
  filters: { empty: z.boolean().optional().describe("Without members") },
  routes: ["GET /api/user-groups"],
  source: ({ empty }, { pocketId }) => ({
    list: pocketId.userGroups,
    matches: empty === undefined ? undefined : ({ userCount }: UserGroupRow) => (userCount === 0) === empty,
  }),
});

export const userGroupGet = defineTool({
  name: "user_group_get",
  title: "Show a group",
  description: "One group with members, claims and clients.",
  risk: "read",
  input: { group: groupRef },
  output: { group: UserGroup },
  routes: ["GET /api/user-groups/:id"],
  run: async ({ group }, { pocketId }) => ({ group: await pocketId.userGroups.get(group) }),
});

export const userGroupCreate = defineTool({
  name: "user_group_create",
  title: "Create a group",
  description: "Create a user group.",
  risk: "write",
  input: { name: userGroupFields.name, friendlyName: userGroupFields.friendlyName.optional() },
  output: { group: UserGroup },
  routes: ["POST /api/user-groups", "GET /api/user-groups/:id"],
  run: async ({ name, friendlyName = name }, { pocketId }) => ({
    group: await pocketId.userGroups.create({ name, friendlyName }),
  }),
});

export const userGroupUpdate = defineTool({
  name: "user_group_update",
  title: "Rename a group",
  description: "Change the names of a group.",
  // The name is what applications see of the group.
  risk: "danger",
  asks: {
    when: "when the group has members and its name changes",
    async question({ group, name }, { pocketId }) {
      if (name === undefined || name === group.name) return undefined;
      const { id, users } = await pocketId.userGroups.get(group);
      if (users.length === 0) return undefined;
      return {
        text:
          `Rename ${quoted(group.name)} to ${quoted(name)}? Applications see the name of ${counted(users.length, "member")}: ` +
          "what they give to the old one ends, and what they give to the new one begins.",
        about: { id, name: group.name, members: users.length },
      };
    },
  },
  input: {
    group: groupRef,
    name: userGroupFields.name.optional(),
    friendlyName: userGroupFields.friendlyName.optional(),
  },
  output: { group: UserGroup, ...updatedFields },
  routes: ["PUT /api/user-groups/:id", "GET /api/user-groups/:id"],
  async run({ group, ...patch }, { pocketId }) {
    const { object, ...outcome } = await pocketId.userGroups.update(group, patch);
    return { group: object, ...outcomeOf(outcome) };
  },
});

export const userGroupDelete = defineDeleteTool({
  name: "user_group_delete",
  title: "Delete groups",
  description: "Delete groups. A client restricted to such a group alone is then closed to everyone.",
  kind: "group",
  plural: "groups",
  references: groupRefs,
  routes: ["DELETE /api/user-groups/:id", ...groupEffectRoutes],
  async question(groups, { pocketId }) {
    const effect = await pocketId.groupEffects.ofDeleting(groups);
    const { members, closes, closesToAll, opensToAll } = effect;
    const names = quotedSome(groups.map(({ name }) => name));
    const [it, its] = groups.length === 1 ? ["it", "its"] : ["them", "their"];
    const lasting = closes.filter(({ id }) => !opensToAll.some((client) => client.id === id));
    const texts = [
      groups.length === 1
        ? `Delete the group ${names} for good?`
        : `Delete ${groups.length} groups for good: ${names}?`,
      members === 0
        ? `Nobody is in ${it}.`
        : `${counted(members, "person loses", "people lose")} ${it} and ${its} claims.`,
      lasting.length > 0 ? `This closes ${clients(lasting)}, unless another group lets them in.` : "",
      closesToAll.length > 0 ? nobodyLeft(closesToAll) : "",
      // Pocket ID < 2.0 knows no closed client.
      opensToAll.length > 0
        ? `This opens ${clients(opensToAll)} to everyone, because no other group is named there.`
        : "",
    ];
    return {
      text: texts.filter(Boolean).join(" "),
      about: { groups: groups.map(({ id, name }) => ({ id, name })), effect },
    };
  },
  label: ({ name }) => name,
  remove: (group, { pocketId }) => pocketId.userGroups.delete(group),
});

const Member = z.object({ id: z.string(), username: z.string() });

export const userGroupUpdateUsers = defineTool({
  name: "user_group_update_users",
  title: "Change the members of a group",
  description: "Change the members of a group; replace sets them all.",
  risk: "danger",
  asks: {
    when: "when it opens or closes a client to somebody, or brings claims",
    async question({ group, ...change }, { pocketId }) {
      const effect = await pocketId.groupEffects.ofMembers(group, change);
      const people = (some: readonly { username: string }[], quote: (names: readonly string[]) => string) => {
        const names = quote(some.map(({ username }) => username));
        return some.length > 1 ? `${some.length} people (${names})` : names;
      };
      return membershipQuestion(effect, {
        joining: `Put ${people(effect.added, quotedAll)} into ${quoted(group.name)}?`,
        leaving: `Take ${people(effect.removed, (names) => quotedSome(names))} out of ${quoted(group.name)}?`,
        unless: ", unless another group lets them in",
        about: { id: group.id, name: group.name },
      });
    },
  },
  input: { group: groupRef, ...setChangeFields(userRefs) },
  output: { group: UserGroupReference, users: z.array(Member), ...membershipFields(Member) },
  routes: ["PUT /api/user-groups/:id/users", ...groupEffectRoutes],
  check: checkSetChange,
  async run({ group, ...change }, { pocketId }) {
    const { items, ...outcome } = await pocketId.userGroups.updateUsers(group, change);
    return { group, users: items, ...outcomeOf(outcome) };
  },
});

export const userGroupUpdateAllowedClients = defineTool({
  name: "user_group_update_allowed_clients",
  title: "Change the clients that name a group",
  description: "Change which clients allow this group. Counts only where a client is restricted.",
  risk: "danger",
  asks: {
    when: "when one of the clients is restricted",
    async question({ group, ...change }, { pocketId }) {
      const effect = await pocketId.groupEffects.ofClients(group, change);
      // Pocket ID < 2.0 refuses all of it.
      if (effect === undefined || effect.opens.length + effect.closes.length === 0) return undefined;
      const { members, opens, closes, closesToAll } = effect;
      const whom = `${quoted(group.name)} (${members === 0 ? "nobody yet" : counted(members, "person", "people")})`;
      const texts = [
        opens.length > 0 ? `Let ${whom} sign in to ${clients(opens)}?` : "",
        closes.length > 0
          ? `Take ${clients(closes)} from ${whom}? They stay out, unless another group lets them in.`
          : "",
        closesToAll.length > 0 ? nobodyLeft(closesToAll) : "",
      ];
      return { text: texts.filter(Boolean).join(" "), about: { id: group.id, name: group.name, effect } };
    },
  },
  input: { group: groupRef, ...setChangeFields(clientRefs) },
  output: {
    group: UserGroupReference,
    clients: z.array(OidcClientReference),
    ...membershipFields(OidcClientReference),
  },
  routes: ["PUT /api/user-groups/:id/allowed-oidc-clients", ...groupEffectRoutes],
  check: checkSetChange,
  async run({ group, ...change }, { pocketId }) {
    const { items, ...outcome } = await pocketId.userGroups.updateAllowedClients(group, change);
    const notes = await pocketId.oidcClients.explainAllowed(outcome.added, outcome.removed);
    return { group, clients: items, ...outcomeOf(outcome, notes) };
  },
});
