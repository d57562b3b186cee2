import { InputError } from "./errors.ts";

/** What stands in place of a secret. */
export const redactedValue = "[redacted]";

/** What Pocket ID shows instead of a password while UI_CONFIG_DISABLED is set. */
export const maskedByPocketId = "XXXXXXXXXX";

/** Says whether this stands for a secret. */
export const isMask = (value: unknown): boolean => value === redactedValue || value === maskedByPocketId;

/**
 * Refuses to store what stands for a secret as if it were one.
 * @throws {InputError}
 */
export function refuseRedacted(value: unknown, field: string): void {
  if (isMask(value)) {
    throw new InputError(
      field,
      "this stands for a secret that is kept as it is. Leave the field out to keep it, or give the new value.",
    );
  }
}
