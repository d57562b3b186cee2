import type { OidcClientReference, User } from "@pocketid-mcp/core";
import { clients, quotedAll, quotedSome } from "@pocketid-mcp/core/runtime";

/** Accounts as they stand in a question. */
export const namesOf = (users: readonly Pick<User, "username">[]): string =>
  quotedSome(users.map(({ username }) => username));

/** Says who of them is an administrator, as a sentence with a space before it; empty if nobody is. */
export function administratorsAmong(users: readonly User[]): string {
  const administrators = users.filter(({ isAdmin }) => isAdmin);
  if (administrators.length === 0) return "";
  return ` ${namesOf(administrators)} ${administrators.length === 1 ? "is an administrator" : "are administrators"}.`;
}

/** What being in groups from the start means, in sentences. @param who such as `They are` */
export const joiningTexts = (
  who: string,
  groups: readonly { readonly name: string }[],
  { opens, claims }: { readonly opens: readonly OidcClientReference[]; readonly claims: readonly string[] },
): string[] => [
  ...(groups.length > 0 ? [`${who} in ${quotedAll(groups.map(({ name }) => name))} from the start.`] : []),
  ...(opens.length > 0 ? [`That opens ${clients(opens)}.`] : []),
  ...(claims.length > 0 ? [`It brings the claims ${quotedAll(claims)}.`] : []),
];

/** What a question about accounts stands on. */
export const standing = (users: readonly User[]) =>
  users.map(({ id, username, disabled, isAdmin }) => ({ id, username, disabled, isAdmin }));
