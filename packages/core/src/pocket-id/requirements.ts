import { oncePer } from "../once-per.ts";
import type { Connection } from "./connection.ts";
import { InputError, PocketIdError } from "./errors.ts";
import { type Availability, type Feature, features, isAvailable, type Route, routes } from "./versions.ts";

/**
 * Refuses fields that the running version does not have: Pocket ID would ignore them without a word.
 * @param object the object they belong to in the version table, such as `user`
 * @throws {InputError} naming the field and the version it came with
 */
export async function requireFields(
  connection: Connection,
  object: string,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const field of Object.keys(given)) {
    const feature = `${object}.${field}`;
    if (given[field] !== undefined && isFeature(feature)) await requireFeature(connection, feature, field);
  }
}

/** The same for one feature. */
export async function requireFeature(connection: Connection, feature: Feature, field: string): Promise<void> {
  const availability: Availability = features[feature];
  const { version } = await connection.version();
  if (isAvailable(availability, version)) return;
  throw new InputError(
    field,
    `it needs Pocket ID ${availability.since} or later, and this one is ${version}. Leave it out, or update Pocket ID.`,
  );
}

/** Those among some fields of an object that the running version has. */
export async function fieldsOfVersion(
  connection: Connection,
  object: string,
  fields: readonly string[],
): Promise<string[]> {
  const { version } = await connection.version();
  return fields.filter((field) => {
    const feature = `${object}.${field}`;
    return !isFeature(feature) || isAvailable(features[feature], version);
  });
}

const isFeature = (name: string): name is Feature => name in features;

/** Says whether some supported version lacks an operation. */
export const isNotEverywhere = oncePer((route: Route): boolean => Object.keys(routes[route]).length > 0);

/** Refuses an operation that a version does not have. @throws {PocketIdError} */
export function requireRoute(route: Route, version: string): void {
  if (!isAvailable(routes[route], version)) throw unknownOperation(route, version);
}

/** The error about an operation that is not there. */
export function unknownOperation(route: Route, version: string): PocketIdError {
  const { since, until }: Availability = routes[route];
  const when = since ? ` It came with ${since}.` : until ? ` It was there until ${until}.` : "";
  return new PocketIdError(`Pocket ID ${version} has no operation ${route}.${when}`, {
    status: null,
    code: "unknown_operation",
    route,
    hint: since
      ? `Update Pocket ID to ${since} or later.`
      : "Check that POCKETID_URL is the origin of a Pocket ID instance.",
  });
}
