import { type ConfigurationKeyName, configurationKeys } from "@pocketid-mcp/core";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);
beforeEach(() => {
  settings().set("ldapBindPassword", "rigger-jigger");
});

const settings = () => mcp.sandbox.state.configuration;
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const lastBody = (): Record<string, unknown> => ({ ...Object(changingRequests().at(-1)?.body) });
const groups = () => [...mcp.sandbox.state.userGroups.values()];
const groupId = (name: string) => groups().find((group) => group.name === name)?.id ?? "";

const keys = Object.keys(configurationKeys).filter((key): key is ConfigurationKeyName => key in configurationKeys);
const isOptional = (key: ConfigurationKeyName) => !("required" in configurationKeys[key]);
const optionalKeys = keys.filter(isOptional);

/** What a key can be set to, and the text that Pocket ID should then hold. */
function valuesOf(key: ConfigurationKeyName): fc.Arbitrary<{ value: unknown; held: string }> {
  const { kind, ...more } = configurationKeys[key];
  const asText = <T>(arbitrary: fc.Arbitrary<T>) => arbitrary.map((value) => ({ value, held: String(value) }));
  const asJson = <T>(arbitrary: fc.Arbitrary<T>) => arbitrary.map((value) => ({ value, held: JSON.stringify(value) }));
  switch (kind) {
    case "boolean":
      return asText(fc.boolean());
    case "integer":
      return asText(fc.integer({ min: 1, max: 65_535 }));
    case "choice":
      return asText(fc.constantFrom(...("values" in more ? more.values : [])));
    case "groups":
      return fc.subarray(groups()).chain((some) =>
        fc.constantFrom<("id" | "name" | "friendlyName")[]>("id", "name", "friendlyName").map((by) => ({
          value: some.map((group) => group[by]),
          held: JSON.stringify(some.map(({ id }) => id)),
        })),
      );
    case "claims":
      return fc
        .dictionary(fc.stringMatching(/^x[a-z_]{1,12}$/), fc.string({ maxLength: 20 }), { maxKeys: 4 })
        .chain((map) => {
          const list = Object.entries(map).map(([name, value]) => ({ key: name, value }));
          return fc.constantFrom(map, list).map((value) => ({ value, held: JSON.stringify(list) }));
        });
    case "texts":
      return asJson(fc.array(fc.stringMatching(/^https:\/\/[a-z]{1,9}\.example\/\*\*$/), { maxLength: 3 }));
    default:
      if (key === "smtpFrom") return asText(fc.stringMatching(/^[a-z]{1,9}@[a-z]{1,9}\.example$/));
      // Pocket ID counts characters and stores the name in NFC.
      return fc.string({ minLength: 1, maxLength: 9, unit: "grapheme" }).map((value) => ({
        value,
        held: key === "appName" ? value.normalize("NFC") : value,
      }));
  }
}

/** A Pocket ID that has one key more than any that we know. */
function addKeyOfNewerVersion(key: string, value: string): void {
  mcp.sandbox.intercept = ({ url }, response) => {
    if (url !== "/api/application-configuration/all") return false;
    const rows = [...settings(), [key, value]].map(([name, held]) => ({ key: name, type: "", value: held }));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(rows));
    return true;
  };
}

describe("app_config_update", () => {
  it("changes one key and leaves every other as it was, whichever one it is", async () => {
    // What is asked about is specified in questions.test.ts; here, asking would double the time that 200 calls take.
    await mcp.reconnect({ env: { POCKETID_CONFIRM: "off" } });
    addKeyOfNewerVersion("keyOfTomorrow", "stays");
    for (const key of keys) {
      const change = valuesOf(key).map((of) => ({ key, ...of }));
      await fc.assert(
        fc.asyncProperty(change, async ({ value, held }) => {
          const before = new Map(settings());
          mcp.sandbox.requests.length = 0;
          const answer = await mcp.ok("app_config_update", { [key]: value });
          expect([...settings()]).toEqual([...new Map(before).set(key, held)]);
          expect(answer.changed).toEqual(before.get(key) === held ? [] : [key]);
          expect(answer.notApplied).toEqual([]);
          expect(Object.keys(answer.configuration)).toEqual([key]);
          if (before.get(key) === held) expect(changingRequests()).toEqual([]);
          else
            expect(lastBody()).toEqual({
              ...Object.fromEntries(settings()),
              keyOfTomorrow: "stays",
              [key]: lastBody()[key],
            });
          for (const sent of Object.values(lastBody())) expect(typeof sent).toBe("string");
        }),
        { numRuns: 5 },
      );
    }
  });

  it("changes several keys of all kinds at once, and shows them as they are now", async () => {
    const answer = await mcp.ok("app_config_update", {
      appName: "Rowing",
      sessionDuration: 120,
      emailsVerified: true,
      allowUserSignups: "open",
      cimdUrlAllowlist: ["https://apps.example/*"],
    });
    expect(settings().get("appName")).toBe("Rowing");
    expect(settings().get("sessionDuration")).toBe("120");
    expect(settings().get("emailsVerified")).toBe("true");
    expect(settings().get("cimdUrlAllowlist")).toBe('["https://apps.example/*"]');
    expect(answer).toEqual({
      configuration: {
        appName: "Rowing",
        sessionDuration: 120,
        emailsVerified: true,
        allowUserSignups: "open",
        cimdUrlAllowlist: ["https://apps.example/*"],
      },
      changed: expect.arrayContaining([
        "appName",
        "sessionDuration",
        "emailsVerified",
        "allowUserSignups",
        "cimdUrlAllowlist",
      ]),
      notApplied: [],
    });
  });

  it("sends no change where nothing would change", async () => {
    const answer = await mcp.ok("app_config_update", { appName: "Riverside Rowing Club", smtpPort: 587 });
    expect(answer).toEqual({
      configuration: { appName: "Riverside Rowing Club", smtpPort: 587 },
      changed: [],
      notApplied: [],
    });
    expect(changingRequests()).toEqual([]);
  });

  it("carries along what 1.16 has under another name, and what is internal to 2.9", async () => {
    await mcp.reconnect({ version: "1.16" });
    settings().set("ldapAttributeAdminGroup", "admins");
    await mcp.ok("app_config_update", { appName: "Rowing" });
    expect(settings().get("ldapAttributeAdminGroup")).toBe("admins");
    await mcp.reconnect({ version: "2.9" });
    await mcp.ok("app_config_update", { appName: "Rowing" });
    expect(settings().get("appName")).toBe("Rowing");
    expect(lastBody()).toHaveProperty("instanceId");
  });

  describe("null", () => {
    const others: Partial<Record<ConfigurationKeyName, string>> = {
      smtpFrom: "a@b.example",
      signupDefaultUserGroupIDs: '["x"]',
      signupDefaultCustomClaims: '[{"key":"tier","value":"x"}]',
      cimdUrlAllowlist: '["https://apps.example/*"]',
    };

    it("puts every key that can be without a value back to its default", async () => {
      await mcp.reconnect({ seed: "empty" });
      const defaults = new Map(settings());
      for (const key of optionalKeys) {
        settings().set(key, others[key] ?? "7");
        const { changed, notApplied } = await mcp.ok("app_config_update", { [key]: null });
        expect({ changed, notApplied }).toEqual({ changed: [key], notApplied: [] });
        expect([...settings()]).toEqual([...defaults]);
      }
    });

    it("is refused for every key that always has a value, and nothing is sent", async () => {
      for (const key of keys.filter((candidate) => !isOptional(candidate)))
        expect(await mcp.fails("app_config_update", { [key]: null })).toMatch(
          new RegExp(`^Nothing was changed. ${key}: `),
        );
      expect(mcp.sandbox.requests).toEqual([]);
    });
  });

  describe("a password", () => {
    it.each(["smtpPassword", "ldapBindPassword"])("is set and not shown (%s)", async (key) => {
      const answer = await mcp.ok("app_config_update", { [key]: "catch-a-crab" });
      expect(settings().get(key)).toBe("catch-a-crab");
      expect(answer).toEqual({ configuration: { [key]: "[redacted]" }, changed: [key], notApplied: [] });
    });

    it.each([
      ["smtpPassword", "[redacted]"],
      ["smtpPassword", "XXXXXXXXXX"],
      ["ldapBindPassword", "[redacted]"],
      ["ldapBindPassword", "XXXXXXXXXX"],
    ])("is not overwritten with what stands for it: %s %s", async (key, value) => {
      expect(await mcp.fails("app_config_update", { appName: "Rowing", [key]: value })).toMatch(
        new RegExp(`${key}: this stands for a secret that is kept`),
      );
      expect(mcp.sandbox.requests).toEqual([]);
    });

    it.each([null, ""])("is taken away with %j", async (value) => {
      const answer = await mcp.ok("app_config_update", { smtpPassword: value });
      expect(settings().get("smtpPassword")).toBe("");
      expect(answer).toMatchObject({ configuration: { smtpPassword: "" }, changed: ["smtpPassword"] });
    });

    it("stays when another key is changed, and stands in no answer", async () => {
      const answer = await mcp.ok("app_config_update", { smtpHost: "mail.example.com" });
      expect(settings().get("smtpPassword")).toBe("eight-oars-and-a-cox");
      expect(settings().get("ldapBindPassword")).toBe("rigger-jigger");
      expect(JSON.stringify(answer)).not.toMatch(/eight-oars|rigger-jigger/);
    });
  });

  describe("groups that people who sign up are in", () => {
    it("are given by name or id, and shown by both", async () => {
      const { configuration } = await mcp.ok("app_config_update", {
        signupDefaultUserGroupIDs: ["Members", groupId("juniors")],
      });
      expect(settings().get("signupDefaultUserGroupIDs")).toBe(
        JSON.stringify([groupId("members"), groupId("juniors")]),
      );
      expect(configuration.signupDefaultUserGroupIDs).toEqual([
        { id: groupId("members"), name: "members" },
        { id: groupId("juniors"), name: "juniors" },
      ]);
    });

    it("are not changed when one of them is unknown", async () => {
      expect(await mcp.fails("app_config_update", { signupDefaultUserGroupIDs: ["members", "seniors"] })).toMatch(
        /signupDefaultUserGroupIDs\[1\]: there is no group "seniors"/,
      );
      expect(changingRequests()).toEqual([]);
    });
  });

  it.each([
    ["a map", { tier: "basic", team: "blue" }],
    [
      "a list",
      [
        { key: "tier", value: "basic" },
        { key: "team", value: "blue" },
      ],
    ],
  ])("takes claims of new users as %s", async (_form, signupDefaultCustomClaims) => {
    const { configuration } = await mcp.ok("app_config_update", { signupDefaultCustomClaims });
    const claims = [
      { key: "tier", value: "basic" },
      { key: "team", value: "blue" },
    ];
    expect(settings().get("signupDefaultCustomClaims")).toBe(JSON.stringify(claims));
    expect(configuration.signupDefaultCustomClaims).toEqual(claims);
  });

  it.each([
    ["no key", {}, /there is nothing to change/],
    ["a key that there is not, naming the close one", { smtpHots: "mail" }, /smtpHots: .*Did you mean smtpHost\?/],
    ["several that there are not", { theme: "dark", logo: "x" }, /theme: .*logo: /],
    ["a text for a boolean", { ldapEnabled: "true" }, /ldapEnabled: expected boolean/],
    ["a text for a number", { smtpPort: "587" }, /smtpPort: expected (?:int|number)/],
    ["a session of no minutes, which signs everyone out", { sessionDuration: 0 }, /sessionDuration: /],
    ["a choice that there is not", { smtpTls: "ssl" }, /smtpTls: .*"none"\|"starttls"\|"tls"/],
    ["a text for a list", { cimdUrlAllowlist: "https://apps.example" }, /cimdUrlAllowlist: expected array/],
    [
      "a claim that is there twice",
      {
        signupDefaultCustomClaims: [
          { key: "a", value: "1" },
          { key: "a", value: "2" },
        ],
      },
      /signupDefaultCustomClaims: give each key once/,
    ],
  ])("sends nothing for %s", async (_case, change, message) => {
    expect(await mcp.fails("app_config_update", change)).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("says what Pocket ID refuses, and nothing has changed", async () => {
    const before = [...settings()];
    expect(await mcp.fails("app_config_update", { smtpFrom: "not an address", appName: "Rowing" })).toMatch(/smtpFrom/);
    expect([...settings()]).toEqual(before);
  });

  it.each([
    ["2.9", "cimdUrlAllowlist", ["https://apps.example/*"], "2.13.0"],
    ["2.9", "webauthnUserVerification", "preferred", "2.13.0"],
    ["2.9", "webauthnAllowSyncedPasskeys", false, "2.13.0"],
    ["2.9", "webauthnAuthenticatorAttachment", "platform", "2.13.0"],
    ["1.16", "homePageUrl", "/", "2.2.0"],
    ["1.16", "emailVerificationEnabled", true, "2.2.0"],
    ["1.16", "ldapAdminGroupName", "admins", "2.0.0"],
  ] as const)("refuses on %s %s, which that version would leave aside", async (version, key, value, since) => {
    await mcp.reconnect({ version });
    expect(await mcp.fails("app_config_update", { appName: "Rowing", [key]: value })).toContain(
      `${key}: it needs Pocket ID ${since} or later, and this one is ${version}.0`,
    );
    expect(changingRequests()).toEqual([]);
  });

  it("sends nothing while the configuration comes from the environment, and names the variable of every field", async () => {
    await mcp.reconnect({ uiConfigDisabled: true });
    const answer = await mcp.ok("app_config_update", {
      appName: "Rowing",
      smtpPassword: "catch-a-crab",
      signupDefaultUserGroupIDs: ["members"],
      ldapBindDn: null,
      emailOneTimeAccessAsAdminEnabled: false,
    });
    expect(changingRequests()).toEqual([]);
    expect(answer.changed).toEqual([]);
    const reasons = new Map(
      answer.notApplied.map(({ field, reason }: { field: string; reason: string }) => [field, reason]),
    );
    expect(reasons.get("appName")).toMatch(/UI_CONFIG_DISABLED=true.*set APP_NAME there and restart/);
    expect(reasons.get("smtpPassword")).toMatch(/ SMTP_PASSWORD /);
    expect(reasons.get("signupDefaultUserGroupIDs")).toMatch(/ SIGNUP_DEFAULT_USER_GROUP_IDS /);
    expect(reasons.get("ldapBindDn")).toMatch(/ LDAP_BIND_DN /);
    expect(reasons.get("emailOneTimeAccessAsAdminEnabled")).toMatch(/ EMAIL_ONE_TIME_ACCESS_AS_ADMIN_ENABLED /);
    expect(reasons.size).toBe(5);
    expect(JSON.stringify(answer)).not.toMatch(/eight-oars|catch-a-crab|XXXXXXXXXX/);
  });
});
