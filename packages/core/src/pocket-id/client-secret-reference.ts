import { InputError } from "./errors.ts";
import type { ClientSecret } from "./objects/oidc-client.ts";

/** Says whether a secret still works. */
export const isActiveSecret = ({ isActive }: ClientSecret): boolean => isActive !== false;

/** A secret as a person recognises it. */
const describeSecret = ({ id, prefix, createdAt, expiresAt, isActive }: ClientSecret): string =>
  [
    prefix === "" ? "of before 2.14" : `${prefix}…`,
    `made ${createdAt.slice(0, 10)}`,
    ...(isActive === false ? ["expired"] : expiresAt ? [`expires ${expiresAt.slice(0, 10)}`] : []),
    `id ${id}`,
  ].join(", ");

const mostCandidates = 5;

/** Several of them, in one line. */
export function describeSecrets(secrets: readonly ClientSecret[]): string {
  const shown = secrets.slice(0, mostCandidates).map(describeSecret).join("; ");
  return secrets.length > mostCandidates ? `${shown}; and ${secrets.length - mostCandidates} more` : shown;
}

/**
 * The one secret that an id or a prefix names.
 * @throws {InputError} if it names none or several, with candidates
 */
export function findSecret(secrets: readonly ClientSecret[], reference: string, field: string): ClientSecret {
  const byId = secrets.find(({ id }) => id === reference);
  if (byId !== undefined) return byId;
  const [first, ...others] = secrets.filter(({ prefix }) => prefix !== "" && prefix === reference);
  if (first !== undefined && others.length === 0) return first;
  throw new InputError(
    field,
    first === undefined
      ? `the client has no secret with this id or prefix. It has: ${describeSecrets(secrets) || "none"}.`
      : `several secrets begin with it: ${describeSecrets([first, ...others])}. Give the id.`,
  );
}
