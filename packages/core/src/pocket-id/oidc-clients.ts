import {
  type Access,
  type AccessChanged,
  type AccessKind,
  accessOf,
  changeAccess,
  checkAccessChange,
  previewAccess,
} from "./client-access.ts";
import { clientListing, countOpenClients, type OidcClientFilters, type OidcClientListing } from "./client-listing.ts";
import { type ClientLogos, clientLogosOf } from "./client-logos.ts";
import { clientWithMetadata, type RefreshedClient, refreshClientMetadata } from "./client-metadata.ts";
import { type ClientSecrets, clientSecretsOf } from "./client-secrets.ts";
import { type ClientPreview, previewClient, requireClientFields, updateClient, wireClient } from "./client-update.ts";
import type { Connection } from "./connection.ts";
import { after, InputError } from "./errors.ts";
import { oidcClientFinder, userFinder, userGroupFinder } from "./finders.ts";
import type { List } from "./list.ts";
import { accessibleClientList, authorizedClientList, oidcClientList } from "./lists.ts";
import type { SetChange } from "./membership.ts";
import { checkClientSecret, checkNewSecret, createClientSecret } from "./new-client-secret.ts";
import {
  type AccessibleClient,
  type AuthorizedClient,
  ClaimsPreview,
  OidcClient,
  type OidcClientPatch,
  type OidcClientReference,
} from "./objects/oidc-client.ts";
import type { UserGroupReference } from "./objects/user-group.ts";
import { findAll, idOf, objectOf, type Reference } from "./reference.ts";
import type { NotApplied, Updated } from "./update.ts";

/** What a new client is made of. */
export interface NewOidcClient
  extends Omit<OidcClientPatch, "isGroupRestricted" | "addCallbackURLs" | "removeCallbackURLs"> {
  name: string;
  /** Client id; a random one if left out. */
  id?: string | undefined;
  /** Who may sign in: if left out, the groups named, and without any, nobody. */
  access?: AccessKind | undefined;
  groups?: readonly Reference<UserGroupReference>[] | undefined;
  /** A secret of one's own. Pocket ID >= 2.12. */
  secret?: string | undefined;
}

export interface CreatedOidcClient {
  readonly client: OidcClient;
  /** Shown this once; public clients have none. */
  readonly secret?: string;
  /** Logos that could not be fetched. */
  readonly notApplied: NotApplied[];
}

/** Who may sign in, as a caller says it. */
export interface AccessRequest extends Pick<SetChange<Reference<UserGroupReference>>, "add" | "remove"> {
  access?: AccessKind | undefined;
  groups?: readonly Reference<UserGroupReference>[] | undefined;
}

/** The OIDC clients of an instance. Wherever one is asked for, a client id or a name does. */
export interface OidcClients extends List<OidcClient>, ClientSecrets, ClientLogos {
  /** How many clients are open to everyone. */
  countOpen(): Promise<number>;
  /** How to list the clients that a filter picks, and who may sign in to each. @throws {InputError} */
  listing(filters: OidcClientFilters): Promise<OidcClientListing>;
  /** `GET /api/oidc/clients/:id`: one client with its allowed groups. */
  get(client: Reference): Promise<OidcClient>;
  /**
   * Creates a client that only its groups can use (nobody, if none is named), with PKCE, and with a secret if it is confidential.
   * Routes: `POST /api/oidc/clients`, `PUT …/allowed-user-groups`, `POST …/secrets`.
   */
  create(client: NewOidcClient): Promise<CreatedOidcClient>;
  /** `PUT /api/oidc/clients/:id`, changing nothing but the fields given. */
  update(client: Reference, patch: OidcClientPatch): Promise<Updated<OidcClient>>;
  /** `DELETE /api/oidc/clients/:id`. Its SCIM provider and everybody's authorizations go with it. */
  delete(client: Reference): Promise<void>;
  /** Who may sign in. */
  access(client: Reference): Promise<Access>;
  /** Changes who may sign in, never opening a gap on the way. */
  updateAccess(client: Reference, change: AccessRequest): Promise<AccessChanged>;
  /** What a change of access would come to. Only reads. @throws {InputError} where the change would */
  previewAccess(client: Reference, change: AccessRequest): Promise<{ before: Access; after: Access }>;
  /** What an update would make of a client. Only reads. @throws {InputError} where the update would */
  previewUpdate(client: Reference, patch: OidcClientPatch): Promise<ClientPreview>;
  /** Refuses a new client that could not be created, before anything is. @throws {InputError} */
  requireCreatable(client: NewOidcClient): Promise<void>;
  /** What it means that a group is, or is no longer, among the allowed ones of these clients: sentences for those where it surprises. */
  explainAllowed(added: readonly OidcClientReference[], removed: readonly OidcClientReference[]): Promise<string[]>;
  /** `GET /api/oidc/clients/:id/preview/:userId`: what tokens of this client would say about a user. @throws {PocketIdError} `oidc_access_denied` */
  previewClaims(client: Reference, user: Reference, scopes?: readonly string[]): Promise<ClaimsPreview>;
  /** `GET /api/oidc/users/:id/authorized-clients`: the clients that a user has authorized. */
  authorizedBy(user: Reference): Promise<List<AuthorizedClient>>;
  /** `GET /api/oidc/users/me/clients`: the clients that the key's own owner may sign in to. */
  readonly accessible: List<AccessibleClient>;
  /** `POST /api/oidc/clients/:id/refresh`: reads the metadata document of a client again. Pocket ID >= 2.13. @throws {InputError} if it has none */
  refreshMetadata(client: Reference): Promise<RefreshedClient>;
  /** The client whose metadata document would be read. Only reads. @throws {InputError} if it has none */
  previewRefresh(client: Reference): Promise<OidcClient>;
  /** `DELETE /api/oidc/users/me/authorized-clients/:clientId`: takes back what the key's own owner authorized. */
  revokeOwnAuthorization(client: Reference): Promise<void>;
}

/**
 * Checks a new client without looking at what there is.
 * @returns who may sign in to it
 * @throws {InputError}
 */
export function checkNewClient({
  access,
  groups,
  secret,
  isPublic,
}: Pick<NewOidcClient, "access" | "groups" | "secret" | "isPublic">): AccessKind {
  const wanted = access ?? (groups === undefined ? "nobody" : "groups");
  checkAccessChange({ access: wanted, ...(wanted === "groups" || groups?.length ? { groups } : {}) });
  if (secret !== undefined && isPublic)
    throw new InputError("secret", "a public client has none. Leave it out, or isPublic.");
  checkClientSecret({ secret });
  return wanted;
}

/** @throws {InputError} */
async function requireCreatable(
  connection: Connection,
  { access, groups, secret, ...fields }: Omit<NewOidcClient, "name">,
): Promise<{ wanted: AccessKind; flag: boolean }> {
  const wanted = checkNewClient({ access, groups, secret, isPublic: fields.isPublic });
  await requireClientFields(connection, fields);
  await checkNewSecret(connection, { secret });
  const flag = await connection.supports("client.isGroupRestricted");
  if (flag || wanted !== "nobody") return { wanted, flag };
  throw new InputError(
    "groups",
    'Pocket ID before 2.0 opens a client without groups to everyone. Name the groups that may sign in, or say access: "everyone".',
  );
}

const defaultScopes = ["openid", "profile", "email", "groups"];

export function oidcClientsOf(connection: Connection): OidcClients {
  const read = (id: string) => connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } });
  const find = (client: Reference) => idOf(oidcClientFinder, connection, client, "client");
  const findGroups = (groups: readonly Reference<UserGroupReference>[] | undefined, field: string) =>
    groups && findAll(userGroupFinder(connection), groups, field);

  const findGroupsOf = async ({ groups, add, remove }: Omit<AccessRequest, "access">) => ({
    groups: await findGroups(groups, "groups"),
    add: await findGroups(add, "add"),
    remove: await findGroups(remove, "remove"),
  });

  const { list, all } = oidcClientList(connection);
  return {
    list,
    all,
    ...clientSecretsOf(connection, find),
    ...clientLogosOf(connection, find),
    accessible: accessibleClientList(connection),
    countOpen: () => countOpenClients(connection),
    listing: (filters) => clientListing(connection, filters),
    get: async (client) => read(await find(client)),

    requireCreatable: async (client) => void (await requireCreatable(connection, client)),

    async create({ access, groups, secret, logoUrl, darkLogoUrl, ...fields }) {
      const { wanted, flag } = await requireCreatable(connection, { access, groups, secret, ...fields });
      const found = await findGroups(groups, "groups");
      const body = wireClient({
        callbackURLs: [],
        logoutCallbackURLs: [],
        isPublic: false,
        pkceEnabled: true,
        ...fields,
        // Pocket ID < 2.0 ignores it; left out, a newer one that passes for an older one would open the client.
        isGroupRestricted: wanted !== "everyone",
      });
      // A client must not be left without its secret because that may not be made.
      if (!body.isPublic) await connection.keeper?.begin();
      const { id } = await connection.json("POST /api/oidc/clients", OidcClient, { body });
      const created = (who = "") => `The client ${id} was created${who}; do not create it again.`;
      if (found?.length) {
        const body = { userGroupIds: found.map((group) => group.id) };
        await after(created(`, and ${flag ? "nobody can sign in to it yet" : "everyone can sign in to it"}`), () =>
          connection.request("PUT /api/oidc/clients/:id/allowed-user-groups", { params: { id }, body }),
        );
      }
      return after(created(), async () => {
        // A logo that cannot be fetched is an error after everything else was stored.
        const logos =
          logoUrl || darkLogoUrl ? await updateClient(connection, { id }, { logoUrl, darkLogoUrl }) : undefined;
        const notApplied = logos?.notApplied ?? [];
        const client = await read(id);
        if (fields.isPublic) return { client, notApplied };
        // Last: whatever failed after it would lose a value that is shown this once.
        const made = await createClientSecret(connection, id, { secret });
        return { client: await read(id).catch(() => client), secret: made.secret, notApplied };
      });
    },

    update: async (client, patch) =>
      updateClient(connection, await objectOf(oidcClientFinder, connection, client, "client"), patch),

    async delete(client) {
      await connection.request("DELETE /api/oidc/clients/:id", { params: { id: await find(client) } });
    },

    async previewAccess(client, { access, ...change }) {
      const found = await findGroupsOf(change);
      return previewAccess(connection, await find(client), { access, ...found });
    },

    previewUpdate: async (client, patch) => previewClient(connection, await find(client), patch),

    access: async (client) => accessOf(await read(await find(client))),

    async updateAccess(client, { access, ...change }) {
      checkAccessChange({ access, ...change });
      const seen = await objectOf(oidcClientFinder, connection, client, "client");
      return changeAccess(connection, seen, { access, ...(await findGroupsOf(change)) });
    },

    async explainAllowed(added, removed) {
      const notes: string[] = [];
      for (const { id, name } of added) {
        if (accessOf(await read(id)).access === "everyone") {
          notes.push(
            `${name} is open to everyone, so naming the group changes nothing. Restrict it with oidc_client_update_allowed_groups.`,
          );
        }
      }
      for (const { id, name } of removed) {
        if (accessOf(await read(id)).access === "nobody")
          notes.push(`${name} has no allowed group any more: nobody can sign in to it.`);
      }
      return notes;
    },

    async previewClaims(client, user, scopes = defaultScopes) {
      const id = await find(client);
      const userId = await idOf(userFinder, connection, user, "user");
      // Pocket ID's own description says comma-separated; with commas it drops them all without a word.
      const query = { scopes: scopes.join(" ") };
      return connection.json("GET /api/oidc/clients/:id/preview/:userId", ClaimsPreview, {
        params: { id, userId },
        query,
      });
    },

    authorizedBy: async (user) => authorizedClientList(connection, await idOf(userFinder, connection, user, "user")),

    previewRefresh: async (client) => clientWithMetadata(connection, await find(client)),
    refreshMetadata: async (client) => refreshClientMetadata(connection, await find(client)),

    async revokeOwnAuthorization(client) {
      await connection.request("DELETE /api/oidc/users/me/authorized-clients/:clientId", {
        params: { clientId: await find(client) },
      });
    },
  };
}
