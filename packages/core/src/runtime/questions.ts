import type { MembershipEffect } from "../pocket-id/group-effects.ts";
import type { CustomClaim } from "../pocket-id/objects/custom-claim.ts";
import { counted, type Question, quoted, quotedAll, quotedSome, quotedWhole } from "./confirm.ts";
import { quotedUrl } from "./quoted-url.ts";

// What tools of more than one server ask.

/** Characters of the value of a claim that are shown at the most. */
const longestValue = 500;

/** What a person is asked about claims that are set. @param whose such as `of "alice"` */
export function claimsText(set: readonly CustomClaim[], whose: string): string {
  const each = set.map(({ key, value }) => `${quotedWhole(key)} to ${quoted(value, longestValue)}`);
  return `Set ${counted(set.length, "claim")} ${whose}: ${each.join(", ")}? Applications that take one as a role or a right follow it.`;
}

/** How a change of who is in which groups is put. */
export interface MembershipTexts {
  /** Such as `Put "alice" into "board"?` */
  readonly joining: string;
  readonly leaving: string;
  /** What is left open about those who leave, such as `, unless another group lets them in`. */
  readonly unless?: string;
  readonly about: unknown;
}

/** The question about such a change; undefined if no client opens or closes by it, and nobody gets a claim. */
export function membershipQuestion<T>(
  effect: MembershipEffect<T>,
  { joining, leaving, unless = "", about }: MembershipTexts,
): Question | undefined {
  const { added, removed, opens, closes, closesToAll, claims } = effect;
  if (opens.length + closes.length + claims.length === 0) return undefined;
  const texts = [
    added.length > 0 ? joining : "",
    opens.length > 0 ? `This opens ${clients(opens)}.` : "",
    claims.length > 0 ? `It brings the ${claims.length === 1 ? "claim" : "claims"} ${quotedAll(claims)}.` : "",
    removed.length > 0 ? leaving : "",
    closes.length > 0 ? `This closes ${clients(closes)}${unless}.` : "",
    closesToAll.length > 0 ? nobodyLeft(closesToAll) : "",
  ];
  return { text: texts.filter(Boolean).join(" "), about: { about, effect } };
}

/** A client by its name. One that registered itself has chosen that, and is told by the address that is its id. */
export const quotedClient = ({ id, name }: { readonly id: string; readonly name: string }): string =>
  /^https?:/i.test(id) ? `${quoted(name)} (registered by ${quotedUrl(id)})` : quoted(name);

/** `2 clients: "Gitea", "Immich"`. */
export const clients = (some: readonly { readonly name: string }[]): string =>
  `${counted(some.length, "client")}: ${quotedSome(some.map(({ name }) => name))}`;

/** Says that clients are left to nobody. */
export const nobodyLeft = (some: readonly { readonly name: string }[]): string =>
  `Nobody can sign in to ${quotedSome(some.map(({ name }) => name))} any more.`;
