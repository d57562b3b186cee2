import { describe, expect, it } from "vitest";
import { type SandboxOptions, sandboxVersions } from "../src/index.ts";
import { at, column, isSince, members, type PocketId, pocketId } from "./pocket-id.ts";

const PATH = "/api/application-configuration";

/** The rows as an object, the way a PUT wants them. */
function asObject(rows: unknown): Record<string, string> {
  return Object.fromEntries(column(rows, "key").map((key, row) => [String(key), String(at(rows, row, "value"))]));
}

const all = async (instance: PocketId) => asObject((await instance.get(`${PATH}/all`)).body);

describe.each(sandboxVersions)("the configuration of Pocket ID %s", (version) => {
  const playing = (options: SandboxOptions = {}) => pocketId({ version, ...options });

  it("is a list of texts; type and isPublic say nothing", async () => {
    const instance = await playing();
    const { body } = await instance.get(`${PATH}/all`);
    expect(members(at(body, 0))).toEqual(["key", "type", "value", "isPublic"]);
    expect(new Set(column(body, "type"))).toEqual(new Set([""]));
    expect(new Set(column(body, "isPublic"))).toEqual(new Set([false]));
    expect(column(body, "value").every((value) => typeof value === "string")).toBe(true);
  });

  it("shows everybody only what is public, and how it is made", async () => {
    const instance = await playing();
    const { body } = await instance.anonymous.get(PATH);
    const since = (first: string, ...keys: string[]) => (isSince(version, first) ? keys : []);
    expect(column(body, "key").toSorted()).toEqual(
      [
        ...["appName", "accentColor", "disableAnimations", "allowOwnAccountEdit", "allowUserSignups"],
        ...["requireUserEmail", "emailOneTimeAccessAsUnauthenticatedEnabled", "emailOneTimeAccessAsAdminEnabled"],
        ...["ldapEnabled", "uiConfigDisabled"],
        ...since("2.2", "homePageUrl", "emailVerificationEnabled"),
        ...since("2.10", "tracingEnabled"),
      ].toSorted(),
    );
    expect(body).toContainEqual({ key: "uiConfigDisabled", type: "boolean", value: "false" });
  });

  it("has the keys of its version", async () => {
    const instance = await playing();
    const keys = Object.keys(await all(instance));
    const has = (...names: string[]) => names.map((name) => keys.includes(name));
    expect(has("homePageUrl", "emailVerificationEnabled")).toEqual(Array(2).fill(isSince(version, "2.2")));
    expect(has("instanceId")).toEqual([!isSince(version, "2.11")]);
    expect(has("ldapAdminGroupName")).toEqual([isSince(version, "2.0")]);
    expect(has("ldapAttributeAdminGroup")).toEqual([!isSince(version, "2.0")]);
    expect(has("webauthnUserVerification", "webauthnAllowSyncedPasskeys", "cimdUrlAllowlist")).toEqual(
      Array(3).fill(isSince(version, "2.13")),
    );
  });

  it("can be read, sent back whole, and is the same afterwards", async () => {
    const instance = await playing();
    const before = await all(instance);
    const replaced = await instance.put(PATH, before);
    expect(replaced.status).toBe(200);
    expect(await all(instance)).toEqual(before);
    expect(asObject(replaced.body)).toEqual(before);
  });

  it("goes back to the default wherever a PUT says nothing or nothing much", async () => {
    const instance = await playing();
    const { smtpPassword, accentColor, ...rest } = await all(instance);
    expect([smtpPassword, accentColor]).toEqual(["eight-oars-and-a-cox", "#1e50a0"]);
    const replaced = await instance.put(PATH, { ...rest, smtpHost: "", ldapUserSearchFilter: "" });
    expect(replaced.status).toBe(200);
    expect(await all(instance)).toMatchObject({
      smtpPassword: "",
      accentColor: "default",
      smtpHost: "",
      ldapUserSearchFilter: "(objectClass=person)",
    });
  });

  it("shows passwords in clear, in the answer of a PUT too", async () => {
    const instance = await playing();
    const before = await all(instance);
    const replaced = await instance.put(PATH, { ...before, ldapBindPassword: "also-secret" });
    expect(asObject(replaced.body)).toMatchObject({
      smtpPassword: "eight-oars-and-a-cox",
      ldapBindPassword: "also-secret",
    });
  });

  it("masks passwords, those there are, and refuses a PUT when it comes from the environment", async () => {
    const instance = await playing({ uiConfigDisabled: true });
    const before = await all(instance);
    expect(before).toMatchObject({ smtpPassword: "XXXXXXXXXX", ldapBindPassword: "" });
    const refused = await instance.put(PATH, before);
    expect(refused.status).toBe(403);
    if (isSince(version, "2.13")) expect(refused.body).toMatchObject({ code: "ui_config_disabled" });
    expect((await instance.anonymous.get(PATH)).body).toContainEqual({
      key: "uiConfigDisabled",
      type: "boolean",
      value: "true",
    });
    expect((await instance.post(`${PATH}/test-email`)).status).toBe(204);
  });

  it("wants the keys that are required", async () => {
    const instance = await playing();
    const before = await all(instance);
    const { appName, ...nameless } = before;
    expect((await instance.put(PATH, nameless)).status).toBe(400);
    if (isSince(version, "2.2")) {
      const { homePageUrl, ...homeless } = before;
      expect((await instance.put(PATH, homeless)).status).toBe(400);
    }
    if (isSince(version, "2.13")) {
      const { webauthnUserVerification, ...rest } = before;
      expect(await instance.put(PATH, rest)).toMatchObject({
        status: 400,
        body: { details: { fields: [{ field: "webauthnUserVerification", code: "required" }] } },
      });
    }
  });

  it.each<[string, string, boolean | string]>([
    ["appName", "x".repeat(30), true],
    ["appName", "x".repeat(31), false],
    ["allowUserSignups", "sometimes", false],
    ["smtpTls", "ssl", false],
    ["smtpFrom", "no address", false],
    ["smtpFrom", "", true],
    ["disableAnimations", "yes", "up to 2.13"],
    ["sessionDuration", "an hour", "up to 2.13"],
    ["sessionDuration", "-1", true],
    ["sessionDuration", "0", true],
    ["signupDefaultUserGroupIDs", "not json", false],
    ["signupDefaultUserGroupIDs", '{"a":1}', "up to 2.13"],
    ["signupDefaultCustomClaims", '[{"key":"a","value":"b"}]', true],
    ["ldapSoftDeleteUsers", "", "up to 2.13"],
  ])("takes %s = %j: %s", async (key, value, allowed) => {
    const instance = await playing();
    const replaced = await instance.put(PATH, { ...(await all(instance)), [key]: value });
    const isAllowed = typeof allowed === "string" ? !isSince(version, "2.14") : allowed;
    expect(replaced.status).toBe(isAllowed ? 200 : 400);
    if (replaced.status === 400 && isSince(version, "2.13")) {
      expect(at(replaced.body, "details", "fields", 0, "field")).toBe(key);
    }
  });

  it("ignores keys that it does not know", async () => {
    const instance = await playing();
    expect((await instance.put(PATH, { ...(await all(instance)), someFutureKey: "1" })).status).toBe(200);
    expect(Object.keys(await all(instance))).not.toContain("someFutureKey");
  });

  it("sends a test mail to whoever asks", async () => {
    const instance = await playing();
    expect((await instance.post(`${PATH}/test-email`)).status).toBe(204);
    expect(instance.sandbox.state.mails).toEqual([
      { kind: "test", to: "robin@riverside-rowing.example", userId: instance.sandbox.adminId, token: null },
    ]);
  });
});
