import { type AccessKind, accessOf } from "./client-access.ts";
import type { Connection } from "./connection.ts";
import { oidcClientList } from "./lists.ts";
import { OidcClient } from "./objects/oidc-client.ts";
import { requireFields } from "./requirements.ts";
import { select } from "./select.ts";

/** What clients can be picked by. */
export interface OidcClientFilters {
  access?: AccessKind | undefined;
  /** Restricted to this group, perhaps among others. */
  group?: { readonly id: string } | undefined;
  pkceEnabled?: boolean | undefined;
  requiresReauthentication?: boolean | undefined;
  /** Pocket ID >= 2.9. */
  requiresPushedAuthorizationRequests?: boolean | undefined;
  /** Pocket ID >= 2.10. */
  skipConsent?: boolean | undefined;
  /** Pocket ID >= 2.13. */
  clientType?: "standard" | "cimd" | undefined;
}

/** A client with who may sign in to it. */
export type OidcClientWithAccess = OidcClient & { access: AccessKind };

/** How to list clients that a filter picks. */
export interface OidcClientListing {
  /** Filters that Pocket ID itself applies. */
  readonly filters: Readonly<Record<string, string | boolean | undefined>>;
  /** The rest; undefined if there is none. */
  readonly matches: ((client: OidcClient) => boolean | Promise<boolean>) | undefined;
  /** Adds to what a list tells of clients who may sign in, with the names of the groups. */
  withAccess(clients: readonly OidcClient[]): Promise<OidcClientWithAccess[]>;
}

/** Clients that are loaded at the same time. */
const atOnce = 4;

/**
 * Prepares a list of clients. Pocket ID tells in it how many groups a client has, and not which: those clients are read one by one.
 * @throws {InputError} for filters that the running version would ignore
 */
export async function clientListing(
  connection: Connection,
  { access, group, ...filters }: OidcClientFilters,
): Promise<OidcClientListing> {
  await requireFields(connection, "client", filters);
  const loaded = new Map<string, Promise<OidcClient>>();
  const load = (id: string): Promise<OidcClient> => {
    const client = loaded.get(id) ?? connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } });
    loaded.set(id, client);
    return client;
  };
  const hasGroup = async (client: OidcClient): Promise<boolean> =>
    accessInList(client) === "groups" &&
    ((await load(client.id)).allowedUserGroups ?? []).some(({ id }) => id === group?.id);

  return {
    filters,
    matches:
      access === undefined && group === undefined
        ? undefined
        : async (client) =>
            (access === undefined || accessInList(client) === access) &&
            (group === undefined || (await hasGroup(client))),
    async withAccess(clients) {
      const rows: OidcClientWithAccess[] = [];
      for (let from = 0; from < clients.length; from += atOnce) {
        rows.push(...(await Promise.all(clients.slice(from, from + atOnce).map((client) => describe(client, load)))));
      }
      return rows;
    },
  };
}

/** How many clients are open to everyone. Routes: `GET /api/oidc/clients`, before 2.0 all of its pages. */
export async function countOpenClients(connection: Connection): Promise<number> {
  const { list, all } = oidcClientList(connection);
  if (await connection.supports("client.isGroupRestricted"))
    return (await list({ limit: 1, filters: { isGroupRestricted: false } })).totalItems;
  const { totalItems } = await select(all(), { matches: (client) => accessInList(client) === "everyone" });
  return totalItems;
}

async function describe(client: OidcClient, load: (id: string) => Promise<OidcClient>): Promise<OidcClientWithAccess> {
  const access = accessInList(client);
  const allowedUserGroups = access === "groups" ? accessOf(await load(client.id)).groups : [];
  return { ...client, access, allowedUserGroups: [...allowedUserGroups] };
}

/** Who may sign in, as far as a list tells. */
function accessInList({ isGroupRestricted, allowedUserGroupsCount = 0 }: OidcClient): AccessKind {
  // Pocket ID < 2.0 has no flag: a client without groups is open to everyone.
  if (!(isGroupRestricted ?? allowedUserGroupsCount > 0)) return "everyone";
  return allowedUserGroupsCount > 0 ? "groups" : "nobody";
}
