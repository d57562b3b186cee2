import type { Connection } from "./connection.ts";
import { NotPossibleError } from "./errors.ts";
import { found, oidcClientFinder } from "./finders.ts";
import { ScimProvider } from "./objects/scim-provider.ts";
import { refuseRedacted } from "./redacted.ts";
import { idOf, type Reference } from "./reference.ts";
import { type Updated, updateFields } from "./update.ts";

export interface ScimProviderPatch {
  /** URL of the application's SCIM endpoint. */
  endpoint?: string | undefined;
  /** Bearer token that Pocket ID sends there; null removes it. */
  token?: string | null | undefined;
}

/** The SCIM service providers, each named by its client. Pocket ID >= 2.0. Answers hold the token in clear text. */
export interface ScimProviders {
  /** `GET /api/oidc/clients/:id/scim-service-provider`. Undefined if the client has none. */
  get(client: Reference): Promise<ScimProvider | undefined>;
  /** The same. @throws {NotPossibleError} if the client has none */
  require(client: Reference): Promise<ScimProvider>;
  /** Refuses a second provider for a client, before one is made. @throws {NotPossibleError} */
  requireNone(client: Reference): Promise<void>;
  /** `POST /api/scim/service-provider`. @throws {NotPossibleError} if the client has one: Pocket ID would make a second one */
  create(client: Reference, provider: { endpoint: string; token?: string | undefined }): Promise<ScimProvider>;
  /** `PUT /api/scim/service-provider/:id`, changing nothing but the fields given. */
  update(client: Reference, patch: ScimProviderPatch): Promise<Updated<ScimProvider>>;
  /** `DELETE /api/scim/service-provider/:id`. Accounts on the other side stay as they are. */
  delete(client: Reference): Promise<void>;
  /**
   * `POST /api/scim/service-provider/:id/sync`. Deletes accounts and groups on the other side that Pocket ID does not know.
   * @returns the provider as it is after the sync
   */
  sync(client: Reference): Promise<ScimProvider>;
}

const ScimProviderOnWire = ScimProvider.loose();
const readOnlyFields: ReadonlySet<string> = new Set(["id", "lastSyncedAt", "createdAt", "oidcClient"]);

export function scimProvidersOf(connection: Connection): ScimProviders {
  const find = (client: Reference) => idOf(oidcClientFinder, connection, client, "client");
  const readIf = (clientId: string) =>
    found(
      connection.json("GET /api/oidc/clients/:id/scim-service-provider", ScimProviderOnWire, {
        params: { id: clientId },
      }),
    );
  const read = async (clientId: string) => {
    const provider = await readIf(clientId);
    if (provider === undefined)
      throw new NotPossibleError("The client has no SCIM provider. Create one with scim_provider_create.");
    return provider;
  };

  const requireNone = async (clientId: string): Promise<void> => {
    if ((await readIf(clientId)) === undefined) return;
    throw new NotPossibleError(
      "The client has a SCIM provider already, and Pocket ID would make a second one. Change it with scim_provider_update.",
    );
  };

  return {
    require: async (client) => read(await find(client)),
    requireNone: async (client) => requireNone(await find(client)),
    get: async (client) => readIf(await find(client)),

    async create(client, { endpoint, token = "" }) {
      refuseRedacted(token, "token");
      const oidcClientId = await find(client);
      await requireNone(oidcClientId);
      await connection.request("POST /api/scim/service-provider", { body: { endpoint, token, oidcClientId } });
      return read(oidcClientId);
    },

    async update(client, patch) {
      refuseRedacted(patch.token, "token");
      const oidcClientId = await find(client);
      return updateFields(connection, {
        key: `scim:${oidcClientId}`,
        read: () => read(oidcClientId),
        write: async (body, { id }) => {
          const token = body.token ?? "";
          await connection.request("PUT /api/scim/service-provider/:id", {
            params: { id },
            body: { ...body, token, oidcClientId },
            once: true,
          });
          return [];
        },
        patch: () => ({ ...patch }),
        whole: { route: "GET /api/oidc/clients/:id/scim-service-provider", fields: ["endpoint", "token"] },
        readOnly: readOnlyFields,
        reason: () => "Pocket ID kept its own value.",
      });
    },

    async delete(client) {
      const { id } = await read(await find(client));
      await connection.request("DELETE /api/scim/service-provider/:id", { params: { id } });
    },

    async sync(client) {
      const clientId = await find(client);
      const { id } = await read(clientId);
      await connection.request("POST /api/scim/service-provider/:id/sync", { params: { id }, slow: true });
      return read(clientId);
    },
  };
}
