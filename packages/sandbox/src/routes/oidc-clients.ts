import { clientColumns } from "../client-columns.ts";
import { applyInput, blankClient, clientShape, newClientShape } from "../clients.ts";
import { clientDto, clientMetaDto, clientWithCountDto, clientWithGroupsDto } from "../dto/oidc-client.ts";
import { type Answer, created, noContent, ok } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param, signedIn } from "../http/call.ts";
import { textList } from "../http/fields.ts";
import { isDirection, listAnswer, listRequest, searched } from "../http/list.ts";
import type { Route } from "../http/router.ts";
import { downloadLogo } from "../logo-download.ts";
import { now } from "../moments.ts";
import { newId } from "../random.ts";
import { clientIdAlreadyExists, notFound } from "../refusals.ts";
import { type OidcClient, removeWhere } from "../state.ts";
import { existingGroups } from "../users.ts";

const groupIdsShape = { userGroupIds: textList("UserGroupIDs", { required: true }) };

export const oidcClientRoutes: Route[] = [
  { method: "GET", path: "/api/oidc/clients", access: "admin", answer: listClients },
  { method: "POST", path: "/api/oidc/clients", access: "admin", body: newClientShape, answer: createClient },
  {
    method: "GET",
    path: "/api/oidc/clients/:id",
    access: "admin",
    answer: (call) => ok(clientWithGroupsDto(call, clientInPath(call))),
  },
  {
    method: "GET",
    path: "/api/oidc/clients/:id/meta",
    access: "public",
    answer: (call) => ok(clientMetaDto(call, clientInPath(call))),
  },
  { method: "PUT", path: "/api/oidc/clients/:id", access: "admin", body: clientShape, answer: updateClient },
  { method: "DELETE", path: "/api/oidc/clients/:id", access: "admin", answer: deleteClient },
  {
    method: "PUT",
    path: "/api/oidc/clients/:id/allowed-user-groups",
    access: "admin",
    body: groupIdsShape,
    answer: replaceAllowedGroups,
  },
];

export function clientInPath(call: Call, name = "id"): OidcClient {
  const client = call.state.oidcClients.get(param(call, name));
  if (client === undefined) throw notFound("OIDC client");
  return client;
}

function listClients(call: Call): Answer {
  const rows = searched([...call.state.oidcClients.values()], call.query.get("search"), (client) => client.name);
  const request = listRequest(call.query);
  const columns = clientColumns(call.has);
  const byCount = request.sortColumn === "allowedUserGroupsCount" && isDirection(request.sortDirection);
  return listAnswer(
    call,
    rows,
    // With this sort the filters are not looked at.
    byCount ? { sort: { allowedUserGroupsCount: (client) => client.allowedUserGroupIds.length } } : columns,
    (client) => clientWithCountDto(call, client),
  );
}

/** The row is there before the logo is downloaded: a failed download answers an error, and the client exists. */
async function createClient(call: Call): Promise<Answer> {
  const input = bindJson(call, newClientShape(call.has));
  const id = input.id === "" ? newId() : input.id;
  if (call.state.oidcClients.has(id)) throw clientIdAlreadyExists();
  const client = blankClient(id, now(), signedIn(call).id);
  applyInput(call, client, input);
  call.state.oidcClients.set(id, client);
  const answer = created(clientWithGroupsDto(call, client, false));
  await downloadLogos(client, input);
  return answer;
}

async function updateClient(call: Call): Promise<Answer> {
  const input = bindJson(call, clientShape(call.has));
  const client = clientInPath(call);
  applyInput(call, client, input);
  const answer = ok(clientWithGroupsDto(call, client, call.has("allowedGroupsAfterUpdate")));
  await downloadLogos(client, input);
  return answer;
}

async function downloadLogos(
  client: OidcClient,
  input: { logoUrl: string | null; darkLogoUrl: string | null },
): Promise<void> {
  if (input.logoUrl !== null) client.logo = await downloadLogo(input.logoUrl);
  if (input.darkLogoUrl !== null) client.darkLogo = await downloadLogo(input.darkLogoUrl);
}

/** Pocket ID <= 2.12: a client that is not there is deleted without complaint. */
function deleteClient(call: Call): Answer {
  const id = param(call, "id");
  if (!call.state.oidcClients.delete(id) && call.has("missingRecordsReported")) throw notFound("OIDC client");
  removeWhere(call.state.authorizedClients, ({ clientId }) => clientId === id);
  removeWhere(call.state.grants, ({ clientId }) => clientId === id);
  for (const provider of call.state.scimProviders.values()) {
    if (provider.oidcClientId === id) call.state.scimProviders.delete(provider.id);
  }
  return noContent();
}

/** Does not restrict the client: that is the switch isGroupRestricted. The answer shows no groups. */
function replaceAllowedGroups(call: Call): Answer {
  const { userGroupIds } = bindJson(call, groupIdsShape);
  const client = clientInPath(call);
  client.allowedUserGroupIds = existingGroups(call.state, userGroupIds ?? []);
  return ok(clientDto(call, client));
}
