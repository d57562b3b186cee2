import type { Connection } from "./connection.ts";
import { InputError, PocketIdError } from "./errors.ts";
import { OidcClient, type OidcClientPatch } from "./objects/oidc-client.ts";
import { requireFields } from "./requirements.ts";
import { type Fields, type NotApplied, type Updated, updateFields } from "./update.ts";

const OidcClientOnWire = OidcClient.loose();

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
const writeOnlyFields: ReadonlySet<string> = new Set(["logoUrl", "darkLogoUrl"]);

/**
 * `PUT /api/oidc/clients/:id`, changing nothing but the fields given.
 * @throws {InputError} for fields that the running version does not have
 */
export async function updateClient(
  connection: Connection,
  id: string,
  patch: OidcClientPatch,
): Promise<Updated<OidcClient>> {
  await requireClientFields(connection, patch);
  return updateFields({
    read: async () => flatten(await connection.json("GET /api/oidc/clients/:id", OidcClientOnWire, { params: { id } })),
    write: async (body) => {
      try {
        await connection.request("PUT /api/oidc/clients/:id", { params: { id }, body: wireClient(body) });
        return [];
      } catch (error) {
        // Pocket ID downloads logos after it has stored the rest: the error then speaks of the logo alone.
        const refused = logoRefused(error, body);
        if (refused.length === 0) throw error;
        return refused;
      }
    },
    patch: (before) => withUrlChanges(before.callbackURLs, patch),
    readOnly: readOnlyFields,
    writeOnly: writeOnlyFields,
    reason: ({ clientType, isPublic }, field) => {
      if (clientType === "cimd") return "The client describes itself by its metadata document: change it there.";
      return isPublic && field === "pkceEnabled" ? "Public clients always use PKCE." : "Pocket ID kept its own value.";
    },
  });
}

/** Refuses fields that the running version would ignore. @throws {InputError} */
export async function requireClientFields(connection: Connection, fields: OidcClientPatch): Promise<void> {
  await requireFields(connection, "client", fields);
  for (const identity of fields.federatedIdentities ?? []) await requireFields(connection, "client", { ...identity });
}

type FlatClient = OidcClient & Fields;

/** Puts what is nested in `credentials` beside the other fields. */
function flatten({ credentials, ...client }: OidcClient & Fields): FlatClient {
  const { federatedIdentities, secrets, ...others } = credentials ?? {};
  return { ...client, credentials: others, federatedIdentities: federatedIdentities ?? [], secrets };
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
): Fields {
  if (addCallbackURLs.length === 0 && removeCallbackURLs.length === 0) return patch;
  const unknown = removeCallbackURLs.findIndex((url) => !current.includes(url));
  if (unknown !== -1) {
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
  const aboutLogo = error.code?.startsWith("logo_") || error.fields.some(({ field }) => /logourl$/i.test(field));
  return aboutLogo
    ? [...writeOnlyFields]
        .filter((field) => body[field] !== undefined)
        .map((field) => ({ field, reason: error.message }))
    : [];
}
