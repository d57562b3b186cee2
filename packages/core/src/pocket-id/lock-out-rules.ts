import { type Fields, sameValue } from "./compare.ts";
import { fromText, isTrue } from "./configuration-values.ts";
import type { ApiKey } from "./objects/api-key.ts";

/** An administrator who is not disabled, as far as coming in is concerned. */
export interface Administrator {
  readonly id: string;
  readonly username: string;
  readonly hasEmail: boolean;
  readonly fromLdap: boolean;
  /** Undefined where the running version does not show them. */
  readonly passkeys: number | undefined;
}

/** One administrator before and after a change; undefined is one no more. */
export interface Fate {
  readonly before: Administrator;
  readonly after: Administrator | undefined;
}

/**
 * Ways in, the surest last. By a link is the least, because somebody has to be there who makes it. A mailed link is less than a passkey,
 * because the mail server and the address may be as wrong as whoever set them.
 */
const ways = ["link", "mail", "passkey"] as const;
export type WayIn = (typeof ways)[number];

/** A way in that nobody would have any more, and who has it now. */
export interface LostWayIn {
  readonly way: WayIn;
  readonly who: readonly Administrator[];
}

/**
 * The way in that no administrator would have any more, although one had it before; undefined if there is none. What cannot be known counts
 * for those who lose something, and not for those who stay.
 * @param mail whether Pocket ID mails a link to whoever asks for one
 */
export function lostWayIn(
  fates: readonly Fate[],
  mail: { readonly before: boolean; readonly after: boolean },
): LostWayIn | undefined {
  const kept = Math.max(-1, ...fates.map(({ after }) => rank(after, mail.after, 0)));
  const losers = fates
    .map(({ before, after }) => ({ who: before, had: rank(before, mail.before, 1), has: rank(after, mail.after, 1) }))
    .filter(({ had, has }) => had > has);
  const highest = Math.max(-1, ...losers.map(({ had }) => had));
  const way = ways[highest];
  if (way === undefined || highest <= kept) return undefined;
  return { way, who: losers.filter(({ had }) => had === highest).map(({ who }) => who) };
}

/** The place of the surest way in; -1 for none. @param unknown what passkeys count as where they are not shown */
function rank(administrator: Administrator | undefined, mail: boolean, unknown: number): number {
  if (administrator === undefined) return -1;
  if ((administrator.passkeys ?? unknown) > 0) return ways.indexOf("passkey");
  return ways.indexOf(mail && administrator.hasEmail ? "mail" : "link");
}

type Stored = Readonly<Record<string, string>>;

/** Says whether Pocket ID mails a link to whoever asks for one on its sign-in page. Links that administrators mail do not count: they need one. */
export const mailsLinks = ({ emailOneTimeAccessAsUnauthenticatedEnabled, smtpHost }: Stored): boolean =>
  isTrue(emailOneTimeAccessAsUnauthenticatedEnabled) && Boolean(smtpHost);

/** Says whether a setting decides whether a mailed link arrives. */
const isMailSetting = (key: string): boolean =>
  key.startsWith("smtp") || key === "emailOneTimeAccessAsUnauthenticatedEnabled";

/** Settings of a change that may keep mailed links from arriving. */
export const mailSettings = (stored: Stored, patch: Fields): string[] =>
  changedSettings(stored, patch).filter(isMailSetting);

/** What decides who is found in the directory, and who of them is an administrator. */
const ldapSettings: ReadonlySet<string> = new Set([
  "ldapUrl",
  "ldapBindDn",
  "ldapBindPassword",
  "ldapBase",
  "ldapUserSearchFilter",
  "ldapUserGroupSearchFilter",
  "ldapAttributeUserUniqueIdentifier",
  "ldapAttributeUserUsername",
  "ldapAttributeUserEmail",
  "ldapAttributeGroupMember",
  "ldapAttributeGroupUniqueIdentifier",
  "ldapAttributeGroupName",
  "ldapAdminGroupName",
]);

/** Settings of a change after which the next sync, an hour later at most, may take the accounts from LDAP away or make them ordinary ones. */
export function ldapRisks(stored: Stored, patch: Fields): string[] {
  const before = isTrue(stored.ldapEnabled);
  const after = typeof patch.ldapEnabled === "boolean" ? patch.ldapEnabled : before;
  if (!after) return [];
  return before ? changedSettings(stored, patch).filter((key) => ldapSettings.has(key)) : ["ldapEnabled"];
}

/** Says whether a change of settings could lock administrators out, before anything is read. */
export const canLockOut = (patch: Fields): boolean =>
  Object.keys(patch).some((key) => isMailSetting(key) || ldapSettings.has(key) || key === "ldapEnabled");

/** A setting without which a sync makes every account from LDAP an ordinary one, or takes it away. */
export function settingThatSyncNeeds(stored: Stored): string | undefined {
  // Pocket ID < 2.0: the group of administrators has another name.
  const group = "ldapAdminGroupName" in stored ? "ldapAdminGroupName" : "ldapAttributeAdminGroup";
  const needed = [
    group,
    "ldapAttributeUserUniqueIdentifier",
    "ldapAttributeGroupUniqueIdentifier",
    "ldapAttributeGroupName",
  ];
  return needed.find((key) => !stored[key]);
}

const changedSettings = (stored: Stored, patch: Fields): string[] =>
  Object.keys(patch).filter(
    (key) => patch[key] !== undefined && !sameValue(fromText(key, stored[key] ?? ""), patch[key]),
  );

const dayMs = 86_400_000;

/** Says whether a key has been dead for so long that no difference between two clocks explains it. */
export const isLongDead = ({ expiresAt }: Pick<ApiKey, "expiresAt">, now = Date.now()): boolean =>
  Date.parse(expiresAt) < now - dayMs;
