import {
  type Configuration,
  type ConfigurationKeyName,
  type ConfigurationPatch,
  CustomClaim,
  isSecretKey,
  type PeopleCount,
  type PocketIdClient,
} from "@pocketid-mcp/core";
import {
  allQuotedUrls,
  capital,
  counted,
  minutesText,
  peopleText,
  type Question,
  quoted,
  quotedAll,
  quotedUrl,
  quotedUrls,
  quotedWhole,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

/** One value that changes, in the configuration that it belongs to. */
interface Change {
  readonly before: unknown;
  readonly after: unknown;
  readonly now: Configuration;
  readonly then: Configuration;
  readonly pocketId: PocketIdClient;
}

type Sentences = readonly string[] | Promise<readonly string[]>;
/** What a change of a value means for people; no sentence if it does no harm this way round. */
type Meaning = (change: Change) => Sentences;

const harmless: Meaning = () => [];

/** What it means that a setting is switched on, or off. */
const flag =
  ({ on = harmless, off = harmless }: { on?: Meaning; off?: Meaning }): Meaning =>
  (change) =>
    change.after === true ? on(change) : off(change);

const says =
  (sentence: string): Meaning =>
  () => [sentence];

/** Of a setting of the directory: it matters while LDAP is switched on, before and after. */
const withLdap =
  (meaning: Meaning): Meaning =>
  (change) =>
    change.now.ldapEnabled === true && change.then.ldapEnabled === true ? meaning(change) : [];

/** Of a setting of the mail server: it matters while there is one. */
const withMail =
  (sentences: (then: Configuration) => string[]): Meaning =>
  ({ then }) =>
    hasMail(then) ? sentences(then) : [];

const hasMail = ({ smtpHost, smtpPort, smtpFrom }: Configuration): boolean =>
  [smtpHost, smtpPort, smtpFrom].every((value) => value !== "" && value !== null && value !== undefined);

/** Of each of the three settings without which there is no mail. */
const mail: Meaning = ({ now, then }) => {
  const [was, is] = [hasMail(now), hasMail(then)];
  if (was && !is) return ["Mail is switched off: no sign-in links, no notifications."];
  const elsewhere = now.smtpHost !== then.smtpHost || now.smtpPort !== then.smtpPort;
  // Also where something is missing yet: the rest is as harmless as what comes last.
  if (!then.smtpHost || (is === was && !elsewhere)) return [];
  return [
    `Mails, sign-in links among them, go through ${quotedWhole(String(then.smtpHost))}${then.smtpPort ? `, port ${then.smtpPort}` : ""}.`,
    ...(was ? [] : [...mailInClear(then), ...mailToAnybody(then)]),
  ];
};

const mailInClear = ({ smtpTls }: Configuration): string[] =>
  smtpTls === "none"
    ? ["Mails, sign-in links among them, cross the network in clear text, and so does the password of the mail server."]
    : [];

const mailToAnybody = ({ smtpSkipCertVerify }: Configuration): string[] =>
  smtpSkipCertVerify === true
    ? ["Any certificate of the mail server is accepted: whoever stands in between reads sign-in links."]
    : [];

const directory: Meaning = withLdap(async ({ then, pocketId }) => [
  `The directory is read in another way: with the next sync, accounts that it does not find there any more are ${fate(then)}. ${fromLdap(await pocketId.people.fromLdap())}`,
]);

/** What becomes of accounts that are gone from the directory. */
const fate = ({ ldapSoftDeleteUsers }: Configuration): string =>
  ldapSoftDeleteUsers === false ? "deleted, with their history" : "disabled";

const fromLdap = (count: PeopleCount): string =>
  `${count === undefined ? "Accounts come" : `${capital(counted(count, "account"))} ${count > 1 ? "come" : "comes"}`} from there today.`;

/** Pocket ID < 2.0 calls the group of administrators by another key. */
function administrators({ ldapAdminGroupName, ldapAttributeAdminGroup }: Configuration): string {
  const group = String(ldapAdminGroupName ?? ldapAttributeAdminGroup ?? "");
  return group === ""
    ? "No account from there stays an administrator."
    : `Members of ${quoted(group)} there become administrators, and no other account from there stays one.`;
}

const directoryOfAnybody = ({ ldapSkipCertVerify }: Configuration): string[] =>
  ldapSkipCertVerify === true
    ? ["Any certificate of the directory is accepted: whoever stands in between decides who has an account."]
    : [];

/** What new accounts get by themselves. */
async function groupsOfNewAccounts(ids: readonly string[], { userGroups }: PocketIdClient): Promise<string[]> {
  if (ids.length === 0) return [];
  const names = new Map<string, string>();
  for await (const { id, name } of userGroups.all()) names.set(id, name);
  return [`New accounts get into ${quotedAll(ids.map((id) => names.get(id) ?? id))} by themselves.`];
}

const CustomClaims = z.array(CustomClaim);

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** What changing each key means, the gravest first. Every key is here, so that a new one has to be decided on. */
const meanings: Readonly<Record<ConfigurationKeyName, Meaning>> = {
  allowUserSignups: async ({ before, after, then, pocketId }) => {
    if (after === "withToken" && before === "disabled") return ["Whoever has a signup link can make an account."];
    if (after !== "open") return [];
    const open = await pocketId.oidcClients.countOpen();
    const clients = `${counted(open, "client")} that ${open === 1 ? "is" : "are"} open to everyone`;
    return [
      `Anybody who reaches this Pocket ID can make an account${open > 0 ? `, and sign in to the ${clients}` : ""}.`,
      ...(await groupsOfNewAccounts(texts(then.signupDefaultUserGroupIDs), pocketId)),
    ];
  },
  signupDefaultUserGroupIDs: ({ before, after, pocketId }) =>
    groupsOfNewAccounts(
      texts(after).filter((id) => !texts(before).includes(id)),
      pocketId,
    ),
  signupDefaultCustomClaims: ({ after }) => {
    const claims = CustomClaims.safeParse(after).data ?? [];
    if (claims.length === 0) return [];
    const keys = quotedAll(claims.map(({ key }) => key));
    return [`New accounts get the claims ${keys}, by which applications may let them do more.`];
  },

  emailOneTimeAccessAsUnauthenticatedEnabled: flag({
    on: async ({ pocketId: { people } }) => [
      "Anybody can have a sign-in link mailed to any account: whoever reads the mailbox gets in without a passkey. " +
        `That is about ${peopleText(await people.enabled())}, ${counted(await people.administrators(), "administrator")} among them.`,
    ],
    off: says("Whoever has lost the passkey can no longer have a sign-in link mailed."),
  }),
  emailOneTimeAccessAsAdminEnabled: flag({
    on: says("Administrators, and whoever has this API key, can have a sign-in link mailed to any account."),
  }),
  webauthnUserVerification: ({ after }) => [
    after === "required"
      ? "Passkeys that ask for no PIN, fingerprint or face stop working."
      : "A passkey alone is enough to sign in: PIN, fingerprint or face need not be asked for.",
  ],
  webauthnAllowSyncedPasskeys: flag({
    off: says(
      "New passkeys may not be synced between devices any more: whoever has no other kind cannot add one. Existing ones keep working.",
    ),
  }),
  webauthnAuthenticatorAttachment: ({ after }) =>
    after === "any"
      ? []
      : [
          `New passkeys have to be of one kind (${String(after)}): whoever has none of it cannot add one. Existing ones keep working.`,
        ],
  cimdUrlAllowlist: async ({ before, after, pocketId }) => {
    const added = texts(after).filter((pattern) => !texts(before).includes(pattern));
    const removed = texts(before).filter((pattern) => !texts(after).includes(pattern));
    const { totalItems } = await pocketId.oidcClients.list({ limit: 1, filters: { clientType: "cimd" } });
    const registered = `${counted(totalItems, "client")} registered ${totalItems > 1 ? "themselves" : "itself"}`;
    return [
      ...(added.length > 0
        ? [`Applications at ${allQuotedUrls(added)} can register themselves, without an administrator.`]
        : []),
      ...(removed.length > 0 ? [`Applications at ${quotedUrls(removed)} may stop working: ${registered}.`] : []),
    ];
  },

  ldapEnabled: flag({
    on: ({ then }) => [
      `The directory at ${quotedUrl(String(then.ldapUrl))} decides from then on who has an account and who is in which group: ` +
        `accounts from there that are gone later are ${fate(then)}. ${administrators(then)}`,
      ...directoryOfAnybody(then),
    ],
    off: async ({ pocketId }) => [
      `LDAP is switched off: whoever leaves the directory stays here. ${fromLdap(await pocketId.people.fromLdap())}`,
    ],
  }),
  ldapUrl: withLdap(async (change) => [
    `Pocket ID asks the directory at ${quotedUrl(String(change.after))}, with its password.`,
    ...(await directory(change)),
  ]),
  ldapBindDn: directory,
  ldapBase: directory,
  ldapUserSearchFilter: directory,
  ldapUserGroupSearchFilter: directory,
  ldapAttributeUserUniqueIdentifier: directory,
  ldapAttributeUserUsername: directory,
  ldapAttributeUserEmail: directory,
  ldapAttributeGroupMember: directory,
  ldapAttributeGroupUniqueIdentifier: directory,
  ldapAttributeGroupName: directory,
  ldapAdminGroupName: withLdap(({ then }) => [administrators(then)]),
  ldapSkipCertVerify: withLdap(({ then }) => directoryOfAnybody(then)),
  ldapSoftDeleteUsers: withLdap(
    flag({
      off: says(
        "Accounts that are gone from the directory are deleted, with their history, and no longer just disabled.",
      ),
    }),
  ),

  smtpHost: mail,
  smtpPort: mail,
  smtpFrom: mail,
  smtpTls: withMail(mailInClear),
  smtpSkipCertVerify: withMail(mailToAnybody),
  emailLoginNotificationEnabled: flag({
    off: says("People are no longer told by mail that somebody has signed in with their account from a new device."),
  }),

  emailsVerified: flag({
    on: says(
      "E-mail addresses count as verified without a check: an application may take somebody for the person whose address they entered.",
    ),
  }),
  allowOwnAccountEdit: flag({
    on: says("People can change their own username and e-mail address, by which applications may know them."),
  }),
  homePageUrl: ({ after }) => {
    // As a browser reads it, which leaves out control characters and takes a backslash for a slash.
    const url = String(after).replace(/\p{Cc}/gu, "");
    return /^\/(?![/\\])/.test(url) ? [] : [`Everybody is sent to ${quotedUrl(url)} after signing in.`];
  },
  sessionDuration: async ({ before, after, pocketId }) => [
    `Whoever signs in stays so for ${minutes(after)} instead of ${minutes(before)}; ${peopleText(await pocketId.people.enabled())} can.`,
  ],

  appName: harmless,
  accentColor: harmless,
  disableAnimations: harmless,
  requireUserEmail: harmless,
  emailApiKeyExpirationEnabled: harmless,
  emailVerificationEnabled: harmless,
  smtpUser: harmless,
  smtpPassword: harmless,
  ldapBindPassword: harmless,
  ldapAttributeUserFirstName: harmless,
  ldapAttributeUserLastName: harmless,
  ldapAttributeUserDisplayName: harmless,
  ldapAttributeUserProfilePicture: harmless,
};

const minutes = (value: unknown): string => (typeof value === "number" ? minutesText(value) : "an unknown time");

/** What an update means for people; undefined if nothing of it does harm, or the configuration cannot be changed this way. */
export async function updateConfigurationQuestion(
  patch: ConfigurationPatch,
  pocketId: PocketIdClient,
): Promise<Question | undefined> {
  const { before: now, after: then } = await pocketId.applicationConfiguration.previewUpdate(patch);
  const changed = Object.entries(meanings).filter(([key]) => JSON.stringify(now[key]) !== JSON.stringify(then[key]));
  const sentences = await Promise.all(
    changed.map(([key, meaning]) => meaning({ before: now[key], after: then[key], now, then, pocketId })),
  );
  const said = [...new Set(sentences.flat())];
  if (said.length === 0) return undefined;
  return {
    text: `Change the configuration? ${said.join(" ")}`,
    about: changed.map(([key]) => [key, isSecretKey(key) ? null : now[key]]),
  };
}

export async function syncLdapQuestion({ applicationConfiguration, people }: PocketIdClient): Promise<Question> {
  const now = await applicationConfiguration.previewSyncLdap();
  const { ldapUrl, ldapSoftDeleteUsers } = now;
  return {
    text:
      `Read the directory at ${quotedUrl(String(ldapUrl))} now? ${fromLdap(await people.fromLdap())} Those that are gone there are ${fate(now)}; ` +
      `new ones are made, and the others become what the directory says. ${administrators(now)}`,
    about: { ldapUrl, ldapSoftDeleteUsers },
  };
}
