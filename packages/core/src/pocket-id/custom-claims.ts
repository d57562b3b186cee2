import * as z from "zod";
import { changeOf } from "./change-record.ts";
import { sameValue } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { InputError } from "./errors.ts";
import { userFinder, userGroupFinder } from "./finders.ts";
import type { CustomClaim } from "./objects/custom-claim.ts";
import { User } from "./objects/user.ts";
import { UserGroup } from "./objects/user-group.ts";
import { idOf, objectOf, type Reference } from "./reference.ts";
import { rewrite } from "./rewrite.ts";
import type { NotApplied } from "./update.ts";

/** A change of claims: some set, some removed, or exactly these. */
export interface ClaimsChange {
  set?: readonly CustomClaim[] | undefined;
  remove?: readonly string[] | undefined;
  replace?: readonly CustomClaim[] | undefined;
}

export interface ClaimsChanged {
  /** The claims as Pocket ID holds them now. */
  readonly customClaims: CustomClaim[];
  /** Keys that are new or have another value. */
  readonly set: string[];
  /** Keys that are gone. */
  readonly removed: string[];
  readonly notApplied: NotApplied[];
  /** Keys that somebody else changed while this was under way, and that are as they left them. */
  readonly kept: string[];
}

/** Custom claims of users and groups. A user's own claim wins over the one of a group. */
export interface CustomClaims {
  /** `GET /api/custom-claims/suggestions`: keys in use, the most used first. */
  suggestions(): Promise<string[]>;
  /** `PUT /api/custom-claims/user/:id`; claims that are not named stay. */
  updateForUser(user: Reference, change: ClaimsChange): Promise<ClaimsChanged>;
  /** `PUT /api/custom-claims/user-group/:id`; claims that are not named stay. */
  updateForGroup(group: Reference, change: ClaimsChange): Promise<ClaimsChanged>;
}

/** Keys that OpenID Connect or Pocket ID uses itself; Pocket ID refuses them. */
export const reservedClaims: ReadonlySet<string> = new Set(
  (
    "given_name family_name name email email_verified preferred_username display_name groups type " +
    "sub iss aud exp iat auth_time nonce acr amr azp client_id nbf jti"
  ).split(" "),
);

export function customClaimsOf(connection: Connection): CustomClaims {
  return {
    suggestions: () => connection.json("GET /api/custom-claims/suggestions", z.array(z.string())),

    async updateForUser(user, change) {
      checkClaimsChange(change);
      const { id, customClaims: seen } = await objectOf(userFinder, connection, user, "user");
      const read = async () => (await connection.json("GET /api/users/:id", User, { params: { id } })).customClaims;
      return changeClaims(connection, {
        key: `claims:${id}`,
        object: `user:${id}`,
        seen,
        read,
        write: (body) => connection.request("PUT /api/custom-claims/user/:id", { params: { id }, body, once: true }),
        change,
      });
    },

    async updateForGroup(group, change) {
      checkClaimsChange(change);
      const id = await idOf(userGroupFinder, connection, group, "group");
      const read = async () =>
        (await connection.json("GET /api/user-groups/:id", UserGroup, { params: { id } })).customClaims;
      return changeClaims(connection, {
        key: `claims:${id}`,
        object: `group:${id}`,
        read,
        write: (body) =>
          connection.request("PUT /api/custom-claims/user-group/:id", { params: { id }, body, once: true }),
        change,
      });
    },
  };
}

const valueAt = (claims: readonly CustomClaim[], key: string): string | undefined =>
  claims.find((claim) => claim.key === key)?.value;

interface ClaimsSteps {
  readonly key: string;
  /** Kind and id of the object whose claims they are. */
  readonly object: string;
  /** What was found by its name. */
  readonly seen?: CustomClaim[] | undefined;
  read(): Promise<CustomClaim[]>;
  write(body: CustomClaim[]): Promise<unknown>;
  readonly change: ClaimsChange;
}

async function changeClaims(
  connection: Connection,
  { key, object, seen: found, read, write, change }: ClaimsSteps,
): Promise<ClaimsChanged> {
  let wanted: CustomClaim[] = [];
  const {
    seen,
    before,
    based,
    after: customClaims,
  } = await rewrite(connection, {
    key,
    seen: found,
    read,
    change(current, again) {
      const left = again ? (change.remove ?? []).filter((key) => valueAt(current, key) !== undefined) : change.remove;
      wanted = applyClaimsChange(current, { ...change, remove: left });
      return sameValue(current, wanted) ? undefined : () => write(wanted);
    },
  });
  // Keys and values are texts: how many there are is all that can be told.
  if (!sameValue(before, customClaims))
    connection.tellChange(changeOf(object, ["customClaims"], { customClaims: before }, { customClaims }));
  const differing = (claims: readonly CustomClaim[], others: readonly CustomClaim[]) =>
    claims.filter(({ key, value }) => valueAt(others, key) !== value).map(({ key }) => key);
  const asked = new Set([...(change.set ?? []).map(({ key }) => key), ...(change.remove ?? [])]);
  const keysChanged = (from: readonly CustomClaim[], to: readonly CustomClaim[]) => [
    ...new Set([...differing(to, from), ...differing(from, to)]),
  ];
  const kept =
    change.replace === undefined
      ? [...keysChanged(seen, before), ...keysChanged(before, based)].filter((key) => !asked.has(key))
      : [];
  const ours = (key: string) => !kept.includes(key);
  return {
    customClaims,
    set: differing(customClaims, before).filter(ours),
    removed: before
      .map(({ key }) => key)
      .filter((key) => valueAt(customClaims, key) === undefined)
      .filter(ours),
    notApplied: keysChanged(wanted, customClaims).map((field) => ({
      field,
      reason: "It is not as asked for afterwards: somebody else may have changed the claims at the same time.",
    })),
    kept,
  };
}

/**
 * Checks a change without looking at what there is.
 * @throws {InputError}
 */
export function checkClaimsChange({ set, remove, replace }: ClaimsChange): void {
  if (replace !== undefined && (set !== undefined || remove !== undefined)) {
    throw new InputError("replace", "it stands for all claims. Give either replace, or set and remove.");
  }
  if (replace === undefined && !set?.length && !remove?.length)
    throw new InputError("set", "there is nothing to change. Give set, remove or replace.");
  const field = replace === undefined ? "set" : "replace";
  const seen = new Set<string>();
  for (const [index, { key, value }] of (replace ?? set ?? []).entries()) {
    const where = `${field}[${index}]`;
    if (key.trim() === "" || value === "")
      throw new InputError(where, "key and value must not be empty. To take a claim away, name its key in remove.");
    if (reservedClaims.has(key))
      throw new InputError(where, `${key} is reserved for OpenID Connect. Choose another key.`);
    if (seen.has(key)) throw new InputError(where, `${key} is there twice. A claim has one value.`);
    if (remove?.includes(key)) throw new InputError(where, `${key} is in remove, too.`);
    seen.add(key);
  }
}

/** The claims that a change sets: those with a new key, or another value, by key. @throws {InputError} for a key to remove that is not there */
export const claimsSetBy = (current: readonly CustomClaim[], change: ClaimsChange): CustomClaim[] =>
  applyClaimsChange(current, change)
    .filter(({ key, value }) => !current.some((claim) => claim.key === key && sameValue(claim.value, value)))
    .sort((one, other) => (one.key < other.key ? -1 : 1));

/** The claims that a change makes of the current ones. @throws {InputError} for a key to remove that is not there */
export function applyClaimsChange(
  current: readonly CustomClaim[],
  { set = [], remove = [], replace }: ClaimsChange,
): CustomClaim[] {
  if (replace !== undefined) return [...replace];
  const keys = current.map(({ key }) => key);
  const missing = remove.find((key) => !keys.includes(key));
  if (missing !== undefined) {
    throw new InputError(
      `remove[${remove.indexOf(missing)}]`,
      `there is no claim ${JSON.stringify(missing)}. There are: ${keys.join(", ") || "none"}.`,
    );
  }
  const kept = current.filter(({ key }) => !remove.includes(key));
  const changed = kept.map((claim) => set.find(({ key }) => key === claim.key) ?? claim);
  return [...changed, ...set.filter(({ key }) => !kept.some((claim) => claim.key === key))];
}
