import { beforeAll, describe, expect, it } from "vitest";
import { column, contract, expectRefusal, type Json } from "./pocket-id.ts";

contract("application configuration", (pocketId) => {
  const path = "/api/application-configuration";
  const put = (values: object) => pocketId.put(path, values);
  const asObject = (rows: Json[]): Json => Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  const since = (version: string, ...names: string[]): string[] => (pocketId.since(version) ? names : []);
  const until = (version: string, ...names: string[]): string[] => (pocketId.since(version) ? [] : names);

  /** With which every test begins: as it was found. */
  let initial: Record<string, string>;
  beforeAll(async () => {
    initial = await pocketId.configuration();
  });
  const restoring = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } finally {
      await pocketId.done("PUT", path, initial);
    }
  };

  /** Keys that a PUT has to have. */
  const required = [
    ...["appName", "sessionDuration", "emailsVerified", "disableAnimations", "allowOwnAccountEdit", "allowUserSignups"],
    ...["requireUserEmail", "smtpTls", "emailLoginNotificationEnabled", "emailOneTimeAccessAsUnauthenticatedEnabled"],
    ...["emailOneTimeAccessAsAdminEnabled", "emailApiKeyExpirationEnabled", "ldapEnabled"],
    ...since("2.2", "homePageUrl", "emailVerificationEnabled"),
    ...since("2.13", "webauthnUserVerification", "webauthnAllowSyncedPasskeys", "webauthnAuthenticatorAttachment"),
    ...since("2.14", "smtpSkipCertVerify", "ldapSkipCertVerify", "ldapSoftDeleteUsers"),
  ];
  /** Keys that a PUT may leave out, and what they become then. */
  const standards: Record<string, string> = {
    accentColor: "default",
    signupDefaultUserGroupIDs: "[]",
    signupDefaultCustomClaims: "[]",
    smtpHost: "",
    smtpPort: "",
    smtpFrom: "",
    smtpUser: "",
    smtpPassword: "",
    ldapUrl: "",
    ldapBindDn: "",
    ldapBindPassword: "",
    ldapBase: "",
    ldapUserSearchFilter: "(objectClass=person)",
    ldapUserGroupSearchFilter: "(objectClass=groupOfNames)",
    ldapAttributeUserUniqueIdentifier: "",
    ldapAttributeUserUsername: "",
    ldapAttributeUserEmail: "",
    ldapAttributeUserFirstName: "",
    ldapAttributeUserLastName: "",
    ldapAttributeUserDisplayName: "cn",
    ldapAttributeUserProfilePicture: "",
    ldapAttributeGroupMember: "member",
    ldapAttributeGroupUniqueIdentifier: "",
    ldapAttributeGroupName: "",
    ...(pocketId.since("2.0") ? { ldapAdminGroupName: "" } : { ldapAttributeAdminGroup: "" }),
    ...(pocketId.since("2.13") && { cimdUrlAllowlist: "[]" }),
    ...(!pocketId.since("2.14") && {
      smtpSkipCertVerify: "false",
      ldapSkipCertVerify: "false",
      ldapSoftDeleteUsers: "true",
    }),
  };

  describe("GET …/all", () => {
    it("has these values at first: no sign-ups, no mail server, no LDAP, e-mail addresses required", async () => {
      expect(initial).toMatchObject({
        appName: "Pocket ID",
        sessionDuration: "60",
        emailsVerified: "false",
        disableAnimations: "false",
        allowOwnAccountEdit: "true",
        allowUserSignups: "disabled",
        requireUserEmail: "true",
        smtpTls: "none",
        emailLoginNotificationEnabled: "false",
        emailOneTimeAccessAsUnauthenticatedEnabled: "false",
        emailOneTimeAccessAsAdminEnabled: "false",
        emailApiKeyExpirationEnabled: "false",
        ldapEnabled: "false",
        smtpSkipCertVerify: "false",
        ldapSkipCertVerify: "false",
        ldapSoftDeleteUsers: "true",
        ...standards,
        ...(pocketId.since("2.2") && { homePageUrl: "/settings/account", emailVerificationEnabled: "false" }),
        ...(pocketId.since("2.13") && {
          webauthnUserVerification: "required",
          webauthnAllowSyncedPasskeys: "true",
          webauthnAuthenticatorAttachment: "any",
        }),
      });
    });

    it("has these keys and no others (instanceId until 2.10)", async () => {
      const { body } = await pocketId.get(`${path}/all`);
      expect(column(body, "key").sort()).toEqual(
        [...required, ...Object.keys(standards), ...until("2.11", "instanceId")].sort(),
      );
    });

    it("is texts; type and isPublic say nothing", async () => {
      for (const row of (await pocketId.get(`${path}/all`)).body)
        expect(row).toEqual({ key: row.key, type: "", value: expect.any(String), isPublic: false });
    });

    it("shows passwords in clear, as does the answer to a PUT", async () => {
      const secrets = { smtpPassword: "eight-oars", ldapBindPassword: "and-a-cox" };
      const [answer, read] = await restoring(async () => [
        await put({ ...initial, ...secrets }),
        await pocketId.get(`${path}/all`),
      ]);
      expect(asObject(answer.body)).toMatchObject(secrets);
      expect(asObject(read.body)).toMatchObject(secrets);
    });
  });

  describe("GET", () => {
    it("shows everybody these keys, and no secrets", async () => {
      const { body } = await pocketId.get(path, { as: "nobody" });
      expect(column(body, "key").sort()).toEqual(
        [
          ...["appName", "accentColor", "disableAnimations", "allowOwnAccountEdit", "allowUserSignups"],
          ...["requireUserEmail", "emailOneTimeAccessAsUnauthenticatedEnabled", "emailOneTimeAccessAsAdminEnabled"],
          ...["ldapEnabled", "uiConfigDisabled"],
          ...since("2.2", "homePageUrl", "emailVerificationEnabled"),
          ...since("2.10", "tracingEnabled"),
        ].sort(),
      );
      expect(body).toContainEqual({ key: "uiConfigDisabled", type: "boolean", value: "false" });
    });
  });

  describe("PUT", () => {
    it("refuses to do without these keys, and does without the others", async () => {
      const refused = await restoring(async () => {
        const names: string[] = [];
        for (const key of Object.keys(initial)) {
          const { [key]: _, ...rest } = initial;
          const { status } = await put(rest);
          if (status === 400) names.push(key);
          else expect([key, status]).toEqual([key, 200]);
        }
        return names;
      });
      expect(refused.sort()).toEqual(required.sort());
    });

    it("names a key that is missing", async () => {
      const { appName, ...rest } = initial;
      expectRefusal(pocketId, await put(rest), {
        until212: [400, "AppName is required"],
        since213: [400, "validation_failed", { fields: [{ field: "appName", code: "required" }] }],
      });
    });

    it("puts every key that it leaves out, or that is empty, back to its default", async () => {
      const least = Object.fromEntries(required.map((key) => [key, initial[key]]));
      const filled = {
        smtpHost: "mail.contract.example",
        smtpPort: "25",
        smtpFrom: "id@contract.example",
        smtpUser: "id",
        smtpPassword: "s3cret",
        ldapBindPassword: "s3cret",
        accentColor: "#1e50a0",
        ldapUserSearchFilter: "(uid=*)",
        ldapAttributeGroupMember: "uniqueMember",
      };
      const empty = Object.fromEntries(Object.keys(filled).map((key) => [key, ""]));
      for (const body of [least, { ...least, ...empty }]) {
        const { before, after } = await restoring(async () => {
          await put({ ...initial, ...filled });
          const before = await pocketId.configuration();
          expect((await put(body)).status).toBe(200);
          return { before, after: await pocketId.configuration() };
        });
        expect(before).toMatchObject(filled);
        const { instanceId, ...values } = after;
        expect(values).toEqual({ ...least, ...standards });
      }
    });

    it("changes nothing when all that was read is sent back, and answers with the values", async () => {
      const { status, body } = await put(initial);
      expect(status).toBe(200);
      expect(asObject(body)).toEqual(initial);
      expect(await pocketId.configuration()).toEqual(initial);
    });

    it("ignores keys that it does not know", async () => {
      expect((await put({ ...initial, someFutureKey: "x" })).status).toBe(200);
      expect(Object.keys(await pocketId.configuration())).not.toContain("someFutureKey");
    });

    it("wants texts: a real boolean or number is an unreadable body (500, since 2.13 400)", async () => {
      for (const value of [true, 60]) {
        expectRefusal(pocketId, await put({ ...initial, disableAnimations: value }), {
          until212: [500],
          since213: [400, "invalid_request_body"],
        });
      }
      expect(await pocketId.configuration()).toEqual(initial);
    });

    it.each<[string, string, boolean | "until 2.13"]>([
      ["appName", "x".repeat(30), true],
      ["appName", "x".repeat(31), false],
      ["allowUserSignups", "sometimes", false],
      ["allowUserSignups", "withToken", true],
      ["smtpTls", "ssl", false],
      ["smtpTls", "starttls", true],
      ["smtpFrom", "no address", false],
      ["sessionDuration", "-1", true],
      ["sessionDuration", "an hour", "until 2.13"],
      ["disableAnimations", "yes", "until 2.13"],
      ["signupDefaultUserGroupIDs", "no JSON", false],
      ["signupDefaultUserGroupIDs", '{"a":1}', "until 2.13"],
      ["signupDefaultCustomClaims", '[{"key":"a","value":"b"}]', true],
    ])("takes %s = %j: %s", async (key, value, allowed) => {
      const { status, body } = await restoring(() => put({ ...initial, [key]: value }));
      const isAllowed = allowed === "until 2.13" ? !pocketId.since("2.14") : allowed;
      expect(status).toBe(isAllowed ? 200 : 400);
      if (!isAllowed && pocketId.since("2.13")) expect(body.details.fields).toMatchObject([{ field: key }]);
    });

    it.runIf(pocketId.since("2.13"))("knows these ways of using passkeys (since 2.13)", async () => {
      for (const [key, value, status] of [
        ["webauthnUserVerification", "preferred", 200],
        ["webauthnUserVerification", "discouraged", 400],
        ["webauthnAuthenticatorAttachment", "cross-platform", 200],
        ["webauthnAuthenticatorAttachment", "usb", 400],
        ["webauthnAllowSyncedPasskeys", "false", 200],
        ["webauthnAllowSyncedPasskeys", "maybe", 400],
      ] as const)
        expect([key, value, (await restoring(() => put({ ...initial, [key]: value }))).status]).toEqual([
          key,
          value,
          status,
        ]);
    });

    it.skipIf(pocketId.since("2.11"))("does not change the instanceId (until 2.10)", async () => {
      await put({ ...initial, instanceId: "another" });
      expect((await pocketId.configuration()).instanceId).toBe(initial.instanceId);
    });
  });

  it("POST …/test-email without a mail server is a 500 without a reason", async () => {
    const refused = await restoring(async () => {
      await put({ ...initial, smtpHost: "" });
      return pocketId.post(`${path}/test-email`);
    });
    expectRefusal(pocketId, refused, { until212: [500], since213: [500, "internal_error"] });
  });

  it("POST …/test-email needs an address of the caller (400, since 2.13 409)", async () => {
    const refused = await restoring(async () => {
      await put({ ...initial, requireUserEmail: "false" });
      const as = await pocketId.keyOf(await pocketId.user({ isAdmin: true, email: null }));
      return pocketId.post(`${path}/test-email`, undefined, { as });
    });
    expectRefusal(pocketId, refused, {
      until212: [400, "The user does not have an email address set"],
      since213: [409, "user_email_not_set"],
    });
  });

  it("POST …/sync-ldap is refused while LDAP is off, as it is at first (500, since 2.13 409)", async () => {
    expect(initial).toMatchObject({ ldapEnabled: "false", ldapUrl: "" });
    expectRefusal(pocketId, await pocketId.post(`${path}/sync-ldap`), {
      until212: [500],
      since213: [409, "ldap_disabled"],
    });
  });
});

// On a real instance: started with UI_CONFIG_DISABLED=true and SMTP_PASSWORD, where these are the only tests that run.
contract(
  "configuration from the environment",
  (pocketId) => {
    const path = "/api/application-configuration";
    const hidden = "XXXXXXXXXX";

    it("hides passwords that there are, and shows that there is none", async () => {
      expect(await pocketId.configuration()).toMatchObject({ smtpPassword: hidden, ldapBindPassword: "" });
    });

    it("is said to everybody", async () => {
      const { body } = await pocketId.get(path, { as: "nobody" });
      expect(body).toContainEqual({ key: "uiConfigDisabled", type: "boolean", value: "true" });
    });

    it("cannot be changed", async () => {
      expectRefusal(pocketId, await pocketId.put(path, await pocketId.configuration()), {
        until212: [403, "The configuration can't be changed since the UI configuration is disabled"],
        since213: [403, "ui_config_disabled"],
      });
    });
  },
  { uiConfigDisabled: true },
);
