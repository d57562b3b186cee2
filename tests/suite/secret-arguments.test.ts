import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { secretArguments } from "@pocketid-mcp/core/runtime";
import { describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { useServer } from "../support/use-server.ts";

const tools = servers.flatMap((server) => server.tools);
const fromVariable = "a-value-of-a-variable";
const mcp = useServer(tools, { env: { POCKETID_SECRET_ENV: "APP_SECRET, UNSET", APP_SECRET: fromVariable } });
const windows = process.platform === "win32";

/** Every argument that is a secret, a call that it stands in, and where the sandbox holds it then. */
const places: readonly (readonly [string, string, Record<string, unknown>, () => string | undefined])[] = [
  ["oidc_client_create", "secret", { name: "Wiki", id: "wiki" }, () => newestSecret("wiki")],
  ["oidc_client_create_secret", "secret", { client: "immich" }, () => newestSecret("immich")],
  ["oidc_client_rotate_secret", "secret", { client: "immich" }, () => newestSecret("immich")],
  [
    "scim_provider_create",
    "token",
    { client: "gitea", endpoint: "https://git.example/scim" },
    () => scimToken("gitea"),
  ],
  ["scim_provider_update", "token", { client: "nextcloud" }, () => scimToken("nextcloud")],
  ["app_config_update", "smtpPassword", {}, () => mcp.sandbox.state.configuration.get("smtpPassword")],
  ["app_config_update", "ldapBindPassword", {}, () => mcp.sandbox.state.configuration.get("ldapBindPassword")],
];
const newestSecret = (client: string) => mcp.sandbox.state.oidcClients.get(client)?.secrets.at(-1)?.value;
const scimToken = (client: string) =>
  [...mcp.sandbox.state.scimProviders.values()].find(({ oidcClientId }) => oidcClientId === client)?.token;

/** Puts a file into the folder for secrets. */
function put(name: string, content: string | Buffer, mode = 0o600): string {
  mkdirSync(mcp.secretsDir, { recursive: true, mode: 0o700 });
  const path = join(mcp.secretsDir, name);
  writeFileSync(path, content, { mode });
  chmodSync(path, mode);
  return path;
}
const update = (smtpPassword: unknown) => mcp.fails("app_config_update", { smtpPassword });
const stored = () => mcp.sandbox.state.configuration.get("smtpPassword");

describe("an argument that is a secret", () => {
  it("is every one that sounds like it, and no other", () => {
    const declared = tools.flatMap(({ name, input }) =>
      secretArguments(input.shape).map((field) => `${name} ${field}`),
    );
    expect(declared.sort()).toEqual(places.map(([tool, field]) => `${tool} ${field}`).sort());
    const named = tools.flatMap(({ name, input }) =>
      Object.keys(input.shape)
        .filter((field) => /password|secret$|token$|credential|apiKey$|private/i.test(field))
        .map((field) => `${name} ${field}`),
    );
    // An API key is named there, by its name or id.
    expect(named.filter((one) => !declared.includes(one))).toEqual(["api_key_renew apiKey"]);
  });

  describe.each(places)("of %s, %s,", (tool, field, args, held) => {
    it.each([
      ["as it is", "plain-value-of-a-secret", "plain-value-of-a-secret"],
      ["in a file", { file: "app" }, "value-of-a-file-of-the-operator"],
      ["in a variable", { env: "APP_SECRET" }, fromVariable],
    ])("can be given %s, and is said nowhere", async (_case, given, value) => {
      put("app", "value-of-a-file-of-the-operator\n");
      const answer = await mcp.ok(tool, { ...args, [field]: given });
      expect(held()).toBe(value);
      expect(JSON.stringify(answer)).not.toContain(value);
      expect(JSON.stringify(mcp.actions())).not.toContain(value);
    });
  });

  it("can still be cleared", async () => {
    mcp.sandbox.state.configuration.set("smtpPassword", "catch-a-crab");
    await mcp.ok("app_config_update", { smtpPassword: null });
    expect(stored()).toBe("");
    await mcp.ok("scim_provider_update", { client: "nextcloud", token: null });
    expect(scimToken("nextcloud")).toBe("");
  });

  it.each([
    ["value", "value"],
    ["value\n", "value"],
    ["value\r\n", "value"],
    ["value\n\n", "value\n"],
    [" value ", " value "],
    ["pässword 日本", "pässword 日本"],
  ])("is what %j holds, without one line end", async (content, value) => {
    put("smtp password", content);
    await mcp.ok("app_config_update", { smtpPassword: { file: "smtp password" } });
    expect(stored()).toBe(value);
  });

  it("is checked by its value, wherever that came from, and the error does not say it", async () => {
    put("short", "too-short");
    expect(await mcp.fails("oidc_client_create_secret", { client: "immich", secret: { file: "short" } })).toBe(
      "Nothing was changed. secret: it has to be 16 printable ASCII characters or more.",
    );
    put("redacted", "[redacted]");
    expect(await update({ file: "redacted" })).toMatch(/smtpPassword: this stands for a secret that is kept as it is/);
  });

  it("is not looked for where the tool may not be called", async () => {
    await mcp.reconnect({ env: { POCKETID_READ_ONLY: "true" } });
    expect(await update({ file: "there-is-none" })).toMatch(/this server is read-only/);
  });
});

describe("a reference to a secret", () => {
  const nothing = () => undefined;
  const app = () => put("app", "a-value");
  const link = (to: string) => symlinkSync(to, join(mcp.secretsDir, "link"));

  /** What is there, what is said of it, and why that is refused. */
  const cases: readonly (readonly [string, () => unknown, unknown, RegExp])[] = [
    ["to a file that is not there", app, { file: "nope" }, /no such file in .*\(POCKETID_SECRETS_DIR\)\. Put it there/],
    ["to a folder that is not there", nothing, { file: "app" }, /there is no such file in /],
    ["out of the folder", () => put("../out", "a-value"), { file: "../out" }, /file is the name .*, without a folder/],
    ["to a path", app, { file: "/etc/hostname" }, /without a folder/],
    ["to a folder below", app, { file: "below/app" }, /without a folder/],
    ["to a folder below on Windows", app, { file: "below\\app" }, /without a folder/],
    ["to a stream on Windows", app, { file: "app:stream" }, /without a folder/],
    ["to the folder", app, { file: "." }, /without a folder/],
    ["to the one above", app, { file: ".." }, /without a folder/],
    ["to what is hidden", () => put(".app", "a-value"), { file: ".app" }, /without a folder/],
    ["to nothing", app, { file: "" }, /without a folder/],
    ["with a character that ends a name", app, { file: "app\u0000.txt" }, /without a folder/],
    ["that has no end", app, { file: "x".repeat(300) }, /without a folder/],
    [
      "to a folder in it",
      () => mkdirSync(put("sub", "x").replace(/sub$/, "below")),
      { file: "below" },
      /is not a file/,
    ],
    ["to an empty file", () => put("app", "\n"), { file: "app" }, /app is empty/],
    ["to a large file", () => put("app", "x".repeat(10_001)), { file: "app" }, /is larger than a secret/],
    ["to what is no text", () => put("app", Buffer.from([0xff, 0xfe, 0x00])), { file: "app" }, /is not a text/],
    ["to two places", app, { file: "app", env: "APP_SECRET" }, /give either file, .*, or env/],
    ["to no place", app, {}, /give either file/],
    [
      "to a variable that is not allowed",
      nothing,
      { env: "PATH" },
      /POCKETID_SECRET_ENV names .*: APP_SECRET, UNSET\./,
    ],
    ["to a variable of ours", nothing, { env: "POCKETID_API_KEY" }, /does not allow this variable/],
    ["to a variable that is not set", nothing, { env: "UNSET" }, /UNSET is not set where this server was started/],
    ["that is a number", nothing, 7, /give a text, or where it is/],
    ["that is a list", nothing, ["app"], /give a text, or where it is/],
  ];
  const elsewhere: typeof cases = [
    ["to a link", () => link(app()), { file: "link" }, /is a link\. Put the file itself there/],
    ["to a link out", () => link(app() && put("../out", "a-value")), { file: "link" }, /is a link/],
    ["to a link to nothing", () => link(`${app()}-not`), { file: "link" }, /is a link/],
    ["to what others can read", () => put("app", "x", 0o640), { file: "app" }, /read .*app\. Run: chmod 600 /],
    ["to a folder of others", () => app() && chmodSync(mcp.secretsDir, 0o750), { file: "app" }, /Run: chmod 700 /],
    ["to a pipe", () => execFileSync("mkfifo", ["-m", "600", `${app()}-pipe`]), { file: "app-pipe" }, /is not a file/],
  ];

  it.each(windows ? cases : [...cases, ...elsewhere])(
    "%s is refused, and nothing is sent",
    async (_case, prepare, reference, reason) => {
      prepare();
      const text = await update(reference);
      expect(text).toMatch(/^Nothing was changed\. smtpPassword: /);
      expect(text).toMatch(reason);
      expect(text).not.toContain("a-value");
      expect(mcp.sandbox.requests).toEqual([]);
    },
  );

  it("with a field that there is not is refused, too", async () => {
    expect(await update({ path: "/etc/hostname" })).toMatch(/smtpPassword\.path: there is no such field/);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("does not lead to what a server wrote for the operator, unless the operator gives it a name", async () => {
    await mcp.ok("signup_token_create");
    mcp.sandbox.requests.length = 0;
    const [file = ""] = readdirSync(mcp.secretsDir);
    expect(await update({ file })).toMatch(
      /smtpPassword: a server wrote this file for the operator, and it is not read back/,
    );
    expect(mcp.sandbox.requests).toEqual([]);
    renameSync(join(mcp.secretsDir, file), join(mcp.secretsDir, "mine"));
    await mcp.ok("app_config_update", { smtpPassword: { file: "mine" } });
    expect(stored()).toBe(readFileSync(join(mcp.secretsDir, "mine"), "utf8"));
  });

  it("does not lead to the key of the server itself", async () => {
    put("api-key", `${mcp.sandbox.apiKey}\n`);
    const said = await update({ file: "api-key" });
    expect(said).toMatch(/smtpPassword: this is the API key of this server, which is sent nowhere else/);
    expect(said).not.toContain(mcp.sandbox.apiKey);
    await mcp.reconnect({ sandbox: mcp.sandbox, env: { POCKETID_SECRET_ENV: "KEY", KEY: mcp.sandbox.apiKey } });
    expect(await update({ env: "KEY" })).toMatch(/smtpPassword: this is the API key of this server/);
  });

  it("is no place for a variable unless the operator names some", async () => {
    await mcp.reconnect({ env: { POCKETID_SECRET_ENV: "" } });
    expect(await update({ env: "APP_SECRET" })).toMatch(/POCKETID_SECRET_ENV names those that may be used: none\./);
  });

  it("is no reference in an argument that is no secret", async () => {
    expect(await mcp.fails("app_config_update", { smtpUser: { env: "APP_SECRET" } })).toMatch(/smtpUser: /);
  });
});
