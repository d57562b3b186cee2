import { mayUse } from "./clients.ts";
import { membersOf } from "./dto/user-group.ts";
import type { Call } from "./http/call.ts";
import type { OidcClient, ScimProvider, User, UserGroup } from "./state.ts";

interface RemoteResource {
  readonly id: string;
  readonly externalId: string;
}

const PATIENCE_MS = 10_000;

/**
 * Brings the other side in line as Pocket ID does: creates and updates the users and groups of the client, and deletes
 * every remote one whose externalId is not one of ours, also those that were there before.
 */
export async function syncProvider(call: Call, provider: ScimProvider): Promise<void> {
  const client = call.state.oidcClients.get(provider.oidcClientId);
  if (client === undefined) throw new Error("the client of the provider is gone");
  const users = usersOf(call, client);
  const groups = groupsOf(call, client);
  const remoteUsers = await list(provider, "/Users");
  const remoteGroups = await list(provider, "/Groups");
  const provisioned = await reconcile(provider, "/Users", users, remoteUsers, userResource);
  await reconcile(provider, "/Groups", groups, remoteGroups, (group) =>
    groupResource(
      group,
      membersOf(call, group.id).map((user) => remoteId(provisioned, user.id)),
    ),
  );
}

/** Restricted to groups: their members only, and with no group nobody at all. */
const usersOf = (call: Call, client: OidcClient): User[] =>
  [...call.state.users.values()].filter((user) => mayUse(call, user, client));

const groupsOf = ({ state }: Call, client: OidcClient): UserGroup[] =>
  [...state.userGroups.values()].filter(
    ({ id }) => !client.isGroupRestricted || client.allowedUserGroupIds.includes(id),
  );

async function reconcile<T extends { id: string }>(
  provider: ScimProvider,
  path: string,
  ours: readonly T[],
  remote: readonly RemoteResource[],
  resourceOf: (thing: T) => object,
): Promise<RemoteResource[]> {
  const provisioned: RemoteResource[] = [];
  for (const thing of ours) {
    const existing = remote.find(({ externalId }) => externalId === thing.id);
    const target = existing === undefined ? path : `${path}/${encodeURIComponent(existing.id)}`;
    const answer = await exchange(provider, existing === undefined ? "POST" : "PUT", target, resourceOf(thing));
    provisioned.push({ id: textOf(answer, "id") || (existing?.id ?? ""), externalId: thing.id });
  }
  for (const { id, externalId } of remote) {
    if (!ours.some((thing) => thing.id === externalId))
      await exchange(provider, "DELETE", `${path}/${encodeURIComponent(id)}`);
  }
  return provisioned;
}

function remoteId(provisioned: readonly RemoteResource[], userId: string): string {
  const found = provisioned.find(({ externalId }) => externalId === userId);
  if (found === undefined) throw new Error("a member of the group is not provisioned");
  return found.id;
}

async function list(provider: ScimProvider, path: string): Promise<RemoteResource[]> {
  const answer = await exchange(provider, "GET", `${path}?count=1000&startIndex=1`);
  const resources = typeof answer === "object" && answer !== null && "Resources" in answer ? answer.Resources : [];
  if (!Array.isArray(resources)) return [];
  return resources.map((resource: unknown) => ({
    id: textOf(resource, "id"),
    externalId: textOf(resource, "externalId"),
  }));
}

const userResource = (user: User) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  externalId: user.id,
  userName: user.username,
  name: { givenName: user.firstName, familyName: user.lastName },
  displayName: user.displayName,
  active: !user.disabled,
  ...(user.email !== null && { emails: [{ value: user.email, primary: true }] }),
});

const groupResource = (group: UserGroup, members: string[]) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
  externalId: group.id,
  displayName: group.friendlyName,
  members: members.map((value) => ({ value })),
});

async function exchange(provider: ScimProvider, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(provider.endpoint.replace(/\/+$/, "") + path, {
    method,
    signal: AbortSignal.timeout(PATIENCE_MS),
    headers: {
      accept: "application/scim+json",
      ...(body !== undefined && { "content-type": "application/scim+json" }),
      ...(provider.token !== "" && { authorization: `Bearer ${provider.token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const gone = method === "DELETE" && response.status === 404;
  if (!response.ok && !gone) throw new Error(`SCIM answered ${response.status}`);
  return method === "DELETE" || text === "" ? undefined : JSON.parse(text);
}

function textOf(resource: unknown, name: "id" | "externalId"): string {
  if (typeof resource !== "object" || resource === null) return "";
  const value = Object.entries(resource).find(([key]) => key === name)?.[1];
  return typeof value === "string" ? value : "";
}
