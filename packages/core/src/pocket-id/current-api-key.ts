import { pause } from "./cancellation.ts";
import type { Connection } from "./connection.ts";
import { apiKeyList } from "./lists.ts";
import type { ApiKey } from "./objects/api-key.ts";
import { User } from "./objects/user.ts";

/** Which API key is in use, as far as it can be told: Pocket ID shows no key its own entry. */
export interface CurrentApiKey {
  readonly owner: User;
  /** Comes from the server's environment (STATIC_API_KEY): has no entry among the keys, and no end. */
  readonly static: boolean;
  /** The entry of the key in use. */
  readonly apiKey?: ApiKey;
  /** False if the key may also be one of the candidates. */
  readonly certain: boolean;
  readonly candidates: ApiKey[];
}

/** Owner of the key from the environment. Pocket ID >= 2.2. */
export const staticOwner = "00000000-0000-0000-0000-000000000000";

/** Pocket ID stores whole seconds on SQLite: a read after this many milliseconds shows another time of last use. */
const longerThanASecond = 1_100;
const mostReads = 3;

/**
 * Finds the API key in use. Every accepted call notes the time of it in the entry of its key, so the key in use is among those whose time
 * differs from read to read; others are there only while somebody else uses them.
 * Routes: `GET /api/users/me`, `GET /api/api-keys`.
 */
export async function currentApiKey(connection: Connection): Promise<CurrentApiKey> {
  const owner = await connection.json("GET /api/users/me", User);
  const isStatic = owner.id === staticOwner;
  // Somebody with the static key may have made its owner ordinary keys, too: there, none has to be left.
  const enough = isStatic ? 0 : 1;
  let moving = (await keysOf(connection)).filter(({ lastUsedAt }) => Boolean(lastUsedAt));
  for (let reads = 1; reads < mostReads && moving.length > enough; reads++) {
    await pause(longerThanASecond, connection.signal);
    const before = new Map(moving.map(({ id, lastUsedAt }) => [id, lastUsedAt]));
    moving = (await keysOf(connection)).filter(({ id, lastUsedAt }) => before.has(id) && before.get(id) !== lastUsedAt);
  }
  const [only, ...others] = moving;
  if (isStatic) return { owner, static: true, certain: only === undefined, candidates: moving };
  if (only === undefined || others.length > 0) return { owner, static: false, certain: false, candidates: moving };
  return { owner, static: false, apiKey: only, certain: true, candidates: [] };
}

async function keysOf(connection: Connection): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  for await (const key of apiKeyList(connection).all()) keys.push(key);
  return keys;
}
