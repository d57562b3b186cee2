import { grantRecord } from "./api-grant-record.ts";
import { findPermissions, nameGrant } from "./api-permission-names.ts";
import type { Fields } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { InputError } from "./errors.ts";
import type { Api, ApiGrant, ApiGrantOnWire } from "./objects/api.ts";
import { type NotApplied, updateFields } from "./update.ts";

/** What a client is to get, or to lose. What is left out stays as it is. */
export interface ApiGrantRequest {
  /** To call the API in the name of people, even without a permission (Pocket ID >= 2.14). */
  userDelegatedAccess?: true | undefined;
  /** Keys of what it may do in the name of people. */
  userDelegatedPermissions?: readonly string[] | undefined;
  /** To call the API as itself, even without a permission (Pocket ID >= 2.14). */
  clientAccess?: true | undefined;
  /** Keys of what it may do as itself. */
  clientPermissions?: readonly string[] | undefined;
}

export interface ApiGrantChanged {
  /** What the client may do at this API now. */
  readonly grant: ApiGrant;
  readonly changed: string[];
  readonly notApplied: NotApplied[];
  /** Fields that somebody else changed while this was under way, and that are as they left them. */
  readonly kept: string[];
}

/** The two halves of a grant, by the names of their fields. */
const halves = [
  { access: "userDelegatedAccess", permissions: "userDelegatedPermissions", ids: "userDelegatedPermissionIds" },
  { access: "clientAccess", permissions: "clientPermissions", ids: "clientPermissionIds" },
] as const;
type Half = (typeof halves)[number];

/** Checks that a request names something to grant. @throws {InputError} */
export function checkGrant(request: ApiGrantRequest): void {
  if (halves.every(({ access, permissions }) => !request[access] && !request[permissions]?.length)) {
    throw new InputError(
      "userDelegatedPermissions",
      "there is nothing to grant. Say what the client may do in the name of people (userDelegatedPermissions, userDelegatedAccess) or as itself (clientPermissions, clientAccess).",
    );
  }
}

/**
 * Gives a client what is named at an API; whatever else it may do, here and at other APIs, stays.
 * @param api as it is now
 * @throws {InputError}
 */
export async function grantApi(
  connection: Connection,
  api: Api,
  clientId: string,
  request: ApiGrantRequest,
): Promise<ApiGrantChanged> {
  return changeGrant(connection, api, clientId, await granting(connection, api, request));
}

/**
 * Takes from a client what is named at an API, or everything if nothing is; what it may do at other APIs stays.
 * @param api as it is now
 * @throws {InputError}
 */
export const revokeApi = async (
  connection: Connection,
  api: Api,
  clientId: string,
  request: ApiGrantRequest,
): Promise<ApiGrantChanged> => changeGrant(connection, api, clientId, revoking(api, request));

/** What a client may do at an API before and after a change. */
export interface ApiGrantPreview {
  readonly before: ApiGrant;
  readonly after: ApiGrant;
}

/** What a grant, or a revocation, would make of what a client may do at an API. Only reads. @throws {InputError} */
export async function previewGrant(
  connection: Connection,
  kind: "grant" | "revoke",
  api: Api,
  clientId: string,
  request: ApiGrantRequest,
): Promise<ApiGrantPreview> {
  const patch = patchBy(kind === "grant" ? await granting(connection, api, request) : revoking(api, request));
  const withoutPermission = await connection.supports("api.clientGrants");
  const before = await (await grantRecord(connection, api, clientId)).read();
  const after: ApiGrantOnWire = { ...before, ...patch(before) };
  const has = ({ access, ids }: Half) => after[ids].length > 0 || (withoutPermission && after[access]);
  return {
    before: nameGrant(api, before),
    after: nameGrant(api, { ...after, userDelegatedAccess: has(halves[0]), clientAccess: has(halves[1]) }),
  };
}

/** What a change makes of one half of a grant. */
type HalfPatch = (half: Half, before: ApiGrantOnWire) => Fields;

/** The same for both halves. */
const patchBy =
  (change: HalfPatch) =>
  (before: ApiGrantOnWire): Fields =>
    Object.assign({}, ...halves.map((half) => change(half, before)));

async function granting(connection: Connection, api: Api, request: ApiGrantRequest): Promise<HalfPatch> {
  checkGrant(request);
  const ids = idsIn(api, request);
  const withoutPermission = await connection.supports("api.clientGrants");
  return (half, before) => {
    if (!request[half.access] && ids[half.ids].length === 0) return {};
    const wanted = [...new Set([...before[half.ids], ...ids[half.ids]])].sort();
    if (wanted.length > 0 || withoutPermission) return { [half.access]: true, [half.ids]: wanted };
    throw new InputError(
      half.access,
      `Pocket ID before 2.14 knows no access without a permission. Name some in ${half.permissions}.`,
    );
  };
}

function revoking(api: Api, request: ApiGrantRequest): HalfPatch {
  const ids = idsIn(api, request);
  // An empty list names nothing as well, and is no way to say everything.
  const everything = halves.every(
    (half) => request[half.access] === undefined && request[half.permissions] === undefined,
  );
  return (half, before) => {
    if (everything || request[half.access]) return { [half.access]: false, [half.ids]: [] };
    if (ids[half.ids].length === 0) return {};
    return { [half.ids]: before[half.ids].filter((id) => !ids[half.ids].includes(id)) };
  };
}

function idsIn(api: Api, request: ApiGrantRequest): Record<Half["ids"], string[]> {
  const find = (field: Half["permissions"]) =>
    findPermissions(api, request[field] ?? [], field).map((permission) => permission.id);
  return {
    userDelegatedPermissionIds: find("userDelegatedPermissions"),
    clientPermissionIds: find("clientPermissions"),
  };
}

async function changeGrant(
  connection: Connection,
  api: Api,
  clientId: string,
  change: HalfPatch,
): Promise<ApiGrantChanged> {
  const { object, changed, notApplied, kept } = await updateFields(connection, {
    // Pocket ID < 2.14 keeps the grants of a client at all APIs in one place.
    key: `grants:${clientId}`,
    ...(await grantRecord(connection, api, clientId)),
    patch: patchBy(change),
    whole: { route: "GET /api/api-access/:clientId/apis", fields: halves.flatMap(({ access, ids }) => [access, ids]) },
    readOnly: new Set(["cimdGrantedAccess", "cimdGrantedPermissionIds"]),
    reason: (_grant, field) =>
      field.startsWith("client")
        ? "Pocket ID gives a public client nothing of its own: it cannot act as itself."
        : "Pocket ID kept its own value.",
  });
  return {
    grant: nameGrant(api, object),
    changed: changed.map(withoutId),
    notApplied: notApplied.map(({ field, reason }) => ({ field: withoutId(field), reason })),
    kept: kept.map(withoutId),
  };
}

/** What a field with ids is called where it holds names. */
const withoutId = (field: string): string => field.replace(/Ids$/, "s");
