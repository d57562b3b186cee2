import type {
  Api,
  ApiGrant,
  ApiGrantRequest,
  ApiPermissionName,
  ApiPermissionsChange,
  CimdAccess,
  CimdAccessChange,
  OidcClientReference,
  PocketIdClient,
} from "@pocketid-mcp/core";
import {
  capital,
  counted,
  peopleText,
  type Question,
  quoted,
  quotedAll,
  quotedClient,
  quotedSome,
  quotedUrl,
} from "@pocketid-mcp/core/runtime";

/** An API by its name, which need not be the only one of that name, and by its resource, which is. */
const quotedApi = ({ name, resource }: Api): string => `${quoted(name)} (${quotedUrl(resource)})`;
const keys = (permissions: readonly ApiPermissionName[]): string => quotedAll(permissions.map(({ key }) => key));
const names = (objects: readonly { readonly name: string }[]): string => quotedSome(objects.map(({ name }) => name));

/** `2 clients ("Gitea", "Grafana")`; at least so many where not all were looked at. */
const clientsText = (clients: readonly { readonly name: string }[], complete: boolean): string =>
  `${complete ? "" : "at least "}${counted(clients.length, "client")}${clients.length > 0 ? ` (${names(clients)})` : ""}`;

export async function deleteApiQuestion(apis: readonly Api[], pocketId: PocketIdClient): Promise<Question> {
  const { callers, complete } = await pocketId.apis.callers(apis);
  const clients = callers.map(({ client }) => client);
  const [what, which] = apis.length === 1 ? ["API", "it"] : ["APIs", "them"];
  return {
    text:
      `Delete the ${what} ${names(apis)}, with ${counted(apis.flatMap(({ permissions }) => permissions).length, "permission")}? ` +
      `No client gets tokens for ${which} any more; ${clientsText(clients, complete)} may call ${which} today.`,
    about: { apis: apis.map(({ id }) => id), clients: clients.map(({ id }) => id) },
  };
}

/** Undefined if no permission goes: one that is added belongs to nobody yet. */
export async function permissionsQuestion(
  api: Api,
  change: ApiPermissionsChange,
  pocketId: PocketIdClient,
): Promise<Question | undefined> {
  const { removed, lost, complete } = await pocketId.apis.previewPermissions(api, change);
  if (removed.length === 0) return undefined;
  const clients = lost.map(({ client }) => client);
  const shutOut = lost.filter(({ access }) => !access).map(({ client }) => client);
  return {
    text:
      `Remove ${keys(removed)} from ${quotedApi(api)}? ` +
      `${capital(clientsText(clients, complete))} ${clients.length > 1 ? "lose" : "loses"} what that allows.` +
      `${shutOut.length > 0 ? ` ${names(shutOut)} cannot call the API at all any more.` : ""}`,
    about: { api: api.id, removed, lost },
  };
}

/** Undefined where nothing changes for clients that register themselves, now. */
export async function cimdAccessQuestion(
  api: Api,
  change: CimdAccessChange,
  pocketId: PocketIdClient,
): Promise<Question | undefined> {
  const { before, after } = await pocketId.apis.previewCimdAccess(api, change);
  if (standingOf(before) === standingOf(after) || (!before.open && !after.open)) return undefined;
  const { totalItems } = await pocketId.oidcClients.list({ limit: 1, filters: { clientType: "cimd" } });
  const them = `clients that register themselves (${totalItems} today)`;
  const may =
    after.permissions.length > 0
      ? `They may then ask for ${keys(after.permissions)}.`
      : "They may then ask for no permission.";
  return {
    text: !after.open
      ? `Close ${quotedApi(api)} to all ${them}? They get no tokens for it any more.`
      : `${before.open ? `Change what all ${them} may do at ${quotedApi(api)}` : `Open ${quotedApi(api)} to all ${them}`}? ${may}`,
    about: { api: api.id, before },
  };
}

const standingOf = ({ open, permissions }: CimdAccess): string =>
  JSON.stringify([open, permissions.map(({ key }) => key).sort()]);

/** The two halves of a grant, as a question says them. */
const halves = [
  { access: "userDelegatedAccess", permissions: "userDelegatedPermissions", how: "in the name of its users" },
  { access: "clientAccess", permissions: "clientPermissions", how: "as itself" },
] as const;

/** What one grant allows and another does not, such as `as itself: "boats:read"`. */
const more = (grant: ApiGrant, than: ApiGrant): string[] =>
  halves.flatMap(({ access, permissions, how }) => {
    const added = grant[permissions].filter(
      ({ key }) => !than[permissions].some((permission) => permission.key === key),
    );
    if (added.length > 0) return [`${how}: ${keys(added)}`];
    return grant[access] && !than[access] ? [how] : [];
  });

export async function grantQuestion(
  api: Api,
  client: OidcClientReference,
  request: ApiGrantRequest,
  pocketId: PocketIdClient,
): Promise<Question | undefined> {
  const { before, after } = await pocketId.apis.previewGrant("grant", api, client, request);
  const gets = more(after, before);
  if (gets.length === 0) return undefined;
  return {
    text: `Let ${quotedClient(client)} call ${quotedApi(api)} ${gets.join("; ")}? ${await usersOf(client, pocketId)}`,
    about: { api: api.id, client: client.id, before },
  };
}

export async function revokeQuestion(
  api: Api,
  client: OidcClientReference,
  request: ApiGrantRequest,
  pocketId: PocketIdClient,
): Promise<Question | undefined> {
  const { before, after } = await pocketId.apis.previewGrant("revoke", api, client, request);
  const loses = more(before, after);
  if (loses.length === 0) return undefined;
  const shutOut = !after.userDelegatedAccess && !after.clientAccess && !after.cimdGrantedAccess;
  return {
    text:
      `Take away what ${quotedClient(client)} may do at ${quotedApi(api)} ${loses.join("; ")}? ` +
      `${shutOut ? "It cannot call the API at all any more. " : ""}${await usersOf(client, pocketId)}`,
    about: { api: api.id, client: client.id, before },
  };
}

/** Whose application it is. */
async function usersOf(client: OidcClientReference, { oidcClients, people }: PocketIdClient): Promise<string> {
  return `${capital(peopleText(await people.withAccess(await oidcClients.access(client))))} can sign in to it.`;
}
