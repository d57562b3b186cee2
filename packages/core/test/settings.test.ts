import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { helpText } from "../src/settings/help.ts";
import { loadSettings, SettingsError } from "../src/settings/load.ts";
import { flagOf, settingsSchema } from "../src/settings/schema.ts";
import { stateDirectory } from "../src/settings/state-directory.ts";

const enough = { POCKETID_URL: "https://id.example.com", POCKETID_API_KEY: "key" };

const problems = (argv: string[], env: Record<string, string>): string => {
  try {
    loadSettings(argv, env);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error("the settings were accepted");
};

describe("settings", () => {
  it("need an address and a key, and have a value for everything else", () => {
    const { settings, sources, warnings } = loadSettings([], enough);
    expect(settings).toMatchObject({
      url: "https://id.example.com",
      apiKey: "key",
      timeout: 30,
      readOnly: false,
      logLevel: "info",
      logMaxAgeHours: 24,
    });
    expect(sources).toEqual({ url: "POCKETID_URL", apiKey: "POCKETID_API_KEY" });
    expect(warnings).toEqual([]);
  });

  it("say everything that is missing or wrong at once, and never show a key", () => {
    const text = problems(["--nope"], {
      POCKETID_API_KEY: "secret-key",
      POCKETID_TIMEOUT: "soon",
      POCKETID_READ_ONLY: "maybe",
      LOG_LEVEL: "loud",
    });
    expect(text).toMatch(/POCKETID_URL is not set/);
    expect(text).toMatch(/POCKETID_TIMEOUT: give seconds/);
    expect(text).toMatch(/POCKETID_READ_ONLY: give true or false/);
    expect(text).toMatch(/LOG_LEVEL: give one of trace, debug/);
    expect(text).toMatch(/--nope: there is no such option/);
    expect(text).not.toContain("secret-key");
  });

  it("come from the older names, too", () => {
    const { settings, sources } = loadSettings([], {
      POCKETID_BASE_URL: "https://id.example.com",
      POCKETID_API_TOKEN: "key",
    });
    expect(settings).toMatchObject({ url: "https://id.example.com", apiKey: "key" });
    expect(sources).toEqual({ url: "POCKETID_BASE_URL", apiKey: "POCKETID_API_TOKEN" });
  });

  it("warn of an older name that is left aside", () => {
    expect(loadSettings([], { ...enough, POCKETID_BASE_URL: "https://other.example.com" }).warnings).toEqual([
      "POCKETID_BASE_URL is left aside: POCKETID_URL is set.",
    ]);
  });

  it("put secrets into files unless they say otherwise, and allow no variable for one", () => {
    const { settings, secretVariables } = loadSettings([], enough);
    expect(settings).toMatchObject({ secrets: "file", secretsDir: undefined, secretEnv: undefined });
    expect(secretVariables.size).toBe(0);
    expect(loadSettings(["--secrets", "reveal"], enough).settings.secrets).toBe("reveal");
    expect(problems([], { ...enough, POCKETID_SECRETS: "show" })).toBe("POCKETID_SECRETS: give one of file, reveal.");
  });

  it("name the variables that may hold a secret, and take no other", () => {
    const env = {
      ...enough,
      POCKETID_SECRET_ENV: "SMTP_PASSWORD, POCKETID_LDAP",
      SMTP_PASSWORD: "a",
      POCKETID_LDAP: "b",
    };
    const { secretVariables, warnings } = loadSettings([], { ...env, OTHER: "c" });
    expect([...secretVariables]).toEqual([
      ["SMTP_PASSWORD", "a"],
      ["POCKETID_LDAP", "b"],
    ]);
    expect(warnings).toEqual([]);
    expect(loadSettings([], { ...enough, POCKETID_SECRET_ENV: "SMTP_PASSWORD" }).warnings).toEqual([
      "SMTP_PASSWORD is not set (POCKETID_SECRET_ENV).",
    ]);
  });

  it.each(["POCKETID_API_KEY", "POCKETID_API_TOKEN", "POCKETID_URL"])(
    "do not take %s for a secret that may be sent",
    (name) => {
      expect(problems([], { ...enough, POCKETID_SECRET_ENV: name })).toBe(
        `POCKETID_SECRET_ENV: ${name} is a setting, and no secret to be sent.`,
      );
    },
  );

  it("do not repeat a secret that was given in the place of its variable's name", () => {
    expect(problems([], { ...enough, POCKETID_SECRET_ENV: "hunter2!" })).toBe(
      "POCKETID_SECRET_ENV: give names of variables, separated by commas.",
    );
  });

  it("warn of a variable that is none", () => {
    expect(loadSettings([], { ...enough, POCKETID_PROFILE: "club" }).warnings).toEqual([
      "POCKETID_PROFILE is not a setting of this version and is left aside.",
    ]);
  });

  it.each([
    ["POCKETID_READONLY", "POCKETID_READ_ONLY"],
    ["POCKET_ID_READ_ONLY", "POCKETID_READ_ONLY"],
    ["pocketid_read_only", "POCKETID_READ_ONLY"],
    ["POCKETID_EXCLUDED_TOOLS", "POCKETID_EXCLUDE_TOOLS"],
    ["POCKETID_TOOL", "POCKETID_TOOLS"],
  ])("refuse a misspelt one, because a limit that is misspelt does not hold: %s", (variable, meant) =>
    expect(problems([], { ...enough, [variable]: "true" })).toBe(
      `${variable}: there is no such setting. Is ${meant} meant?`,
    ),
  );

  it("refuse an option that is given twice, and an empty list", () => {
    expect(problems(["--exclude-tools", "user_delete", "--exclude-tools", "user_create"], enough)).toBe(
      "--exclude-tools: it is given twice.",
    );
    expect(problems(["--read-only", "--read-only=false"], enough)).toBe("--read-only: it is given twice.");
    expect(problems([], { ...enough, POCKETID_EXCLUDE_TOOLS: "," })).toMatch(
      /^POCKETID_EXCLUDE_TOOLS: give one or more/,
    );
  });

  it("warn of a variable that an option overrides", () => {
    expect(loadSettings(["--exclude-tools", "a"], { ...enough, POCKETID_EXCLUDE_TOOLS: "b" }).warnings).toEqual([
      "POCKETID_EXCLUDE_TOOLS is left aside: --exclude-tools is given.",
    ]);
  });

  it("refuse to write both logs into one file", () => {
    const env = { ...enough, LOG_DIR: "/var/log/x", LOG_FILE: "one.log", POCKETID_AUDIT_FILE: "/var/log/x/one.log" };
    expect(problems([], env)).toMatch(/^LOG_FILE: .*one\.log is the action log/);
    expect(problems([], { ...enough, LOG_FILE: "audit.log" })).toMatch(/^LOG_FILE: .*audit\.log is the action log/);
    // What the action log was before it was full.
    expect(problems([], { ...enough, LOG_FILE: "audit.log.000001" })).toMatch(/^LOG_FILE: .* is the action log/);
    expect(loadSettings([], { ...enough, LOG_FILE: "audit.logs" }).settings.logFile).toBe("audit.logs");
  });

  it("treat an empty variable as one that is not set", () => {
    expect(loadSettings([], { ...enough, POCKETID_TOOLS: "", POCKETID_TIMEOUT: " " }).settings).toMatchObject({
      tools: undefined,
      timeout: 30,
    });
  });

  it("come from the command line before the environment", () => {
    const argv = [
      "--url",
      "https://flag.example.com",
      "--read-only",
      "--tools=user_*, user_get",
      "--timeout",
      "5",
      "--log-to-stderr=false",
    ];
    const { settings, sources } = loadSettings(argv, enough);
    expect(settings).toMatchObject({
      url: "https://flag.example.com",
      readOnly: true,
      tools: ["user_*", "user_get"],
      timeout: 5,
      logToStderr: false,
    });
    expect(sources).toMatchObject({ url: "--url", readOnly: "--read-only", tools: "--tools" });
  });

  it("refuse a key on the command line, where everyone on the machine can read it", () => {
    const text = problems(["--api-key", "secret-key"], { POCKETID_URL: "https://id.example.com" });
    expect(text).toMatch(/--api-key: a secret on the command line/);
    expect(text).not.toContain("secret-key");
  });

  it.each([[["--api-token", "secret-key"]], [["--key=secret-key"]], [["secret-key"]]])(
    "do not repeat what may be a key: %j",
    (argv) => expect(problems(argv, enough)).not.toContain("secret-key"),
  );

  it("refuse an option without its value", () =>
    expect(problems(["--url", "--read-only"], enough)).toMatch(/--url: it needs a value/));

  it("refuse plain http to another machine", () => {
    expect(problems([], { ...enough, POCKETID_URL: "http://id.example.com" })).toMatch(
      /POCKETID_URL: plain http.*POCKETID_ALLOW_HTTP/,
    );
    expect(
      loadSettings([], { ...enough, POCKETID_URL: "http://id.example.com", POCKETID_ALLOW_HTTP: "true" }).settings
        .allowHttp,
    ).toBe(true);
  });
});

describe("a key file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-key-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.skipIf(process.platform === "win32")("is not a pipe, for which a start would wait for ever", () => {
    const file = join(folder, "pipe");
    execFileSync("mkfifo", ["-m", "600", file]);
    expect(problems([], { POCKETID_URL: "https://id.example.com", POCKETID_API_KEY_FILE: file })).toMatch(
      /is not a file that holds a key/,
    );
  });

  it("is not repeated where it may be the key itself", () => {
    const text = problems([], { POCKETID_URL: "https://id.example.com", POCKETID_API_KEY_FILE: "secret-key" });
    expect(text).toBe("POCKETID_API_KEY_FILE: it cannot be read (ENOENT).");
  });

  const withFile = (content: string, mode = 0o600) => {
    const file = join(folder, "key");
    writeFileSync(file, content);
    chmodSync(file, mode);
    return { POCKETID_URL: "https://id.example.com", POCKETID_API_KEY_FILE: file };
  };

  it("holds the key, whatever white space is around it", () =>
    expect(loadSettings([], withFile("  key\n")).settings.apiKey).toBe("key"));

  it.skipIf(process.platform === "win32")("may be read by its owner alone", () => {
    expect(problems([], withFile("key", 0o644))).toMatch(/others can read .*chmod 600/);
  });

  it("must not be empty, and has to be there", () => {
    expect(problems([], withFile(" \n"))).toMatch(/is empty/);
    expect(
      problems([], { POCKETID_URL: "https://id.example.com", POCKETID_API_KEY_FILE: join(folder, "none") }),
    ).toMatch(/cannot be read \(ENOENT\)/);
  });

  it("stands instead of the variable, not beside it", () => {
    expect(problems([], { ...withFile("key"), POCKETID_API_KEY: "other" })).toMatch(
      /POCKETID_API_KEY and POCKETID_API_KEY_FILE are both set/,
    );
  });
});

describe("a file of authorities", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-ca-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (content: string): string => {
    const path = join(folder, "ca.pem");
    writeFileSync(path, content);
    return path;
  };

  it("has to be there, as a file", () => {
    for (const path of [join(folder, "none"), folder])
      expect(problems([], { ...enough, POCKETID_CA_FILE: path })).toBe(`POCKETID_CA_FILE: ${path} cannot be read.`);
  });

  it("holds a certificate as PEM: Node.js passes over everything else without a word", () => {
    const der = file("0\x82\x03\x1d");
    expect(problems([], { ...enough, POCKETID_CA_FILE: der })).toBe(
      `POCKETID_CA_FILE: ${der} holds no certificate as PEM (-----BEGIN CERTIFICATE-----).`,
    );
    const pem = file("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
    expect(loadSettings([], { ...enough, POCKETID_CA_FILE: pem }).settings.caFile).toBe(pem);
  });
});

describe("the state directory", () => {
  it.each([
    ["linux", { XDG_STATE_HOME: "/x/state" }, "/x/state/pocketid-mcp"],
    ["linux", {}, "/home/a/.local/state/pocketid-mcp"],
    ["darwin", {}, "/home/a/Library/Application Support/pocketid-mcp"],
    ["win32", { LOCALAPPDATA: "C:\\Users\\a\\AppData\\Local" }, "C:\\Users\\a\\AppData\\Local\\pocketid-mcp"],
  ] as const)("on %s with %j is %s", (platform, env, expected) =>
    expect(stateDirectory({ platform, env, home: "/home/a" })).toBe(expected),
  );

  it("needs no home where it is told another folder, as in a container whose user has none", () => {
    const around = {
      platform: "linux" as const,
      env: { XDG_STATE_HOME: "/state" },
      get home(): string {
        throw new Error("there is none");
      },
    };
    expect(stateDirectory(around)).toBe("/state/pocketid-mcp");
  });
});

describe("the help", () => {
  it("names every setting with its option, and no option for the key", () => {
    const text = helpText("pocketid-mcp-users", "Pocket ID users");
    for (const { variable } of Object.values(settingsSchema)) expect(text).toContain(variable);
    expect(text).toContain(flagOf("POCKETID_EXCLUDE_TOOLS"));
    expect(text).not.toMatch(/--api-key\s/);
  });
});
