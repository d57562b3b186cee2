import { describe, expect, it } from "vitest";
import {
  type Administrator,
  canLockOut,
  isLongDead,
  ldapRisks,
  lostWayIn,
  mailSettings,
  mailsLinks,
  settingThatSyncNeeds,
} from "../src/pocket-id/lock-out-rules.ts";

const admin = (username: string, more: Partial<Administrator> = {}): Administrator => ({
  id: username,
  username,
  hasEmail: true,
  fromLdap: false,
  passkeys: 0,
  ...more,
});
const stays = (one: Administrator) => ({ before: one, after: one });
const goes = (one: Administrator) => ({ before: one, after: undefined });
const withKey = admin("ada", { passkeys: 1 });
const other = admin("ben", { passkeys: 2 });
const plain = admin("eve");
const bare = admin("kit", { hasEmail: false });
const untold = admin("una", { passkeys: undefined });
const on = { before: true, after: true };
const off = { before: false, after: false };

describe("the way in that a change takes from everybody", () => {
  it.each([
    ["nobody is touched", [stays(plain)], off, undefined],
    ["the last administrator goes", [goes(plain)], off, "link"],
    [
      "the last one with a passkey goes, and mail does not stand in for it",
      [goes(withKey), stays(plain)],
      on,
      "passkey",
    ],
    ["another one keeps a passkey", [goes(withKey), stays(other)], off, undefined],
    ["all with a passkey go", [goes(withKey), goes(other), stays(plain)], off, "passkey"],
    ["the last passkey goes", [{ before: withKey, after: { ...withKey, passkeys: 0 } }], on, "passkey"],
    ["one of two passkeys goes", [{ before: other, after: { ...other, passkeys: 1 } }], off, undefined],
    ["one without any way in goes, another one stays", [goes(bare), stays(plain)], off, undefined],
    ["the last one with an address goes, where links are mailed", [goes(plain), stays(bare)], on, "mail"],
    ["the same, where they are not", [goes(plain), stays(bare)], off, undefined],
    ["the address changes", [{ before: plain, after: { ...plain, hasEmail: false } }], on, "mail"],
    ["mail ends", [stays(plain), stays(bare)], { before: true, after: false }, "mail"],
    [
      "mail ends where somebody has a passkey",
      [stays(plain), stays(withKey)],
      { before: true, after: false },
      undefined,
    ],
    ["one goes whose passkeys are not told", [goes(untold), stays(plain)], off, "passkey"],
    ["one stays whose passkeys are not told", [goes(withKey), stays(untold)], off, "passkey"],
    ["both are not told", [goes(untold), stays({ ...untold, id: "two" })], off, "passkey"],
    ["one stays who surely has a passkey", [goes(untold), stays(withKey)], off, undefined],
    ["another goes where one is not told", [goes(bare), stays(untold)], off, undefined],
  ] as const)("%s", (_case, fates, mail, way) => expect(lostWayIn(fates, mail)?.way).toBe(way));

  it("belongs to those who have it now", () => {
    const { who = [] } = lostWayIn([goes(withKey), goes(plain), goes(other)], on) ?? {};
    expect(who).toEqual([withKey, other]);
    expect(lostWayIn([], off)).toBeUndefined();
  });
});

describe("settings", () => {
  const stored = {
    smtpHost: "mail.example",
    smtpPort: "587",
    smtpPassword: "secret",
    emailOneTimeAccessAsUnauthenticatedEnabled: "yes",
    ldapEnabled: "false",
    ldapBase: "dc=example",
    ldapAdminGroupName: "",
  };
  const ldap = { ...stored, ldapEnabled: "true" };

  it.each([
    [{ appName: "Club" }, []],
    [{ smtpHost: "mail.example", smtpPort: 587, emailOneTimeAccessAsUnauthenticatedEnabled: true }, []],
    [{ smtpHost: "other.example" }, ["smtpHost"]],
    [{ smtpHost: null, smtpPort: 25 }, ["smtpHost", "smtpPort"]],
    [{ smtpPassword: "other" }, ["smtpPassword"]],
    [{ emailOneTimeAccessAsUnauthenticatedEnabled: false }, ["emailOneTimeAccessAsUnauthenticatedEnabled"]],
    [{ emailOneTimeAccessAsAdminEnabled: true, emailLoginNotificationEnabled: true }, []],
  ])("%j may end mailed links by %j", (patch, keys) => expect(mailSettings(stored, patch)).toEqual(keys));

  it.each([
    [stored, true],
    [{ ...stored, smtpHost: "" }, false],
    [{ ...stored, emailOneTimeAccessAsUnauthenticatedEnabled: "false" }, false],
    [{ smtpHost: "mail.example", emailOneTimeAccessAsAdminEnabled: "true" }, false],
    [{}, false],
  ])("%j mail links: %j", (values, mails) => expect(mailsLinks(values)).toBe(mails));

  it.each([
    [stored, { ldapBase: "dc=other" }, []],
    [stored, { ldapEnabled: false }, []],
    [stored, { ldapEnabled: true }, ["ldapEnabled"]],
    [stored, { ldapEnabled: true, ldapBase: "dc=other" }, ["ldapEnabled"]],
    [ldap, { ldapEnabled: true }, []],
    [ldap, { ldapEnabled: false, ldapBase: "dc=other" }, []],
    [ldap, { ldapBase: "dc=other" }, ["ldapBase"]],
    [ldap, { ldapBase: "dc=example", ldapAdminGroupName: "admins" }, ["ldapAdminGroupName"]],
    [ldap, { ldapAdminGroupName: null, ldapAttributeUserFirstName: "sn", ldapSoftDeleteUsers: false }, []],
    [ldap, { appName: "Club" }, []],
  ])("%j with %j let a sync take accounts by %j", (values, patch, keys) =>
    expect(ldapRisks(values, patch)).toEqual(keys),
  );

  it.each([
    [{ appName: "Club", ldapSoftDeleteUsers: false }, false],
    [{ smtpTls: "none" }, true],
    [{ ldapEnabled: true }, true],
    [{ ldapBase: null }, true],
    [{ emailOneTimeAccessAsUnauthenticatedEnabled: true }, true],
  ])("%j can lock somebody out: %j", (patch, can) => expect(canLockOut(patch)).toBe(can));

  it("that a sync needs are known by the name of the version", () => {
    const set = {
      ldapAdminGroupName: "admins",
      ldapAttributeUserUniqueIdentifier: "uuid",
      ldapAttributeGroupUniqueIdentifier: "uuid",
      ldapAttributeGroupName: "cn",
    };
    expect(settingThatSyncNeeds(set)).toBeUndefined();
    for (const key of Object.keys(set)) expect(settingThatSyncNeeds({ ...set, [key]: "" })).toBe(key);
    const { ldapAdminGroupName: _, ...old } = set;
    expect(settingThatSyncNeeds(old)).toBe("ldapAttributeAdminGroup");
    expect(settingThatSyncNeeds({ ...old, ldapAttributeAdminGroup: "admins" })).toBeUndefined();
  });
});

describe("an API key", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  it.each([
    ["2026-11-23T12:00:01Z", false],
    ["2026-11-23T11:00:00Z", false],
    ["2026-11-22T12:00:01Z", false],
    ["2026-11-22T11:59:59Z", true],
    ["2020-01-01T00:00:00Z", true],
  ])("that ends at %s is surely dead: %j", (expiresAt, dead) => expect(isLongDead({ expiresAt }, now)).toBe(dead));
});
