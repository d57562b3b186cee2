import { has } from "./membership.ts";
import type { OidcClientReference } from "./objects/oidc-client.ts";

/** A client that is restricted to groups. */
export interface GuardedClient extends OidcClientReference {
  readonly groups: readonly Group[];
}

interface Group {
  readonly id: string;
}

/** Clients that a person in the one groups may not sign in to, and in the other may. */
export const openedBy = (
  clients: readonly GuardedClient[],
  before: readonly Group[],
  after: readonly Group[],
): GuardedClient[] => clients.filter((client) => !letsIn(client, before) && letsIn(client, after));

const letsIn = ({ groups }: GuardedClient, theirs: readonly Group[]): boolean =>
  groups.some(({ id }) => has(theirs, id));

/**
 * Clients that somebody may sign in to now, and nobody afterwards.
 * @param members how many a group has, before and after
 */
export const leftToNobody = (
  clients: readonly GuardedClient[],
  members: { before(group: string): number; after(group: string): number },
): GuardedClient[] =>
  clients.filter(
    ({ groups }) =>
      groups.some(({ id }) => members.before(id) > 0) && groups.every(({ id }) => members.after(id) === 0),
  );
