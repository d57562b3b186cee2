import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { editDistance } from "../pocket-id/edit-distance.ts";
import { parseOrigin } from "../pocket-id/origin.ts";
import { flagOf, type Setting, type SettingName, type Settings, settingsSchema } from "./schema.ts";
import { actionLogFile, stateDirectory } from "./state-directory.ts";

/** The settings cannot be used; the message names every one that is wrong. */
export class SettingsError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "SettingsError";
  }
}

export interface LoadedSettings {
  readonly settings: Settings & { readonly url: string; readonly apiKey: string };
  /** Where each value that was set came from, such as `POCKETID_URL` or `--read-only`. */
  readonly sources: Readonly<Partial<Record<SettingName, string>>>;
  /** The variables that may be named for a secret, with their values; undefined for one that is not set. */
  readonly secretVariables: ReadonlyMap<string, string | undefined>;
  readonly warnings: readonly string[];
}

const names = Object.keys(settingsSchema).filter((name): name is SettingName => name in settingsSchema);

/**
 * Reads the settings: command line before environment before standard. Needs no network.
 * @throws {SettingsError}
 */
export function loadSettings(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): LoadedSettings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const sources: Partial<Record<SettingName, string>> = {};
  const flags = readFlags(argv, problems);
  const values = Object.fromEntries(
    names.map((name) => {
      const setting: Setting<unknown> = settingsSchema[name];
      const flag = flags.get(flagOf(setting.variable));
      const variable = fromEnvironment(setting, env, warnings);
      const given = flag ?? variable;
      if (given === undefined) return [name, setting.standard];
      if (flag !== undefined && variable !== undefined)
        warnings.push(`${variable.source} is left aside: ${flag.source} is given.`);
      sources[name] = given.source;
      try {
        return [name, setting.parse(given.text)];
      } catch (error) {
        problems.push(`${given.source}: ${error instanceof Error ? error.message : "cannot be read"}.`);
        return [name, setting.standard];
      }
    }),
  ) as Settings;
  const secretVariables = new Map((values.secretEnv ?? []).map((name) => [name, env[name] || undefined]));
  for (const [name, value] of secretVariables) {
    if (variables.includes(name))
      problems.push(`${sources.secretEnv}: ${name} is a setting, and no secret to be sent.`);
    else if (value === undefined) warnings.push(`${name} is not set (${sources.secretEnv}).`);
  }
  for (const variable of unknownVariables(env)) {
    if (secretVariables.has(variable)) continue;
    const meant = close(variable);
    if (meant === undefined) warnings.push(`${variable} is not a setting of this version and is left aside.`);
    // A limit that is misspelt would not hold.
    else problems.push(`${variable}: there is no such setting. Is ${meant} meant?`);
  }
  if (values.auditFile !== undefined || sources.logFile !== undefined || sources.logDir !== undefined) {
    const actions = resolve(actionLogFile(values.auditFile));
    const diagnostics = resolve(join(values.logDir ?? stateDirectory(), values.logFile));
    // The same with a dot and a number is what it was before it was full.
    if (diagnostics === actions || diagnostics.startsWith(`${actions}.`))
      problems.push(
        `${sources.logFile ?? sources.logDir ?? "LOG_FILE"}: ${diagnostics} is the action log. Choose another file.`,
      );
  }

  const apiKey = readApiKey(values, sources, problems);
  if (values.caFile !== undefined) {
    const problem = problemOfCertificates(values.caFile);
    if (problem !== undefined) problems.push(`${sources.caFile}: ${values.caFile} ${problem}.`);
  }
  if (values.url === undefined)
    problems.push(
      "POCKETID_URL is not set: give the origin of the Pocket ID instance, such as https://id.example.com.",
    );
  else {
    try {
      parseOrigin(values.url, { allowHttp: values.allowHttp });
    } catch (error) {
      problems.push(`${sources.url}: ${error instanceof Error ? error.message.replace(/^url: /, "") : ""}`);
    }
  }
  if (problems.length > 0 || values.url === undefined || apiKey === undefined) throw new SettingsError(problems);
  return { settings: { ...values, url: values.url, apiKey }, sources, secretVariables, warnings };
}

/** Node.js passes over a file that holds none, and then trusts nobody more than before. */
function problemOfCertificates(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) return "cannot be read";
    const holdsOne = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/m.test(readFileSync(file, "utf8"));
    return holdsOne ? undefined : "holds no certificate as PEM (-----BEGIN CERTIFICATE-----)";
  } catch {
    return "cannot be read";
  }
}

interface Given {
  readonly text: string;
  readonly source: string;
}

function fromEnvironment(
  { variable, aliases = [] }: Setting<unknown>,
  env: Readonly<Record<string, string | undefined>>,
  warnings: string[],
): Given | undefined {
  const [first, ...others] = [variable, ...aliases].filter((name) => env[name]?.trim());
  if (first === undefined) return undefined;
  for (const other of others) if (env[other] !== env[first]) warnings.push(`${other} is left aside: ${first} is set.`);
  return { text: env[first]?.trim() ?? "", source: first };
}

function readFlags(argv: readonly string[], problems: string[]): Map<string, Given> {
  const known = new Map(
    names.map((name) => [flagOf(settingsSchema[name].variable), settingsSchema[name] as Setting<unknown>]),
  );
  const given = new Map<string, Given>();
  for (let index = 0; index < argv.length; index++) {
    const [flag = "", inline] = splitOnce(argv[index] ?? "");
    const setting = known.get(flag);
    if (setting?.flag === false || (setting === undefined && /^--.*(?:key|token|secret|password)/i.test(flag))) {
      problems.push(
        `${flag}: a secret on the command line can be read by everyone on this machine. Set ${setting?.variable ?? "POCKETID_API_KEY"}, or use --api-key-file.`,
      );
      if (inline === undefined) index++;
    } else if (setting === undefined) {
      // What is no option may be a key that came to stand here.
      problems.push(
        `${/^--[a-z-]+$/.test(flag) ? flag : `Argument ${index + 1}`}: there is no such option. See --help.`,
      );
    } else if (given.has(flag)) {
      problems.push(`${flag}: it is given twice.`);
      if (inline === undefined && typeof setting.standard !== "boolean") index++;
    } else if (inline !== undefined) {
      given.set(flag, { text: inline, source: flag });
    } else if (typeof setting.standard === "boolean") {
      given.set(flag, { text: "true", source: flag });
    } else {
      const value = argv[++index];
      if (value === undefined || value.startsWith("--")) problems.push(`${flag}: it needs a value.`);
      else given.set(flag, { text: value, source: flag });
    }
  }
  return given;
}

function splitOnce(argument: string): [string, string | undefined] {
  const at = argument.indexOf("=");
  return at === -1 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function readApiKey(
  { apiKey, apiKeyFile }: Settings,
  sources: Partial<Record<SettingName, string>>,
  problems: string[],
): string | undefined {
  if (apiKey !== undefined && apiKeyFile !== undefined) {
    problems.push(`${sources.apiKey} and ${sources.apiKeyFile} are both set: give one of them.`);
    return undefined;
  }
  if (apiKey !== undefined) return apiKey;
  if (apiKeyFile === undefined) {
    problems.push(
      "POCKETID_API_KEY is not set: give an API key of an administrator (in Pocket ID: Settings → Administration → API Keys), or POCKETID_API_KEY_FILE.",
    );
    return undefined;
  }
  try {
    const found = statSync(apiKeyFile);
    const { mode } = found;
    if (!found.isFile() || found.size > 10_000) {
      problems.push(`${sources.apiKeyFile}: ${apiKeyFile} is not a file that holds a key.`);
      return undefined;
    }
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      problems.push(`${sources.apiKeyFile}: others can read ${apiKeyFile}. Run: chmod 600 ${apiKeyFile}`);
      return undefined;
    }
    const key = readFileSync(apiKeyFile, "utf8").trim();
    if (key === "") problems.push(`${sources.apiKeyFile}: ${apiKeyFile} is empty.`);
    return key || undefined;
  } catch (error) {
    // What has no folder in it may be the key itself.
    const shown = /[/\\]/.test(apiKeyFile) ? apiKeyFile : "it";
    problems.push(
      `${sources.apiKeyFile}: ${shown} cannot be read (${error instanceof Error && "code" in error ? error.code : "unknown"}).`,
    );
    return undefined;
  }
}

const variables = names.flatMap((name) => {
  const { variable, aliases = [] }: Setting<unknown> = settingsSchema[name];
  return [variable, ...aliases];
});

/** Variables that look like ours and are none. */
function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env).filter((name) => /^pocket_?id_/i.test(name) && !isSetting(name));
}

/** Windows does not tell upper from lower case. */
const isSetting = (name: string): boolean =>
  variables.includes(process.platform === "win32" ? name.toUpperCase() : name);

/** The setting that a misspelt name is close to. */
function close(name: string): string | undefined {
  const bare = (text: string) => text.toUpperCase().replaceAll("_", "");
  return variables.find((variable) => editDistance(bare(name), bare(variable)) <= 1);
}
