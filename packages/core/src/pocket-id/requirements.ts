import type { Connection } from "./connection.ts";
import { InputError } from "./errors.ts";
import { type Availability, type Feature, features, isAvailable } from "./versions.ts";

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

const isFeature = (name: string): name is Feature => name in features;
