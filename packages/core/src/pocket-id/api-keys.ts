import * as z from "zod";
import type { Connection } from "./connection.ts";
import { type CurrentApiKey, currentApiKey } from "./current-api-key.ts";
import { InputError } from "./errors.ts";
import { apiKeyFinder } from "./finders.ts";
import type { List } from "./list.ts";
import { apiKeyList } from "./lists.ts";
import { ApiKey } from "./objects/api-key.ts";
import { findOne, idOf, type Reference } from "./reference.ts";
import { asOwner } from "./session.ts";
import { makeSecret, type ShownOnce } from "./shown-once.ts";

export interface NewApiKey {
  /** 3 to 50 characters; need not be unique. */
  name: string;
  description?: string | null | undefined;
  expiresAt: Date;
}

/** An API key with its token, which is shown this once. */
export interface ApiKeyValue {
  readonly apiKey: ApiKey;
  readonly token: string;
}

/** The API keys of the owner of the key in use: Pocket ID shows nobody else's. */
export interface ApiKeys extends List<ApiKey> {
  /** `POST /api/api-keys`, through a short session of the owner, since Pocket ID >= 2.3 refuses it to keys. Never repeated. */
  create(key: NewApiKey): Promise<ApiKeyValue>;
  /** `POST /api/api-keys/:id/renew`, in the same way. Only for a key that has expired. Pocket ID >= 2.2. */
  renew(apiKey: Reference, expiresAt: Date): Promise<ApiKeyValue>;
  /** `DELETE /api/api-keys/:id`. Also takes the key in use. */
  delete(apiKey: Reference): Promise<void>;
  /** Finds the key in use, by reading `GET /api/api-keys` up to three times within some seconds. */
  current(): Promise<CurrentApiKey>;
}

const Value = z.object({ apiKey: ApiKey, token: z.string() });

const shownOnce = ({ apiKey: { id }, token: value }: ApiKeyValue): ShownOnce => ({
  what: "API key",
  of: id,
  value,
  takeBack: (connection) => connection.request("DELETE /api/api-keys/:id", { params: { id } }),
  lost: `It could not be deleted again, and nobody knows it: delete it with api_key_delete, apiKeys ["${id}"].`,
});

const unsure = "If it was made, nobody knows it: look with api_key_list, and delete it with api_key_delete.";

export function apiKeysOf(connection: Connection): ApiKeys {
  const { list, all } = apiKeyList(connection);
  return {
    list,
    all,

    create: ({ name, description, expiresAt }) =>
      asOwner(connection, (as) =>
        makeSecret(connection, {
          send: (steady) =>
            steady.json("POST /api/api-keys", Value, {
              as,
              body: { name, description: description ?? null, expiresAt: expiresAt.toISOString() },
            }),
          shown: shownOnce,
          unsure,
        }),
      ),

    async renew(reference, expiresAt) {
      const finder = apiKeyFinder(connection);
      const key = await findOne(finder, typeof reference === "string" ? reference : reference.id, "apiKey");
      if (Date.parse(key.expiresAt) > Date.now()) {
        throw new InputError(
          "apiKey",
          `${key.name} works until ${key.expiresAt}, and Pocket ID renews expired keys only. Create another one with api_key_create.`,
        );
      }
      await connection.require("POST /api/api-keys/:id/renew");
      return asOwner(connection, (as) =>
        makeSecret(connection, {
          send: (steady) =>
            steady.json("POST /api/api-keys/:id/renew", Value, {
              as,
              params: { id: key.id },
              body: { expiresAt: expiresAt.toISOString() },
            }),
          shown: (made) => ({
            ...shownOnce(made),
            takenBack:
              "The key, which had expired, was deleted with its name and description. Make another with api_key_create as soon as it can be kept.",
          }),
          unsure,
        }),
      );
    },

    async delete(apiKey) {
      await connection.request("DELETE /api/api-keys/:id", {
        params: { id: await idOf(apiKeyFinder, connection, apiKey, "apiKey") },
      });
    },

    current: () => currentApiKey(connection),
  };
}
