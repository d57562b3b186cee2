import * as z from "zod";
import type { Fields } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { InputError, PocketIdError } from "./errors.ts";
import { clientAccess } from "./membership.ts";
import { collection } from "./objects/collection.ts";
import { ClientSecret, FederatedIdentity, OidcClient, type OidcClientPatch } from "./objects/oidc-client.ts";
import { fieldsOfVersion, requireFields } from "./requirements.ts";
import { type NotApplied, type Updated, updateFields } from "./update.ts";

const Credentials = z.looseObject({
  federatedIdentities: collection(FederatedIdentity.loose()).optional(),
  secrets: collection(ClientSecret).optional(),
});
const OidcClientOnWire = z.looseObject({ ...OidcClient.shape, credentials: Credentials.nullish() });

const readOnlyFields: ReadonlySet<string> = new Set([
  "id",
  "hasLogo",
  "hasDarkLogo",
  "clientType",
  "pkceSupported",
  "secrets",
  "allowedUserGroups",
  "allowedUserGroupsCount",
]);
/** What a PUT resets where it is left out: without `isGroupRestricted`, it opens the client to everyone. */
const resetByPut = [
  "name",
  "description",
  "launchURL",
  "callbackURLs",
  "logoutCallbackURLs",
  "isPublic",
  "pkceEnabled",
  "requiresReauthentication",
  "requiresPushedAuthorizationRequests",
  "skipConsent",
  "isGroupRestricted",
  "accessTokenDurationMinutes",
  "refreshTokenDurationMinutes",
  "credentials",
];
const writeOnlyFields: ReadonlySet<string> = new Set(["logoUrl", "darkLogoUrl"]);

/**
 * Checks that a change of the callback URLs says one thing.
 * @throws {InputError}
 */
export function checkClientPatch({
  callbackURLs,
  addCallbackURLs = [],
  removeCallbackURLs = [],
}: Pick<OidcClientPatch, "callbackURLs" | "addCallbackURLs" | "removeCallbackURLs">): void {
  if (callbackURLs !== undefined && addCallbackURLs.length + removeCallbackURLs.length > 0) {
    throw new InputError(
      "callbackURLs",
      "it stands for all of them. Give either callbackURLs, or addCallbackURLs and removeCallbackURLs.",
    );
  }
  const both = removeCallbackURLs.findIndex((url) => addCallbackURLs.includes(url));
  if (both !== -1)
    throw new InputError(`removeCallbackURLs[${both}]`, `${removeCallbackURLs[both]} is in addCallbackURLs, too.`);
}

/** A client as it was found by its name, with as much of it as that brought. */
export type SeenClient = Partial<OidcClient> & { readonly id: string };

/**
 * `PUT /api/oidc/clients/:id`, changing nothing but the fields given.
 * @param client as much of it as was seen; its id alone does
 * @throws {InputError} for fields that the running version does not have
 */
export async function updateClient(
  connection: Connection,
  client: SeenClient,
  patch: OidcClientPatch,
): Promise<Updated<OidcClient>> {
  checkClientPatch(patch);
  await requireClientFields(connection, patch);
  return connection.inTurn(clientAccess, () => writeClient(connection, client, patch));
}

/** The same, for who has the turn of {@link clientAccess} already. */
export async function writeClient(
  connection: Connection,
  client: SeenClient,
  patch: OidcClientPatch,
): Promise<Updated<OidcClient>> {
  const { id } = client;
  const wanted = await withDefaults(connection, patch);
  const { before, object, ...outcome } = await updateFields(connection, {
    key: `client:${id}`,
    seen: { ...client, ...flatCredentials(client.credentials) },
    read: async () => flatten(await connection.json("GET /api/oidc/clients/:id", OidcClientOnWire, { params: { id } })),
    write: async (body) => {
      try {
        await connection.request("PUT /api/oidc/clients/:id", { params: { id }, body: wireClient(body), once: true });
        return [];
      } catch (error) {
        // Pocket ID downloads logos after it has stored the rest: the error then speaks of the logo alone.
        const refused = logoRefused(error, body);
        if (refused.length === 0) throw error;
        return refused;
      }
    },
    patch: (current, again) => withUrlChanges(current.callbackURLs, wanted, again),
    whole: { route: "GET /api/oidc/clients/:id", fields: await fieldsOfVersion(connection, "client", resetByPut) },
    readOnly: readOnlyFields,
    writeOnly: writeOnlyFields,
    reason: ({ clientType, isPublic }, field) => {
      if (clientType === "cimd") return "The client describes itself by its metadata document: change it there.";
      return isPublic && field === "pkceEnabled" ? "Public clients always use PKCE." : "Pocket ID kept its own value.";
    },
  });
  return { ...outcome, before: nest(before), object: nest(object) };
}

/** A client before and after an update. */
export interface ClientPreview {
  readonly before: OidcClient;
  readonly after: OidcClient;
}

/** What Pocket ID takes of an update for a client that describes itself by its metadata document. */
const fieldsOfCimd: ReadonlySet<string> = new Set([
  "description",
  "launchURL",
  "requiresReauthentication",
  "requiresPushedAuthorizationRequests",
  "skipConsent",
  "isGroupRestricted",
  "accessTokenDurationMinutes",
  "refreshTokenDurationMinutes",
]);

/** What an update would make of a client. Only reads. @throws {InputError} */
export async function previewClient(
  connection: Connection,
  id: string,
  patch: OidcClientPatch,
): Promise<ClientPreview> {
  checkClientPatch(patch);
  await requireClientFields(connection, patch);
  const wanted = await withDefaults(connection, patch);
  const before = flatten(await connection.json("GET /api/oidc/clients/:id", OidcClientOnWire, { params: { id } }));
  const taken = Object.entries(withUrlChanges(before.callbackURLs, wanted, false)).filter(
    ([field, value]) => value !== undefined && (before.clientType !== "cimd" || fieldsOfCimd.has(field)),
  );
  const after = { ...before, ...Object.fromEntries(taken) };
  return { before: nest(before), after: nest({ ...after, pkceEnabled: after.pkceEnabled || after.isPublic }) };
}

/** Refuses fields that the running version would ignore. @throws {InputError} */
export async function requireClientFields(connection: Connection, fields: OidcClientPatch): Promise<void> {
  await requireFields(connection, "client", fields);
  for (const identity of fields.federatedIdentities ?? []) await requireFields(connection, "client", { ...identity });
}

/** Fills in what Pocket ID fills in, so that it compares as the same afterwards. */
async function withDefaults(connection: Connection, patch: OidcClientPatch): Promise<OidcClientPatch> {
  if (patch.federatedIdentities === undefined || !(await connection.supports("client.replayProtection"))) return patch;
  const federatedIdentities = patch.federatedIdentities.map((identity) => ({
    ...identity,
    replayProtection: identity.replayProtection ?? false,
  }));
  return { ...patch, federatedIdentities };
}

type FlatClient = OidcClient & Fields & Pick<z.output<typeof Credentials>, "federatedIdentities" | "secrets">;

/** Puts what is nested in `credentials` beside the other fields. */
const flatten = ({ credentials, ...client }: z.output<typeof OidcClientOnWire>): FlatClient => ({
  ...client,
  ...flatCredentials(credentials),
});

function flatCredentials(credentials: z.output<typeof Credentials> | null | undefined) {
  const { federatedIdentities, secrets, ...others } = credentials ?? {};
  // Without them, nobody knows which identities a PUT would take away; with them, there are none if none are named.
  return {
    credentials: credentials ? others : undefined,
    federatedIdentities: federatedIdentities ?? [],
    secrets,
  };
}

/** Puts it back. */
function nest({ federatedIdentities, secrets, credentials, ...client }: FlatClient): OidcClient {
  return { ...client, credentials: { ...credentials, federatedIdentities, secrets } };
}

/** The body as Pocket ID takes it. */
export function wireClient({ federatedIdentities, credentials, launchURL, description, ...fields }: Fields): Fields {
  return {
    ...fields,
    ...(description === undefined ? {} : { description: description ?? "" }),
    launchURL: launchURL || null,
    credentials: {
      ...(typeof credentials === "object" ? credentials : {}),
      federatedIdentities: federatedIdentities ?? [],
    },
  };
}

function withUrlChanges(
  current: readonly string[],
  { addCallbackURLs = [], removeCallbackURLs = [], ...patch }: OidcClientPatch,
  again: boolean,
): Fields {
  if (addCallbackURLs.length === 0 && removeCallbackURLs.length === 0) return patch;
  const unknown = removeCallbackURLs.findIndex((url) => !current.includes(url));
  if (unknown !== -1 && !again) {
    throw new InputError(
      `removeCallbackURLs[${unknown}]`,
      `the client has no such callback URL. It has: ${current.join(", ") || "none"}.`,
    );
  }
  const kept = current.filter((url) => !removeCallbackURLs.includes(url));
  return { ...patch, callbackURLs: [...new Set([...kept, ...addCallbackURLs])] };
}

/** The logos that a PUT did not take, or nothing if the error is about something else. */
function logoRefused(error: unknown, body: Fields): NotApplied[] {
  if (!(error instanceof PocketIdError)) return [];
  const aboutLogo =
    error.code === null
      ? // Pocket ID < 2.13: a logo that cannot be fetched is an error without a reason. What else was not stored shows when it is read back.
        error.status === 500
      : /^logo_|^file_type_/.test(error.code) || error.fields.some(({ field }) => /logourl$/i.test(field));
  return aboutLogo
    ? [...writeOnlyFields]
        .filter((field) => body[field] !== undefined)
        .map((field) => ({ field, reason: error.message }))
    : [];
}
