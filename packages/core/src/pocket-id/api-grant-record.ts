import * as z from "zod";
import type { Fields } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { Api, ApiGrantOnWire } from "./objects/api.ts";
import { collection } from "./objects/collection.ts";
import { OidcClient } from "./objects/oidc-client.ts";
import type { NotApplied } from "./update.ts";

/** Where the grant of one client at one API is kept. */
export interface GrantRecord {
  /** Ids come in order. */
  read(): Promise<ApiGrantOnWire>;
  /** Replaces this grant as a whole, and no other. */
  write(grant: Fields, before: ApiGrantOnWire): Promise<NotApplied[]>;
}

/** The record as the running version keeps it. */
export async function grantRecord(connection: Connection, api: Api, clientId: string): Promise<GrantRecord> {
  return (await connection.supports("api.clientGrants"))
    ? ownRecord(connection, api, clientId)
    : sharedRecord(connection, api, clientId);
}

const AccessOnWire = z.looseObject({ ...ApiGrantOnWire.shape, api: Api });

/** `GET /api/api-access/:clientId/apis`: the grants of a client, each with its API. Pocket ID >= 2.14. */
export const readGrants = (connection: Connection, clientId: string) =>
  connection.json("GET /api/api-access/:clientId/apis", collection(AccessOnWire), { params: { clientId } });

/** Pocket ID >= 2.14: each client and API have a grant of their own. */
function ownRecord(connection: Connection, api: Api, clientId: string): GrantRecord {
  const params = { id: api.id, clientId };
  return {
    async read() {
      const grants = await readGrants(connection, clientId);
      const { api: _, ...grant } = grants.find((one) => one.api.id === api.id) ?? { api, ...noGrant };
      return inOrder(grant);
    },
    async write(body) {
      if (body.userDelegatedAccess || body.clientAccess)
        await connection.request("PUT /api/apis/:id/clients/:clientId", { params, body, once: true });
      else await connection.request("DELETE /api/apis/:id/clients/:clientId", { params });
      return [];
    },
  };
}

const noGrant = {
  userDelegatedAccess: false,
  userDelegatedPermissionIds: [],
  clientAccess: false,
  clientPermissionIds: [],
  cimdGrantedAccess: false,
  cimdGrantedPermissionIds: [],
};

const SharedGrants = z.object({
  userDelegatedPermissionIds: collection(z.string()),
  clientPermissionIds: collection(z.string()),
});
type SharedGrants = z.output<typeof SharedGrants>;

/** `GET /api/api-access/:clientId`: the permissions of a client at all APIs together. Pocket ID < 2.14. */
export const readSharedGrants = (connection: Connection, clientId: string): Promise<SharedGrants> =>
  connection.json("GET /api/api-access/:clientId", SharedGrants, { params: { clientId } });

/** The grant at one API among them: it is nothing but permissions. */
export function grantAt(api: Api, shared: SharedGrants): ApiGrantOnWire {
  const grant = idsAt(api, shared);
  return inOrder({
    userDelegatedAccess: grant.userDelegatedPermissionIds.length > 0,
    clientAccess: grant.clientPermissionIds.length > 0,
    ...grant,
  });
}

/** Pocket ID < 2.14: what is written replaces the permissions of a client at all APIs, so those at other APIs are written along. */
function sharedRecord(connection: Connection, api: Api, clientId: string): GrantRecord {
  return {
    read: async () => grantAt(api, await readSharedGrants(connection, clientId)),
    async write(body, before) {
      const wanted = SharedGrants.parse(body);
      const asItself = change(before.clientPermissionIds, wanted.clientPermissionIds);
      // It would be stored, and be of use from the day on which the client is no longer public.
      const refused = asItself.added.length > 0 && (await isPublic(connection, clientId));
      const inTheirName = change(before.userDelegatedPermissionIds, wanted.userDelegatedPermissionIds);
      // Read right before it is written, and changed by what is asked for alone: the rest is as others left it.
      const shared = await readSharedGrants(connection, clientId);
      await connection.request("PUT /api/api-access/:clientId", {
        params: { clientId },
        once: true,
        body: {
          userDelegatedPermissionIds: changed(shared.userDelegatedPermissionIds, inTheirName),
          clientPermissionIds: changed(shared.clientPermissionIds, refused ? { ...asItself, added: [] } : asItself),
        },
      });
      return [];
    },
  };
}

interface IdsChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

const change = (before: readonly string[], wanted: readonly string[]): IdsChange => ({
  added: wanted.filter((id) => !before.includes(id)),
  removed: before.filter((id) => !wanted.includes(id)),
});

const changed = (ids: readonly string[], { added, removed }: IdsChange): string[] => [
  ...new Set([...ids.filter((id) => !removed.includes(id)), ...added]),
];

const isOf = ({ permissions }: Api, id: string): boolean => permissions.some((permission) => permission.id === id);

const idsAt = (api: Api, { userDelegatedPermissionIds, clientPermissionIds }: SharedGrants): SharedGrants => ({
  userDelegatedPermissionIds: userDelegatedPermissionIds.filter((id) => isOf(api, id)),
  clientPermissionIds: clientPermissionIds.filter((id) => isOf(api, id)),
});

const isPublic = async (connection: Connection, id: string): Promise<boolean> =>
  (await connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } })).isPublic;

/** Pocket ID keeps them in none. */
const inOrder = (grant: ApiGrantOnWire): ApiGrantOnWire => ({
  ...grant,
  userDelegatedPermissionIds: grant.userDelegatedPermissionIds.toSorted(),
  clientPermissionIds: grant.clientPermissionIds.toSorted(),
});
