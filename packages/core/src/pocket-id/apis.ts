import {
  type CimdAccessChange,
  type CimdAccessChanged,
  type CimdAccessPreview,
  changeCimdAccess,
  previewCimdAccess,
} from "./api-cimd-access.ts";
import { type ApiCallers, type ApiClientListing, apiCallers, apiClientListing, apisOfClient } from "./api-clients.ts";
import {
  type ApiGrantChanged,
  type ApiGrantPreview,
  type ApiGrantRequest,
  checkGrant,
  grantApi,
  previewGrant,
  revokeApi,
} from "./api-grants.ts";
import {
  type ApiPermissionsChange,
  type ApiPermissionsChanged,
  type ApiPermissionsPreview,
  changePermissions,
  checkNewPermissions,
  previewPermissions,
} from "./api-permissions.ts";
import type { Connection } from "./connection.ts";
import { after } from "./errors.ts";
import { apiFinder, oidcClientFinder } from "./finders.ts";
import type { List } from "./list.ts";
import { apiList } from "./lists.ts";
import { Api, type ApiAccess, type NewApiPermission } from "./objects/api.ts";
import { idOf, type Reference } from "./reference.ts";
import { type Updated, updateFields } from "./update.ts";

export interface NewApi {
  name: string;
  /** The URI by which clients ask for it, and the audience of the tokens. It can never be changed. */
  resource: string;
  permissions?: readonly NewApiPermission[] | undefined;
}

/** The APIs (OAuth resource servers) of an instance. Wherever one is asked for, an id, a resource or a name does. Pocket ID >= 2.10. */
export interface Apis extends List<Api> {
  /** `GET /api/apis/:id`: one API with its permissions. */
  get(api: Reference): Promise<Api>;
  /** `POST /api/apis`, then `PUT /api/apis/:id/permissions` if there are any. No client may call it yet. */
  create(api: NewApi): Promise<Api>;
  /** `PUT /api/apis/:id`: renames it. */
  update(api: Reference, patch: { name?: string | undefined }): Promise<Updated<Api>>;
  /** `DELETE /api/apis/:id`. Its permissions and the grants of all clients go with it. */
  delete(api: Reference): Promise<void>;
  /** `PUT /api/apis/:id/permissions`; permissions that are not named stay, and so do their grants. */
  updatePermissions(api: Reference, change: ApiPermissionsChange): Promise<ApiPermissionsChanged>;
  /** `PUT /api/apis/:id/cimd-access`: what clients that register themselves may do. Pocket ID >= 2.14. */
  updateCimdAccess(api: Reference, change: CimdAccessChange): Promise<CimdAccessChanged>;
  /** `PUT /api/apis/:id/clients/:clientId`, before 2.14 `PUT /api/api-access/:clientId`: gives a client what is named, and keeps the rest. */
  grant(api: Reference, client: Reference, request: ApiGrantRequest): Promise<ApiGrantChanged>;
  /** Takes from a client what is named; everything at this API, if nothing is. Routes: as of `grant`, `DELETE /api/apis/:id/clients/:clientId`. */
  revoke(api: Reference, client: Reference, request?: ApiGrantRequest): Promise<ApiGrantChanged>;
  /** What a grant, or a revocation, would make of what a client may do at an API. Only reads. @throws {InputError} */
  previewGrant(
    kind: "grant" | "revoke",
    api: Reference,
    client: Reference,
    request: ApiGrantRequest,
  ): Promise<ApiGrantPreview>;
  /** What a change of the permissions would take, and from which clients. Only reads. @throws {InputError} */
  previewPermissions(api: Reference, change: ApiPermissionsChange): Promise<ApiPermissionsPreview>;
  /** What a change would make of what clients that register themselves may do. Only reads. @throws {InputError} */
  previewCimdAccess(api: Reference, change: CimdAccessChange): Promise<CimdAccessPreview>;
  /** The clients that may call at least one of these APIs, each once, as far as 200 clients tell. Routes: as of `clients`. */
  callers(apis: readonly Api[]): Promise<ApiCallers>;
  /** How to list the clients that may call an API: `GET /api/apis/:id/clients`, before 2.14 each client's `GET /api/api-access/:clientId`. */
  clients(api: Reference): Promise<ApiClientListing>;
  /** `GET /api/api-access/:clientId/apis`, before 2.14 `GET /api/api-access/:clientId`: the APIs that a client may call. */
  accessOf(client: Reference): Promise<ApiAccess[]>;
}

const ApiOnWire = Api.loose();
const readOnlyFields: ReadonlySet<string> = new Set(["id", "resource", "createdAt", "permissions", "allowCimdClients"]);

export function apisOf(connection: Connection): Apis {
  const read = (id: string) => connection.json("GET /api/apis/:id", ApiOnWire, { params: { id } });
  const find = (api: Reference) => idOf(apiFinder, connection, api, "api");
  const findClient = (client: Reference) => idOf(oidcClientFinder, connection, client, "client");
  const get = async (api: Reference) => read(await find(api));

  const { list, all } = apiList(connection);
  return {
    list,
    all,
    get,

    async create({ name, resource, permissions = [] }) {
      checkNewPermissions(permissions, "permissions");
      const { id } = await connection.json("POST /api/apis", Api, { body: { name, resource } });
      return after(`The API ${id} was created; do not create it again.`, async () => {
        if (permissions.length > 0)
          await connection.request("PUT /api/apis/:id/permissions", { params: { id }, body: { permissions } });
        return read(id);
      });
    },

    async update(api, patch) {
      const id = await find(api);
      return updateFields(connection, {
        key: `api:${id}`,
        read: () => read(id),
        write: async (body) => {
          await connection.request("PUT /api/apis/:id", { params: { id }, body, once: true });
          return [];
        },
        patch: () => patch,
        whole: { route: "GET /api/apis/:id", fields: ["name"] },
        readOnly: readOnlyFields,
        reason: () => "Pocket ID kept its own value.",
      });
    },

    async delete(api) {
      await connection.request("DELETE /api/apis/:id", { params: { id: await find(api) } });
    },

    updatePermissions: async (api, change) => changePermissions(connection, await find(api), change),
    updateCimdAccess: async (api, change) => changeCimdAccess(connection, await find(api), change),

    async grant(api, client, request) {
      checkGrant(request);
      return grantApi(connection, await get(api), await findClient(client), request);
    },

    revoke: async (api, client, request = {}) =>
      revokeApi(connection, await get(api), await findClient(client), request),
    previewGrant: async (kind, api, client, request) =>
      previewGrant(connection, kind, await get(api), await findClient(client), request),
    previewPermissions: async (api, change) => previewPermissions(connection, await find(api), change),
    previewCimdAccess: async (api, change) => previewCimdAccess(connection, await find(api), change),
    callers: (apis) => apiCallers(connection, apis),
    clients: async (api) => apiClientListing(connection, await get(api)),
    accessOf: async (client) => apisOfClient(connection, await findClient(client)),
  };
}
