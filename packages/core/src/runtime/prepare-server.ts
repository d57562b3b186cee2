import type { Server, Transport } from "@modelcontextprotocol/server";
import { type LoadedSettings, loadSettings, SettingsError } from "../settings/load.ts";
import { openBonds } from "./bonds.ts";
import type { Call, CallsOf } from "./calls.ts";
import { type ListedTool, readContract } from "./contract.ts";
import { DirectReads } from "./direct-reads.ts";
import { mcpServer, type ServerIdentity } from "./mcp-server.ts";
import { type Policy, policyOf, unmatchedGlobs } from "./policy.ts";
import type { Command } from "./verify-command.ts";

/** What a server can be about. */
export interface ServerPart {
  /** How an operator chooses it, such as `users`. */
  readonly name: string;
  /** A few lines for the model on how its tools belong together. */
  readonly instructions: string;
  /** What `tools/list` answers, as JSON made from the tools when the server was built. */
  readonly contract: unknown;
}

/** What a server is: how it presents itself, what it is about, and where its tools are. */
export interface ServerDefinition extends Omit<ServerIdentity, "instructions"> {
  /** One, or several of which an operator can choose some. */
  readonly parts: readonly ServerPart[];
  /** Loads what calls need: the tools, and everything that they stand on. */
  readonly calls: () => Promise<CallsOf>;
  /** What it can do instead of serving. */
  readonly commands?: readonly Command[];
}

/** What serves connections. */
export interface PreparedServer {
  /** Makes an MCP server for a connection. */
  readonly server: () => Server;
  /** The same transport, with what needs no MCP server answered there. */
  readonly directly: (transport: Transport) => Transport;
}

/** Where a process is started. */
export interface Launch {
  /** Arguments after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Tells the operator something. */
  readonly warn: (message: string) => void;
}

/**
 * Reads the settings and makes ready what serves connections. Sends nothing, and writes nothing to disk.
 * @throws {SettingsError}
 */
export function prepareServer(definition: ServerDefinition, { argv, env, cwd, warn }: Launch): PreparedServer {
  const { name, title, version, calls } = definition;
  const loaded = loadSettings(argv, env);
  const parts = chosenParts(definition.parts, loaded);
  const tools = parts.flatMap(({ contract }) => readContract(contract).tools);
  checkGlobs(loaded, tools);
  const policy = withinParts(policyOf(loaded.settings), tools);
  const offered = tools.filter(({ name, annotations }) => policy(name, annotations.readOnlyHint) === undefined);
  for (const warning of loaded.warnings) warn(warning);
  warn(`version ${version}, ${offered.length} of ${tools.length} tools ${summary(loaded)}`);
  const call = loadedWithFirstCall(calls, loaded, policy, cwd, warn, `${name} ${version}`);
  const bonds = openBonds();
  const identity = { name, title, version, instructions: parts.map(({ instructions }) => instructions).join("\n") };
  return {
    server: () => mcpServer(identity, offered, call, bonds),
    directly: (transport) => new DirectReads(transport, offered, call),
  };
}

/** @throws {SettingsError} for one that there is not, and where there is nothing to choose from */
function chosenParts(parts: readonly ServerPart[], { settings, sources }: LoadedSettings): readonly ServerPart[] {
  const { servers } = settings;
  if (servers === undefined) return parts;
  const names = parts.map(({ name }) => name);
  if (names.length === 1)
    throw new SettingsError([
      `${sources.servers}: this server is about one thing alone. Leave it out, or start @pocketid-mcp/all.`,
    ]);
  const unknown = servers.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new SettingsError([
      `${sources.servers}: there is no ${unknown.join(", ")}. Choose from ${names.join(", ")}.`,
    ]);
  return parts.filter(({ name }) => servers.includes(name));
}

/** What a server is not about does not exist for it, although it may have been loaded. */
const withinParts =
  (policy: Policy, tools: readonly ListedTool[]): Policy =>
  (name, changesNothing) =>
    tools.some((tool) => tool.name === name)
      ? policy(name, changesNothing)
      : `${name} is not among the servers that the operator chose (POCKETID_SERVERS).`;

function checkGlobs({ settings, sources }: LoadedSettings, tools: readonly ListedTool[]): void {
  const names = tools.map(({ name }) => name);
  const problems = (["tools", "excludeTools", "confirm"] as const).flatMap((setting) =>
    unmatchedGlobs(settings[setting] ?? [], names).map(
      (glob) => `${sources[setting]}: ${glob} matches none of the tools of this server: ${names.join(", ")}.`,
    ),
  );
  if (problems.length > 0) throw new SettingsError(problems);
}

function summary({ settings, sources }: LoadedSettings): string {
  const limits = (
    ["readOnly", "tools", "excludeTools", "skipTlsVerify", "allowHttp", "allowUnknownVersion"] as const
  ).flatMap((name) => sources[name] ?? []);
  const shown = settings.secrets === "reveal" ? `; secrets are shown in answers (${sources.secrets})` : "";
  const others = limits.length > 0 ? `; also set: ${limits.join(", ")}` : "";
  return `for ${settings.url} (${sources.url}), API key from ${sources.apiKey ?? sources.apiKeyFile}; ${asking(settings.confirm, sources.confirm)}${others}${shown}`;
}

/** Whether a person is asked, in words. */
function asking(unasked: readonly string[], source: string | undefined): string {
  if (unasked.length === 0) return "asks before dangerous calls";
  return unasked.includes("*")
    ? `asks nobody (${source})`
    : `asks before dangerous calls, but ${unasked.join(", ")} (${source})`;
}

function loadedWithFirstCall(
  calls: ServerDefinition["calls"],
  loaded: LoadedSettings,
  policy: Policy,
  cwd: string,
  warn: Launch["warn"],
  server: string,
): Call {
  let call: Promise<Call> | undefined;
  return async (name, given, context) => {
    call ??= calls().then((callsOf) => callsOf(loaded, policy, cwd, warn, server));
    return (await call)(name, given, context);
  };
}
