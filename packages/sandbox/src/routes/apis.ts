import { forgetPermissions } from "../api-grants.ts";
import { apiDto } from "../dto/api.ts";
import { type Answer, created, noContent, ok } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param } from "../http/call.ts";
import { type Bound, between, flag, nullableText, objectList, text, textList } from "../http/fields.ts";
import { type Columns, listAnswer, searched } from "../http/list.ts";
import type { Route } from "../http/router.ts";
import { max, resourceUri } from "../http/rules.ts";
import { precise, stored } from "../moments.ts";
import { newId } from "../random.ts";
import { alreadyInUse, invalidField, notFound } from "../refusals.ts";
import { type Api, removeWhere } from "../state.ts";

const name = text("Name", { required: true, rules: between(1, 50), nfc: true });
const newApiShape = { name, resource: text("Resource", { required: true, rules: [resourceUri, max(350)], nfc: true }) };
const permissionShape = {
  key: text("Key", { required: true, rules: between(1, 128), nfc: true }),
  name: text("Name", { required: true, rules: between(1, 50), nfc: true }),
  description: nullableText("Description", { rules: [max(200)] }),
};
const permissionsShape = { permissions: objectList("Permissions", permissionShape) };
const cimdAccessShape = {
  enabled: flag("Enabled"),
  permissionIds: textList("PermissionIDs", { each: ["required"] }),
};

export const apiRoutes: Route[] = [
  {
    method: "GET",
    path: "/api/apis",
    access: "admin",
    since: "2.10",
    answer: (call) => apiList(call, [...call.state.apis.values()]),
  },
  { method: "POST", path: "/api/apis", access: "admin", since: "2.10", body: newApiShape, answer: createApi },
  {
    method: "GET",
    path: "/api/apis/:id",
    access: "admin",
    since: "2.10",
    answer: (call) => ok(apiDto(call, apiInPath(call))),
  },
  { method: "PUT", path: "/api/apis/:id", access: "admin", since: "2.10", body: { name }, answer: renameApi },
  { method: "DELETE", path: "/api/apis/:id", access: "admin", since: "2.10", answer: deleteApi },
  {
    method: "PUT",
    path: "/api/apis/:id/permissions",
    access: "admin",
    since: "2.10",
    body: permissionsShape,
    answer: replacePermissions,
  },
  {
    method: "PUT",
    path: "/api/apis/:id/cimd-access",
    access: "admin",
    since: "2.14",
    body: cimdAccessShape,
    answer: replaceCimdAccess,
  },
];

const apiColumns: Columns<Api> = {
  sort: {
    createdAt: (api) => api.createdAt,
    name: (api) => api.name,
    resource: (api) => api.resource,
    audience: (api) => api.resource,
  },
};

export function apiList(call: Call, apis: readonly Api[]): Answer {
  const rows = searched(
    apis,
    call.query.get("search"),
    (api) => api.name,
    (api) => api.resource,
  );
  return listAnswer(call, rows, apiColumns, (api) => apiDto(call, api));
}

export function apiInPath(call: Call): Api {
  const api = call.state.apis.get(param(call, "id"));
  if (api === undefined) throw notFound("API");
  return api;
}

function createApi(call: Call): Answer {
  const input = bindJson(call, newApiShape);
  const trimmed = input.resource.replace(/\/+$/, "");
  const resource = call.has("resourcesWithoutSlash") ? trimmed : input.resource;
  if (trimmed.toLowerCase() === call.issuer) {
    throw invalidField("resource", "reserved", "is reserved by Pocket ID and cannot be used for a custom API");
  }
  if ([...call.state.apis.values()].some((api) => api.resource === resource)) throw alreadyInUse("resource");
  const moment = new Date();
  const api: Api = {
    id: newId(),
    createdAt: stored(moment),
    name: input.name,
    resource,
    allowCimdClients: false,
    permissions: [],
  };
  call.state.apis.set(api.id, api);
  return created({ ...apiDto(call, api), createdAt: precise(moment) });
}

/** The resource can never be changed. */
function renameApi(call: Call): Answer {
  const input = bindJson(call, { name });
  const api = apiInPath(call);
  api.name = input.name;
  return ok(apiDto(call, api));
}

function deleteApi(call: Call): Answer {
  const api = apiInPath(call);
  call.state.apis.delete(api.id);
  removeWhere(call.state.grants, ({ apiId }) => apiId === api.id);
  return noContent();
}

/** A full replacement by key: a key that stays keeps its id and grants; `{}` deletes all. */
function replacePermissions(call: Call): Answer {
  const { permissions } = bindJson(call, permissionsShape);
  const api = apiInPath(call);
  for (const [at, permission] of permissions.entries()) refuseKey(permissions, permission.key, at);
  const gone = api.permissions.filter(({ key }) => !permissions.some((permission) => permission.key === key));
  forgetPermissions(
    call.state,
    api,
    gone.map(({ id }) => id),
  );
  const kept = api.permissions.filter((permission) => !gone.includes(permission));
  for (const permission of kept)
    Object.assign(
      permission,
      permissions.find(({ key }) => key === permission.key),
    );
  const added = permissions.filter(({ key }) => !kept.some((permission) => permission.key === key));
  api.permissions = [
    ...kept,
    ...added.map((permission) => ({ id: newId(), ...permission, allowedForCimdClients: false })),
  ];
  return ok(apiDto(call, api));
}

const RESERVED_KEYS = ["openid", "profile", "email", "email_verified", "groups", "offline_access"];

function refuseKey(permissions: readonly Bound<typeof permissionShape>[], key: string, at: number): void {
  const field = `permissions[${at}].key`;
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(key)) {
    throw invalidField(field, "invalid_format", "contains characters that are not valid in an OAuth scope");
  }
  if (RESERVED_KEYS.includes(key.toLowerCase())) throw invalidField(field, "reserved", "is reserved by Pocket ID");
  const repeated = permissions.findIndex((permission) => permission.key === key) < at;
  if (repeated) throw invalidField(field, "duplicate", "is listed more than once");
}

/** A full replacement: `{}` closes the API to clients that register themselves and forgets the selection. */
function replaceCimdAccess(call: Call): Answer {
  const input = bindJson(call, cimdAccessShape);
  const api = apiInPath(call);
  api.allowCimdClients = input.enabled;
  for (const permission of api.permissions)
    permission.allowedForCimdClients = input.permissionIds?.includes(permission.id) ?? false;
  return ok(apiDto(call, api));
}
