import {
  parseBoolean,
  parseChoice,
  parseConfirm,
  parseHours,
  parseList,
  parseMegabytes,
  parseSeconds,
  parseText,
  parseVariables,
} from "./parse.ts";

/** One setting: everything that reads, explains or documents it derives from this. */
export interface Setting<T> {
  /** Environment variable. */
  readonly variable: string;
  /** Older or other names of the same variable. */
  readonly aliases?: readonly string[];
  /** False where the command line would show a secret to everyone on the machine. */
  readonly flag?: false;
  /** What holds if it is not set, in words for the table. */
  readonly otherwise: string;
  readonly description: string;
  /** Reads a value. @throws {Error} that says what is wanted */
  readonly parse: (text: string) => T;
  /** Value if it is not set. */
  readonly standard: T;
}

const setting = <T>(definition: Setting<T>): Setting<T> => definition;

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export const secretPlaces = ["file", "reveal"] as const;
export type SecretPlace = (typeof secretPlaces)[number];

const none: string | undefined = undefined;
const noList: readonly string[] | undefined = undefined;
const askAlways: readonly string[] = [];
const infoLevel: LogLevel = "info";
const inFile: SecretPlace = "file";

export const settingsSchema = {
  url: setting({
    variable: "POCKETID_URL",
    aliases: ["POCKETID_BASE_URL"],
    otherwise: "required",
    description: "Origin of the Pocket ID instance, such as `https://id.example.com`.",
    parse: parseText,
    standard: none,
  }),
  apiKey: setting({
    variable: "POCKETID_API_KEY",
    aliases: ["POCKETID_API_TOKEN"],
    flag: false,
    otherwise: "required, or a file",
    description: "API key of an administrator.",
    parse: parseText,
    standard: none,
  }),
  apiKeyFile: setting({
    variable: "POCKETID_API_KEY_FILE",
    otherwise: "none",
    description: "File that holds the API key instead; nobody else may be able to read it.",
    parse: parseText,
    standard: none,
  }),
  timeout: setting({
    variable: "POCKETID_TIMEOUT",
    otherwise: "`30`",
    description: "Seconds that one attempt of a request may take.",
    parse: parseSeconds,
    standard: 30,
  }),
  caFile: setting({
    variable: "POCKETID_CA_FILE",
    otherwise: "none",
    description: "PEM file with a certificate authority to trust besides the usual ones.",
    parse: parseText,
    standard: none,
  }),
  skipTlsVerify: setting({
    variable: "POCKETID_SKIP_TLS_VERIFY",
    otherwise: "`false`",
    description: "Accept any certificate: anyone in between could read the API key.",
    parse: parseBoolean,
    standard: false,
  }),
  allowHttp: setting({
    variable: "POCKETID_ALLOW_HTTP",
    otherwise: "`false`",
    description: "Allow plain http to another machine: the network in between could read the API key.",
    parse: parseBoolean,
    standard: false,
  }),
  allowUnknownVersion: setting({
    variable: "POCKETID_ALLOW_UNKNOWN_VERSION",
    otherwise: "`false`",
    description: "Change things also in a Pocket ID of a later major version than this one knows.",
    parse: parseBoolean,
    standard: false,
  }),
  servers: setting({
    variable: "POCKETID_SERVERS",
    otherwise: "all five",
    description: "Of `@pocketid-mcp/all`: the servers that it stands for, such as `users,groups`.",
    parse: parseList,
    standard: noList,
  }),
  readOnly: setting({
    variable: "POCKETID_READ_ONLY",
    otherwise: "`false`",
    description: "Offer only tools that change nothing.",
    parse: parseBoolean,
    standard: false,
  }),
  tools: setting({
    variable: "POCKETID_TOOLS",
    otherwise: "all",
    description: "Offer only these tools: names or globs such as `user_*`, separated by commas.",
    parse: parseList,
    standard: noList,
  }),
  excludeTools: setting({
    variable: "POCKETID_EXCLUDE_TOOLS",
    otherwise: "none",
    description: "Do not offer these tools; wins over `POCKETID_TOOLS`.",
    parse: parseList,
    standard: noList,
  }),
  confirm: setting({
    variable: "POCKETID_CONFIRM",
    otherwise: "`ask`",
    description:
      "Whether a person is asked before a dangerous call: `ask`; `off`; or the tools that go without a question, names or globs separated by commas.",
    parse: parseConfirm,
    standard: askAlways,
  }),
  filesDir: setting({
    variable: "POCKETID_FILES_DIR",
    otherwise: "current directory at start",
    description:
      "Folders that files may be read from, separated like a `PATH`. No folder by itself where a server is started in the root or the home folder.",
    parse: parseText,
    standard: none,
  }),
  secrets: setting({
    variable: "POCKETID_SECRETS",
    otherwise: "`file`",
    description:
      "Where a secret goes that Pocket ID shows once: `file`, a new file that only you can read, or `reveal`, the answer, which the model and its provider see.",
    parse: parseChoice(secretPlaces),
    standard: inFile,
  }),
  secretsDir: setting({
    variable: "POCKETID_SECRETS_DIR",
    otherwise: "`secrets` in the state directory",
    description:
      'Folder of these files, and of those that hold a secret for an argument like `{"file": "smtp-password"}`; made if it is not there, and not used if others can look into it.',
    parse: parseText,
    standard: none,
  }),
  secretEnv: setting({
    variable: "POCKETID_SECRET_ENV",
    otherwise: "none",
    description:
      'Variables that an argument may name for a secret, like `{"env": "SMTP_PASSWORD"}`, separated by commas.',
    parse: parseVariables,
    standard: noList,
  }),
  auditFile: setting({
    variable: "POCKETID_AUDIT_FILE",
    otherwise: "`audit.log` in the state directory",
    description: "Action log: one JSON line for every call that changes something, or tries to.",
    parse: parseText,
    standard: none,
  }),
  auditMaxMb: setting({
    variable: "POCKETID_AUDIT_MAX_MB",
    otherwise: "`10`",
    description: "Megabytes at which the action log goes on in a new file; the old ones are kept beside it.",
    parse: parseMegabytes,
    standard: 10,
  }),
  logLevel: setting({
    variable: "LOG_LEVEL",
    otherwise: "`info`",
    description: "Least level of the diagnostic log: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.",
    parse: parseChoice(logLevels),
    standard: infoLevel,
  }),
  logFile: setting({
    variable: "LOG_FILE",
    otherwise: "`pocketid-mcp.log`",
    description: "Name of the diagnostic log.",
    parse: parseText,
    standard: "pocketid-mcp.log",
  }),
  logDir: setting({
    variable: "LOG_DIR",
    otherwise: "state directory",
    description: "Folder of the diagnostic log.",
    parse: parseText,
    standard: none,
  }),
  logToStderr: setting({
    variable: "LOG_TO_STDERR",
    otherwise: "`true`",
    description: "Write the diagnostic log to stderr, too.",
    parse: parseBoolean,
    standard: true,
  }),
  logTruncate: setting({
    variable: "LOG_TRUNCATE",
    otherwise: "`true`",
    description: "Drop old lines of the diagnostic log when it is opened; never those of the action log.",
    parse: parseBoolean,
    standard: true,
  }),
  logMaxAgeHours: setting({
    variable: "LOG_MAX_AGE_HOURS",
    otherwise: "`24`",
    description: "Hours after which a line of the diagnostic log is old.",
    parse: parseHours,
    standard: 24,
  }),
};

export type SettingName = keyof typeof settingsSchema;

/** All settings with their values. */
export type Settings = { readonly [K in SettingName]: (typeof settingsSchema)[K]["standard"] };

/** The command-line flag of a setting: `POCKETID_READ_ONLY` is `--read-only`. */
export const flagOf = (variable: string): string =>
  `--${variable
    .replace(/^POCKETID_/, "")
    .toLowerCase()
    .replaceAll("_", "-")}`;
