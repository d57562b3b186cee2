import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

const settings = () => mcp.sandbox.state.configuration;
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const group = (name: string) => {
  const found = [...mcp.sandbox.state.userGroups.values()].find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the sandbox holds no ${name}`);
  return found;
};
const owner = () => {
  const user = mcp.sandbox.state.users.get(mcp.sandbox.adminId);
  if (user === undefined) throw new Error("the sandbox holds no administrator");
  return user;
};

describe("app_config_get", () => {
  it("answers what everybody may know, with types", async () => {
    const { configuration } = await mcp.ok("app_config_get");
    expect(configuration).toMatchObject({
      appName: "Riverside Rowing Club",
      accentColor: "#1e50a0",
      allowUserSignups: "withToken",
      allowOwnAccountEdit: true,
      ldapEnabled: false,
      uiConfigDisabled: false,
      tracingEnabled: false,
    });
    expect(configuration).not.toHaveProperty("smtpHost");
    expect(configuration).not.toHaveProperty("smtpPassword");
  });

  it("needs no right: it goes without the API key", async () => {
    await mcp.ok("app_config_get");
    for (const { headers } of mcp.sandbox.requests) expect(headers).not.toHaveProperty("x-api-key");
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("app_config_get", { key: "appName" })).toMatch(/key: there is no such/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("app_config_get_all", () => {
  it("answers booleans, numbers, lists and texts as what they are", async () => {
    settings().set("signupDefaultCustomClaims", '[{"key":"tier","value":"basic"}]');
    settings().set("cimdUrlAllowlist", '["https://*.example.com/client.json"]');
    settings().set("smtpPort", "587");
    const { configuration } = await mcp.ok("app_config_get_all");
    expect(configuration).toMatchObject({
      sessionDuration: 60,
      smtpPort: 587,
      emailOneTimeAccessAsAdminEnabled: true,
      ldapSoftDeleteUsers: true,
      requireUserEmail: true,
      smtpTls: "starttls",
      webauthnUserVerification: "required",
      ldapUserSearchFilter: "(objectClass=person)",
      signupDefaultCustomClaims: [{ key: "tier", value: "basic" }],
      signupDefaultUserGroupIDs: [],
      cimdUrlAllowlist: ["https://*.example.com/client.json"],
    });
    expect(Object.keys(configuration).sort()).toEqual([...settings().keys()].sort());
  });

  it("answers a number that is not set as null", async () => {
    settings().set("smtpPort", "");
    expect((await mcp.ok("app_config_get_all")).configuration.smtpPort).toBeNull();
  });

  it("reads booleans that came from the environment in another word", async () => {
    settings().set("ldapEnabled", "1");
    settings().set("emailsVerified", "0");
    expect((await mcp.ok("app_config_get_all")).configuration).toMatchObject({
      ldapEnabled: true,
      emailsVerified: false,
    });
  });

  it("leaves a list that cannot be read as the text that it is", async () => {
    settings().set("signupDefaultUserGroupIDs", "not json");
    expect((await mcp.ok("app_config_get_all")).configuration.signupDefaultUserGroupIDs).toBe("not json");
  });

  it("tells that a password is set, and never which", async () => {
    settings().set("smtpPassword", "eight-oars-and-a-cox");
    settings().set("ldapBindPassword", "");
    const answer = await mcp.ok("app_config_get_all");
    expect(answer.configuration).toMatchObject({ smtpPassword: "[redacted]", ldapBindPassword: "" });
    expect(JSON.stringify(answer)).not.toContain("eight-oars");
  });

  it("shows neither the password nor Pocket ID's mask while the configuration comes from the environment", async () => {
    await mcp.reconnect({ uiConfigDisabled: true });
    const { configuration } = await mcp.ok("app_config_get_all");
    expect(configuration).toMatchObject({ smtpPassword: "[redacted]", ldapBindPassword: "" });
  });

  it("names the groups that people who sign up are in; one that is gone keeps its id", async () => {
    settings().set("signupDefaultUserGroupIDs", JSON.stringify([group("members").id, "gone"]));
    expect((await mcp.ok("app_config_get_all")).configuration.signupDefaultUserGroupIDs).toEqual([
      { id: group("members").id, name: "members" },
      { id: "gone", name: null },
    ]);
  });

  it("shows keys that only a newer Pocket ID has, and hides those that sound like secrets", async () => {
    mcp.sandbox.intercept = ({ url }, response) => {
      if (url !== "/api/application-configuration/all") return false;
      const rows = [
        ["appName", "Club"],
        ["theme", "dark"],
        ["webhookSecret", "hush-hush"],
        ["otherPassword", ""],
      ].map(([key, value]) => ({ key, type: "", value, isPublic: false }));
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(rows));
      return true;
    };
    expect((await mcp.ok("app_config_get_all")).configuration).toEqual({
      appName: "Club",
      theme: "dark",
      webhookSecret: "[redacted]",
      otherPassword: "",
    });
  });

  it("shows what 1.16 has under another name", async () => {
    await mcp.reconnect({ version: "1.16" });
    settings().set("ldapAttributeAdminGroup", "admins");
    const { configuration } = await mcp.ok("app_config_get_all");
    expect(configuration).toMatchObject({ ldapAttributeAdminGroup: "admins", sessionDuration: 60 });
    expect(configuration).not.toHaveProperty("homePageUrl");
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("app_config_get_all", { full: true })).toMatch(/full/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("app_config_test_email", () => {
  it.each(["2.14", "2.9", "1.16"] as const)("has Pocket ID mail the owner of the key (%s)", async (version) => {
    await mcp.reconnect({ version });
    expect(await mcp.ok("app_config_test_email")).toEqual({ sentTo: "robin@riverside-rowing.example" });
    expect(mcp.sandbox.state.mails).toEqual([
      { kind: "test", to: "robin@riverside-rowing.example", userId: mcp.sandbox.adminId, token: null },
    ]);
  });

  it.each(["2.14", "2.9"] as const)(
    "explains that there is no mail server, and sends nothing (%s)",
    async (version) => {
      await mcp.reconnect({ version });
      settings().set("smtpHost", "");
      expect(await mcp.fails("app_config_test_email")).toMatch(
        /No mail server is set up: set smtpHost, smtpPort, smtpFrom and smtpTls with app_config_update/,
      );
      expect(changingRequests()).toEqual([]);
    },
  );

  it.each(["2.14", "2.9"] as const)(
    "explains that the owner has no address, and sends nothing (%s)",
    async (version) => {
      await mcp.reconnect({ version });
      owner().email = null;
      expect(await mcp.fails("app_config_test_email")).toMatch(
        /owner of the API key has no e-mail address.*user_update/,
      );
      expect(changingRequests()).toEqual([]);
    },
  );

  it("says where to look when the mail server refuses, and does not send a second mail", async () => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "POST") return false;
      response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: "Something went wrong", code: "internal_error", request_id: "abc-123" }));
      return true;
    };
    expect(await mcp.fails("app_config_test_email")).toMatch(/look into its log.*abc-123/);
    expect(changingRequests()).toHaveLength(1);
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("app_config_test_email", { to: "someone@example.com" })).toMatch(/to: there is no such/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("app_config_sync_ldap", () => {
  it.each(["2.14", "2.9", "1.16"] as const)("explains that LDAP is off, and sends nothing (%s)", async (version) => {
    await mcp.reconnect({ version });
    expect(await mcp.fails("app_config_sync_ldap")).toMatch(/LDAP is switched off: set ldapEnabled.*app_config_update/);
    expect(changingRequests()).toEqual([]);
  });

  it.each(["true", "1"])("runs a sync while LDAP is on (%s)", async (on) => {
    settings().set("ldapEnabled", on);
    // The sandbox has no directory: it answers here as Pocket ID does after a sync.
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method === "POST") response.writeHead(204).end();
      return method === "POST";
    };
    expect(await mcp.ok("app_config_sync_ldap")).toEqual({ synced: true });
    expect(changingRequests()).toMatchObject([{ path: "/api/application-configuration/sync-ldap" }]);
  });

  it("says where to look when the directory cannot be read", async () => {
    settings().set("ldapEnabled", "true");
    expect(await mcp.fails("app_config_sync_ldap")).toMatch(/look into its log.*Request id: /);
    expect(changingRequests()).toHaveLength(1);
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("app_config_sync_ldap", { dryRun: true })).toMatch(/dryRun/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
