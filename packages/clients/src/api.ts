import {
  Api,
  ApiName,
  ApiPermissionKey,
  ApiPermissionName,
  ApiPermissionPatch,
  ApiResource,
  checkCimdAccess,
  checkNewPermissions,
  checkPermissionsChange,
  NewApiPermission,
} from "@pocketid-mcp/core";
import {
  apiRef,
  apiRefs,
  defineDeleteTool,
  defineListTool,
  defineTool,
  outcomeOf,
  setChangeFields,
  updatedFields,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";
import { cimdAccessQuestion, deleteApiQuestion, permissionsQuestion } from "./api-questions.ts";

const ClientName = z.object({ id: z.string(), name: z.string() });
const keys = z.array(ApiPermissionKey).max(200);

export const apiList = defineListTool({
  name: "api_list",
  title: "List APIs",
  description: "Find APIs (OAuth resource servers).",
  rows: "apis",
  row: Api.shape,
  short: ["id", "name", "resource", "allowCimdClients"],
  searches: "in name and resource",
  sortable: ["resource", "name", "createdAt"],
  filters: {},
  routes: ["GET /api/apis"],
  source: (_filters, { pocketId }) => ({ list: pocketId.apis }),
});

export const apiGet = defineTool({
  name: "api_get",
  title: "Show an API",
  description: "One API with its permissions (scopes).",
  risk: "read",
  input: { api: apiRef },
  output: { api: Api },
  routes: ["GET /api/apis/:id"],
  run: async ({ api }, { pocketId }) => ({ api: await pocketId.apis.get(api) }),
});

export const apiCreate = defineTool({
  name: "api_create",
  title: "Create an API",
  description: "Create an API; no client may call it yet. Its resource never changes.",
  risk: "write",
  input: {
    name: ApiName.describe("Name"),
    resource: ApiResource.describe("Absolute URI"),
    permissions: z.array(NewApiPermission).max(200).optional().describe("Permissions"),
  },
  output: { api: Api },
  routes: ["POST /api/apis", "PUT /api/apis/:id/permissions", "GET /api/apis/:id"],
  check: ({ permissions = [] }) => checkNewPermissions(permissions, "permissions"),
  run: async (values, { pocketId }) => ({ api: await pocketId.apis.create(values) }),
});

export const apiUpdate = defineTool({
  name: "api_update",
  title: "Rename an API",
  description: "Rename an API. Its resource can never be changed.",
  risk: "write",
  input: { api: apiRef, name: ApiName.describe("New name") },
  output: { api: Api, ...updatedFields },
  routes: ["PUT /api/apis/:id", "GET /api/apis/:id"],
  async run({ api, name }, { pocketId }) {
    const { object, changed, notApplied, kept } = await pocketId.apis.update(api, { name });
    return { api: object, ...outcomeOf({ changed, notApplied, kept }) };
  },
});

/** What finding the clients of an API takes. */
const callers = ["GET /api/apis/:id/clients", "GET /api/oidc/clients", "GET /api/api-access/:clientId"] as const;

export const apiDelete = defineDeleteTool({
  name: "api_delete",
  title: "Delete APIs",
  description: "Delete APIs with their permissions: no client gets tokens for them.",
  kind: "api",
  plural: "apis",
  references: apiRefs,
  routes: ["DELETE /api/apis/:id", ...callers],
  question: (apis, { pocketId }) => deleteApiQuestion(apis, pocketId),
  label: ({ name }) => name,
  remove: (api, { pocketId }) => pocketId.apis.delete(api),
});

const keysChanged = { added: z.array(ApiPermissionName), removed: z.array(ApiPermissionName) };

export const apiSetPermissions = defineTool({
  name: "api_set_permissions",
  title: "Change the permissions of an API",
  description: "Change permissions; others stay. Removing one takes it from every client, so a key cannot be renamed.",
  risk: "danger",
  asks: {
    when: "when it removes a permission",
    question: ({ api, ...change }, { pocketId }) => permissionsQuestion(api, change, pocketId),
  },
  input: {
    api: apiRef,
    add: z.array(NewApiPermission).max(200).optional().describe("To add"),
    change: z.array(ApiPermissionPatch).max(200).optional().describe("To change"),
    remove: keys.optional().describe("Keys to remove"),
  },
  output: {
    api: Api,
    ...keysChanged,
    updated: z.array(ApiPermissionName),
    /** Clients that a permission was taken from, and whether they may still call the API. */
    lost: z
      .array(z.object({ client: ClientName, permissions: z.array(ApiPermissionName), access: z.boolean() }))
      .optional(),
  },
  routes: ["PUT /api/apis/:id/permissions", "GET /api/apis/:id", ...callers],
  check: checkPermissionsChange,
  async run({ api, ...change }, { pocketId }) {
    const changed = await pocketId.apis.updatePermissions(api, change);
    const untold = "Clients that had them have lost them; Pocket ID before 2.14 does not tell which.";
    return outcomeOf(changed, changed.lost === undefined ? [untold] : []);
  },
});

export const apiSetCimdAccess = defineTool({
  name: "api_set_cimd_access",
  title: "Change what self-registered clients may call",
  description: "What clients that register themselves (CIMD) may do: permission keys.",
  risk: "danger",
  asks: {
    when: "when it opens or closes the API to them, and when it is open and what they may do changes",
    question: ({ api, ...change }, { pocketId }) => cimdAccessQuestion(api, change, pocketId),
  },
  input: { api: apiRef, enabled: z.boolean().optional().describe("Open to them"), ...setChangeFields(keys) },
  output: { api: Api, changed: updatedFields.changed, ...keysChanged },
  routes: ["PUT /api/apis/:id/cimd-access", "GET /api/apis/:id", "GET /api/oidc/clients"],
  check: checkCimdAccess,
  async run({ api, ...change }, { pocketId }) {
    const changed = await pocketId.apis.updateCimdAccess(api, change);
    const closed = change.enabled === undefined && changed.api.allowCimdClients !== true;
    return outcomeOf(
      changed,
      closed ? ["The API is closed to them, so it changes nothing yet: enabled opens it."] : [],
    );
  },
});
