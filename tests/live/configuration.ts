import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileForm, imagePath, type Json } from "./instance.ts";
import { type Live, mailSettings, newGroup, newUser } from "./live.ts";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const svg = (text: string): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>${text}</title></svg>\n`);
/** One dark pixel, wrapped as an icon. */
const ico = Buffer.concat([
  Buffer.from([0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0, png.length, 0, 0, 0, 22, 0, 0, 0]),
  png,
]);

export function configuration({ ok, shows, fails, pocketId, mail, secrets }: Live, folder: string): void {
  const { prefix, read, send, atLeast, configure } = pocketId;
  const passwords = { smtpPassword: "smtp-password-kept", ldapBindPassword: "ldap-password-kept" };
  for (const password of Object.values(passwords)) secrets.add(password);

  describe("app_config_get and app_config_get_all", () => {
    beforeAll(() => configure(passwords));

    it("app_config_get shows what everybody may know", async () => {
      const shown = (await ok("app_config_get")).configuration;
      const held = Object.fromEntries(
        (await read("/api/application-configuration")).map((row: Json) => [row.key, row.value]),
      );
      expect(Object.keys(shown).sort()).toEqual(Object.keys(held).sort());
      for (const [key, value] of Object.entries(shown)) expect(String(value), key).toBe(held[key]);
    });

    it("app_config_get_all shows everything but the passwords, with types and the names of groups", async () => {
      const group = await newGroup(pocketId, "by-default");
      await configure({ signupDefaultUserGroupIDs: JSON.stringify([group.id]) });
      const shown = (await ok("app_config_get_all")).configuration;
      const held = await pocketId.configuration();
      expect(Object.keys(shown).sort()).toEqual(Object.keys(held).sort());
      expect(shown).toMatchObject({
        appName: held.appName,
        sessionDuration: Number(held.sessionDuration),
        requireUserEmail: held.requireUserEmail === "true",
        smtpPassword: "[redacted]",
        ldapBindPassword: "[redacted]",
        signupDefaultUserGroupIDs: [{ id: group.id, name: group.name }],
      });
      await configure({ signupDefaultUserGroupIDs: "[]" });
    });
  });

  describe("app_config_update", () => {
    const group = `${prefix}-newcomers-here`;
    let groupId: string;
    beforeAll(async () => {
      groupId = (await newGroup(pocketId, "newcomers-here")).id;
      await configure(passwords);
    });

    /** Every key: the value that is given, what Pocket ID has to hold then, and since when it knows the key. */
    const changes: [key: string, given: unknown, stored: string | (() => string), since?: string][] = [
      ["appName", "Live tests", "Live tests"],
      ["sessionDuration", 90, "90"],
      ["homePageUrl", "/settings/apps", "/settings/apps", "2.2.0"],
      ["emailsVerified", true, "true"],
      ["disableAnimations", true, "true"],
      ["allowOwnAccountEdit", false, "false"],
      ["allowUserSignups", "withToken", "withToken"],
      ["signupDefaultUserGroupIDs", [group], () => JSON.stringify([groupId])],
      ["signupDefaultUserGroupIDs", [], "[]"],
      ["signupDefaultCustomClaims", { tier: "new" }, '[{"key":"tier","value":"new"}]'],
      ["signupDefaultCustomClaims", null, "[]"],
      ["accentColor", "#336699", "#336699"],
      ["accentColor", null, "default"],
      ["requireUserEmail", false, "false"],
      ["smtpHost", "mail.live.example", "mail.live.example"],
      ["smtpPort", 2525, "2525"],
      ["smtpFrom", "id@live.example", "id@live.example"],
      ["smtpFrom", null, ""],
      ["smtpUser", "somebody", "somebody"],
      ["smtpTls", "starttls", "starttls"],
      ["smtpSkipCertVerify", true, "true"],
      ["emailLoginNotificationEnabled", true, "true"],
      ["emailOneTimeAccessAsUnauthenticatedEnabled", true, "true"],
      ["emailOneTimeAccessAsAdminEnabled", true, "true"],
      ["emailApiKeyExpirationEnabled", true, "true"],
      ["emailVerificationEnabled", true, "true", "2.2.0"],
      ["ldapUrl", "ldap://ldap.live.example", "ldap://ldap.live.example"],
      ["ldapBindDn", "cn=reader", "cn=reader"],
      ["ldapBase", "dc=live,dc=example", "dc=live,dc=example"],
      ["ldapUserSearchFilter", "(objectClass=user)", "(objectClass=user)"],
      ["ldapUserSearchFilter", null, "(objectClass=person)"],
      ["ldapUserGroupSearchFilter", "(objectClass=group)", "(objectClass=group)"],
      ["ldapSkipCertVerify", true, "true"],
      ["ldapAttributeUserUniqueIdentifier", "uuid", "uuid"],
      ["ldapAttributeUserUsername", "uid", "uid"],
      ["ldapAttributeUserEmail", "mail", "mail"],
      ["ldapAttributeUserFirstName", "givenName", "givenName"],
      ["ldapAttributeUserLastName", "sn", "sn"],
      ["ldapAttributeUserDisplayName", "displayName", "displayName"],
      ["ldapAttributeUserProfilePicture", "jpegPhoto", "jpegPhoto"],
      ["ldapAttributeGroupMember", "uniqueMember", "uniqueMember"],
      ["ldapAttributeGroupUniqueIdentifier", "uuid", "uuid"],
      ["ldapAttributeGroupName", "cn", "cn"],
      ["ldapAdminGroupName", "admins", "admins", "2.0.0"],
      ["ldapSoftDeleteUsers", false, "false"],
      ["ldapEnabled", true, "true"],
      ["ldapEnabled", false, "false"],
      ["webauthnUserVerification", "preferred", "preferred", "2.13.0"],
      ["webauthnAllowSyncedPasskeys", false, "false", "2.13.0"],
      ["webauthnAuthenticatorAttachment", "platform", "platform", "2.13.0"],
      ["cimdUrlAllowlist", ["https://*.live.example/*"], '["https://*.live.example/*"]', "2.13.0"],
    ];
    const known = (since = "0.0.0") => atLeast(since);

    it.each(changes.filter(([, , , since]) => known(since)))(
      "changes %s to %j, and nothing else",
      async (key, given, stored) => {
        const before = await pocketId.configuration();
        const answer = await ok("app_config_update", { [key]: given });
        const expected = typeof stored === "string" ? stored : stored();
        expect(await pocketId.configuration()).toEqual({ ...before, [key]: expected });
        expect(answer.notApplied).toEqual([]);
        expect(answer.changed).toEqual(before[key] === expected ? [] : [key]);
      },
    );

    it.each(changes.filter(([, , , since]) => !known(since)))(
      "says which version %s needs",
      async (key, given, _, since) => {
        const before = await pocketId.configuration();
        const text = await fails("app_config_update", { [key]: given, appName: "Never stored" });
        expect(text).toContain(`Nothing was changed. ${key}: it needs Pocket ID ${since} or later`);
        expect(await pocketId.configuration()).toEqual(before);
      },
    );

    it("changes a password when it is told to, and shows neither", async () => {
      const before = await pocketId.configuration();
      expect(before).toMatchObject(passwords);
      const smtpPassword = "a-new-smtp-password";
      secrets.add(smtpPassword);
      expect(await ok("app_config_update", { smtpPassword })).toMatchObject({ changed: ["smtpPassword"] });
      expect(await pocketId.configuration()).toEqual({ ...before, smtpPassword });
      await ok("app_config_update", { smtpPassword: null });
      expect(await pocketId.configuration()).toEqual({ ...before, smtpPassword: "" });
    });

    it.each(["[redacted]", "XXXXXXXXXX"])("does not take %s for a password", async (smtpPassword) => {
      await configure(passwords);
      expect(await fails("app_config_update", { smtpPassword })).toMatch(/^Nothing was changed\. smtpPassword/);
      expect(await pocketId.configuration()).toMatchObject(passwords);
    });
  });

  describe("app_config_test_email", () => {
    it("says that no mail server is set up", async () => {
      await configure({ smtpHost: "" });
      expect(await fails("app_config_test_email")).toMatch(/No mail server is set up/);
    });

    it("delivers a mail to the owner of the key, with the password that an update has kept", async () => {
      const settings = mailSettings(mail);
      await configure(settings);
      await ok("app_config_update", { appName: "Mail tests" });
      expect(await ok("app_config_test_email")).toEqual({ sentTo: pocketId.owner.email });
      const { login, text } = await mail.receive(pocketId.owner.email);
      expect(login).toEqual({ user: settings.smtpUser, password: settings.smtpPassword });
      expect(text).toMatch(/Mail tests/);
    });

    it("says that Pocket ID could not deliver it", async () => {
      await configure({ ...mailSettings(mail), smtpPort: "9" });
      expect(await fails("app_config_test_email")).toMatch(/Pocket ID hides the reason/);
    });
  });

  describe("app_config_sync_ldap", () => {
    it("says that LDAP is off", async () => {
      await configure({ ldapEnabled: "false" });
      expect(await fails("app_config_sync_ldap")).toMatch(/^Nothing was changed\. LDAP is switched off/);
    });
  });

  describe("application images", () => {
    let files: string;
    beforeAll(() => {
      files = mkdtempSync(`${folder}/images-`);
    });
    afterAll(() => rmSync(files, { recursive: true }));
    const held = async (image: string) => (await send("GET", imagePath(image), { as: "nobody" })).bytes;

    it("app_image_update_logo replaces one of the two logos, from base64 and from a file", async () => {
      const light = svg(`${prefix} light`);
      const dark = svg(`${prefix} dark`);
      await ok("app_image_update_logo", { data: base64(light) });
      writeFileSync(`${files}/dark.svg`, dark);
      const answer = await ok("app_image_update_logo", { file: `${files}/dark.svg`, mode: "dark" });
      expect(answer).toEqual({ image: "logo", mode: "dark", kind: "svg", bytes: dark.length });
      expect(await held("logo?light=true")).toEqual(light);
      expect(await held("logo?light=false")).toEqual(dark);
    });

    it("app_image_update_favicon replaces the favicon", async () => {
      await ok("app_image_update_favicon", { data: base64(ico) });
      expect(await held("favicon")).toEqual(ico);
    });

    it.runIf(atLeast("2.5.0"))("app_image_update_favicon takes an svg", async () => {
      const icon = svg(`${prefix} icon`);
      await ok("app_image_update_favicon", { data: base64(icon) });
      expect(await held("favicon")).toEqual(icon);
    });
    it.runIf(!atLeast("2.5.0"))("app_image_update_favicon says which version an svg needs", async () => {
      const before = await held("favicon");
      const text = await fails("app_image_update_favicon", { data: base64(svg("icon")) });
      expect(text).toMatch(/^Nothing was changed\..*2\.5\.0/);
      expect(await held("favicon")).toEqual(before);
    });

    it("app_image_update_background replaces the background", async () => {
      await ok("app_image_update_background", { data: base64(png) });
      expect(await held("background")).toEqual(png);
    });

    it("refuses what is no image", async () => {
      const before = await held("background");
      const text = await fails("app_image_update_background", { data: base64(Buffer.from("no image")) });
      expect(text).toMatch(/^Nothing was changed\. file/);
      expect(await held("background")).toEqual(before);
    });

    it("app_image_delete_default_profile_picture takes it away", async () => {
      const path = "/api/application-images/default-profile-picture";
      const { status } = await send("PUT", path, { form: fileForm("picture.png", png) });
      expect(status).toBe(204);
      expect((await send("GET", path)).status).toBe(200);
      expect(await ok("app_image_delete_default_profile_picture")).toMatchObject({ deleted: true });
      expect((await send("GET", path)).status).toBe(404);
    });

    it("app_image_get shows what is set, and says what is not", async () => {
      const shown = await ok("app_image_get", { image: "background" });
      expect(shown).toMatchObject({ isSet: true, mimeType: "image/png", bytes: (await held("background")).length });
      expect(await shows("app_image_get", { image: "background" })).toEqual(await held("background"));
      expect(await ok("app_image_get", { image: "default-profile-picture" })).toMatchObject({ isSet: false });
      const dark = await ok("app_image_get", { image: "logo", mode: "dark" });
      expect(dark).toMatchObject({ mode: "dark", isSet: true, bytes: (await held("logo?light=false")).length });
    });

    it("app_image_update_default_profile_picture replaces it, which people without a picture have then", async () => {
      await ok("app_image_update_default_profile_picture", { data: base64(png) });
      expect((await send("GET", imagePath("default-profile-picture"))).bytes).toEqual(png);
      const { id } = await newUser(pocketId, "without-picture");
      expect((await send("GET", `/api/users/${id}/profile-picture.png?skipCache=1`)).bytes).toEqual(png);
      await ok("app_image_delete_default_profile_picture");
    });

    it.runIf(atLeast("2.0.0"))("app_image_update_email_logo replaces it", async () => {
      await ok("app_image_update_email_logo", { data: base64(png) });
      expect(await held("email")).toEqual(png);
      expect(await ok("app_image_get", { image: "email" })).toMatchObject({ isSet: true, mimeType: "image/png" });
    });
    it.runIf(!atLeast("2.0.0"))("app_image_update_email_logo says which version it needs", async () => {
      const text = await fails("app_image_update_email_logo", { data: base64(png) });
      expect(text).toMatch(/2\.0\.0/);
      expect(await fails("app_image_get", { image: "email" })).toMatch(/2\.0\.0/);
    });

    it.runIf(atLeast("2.5.0"))("app_image_delete_background takes it away", async () => {
      await ok("app_image_delete_background");
      expect((await send("GET", imagePath("background"))).status).toBe(404);
      expect(await ok("app_image_get", { image: "background" })).toMatchObject({ isSet: false });
    });
    it.runIf(!atLeast("2.5.0"))("app_image_delete_background says which version it needs", async () => {
      const before = await held("background");
      expect(await fails("app_image_delete_background")).toMatch(/2\.5\.0/);
      expect(await held("background")).toEqual(before);
    });

    it.runIf(atLeast("2.14.0"))("app_image_delete_logo takes one of the two away", async () => {
      await ok("app_image_delete_logo", { mode: "dark" });
      expect((await send("GET", imagePath("logo?light=false"))).status).toBe(404);
      expect((await send("GET", imagePath("logo?light=true"))).status).toBe(200);
    });
    it.runIf(!atLeast("2.14.0"))("app_image_delete_logo says which version it needs", async () => {
      const before = await held("logo?light=false");
      expect(await fails("app_image_delete_logo", { mode: "dark" })).toMatch(/2\.14\.0/);
      expect(await held("logo?light=false")).toEqual(before);
    });
  });

  describe("setup_status and version_current", () => {
    it.runIf(atLeast("2.6.0"))("setup_status says that it is set up", async () => {
      expect((await send("GET", "/api/signup/setup", { as: "nobody" })).status).toBe(404);
      expect(await ok("setup_status")).toEqual({ isSetUp: true });
    });
    it.runIf(!atLeast("2.6.0"))("setup_status says which version it needs", async () => {
      expect(await fails("setup_status")).toMatch(/2\.6\.0/);
    });

    it("version_current shows the running version", async () => {
      const { currentVersion, exact, known } = await ok("version_current");
      expect(exact).toBe(atLeast("2.3.0"));
      if (exact) expect(currentVersion).toBe(pocketId.version);
      else expect(atLeast(currentVersion)).toBe(true);
      expect(known).toBe(true);
    });
  });

  describe("health_check and version_latest", () => {
    it("health_check says how the instance is", async () => {
      const health = await ok("health_check");
      const { issuer } = await read("/.well-known/openid-configuration");
      expect(health).toMatchObject({
        live: { ok: true },
        apiKey: { ok: true },
        admin: { ok: true },
        version: { ok: true },
        issuer: { ok: issuer === pocketId.url, issuer },
      });
      expect(health.apiKey.message).toContain(pocketId.owner.username);
      if (atLeast("2.3.0")) expect(health.version.current).toBe(pocketId.version);
      else expect(health.version.current).toMatch(/ or later$/);
    });

    it("version_latest shows what Pocket ID knows", async () => {
      const { status, body } = await send("GET", "/api/version/latest", { as: "nobody" });
      const latest = status === 200 ? body.latestVersion.replace(/^v/, "") || null : null;
      const answer = await ok("version_latest");
      expect(answer.latestVersion).toBe(latest);
      expect(answer.exact).toBe(atLeast("2.3.0"));
      if (answer.exact) expect(answer.currentVersion).toBe(pocketId.version);
      if (latest === null) expect(answer.notes).toHaveLength(1);
    });
  });
}
