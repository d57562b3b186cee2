import { changeOf } from "./change-record.ts";
import { changedFields } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { after, InputError } from "./errors.ts";
import { OidcClient } from "./objects/oidc-client.ts";

/** A client whose metadata document was read again. */
export interface RefreshedClient {
  readonly client: OidcClient;
  /** Fields that differ now. */
  readonly changed: string[];
  /** True if everybody's consent was revoked; undefined if Pocket ID does not show whether it was. */
  readonly consentsRevoked: true | undefined;
}

/** A change of these ends what users have consented to. So does one of the grant types, which Pocket ID does not show. */
const consentedFields: ReadonlySet<string> = new Set(["callbackURLs", "logoutCallbackURLs", "isPublic"]);

/**
 * `POST /api/oidc/clients/:id/refresh`: lets Pocket ID read the metadata document of a client again, at the address that is its id.
 * Pocket ID >= 2.13.
 * @throws {InputError} for a client that was not made by such a document
 */
export async function refreshClientMetadata(connection: Connection, id: string): Promise<RefreshedClient> {
  const before = await clientWithMetadata(connection, id);
  await connection.request("POST /api/oidc/clients/:id/refresh", { params: { id } });
  const client = await after("The document was read again.", () => readClient(connection, id));
  const changed = changedFields(before, client);
  if (changed.length > 0) connection.tellChange(changeOf(`client:${id}`, changed, before, client));
  return { client, changed, consentsRevoked: changed.some((field) => consentedFields.has(field)) || undefined };
}

/** Reads a client that was made by a metadata document. @throws {InputError} for any other */
export async function clientWithMetadata(connection: Connection, id: string): Promise<OidcClient> {
  await connection.require("POST /api/oidc/clients/:id/refresh");
  const client = await readClient(connection, id);
  if (client.clientType === "cimd") return client;
  throw new InputError(
    "client",
    `${client.name} has no metadata document: it did not register itself. Change it with oidc_client_update.`,
  );
}

const readClient = (connection: Connection, id: string): Promise<OidcClient> =>
  connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } });
