import { clientColumns } from "../client-columns.ts";
import { inAllowedGroup } from "../clients.ts";
import { clientMetaDto } from "../dto/oidc-client.ts";
import { type Answer, noContent } from "../http/answer.ts";
import { type Call, param, signedIn } from "../http/call.ts";
import { isDirection, listAnswer, listRequest } from "../http/list.ts";
import type { Route } from "../http/router.ts";
import { notFound, userNotFound } from "../refusals.ts";
import { type AuthorizedClient, type OidcClient, removeWhere, type User } from "../state.ts";

export const authorizedClientRoutes: Route[] = [
  {
    method: "GET",
    path: "/api/oidc/users/me/authorized-clients",
    access: "user",
    answer: (call) => listAuthorized(call, signedIn(call).id),
  },
  {
    method: "GET",
    path: "/api/oidc/users/:id/authorized-clients",
    access: "admin",
    answer: (call) => listAuthorized(call, param(call, "id")),
  },
  { method: "DELETE", path: "/api/oidc/users/me/authorized-clients/:clientId", access: "user", answer: revoke },
  { method: "GET", path: "/api/oidc/users/me/clients", access: "user", answer: listAccessible },
];

function listAuthorized(call: Call, userId: string): Answer {
  // Pocket ID <= 2.12: a user who is not there has simply authorised nothing.
  if (!call.state.users.has(userId) && call.has("missingRecordsReported")) throw userNotFound();
  const rows = call.state.authorizedClients.flatMap((authorized) => {
    const client = call.state.oidcClients.get(authorized.clientId);
    return authorized.userId === userId && client !== undefined ? [{ authorized, client }] : [];
  });
  return listAnswer(
    call,
    rows.filter(({ client }) => launchable(call, client)),
    { sort: { lastUsedAt: ({ authorized }) => authorized.lastUsedAt } },
    ({ authorized, client }) => ({
      scope: scopeText(call, authorized),
      client: clientMetaDto(call, client),
      lastUsedAt: authorized.lastUsedAt,
    }),
  );
}

/** Pocket ID >= 2.10 keeps a list and puts its JSON into the text. */
function scopeText({ has }: Call, { scopes }: AuthorizedClient): string {
  return has("scopeStoredAsList") ? JSON.stringify(scopes) : scopes.join(" ");
}

/** Pocket ID >= 2.14: filters[hasLaunchURL]. */
function launchable(call: Call, client: OidcClient): boolean {
  const [wanted] = listRequest(call.query).filters.get("hasLaunchURL") ?? [];
  if (!call.has("launchUrlFilter") || typeof wanted !== "boolean") return true;
  return wanted === (client.launchURL !== null && client.launchURL !== "");
}

function revoke(call: Call): Answer {
  const { id } = signedIn(call);
  const isIt = ({ userId, clientId }: AuthorizedClient) => userId === id && clientId === param(call, "clientId");
  if (!call.state.authorizedClients.some(isIt)) throw notFound("Client authorization");
  removeWhere(call.state.authorizedClients, isIt);
  return noContent();
}

/** What the caller may open. Shows less of a client than other lists: requiresReauthentication is always false. */
function listAccessible(call: Call): Answer {
  const user = signedIn(call);
  const lastUse = (client: OidcClient): string | null =>
    call.state.authorizedClients.find(({ userId, clientId }) => userId === user.id && clientId === client.id)
      ?.lastUsedAt ?? null;
  const columns = clientColumns(call.has);
  const { sortColumn, sortDirection } = listRequest(call.query);
  const byUse = sortColumn === "lastUsedAt" && isDirection(sortDirection);
  // A client that was never used comes last in both directions.
  const neverUsed = sortDirection.trim().toLowerCase() === "desc" ? "" : "~";
  const rows = [...call.state.oidcClients.values()].filter(
    (client) => accessible(call, user, client) && launchable(call, client),
  );
  return listAnswer(
    call,
    rows,
    byUse ? { ...columns, sort: { lastUsedAt: (client) => lastUse(client) ?? neverUsed } } : columns,
    (client) => ({ ...clientMetaDto(call, client), requiresReauthentication: false, lastUsedAt: lastUse(client) }),
  );
}

/** Pocket ID <= 2.11 looks at the groups alone here, not at the switch. */
function accessible({ has }: Call, user: User, client: OidcClient): boolean {
  const open = has("accessibleByFlag") ? !client.isGroupRestricted : client.allowedUserGroupIds.length === 0;
  return open || inAllowedGroup(user, client);
}
