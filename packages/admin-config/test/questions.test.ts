import type { SandboxOptions, SandboxVersion } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

type Args = Record<string, unknown>;
type Settings = Record<string, string>;

const set = (settings: Settings) => {
  for (const [key, value] of Object.entries(settings)) mcp.sandbox.state.configuration.set(key, value);
};
const users = () => [...mcp.sandbox.state.users.values()];
const members = () => users().filter(({ isAdmin }) => !isAdmin);
const groupId = (name: string) =>
  [...mcp.sandbox.state.userGroups.values()].find((group) => group.name === name)?.id ?? "";
const changes = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");

/** What the person was asked, without where it happens. */
async function questionOf(tool: string, args: Args): Promise<string> {
  expect(await mcp.fails(tool, args)).toMatch(/^Nothing was changed\. The person said no\./);
  expect(changes()).toEqual([]);
  const [question = "", ...others] = mcp.questions;
  expect(others).toEqual([]);
  const end = ` [${tool} on ${new URL(mcp.sandbox.url).host}]`;
  expect(question.slice(-end.length)).toBe(end);
  return question.slice(0, -end.length).replace(/^Change the configuration\? /, "");
}

const ldap = { ldapEnabled: "true", ldapUrl: "ldaps://directory.example", ldapAdminGroupName: "admins" };
const directory = (fate = "disabled") =>
  `The directory is read in another way: with the next sync, accounts that it does not find there any more are ${fate}. 2 accounts come from there today.`;
const inClear =
  "Mails, sign-in links among them, cross the network in clear text, and so does the password of the mail server.";
const anyMail = "Any certificate of the mail server is accepted: whoever stands in between reads sign-in links.";
const anyDirectory =
  "Any certificate of the directory is accepted: whoever stands in between decides who has an account.";

const all: SandboxVersion[] = ["2.14", "2.9", "1.16"];
const newest: SandboxVersion[] = ["2.14"];

const questions: readonly [readonly SandboxVersion[], Args, string, Settings?][] = [
  [
    all,
    { allowUserSignups: "open" },
    "Anybody who reaches this Pocket ID can make an account, and sign in to the 1 client that is open to everyone.",
  ],
  [
    newest,
    { allowUserSignups: "withToken" },
    "Whoever has a signup link can make an account.",
    { allowUserSignups: "disabled" },
  ],
  [
    newest,
    { allowUserSignups: "open", signupDefaultUserGroupIDs: ["Board", "members"] },
    'Anybody who reaches this Pocket ID can make an account, and sign in to the 1 client that is open to everyone. New accounts get into "board", "members" by themselves.',
  ],
  [all, { signupDefaultUserGroupIDs: ["board"] }, 'New accounts get into "board" by themselves.'],
  [
    all,
    { signupDefaultCustomClaims: [{ key: "role", value: "admin" }] },
    'New accounts get the claims "role", by which applications may let them do more.',
  ],

  [
    all,
    { emailOneTimeAccessAsUnauthenticatedEnabled: true },
    "Anybody can have a sign-in link mailed to any account: whoever reads the mailbox gets in without a passkey. That is about 10 people, 1 administrator among them.",
  ],
  [
    all,
    { emailOneTimeAccessAsUnauthenticatedEnabled: false },
    "Whoever has lost the passkey can no longer have a sign-in link mailed.",
    { emailOneTimeAccessAsUnauthenticatedEnabled: "true" },
  ],
  [
    all,
    { emailOneTimeAccessAsAdminEnabled: true },
    "Administrators, and whoever has this API key, can have a sign-in link mailed to any account.",
    { emailOneTimeAccessAsAdminEnabled: "false" },
  ],
  [
    newest,
    { webauthnUserVerification: "preferred" },
    "A passkey alone is enough to sign in: PIN, fingerprint or face need not be asked for.",
  ],
  [
    newest,
    { webauthnUserVerification: "required" },
    "Passkeys that ask for no PIN, fingerprint or face stop working.",
    { webauthnUserVerification: "preferred" },
  ],
  [
    newest,
    { webauthnAllowSyncedPasskeys: false },
    "New passkeys may not be synced between devices any more: whoever has no other kind cannot add one. Existing ones keep working.",
  ],
  [
    newest,
    { webauthnAuthenticatorAttachment: "cross-platform" },
    "New passkeys have to be of one kind (cross-platform): whoever has none of it cannot add one. Existing ones keep working.",
  ],
  [
    newest,
    { cimdUrlAllowlist: ["https://*.apps.example/*"] },
    'Applications at "https://*.apps.example/*" can register themselves, without an administrator.',
  ],
  [
    newest,
    { cimdUrlAllowlist: [] },
    'Applications at "https://apps.example/*" may stop working: no client registered itself.',
    { cimdUrlAllowlist: '["https://apps.example/*"]' },
  ],

  [
    ["2.14", "2.9"],
    { ldapEnabled: true, ldapUrl: "ldap://directory.example", ldapAdminGroupName: "admins", ldapSkipCertVerify: true },
    `The directory at "ldap://directory.example" decides from then on who has an account and who is in which group: accounts from there that are gone later are disabled. Members of "admins" there become administrators, and no other account from there stays one. ${anyDirectory}`,
  ],
  [
    ["1.16"],
    { ldapEnabled: true, ldapUrl: "ldap://directory.example" },
    'The directory at "ldap://directory.example" decides from then on who has an account and who is in which group: accounts from there that are gone later are deleted, with their history. Members of "root" there become administrators, and no other account from there stays one.',
    { ldapAttributeAdminGroup: "root", ldapSoftDeleteUsers: "false" },
  ],
  [
    all,
    { ldapEnabled: false },
    "LDAP is switched off: whoever leaves the directory stays here. 2 accounts come from there today.",
    ldap,
  ],
  [
    all,
    { ldapUrl: "ldap://ldaps.directory.example@evil.example" },
    `Pocket ID asks the directory at "ldap://evil.example/…", with its password. ${directory()}`,
    ldap,
  ],
  [all, { ldapBase: "dc=elsewhere", ldapUserSearchFilter: "(uid=x)" }, directory(), ldap],
  [
    newest,
    { ldapAttributeUserUniqueIdentifier: "mail" },
    directory("deleted, with their history"),
    { ...ldap, ldapSoftDeleteUsers: "false" },
  ],
  [
    newest,
    { ldapAdminGroupName: "everybody" },
    'Members of "everybody" there become administrators, and no other account from there stays one.',
    ldap,
  ],
  [newest, { ldapAdminGroupName: null }, "No account from there stays an administrator.", ldap],
  [all, { ldapSkipCertVerify: true }, anyDirectory, ldap],
  [
    all,
    { ldapSoftDeleteUsers: false },
    "Accounts that are gone from the directory are deleted, with their history, and no longer just disabled.",
    ldap,
  ],

  [all, { smtpHost: null }, "Mail is switched off: no sign-in links, no notifications."],
  [all, { smtpPort: null }, "Mail is switched off: no sign-in links, no notifications."],
  [all, { smtpPort: 2525 }, 'Mails, sign-in links among them, go through "mail.riverside-rowing.example", port 2525.'],
  [
    all,
    { smtpHost: "mail.evil.example" },
    'Mails, sign-in links among them, go through "mail.evil.example", port 587.',
    { smtpFrom: "" },
  ],
  [
    all,
    { smtpHost: "mail.evil.example" },
    'Mails, sign-in links among them, go through "mail.evil.example", port 587.',
  ],
  [
    all,
    { smtpPort: 25 },
    `Mails, sign-in links among them, go through "mail.riverside-rowing.example", port 25. ${inClear} ${anyMail}`,
    { smtpPort: "", smtpTls: "none", smtpSkipCertVerify: "true" },
  ],
  [all, { smtpTls: "none" }, inClear],
  [all, { smtpSkipCertVerify: true }, anyMail],
  [
    all,
    { emailLoginNotificationEnabled: false },
    "People are no longer told by mail that somebody has signed in with their account from a new device.",
  ],

  [
    all,
    { emailsVerified: true },
    "E-mail addresses count as verified without a check: an application may take somebody for the person whose address they entered.",
  ],
  [
    all,
    { allowOwnAccountEdit: true },
    "People can change their own username and e-mail address, by which applications may know them.",
    { allowOwnAccountEdit: "false" },
  ],
  [
    ["2.14", "2.9"],
    { homePageUrl: "//evil.example/home" },
    'Everybody is sent to "//evil.example/home" after signing in.',
  ],
  [
    ["2.14", "2.9"],
    { homePageUrl: "/\t/evil.example/home" },
    'Everybody is sent to "//evil.example/home" after signing in.',
  ],
  [
    all,
    { smtpHost: `mail.riverside-rowing.example.${"a".repeat(60)}.evil.example` },
    `Mails, sign-in links among them, go through "mail.riverside-rowing.example.${"a".repeat(60)}.evil.example", port 587.`,
  ],
  [all, { sessionDuration: 43_200 }, "Whoever signs in stays so for 30 days instead of 1 hour; 10 people can."],
  [
    newest,
    { appName: "Rowers", emailsVerified: true, ldapSkipCertVerify: true, smtpTls: "none" },
    `${inClear} E-mail addresses count as verified without a check: an application may take somebody for the person whose address they entered.`,
  ],
];

describe.each(questions)("app_config_update on %j %j", (versions, args, question, settings = {}) => {
  it.each(versions)("asks a person on %s what it means for people, and a no changes nothing", async (version) => {
    await mcp.reconnect({ version, person: () => "no" });
    set(settings);
    for (const user of members().slice(0, 2)) user.ldapId = `ldap ${user.id}`;
    // Restricted to no group: before 2.0 that is open to everyone.
    const expected = version === "1.16" ? question.replace("1 client that is", "2 clients that are") : question;
    expect(await questionOf("app_config_update", args)).toBe(expected);
  });
});

const harmless: readonly [readonly SandboxVersion[], Args, Settings?][] = [
  [all, { appName: "Rowers", accentColor: "#123456", disableAnimations: true, requireUserEmail: false }],
  [all, { allowUserSignups: "disabled" }, { allowUserSignups: "open" }],
  [all, { allowUserSignups: "withToken" }, { allowUserSignups: "open" }],
  [
    all,
    { emailApiKeyExpirationEnabled: true, emailLoginNotificationEnabled: true },
    { emailLoginNotificationEnabled: "false" },
  ],
  [all, { emailOneTimeAccessAsAdminEnabled: false, emailsVerified: false, allowOwnAccountEdit: false }],
  [all, { smtpUser: "mailer", smtpPassword: "a-new-password", smtpFrom: "login@example.com", smtpTls: "tls" }],
  [
    all,
    {
      ldapUrl: "ldap://directory.example",
      ldapBase: "dc=example",
      ldapBindPassword: "directory-password",
      ldapSkipCertVerify: true,
    },
  ],
  [
    newest,
    { ldapAttributeUserFirstName: "givenName", ldapSoftDeleteUsers: true },
    { ...ldap, ldapSoftDeleteUsers: "false" },
  ],
  [
    newest,
    { homePageUrl: "/settings/apps", webauthnAllowSyncedPasskeys: true, webauthnAuthenticatorAttachment: "any" },
  ],
  // The same values again.
  [
    all,
    { allowUserSignups: "open", sessionDuration: 60, smtpHost: "mail.riverside-rowing.example" },
    { allowUserSignups: "open" },
  ],
  [
    newest,
    { signupDefaultUserGroupIDs: [], signupDefaultCustomClaims: [] },
    { signupDefaultCustomClaims: '[{"key":"role","value":"x"}]' },
  ],
];

describe.each(harmless)("app_config_update on %j %j", (versions, args, settings = {}) => {
  it.each(versions)("asks nobody on %s", async (version) => {
    await mcp.reconnect({ version, person: null });
    set(settings);
    await mcp.ok("app_config_update", args);
    expect(mcp.actions()).toMatchObject([{ outcome: "ok", confirmation: "not needed" }]);
  });
});

describe("app_config_update", () => {
  const open = (options: SandboxOptions) => mcp.reconnect({ ...options, person: () => "yes" });

  it("asks nobody where the configuration comes from the environment, and nothing would be sent", async () => {
    await open({ uiConfigDisabled: true });
    expect((await mcp.ok("app_config_update", { allowUserSignups: "open" })).notApplied).toHaveLength(1);
    expect({ questions: mcp.questions, changes: changes() }).toEqual({ questions: [], changes: [] });
  });

  it.each<[Args, RegExp]>([
    [{ allowUserSignups: "open", signupDefaultUserGroupIDs: ["rowers"] }, /there is no group "rowers"/],
    [{ allowUserSignups: "open", smtpPassword: "[redacted]" }, /stands for a secret/],
    [{ allowUserSignups: null }, /allowUserSignups/],
  ])("is refused before a person is asked, if it would be anyway: %j", async (args, text) => {
    await open({});
    expect(await mcp.fails("app_config_update", args)).toMatch(text);
    expect(mcp.questions).toEqual([]);
  });

  it("names a default group that is gone by its id", async () => {
    await open({});
    set({ signupDefaultUserGroupIDs: JSON.stringify([groupId("board"), "of-a-group-that-is-gone"]) });
    await mcp.ok("app_config_update", { allowUserSignups: "open" });
    expect(mcp.questions[0]).toContain('New accounts get into "board", "of-a-group-that-is-gone" by themselves.');
  });

  it("does not take a yes for a setting that somebody else has changed meanwhile", async () => {
    await mcp.reconnect({
      person() {
        set({ allowUserSignups: "disabled" });
        return "yes";
      },
    });
    expect(await mcp.fails("app_config_update", { allowUserSignups: "open" })).toMatch(/no longer the same/);
    expect(changes()).toEqual([]);
  });

  it("shows no password in its question, old or new", async () => {
    await open({});
    set({ ...ldap, ldapBindPassword: "password-of-the-directory" });
    await mcp.ok("app_config_update", {
      smtpHost: "mail.example",
      smtpPassword: "a-new-password",
      ldapUrl: "ldap://d.example",
    });
    expect(mcp.questions).toHaveLength(1);
    expect(mcp.questions[0]).not.toMatch(/a-new-password|eight-oars-and-a-cox|password-of-the-directory/);
  });
});

describe("app_config_sync_ldap", () => {
  it.each(all)("asks a person on %s what the directory decides, and for how many accounts", async (version) => {
    await mcp.reconnect({ version, person: () => "no" });
    const { ldapAdminGroupName: group, ...others } = ldap;
    set(version === "1.16" ? { ...others, ldapAttributeAdminGroup: group } : ldap);
    for (const user of members().slice(0, 3)) user.ldapId = `ldap ${user.id}`;
    expect(await questionOf("app_config_sync_ldap", {})).toBe(
      'Read the directory at "ldaps://directory.example" now? 3 accounts come from there today. Those that are gone there are disabled; new ones are made, and the others become what the directory says. Members of "admins" there become administrators, and no other account from there stays one.',
    );
  });

  it("is refused before a person is asked while LDAP is switched off", async () => {
    expect(await mcp.fails("app_config_sync_ldap")).toMatch(/LDAP is switched off/);
    expect({ questions: mcp.questions, changes: changes() }).toEqual({ questions: [], changes: [] });
  });
});

describe("deleting an image", () => {
  it("is no danger, and asks nobody: whoever has the image can put it back", async () => {
    await mcp.reconnect({ person: null });
    await mcp.ok("app_image_delete_background");
    expect(mcp.actions()).toMatchObject([{ risk: "write", outcome: "ok", confirmation: "not needed" }]);
  });
});
