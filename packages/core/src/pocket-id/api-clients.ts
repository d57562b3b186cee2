import { grantAt, readGrants, readSharedGrants } from "./api-grant-record.ts";
import { nameGrant } from "./api-permission-names.ts";
import type { Connection } from "./connection.ts";
import type { List } from "./list.ts";
import { apiClientList, apiList, oidcClientList } from "./lists.ts";
import type { Api, ApiAccess, ApiClient } from "./objects/api.ts";
import { collect } from "./reference.ts";
import { select } from "./select.ts";

/** How to list the clients that may call an API. */
export interface ApiClientListing {
  readonly list: Pick<List<ApiClient>, "list" | "all">;
  /** Pocket ID < 2.14: no API tells its clients, so all clients are asked, one by one, and this says which of them may call it. */
  readonly matches: ((client: ApiClient) => boolean) | undefined;
}

/** Clients that are asked at the same time. */
const atOnce = 4;

/** Prepares the list of the clients that may call an API. */
export async function apiClientListing(connection: Connection, api: Api): Promise<ApiClientListing> {
  if (await connection.supports("api.clientGrants")) {
    const list = mapList(apiClientList(connection, api.id), async ({ client, ...grant }) => ({
      client,
      ...nameGrant(api, grant),
    }));
    return { list, matches: undefined };
  }
  const list = mapList(oidcClientList(connection), async ({ id, name, isPublic, clientType }) => ({
    client: { id, name, isPublic, clientType },
    ...nameGrant(api, grantAt(api, await readSharedGrants(connection, id))),
  }));
  return { list, matches: ({ userDelegatedAccess, clientAccess }) => userDelegatedAccess || clientAccess };
}

/** Clients that are looked at to tell who may call some APIs. */
const mostCallers = 200;

/** The clients that may call some APIs. */
export interface ApiCallers {
  /** Of several APIs, each client for the first of them. */
  readonly callers: ApiClient[];
  /** Whether all clients were looked at. */
  readonly complete: boolean;
}

/** The clients that may call at least one of these APIs, each once. Routes: as of {@link apiClientListing}. */
export async function apiCallers(connection: Connection, apis: readonly Api[]): Promise<ApiCallers> {
  const callers = new Map<string, ApiClient>();
  let left = mostCallers;
  let complete = true;
  for (const api of apis) {
    const { list, matches = () => true } = await apiClientListing(connection, api);
    const found = await select(list.all(), { matches, most: left });
    for (const caller of found.items) if (!callers.has(caller.client.id)) callers.set(caller.client.id, caller);
    left -= found.lookedAt;
    complete &&= found.complete;
  }
  return { callers: [...callers.values()], complete };
}

/** What a client may do at every API that it may call. */
export async function apisOfClient(connection: Connection, clientId: string): Promise<ApiAccess[]> {
  if (await connection.supports("api.clientGrants")) {
    const grants = await readGrants(connection, clientId);
    return grants.map(({ api, ...grant }) => ({ api, ...nameGrant(api, grant) }));
  }
  const shared = await readSharedGrants(connection, clientId);
  const apis = await collect(apiList(connection).all({ sort: "name" }), Number.POSITIVE_INFINITY);
  return apis
    .map((api) => ({ api, ...nameGrant(api, grantAt(api, shared)) }))
    .filter(({ userDelegatedAccess, clientAccess }) => userDelegatedAccess || clientAccess);
}

/** The same list with something made of each item, a few at a time. */
function mapList<T, U>({ list, all }: List<T>, make: (item: T) => Promise<U>): Pick<List<U>, "list" | "all"> {
  return {
    async list(options) {
      const page = await list(options);
      const items: U[] = [];
      for await (const item of mapped(page.items, make)) items.push(item);
      return { ...page, items };
    },
    all: (options) => mapped(all(options), make),
  };
}

async function* mapped<T, U>(
  items: Iterable<T> | AsyncIterable<T>,
  make: (item: T) => Promise<U>,
): AsyncGenerator<U, void, undefined> {
  let waiting: T[] = [];
  for await (const item of items) {
    waiting.push(item);
    if (waiting.length < atOnce) continue;
    yield* await Promise.all(waiting.map(make));
    waiting = [];
  }
  yield* await Promise.all(waiting.map(make));
}
