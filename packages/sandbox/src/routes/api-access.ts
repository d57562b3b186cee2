import { cimdGrantDto, grantDto, grantOf, putGrant } from "../api-grants.ts";
import { clientColumns } from "../client-columns.ts";
import { apiClientDto, apiDto } from "../dto/api.ts";
import { type Answer, noContent, ok } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param } from "../http/call.ts";
import { flag, textList } from "../http/fields.ts";
import { filtered, listRequest, pageAnswer, searched, sorted } from "../http/list.ts";
import type { Route } from "../http/router.ts";
import { type ApiGrant, type OidcClient, removeWhere } from "../state.ts";
import { apiInPath, apiList } from "./apis.ts";
import { clientInPath } from "./oidc-clients.ts";

const permissionLists = {
  userDelegatedPermissionIds: textList("UserDelegatedPermissionIDs", { each: ["required"] }),
  clientPermissionIds: textList("ClientPermissionIDs", { each: ["required"] }),
};
const grantShape = {
  userDelegatedAccess: flag("UserDelegatedAccess"),
  clientAccess: flag("ClientAccess"),
  ...permissionLists,
};

export const apiAccessRoutes: Route[] = [
  { method: "GET", path: "/api/apis/:id/clients", access: "admin", since: "2.14", answer: listClientsOfApi },
  {
    method: "GET",
    path: "/api/apis/:id/assignable-clients",
    access: "admin",
    since: "2.14",
    answer: listAssignableClients,
  },
  {
    method: "PUT",
    path: "/api/apis/:id/clients/:clientId",
    access: "admin",
    since: "2.14",
    body: grantShape,
    answer: replaceGrant,
  },
  { method: "DELETE", path: "/api/apis/:id/clients/:clientId", access: "admin", since: "2.14", answer: deleteGrant },
  { method: "GET", path: "/api/api-access/:clientId/apis", access: "admin", since: "2.14", answer: listApisOfClient },
  {
    method: "GET",
    path: "/api/api-access/:clientId/assignable-apis",
    access: "admin",
    since: "2.14",
    answer: listAssignableApis,
  },
  {
    method: "GET",
    path: "/api/api-access/:clientId",
    access: "admin",
    since: "2.10",
    until: "2.13",
    answer: getAllGrants,
  },
  {
    method: "PUT",
    path: "/api/api-access/:clientId",
    access: "admin",
    since: "2.10",
    until: "2.13",
    body: permissionLists,
    answer: replaceAllGrants,
  },
];

/** By name unless asked otherwise. */
function listClientsOfApi(call: Call): Answer {
  const api = apiInPath(call);
  const reached = [...call.state.oidcClients.values()].filter(
    (client) => grantOf(call.state, api, client.id) !== undefined || cimdGrantDto(api, client).cimdGrantedAccess,
  );
  return clientPage(call, reached, "name", (client) => ({
    client: apiClientDto(client),
    ...grantDto(grantOf(call.state, api, client.id)),
    ...cimdGrantDto(api, client),
  }));
}

function listAssignableClients(call: Call): Answer {
  const api = apiInPath(call);
  const left = [...call.state.oidcClients.values()].filter(
    (client) => grantOf(call.state, api, client.id) === undefined && !cimdGrantDto(api, client).cimdGrantedAccess,
  );
  return clientPage(call, left, "", apiClientDto);
}

function clientPage(
  call: Call,
  clients: readonly OidcClient[],
  standardSort: string,
  view: (client: OidcClient) => unknown,
): Answer {
  const asked = listRequest(call.query);
  const request = asked.sortColumn === "" ? { ...asked, sortColumn: standardSort, sortDirection: "asc" } : asked;
  const columns = clientColumns(call.has);
  const rows = searched(clients, call.query.get("search"), (client) => client.name);
  return pageAnswer(request, sorted(filtered(rows, request, columns), request, columns), view);
}

/** A full replacement for this pair: `{}` takes all access away and answers 200. Ids of other APIs are dropped. */
function replaceGrant(call: Call): Answer {
  const input = bindJson(call, grantShape);
  const api = apiInPath(call);
  const client = clientInPath(call, "clientId");
  const own = (ids: string[] | null) => api.permissions.map(({ id }) => id).filter((id) => ids?.includes(id));
  const userDelegatedPermissionIds = own(input.userDelegatedPermissionIds);
  // A public client cannot act as itself, so that half of its grant is dropped.
  const clientPermissionIds = client.isPublic ? [] : own(input.clientPermissionIds);
  const grant: ApiGrant = {
    apiId: api.id,
    clientId: client.id,
    userDelegatedAccess: input.userDelegatedAccess || userDelegatedPermissionIds.length > 0,
    clientAccess: (input.clientAccess && !client.isPublic) || clientPermissionIds.length > 0,
    userDelegatedPermissionIds,
    clientPermissionIds,
  };
  putGrant(call.state, grant);
  return ok(grantDto(grant));
}

function deleteGrant(call: Call): Answer {
  const api = apiInPath(call);
  const client = clientInPath(call, "clientId");
  removeWhere(call.state.grants, ({ apiId, clientId }) => apiId === api.id && clientId === client.id);
  return noContent();
}

/** A plain list, by name. */
function listApisOfClient(call: Call): Answer {
  const client = clientInPath(call, "clientId");
  const reached = [...call.state.apis.values()]
    .map((api) => ({ api, grant: grantOf(call.state, api, client.id), cimd: cimdGrantDto(api, client) }))
    .filter(({ grant, cimd }) => grant !== undefined || cimd.cimdGrantedAccess)
    .sort((a, b) => (a.api.name < b.api.name ? -1 : 1));
  return ok(reached.map(({ api, grant, cimd }) => ({ api: apiDto(call, api), ...grantDto(grant), ...cimd })));
}

function listAssignableApis(call: Call): Answer {
  const client = clientInPath(call, "clientId");
  const left = [...call.state.apis.values()].filter(
    (api) => grantOf(call.state, api, client.id) === undefined && !cimdGrantDto(api, client).cimdGrantedAccess,
  );
  return apiList(call, left);
}

function getAllGrants(call: Call): Answer {
  // Pocket ID <= 2.12: a client that is not there has no grants, and nobody says so.
  if (call.has("missingRecordsReported")) clientInPath(call, "clientId");
  const grants = call.state.grants.filter(({ clientId }) => clientId === param(call, "clientId"));
  return ok({
    userDelegatedPermissionIds: grants.flatMap((grant) => grant.userDelegatedPermissionIds),
    clientPermissionIds: grants.flatMap((grant) => grant.clientPermissionIds),
  });
}

/** Pocket ID 2.10 to 2.13: one call replaced the grants of a client on all APIs. */
function replaceAllGrants(call: Call): Answer {
  const input = bindJson(call, permissionLists);
  const client = clientInPath(call, "clientId");
  removeWhere(call.state.grants, ({ clientId }) => clientId === client.id);
  for (const api of call.state.apis.values()) {
    const own = (ids: string[] | null) => api.permissions.map(({ id }) => id).filter((id) => ids?.includes(id));
    const userDelegatedPermissionIds = own(input.userDelegatedPermissionIds);
    const clientPermissionIds = own(input.clientPermissionIds);
    putGrant(call.state, {
      apiId: api.id,
      clientId: client.id,
      userDelegatedAccess: userDelegatedPermissionIds.length > 0,
      clientAccess: clientPermissionIds.length > 0,
      userDelegatedPermissionIds,
      clientPermissionIds,
    });
  }
  return getAllGrants(call);
}
