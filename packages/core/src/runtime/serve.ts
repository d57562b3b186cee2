import { ProtocolError, ProtocolErrorCode, Server, type ServerContext } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { helpText } from "../settings/help.ts";
import { type LoadedSettings, loadSettings, SettingsError } from "../settings/load.ts";
import type { Call, CallsOf } from "./calls.ts";
import { type Contract, type ListedTool, readContract } from "./contract.ts";
import { type Policy, policyOf, unmatchedGlobs } from "./policy.ts";

/** What a server is: its name, its contract, and where its tools are. */
export interface ServerDefinition {
  /** Command and package name without scope, such as `pocketid-mcp-users`. */
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** A few lines for the model on how the tools belong together. */
  readonly instructions: string;
  /** What `tools/list` answers, as JSON made from the tools when the server was built. */
  readonly contract: unknown;
  /** Loads what calls need: the tools, and everything that they stand on. */
  readonly calls: () => Promise<CallsOf>;
}

const dayMs = 86_400_000;

/** Starts a server over stdio, for clients of both protocol eras. Ends when stdin does. */
export function serve(definition: ServerDefinition): void {
  // Nothing but MCP may reach stdout, whatever a library prints.
  console.log = console.error;
  const argv = process.argv.slice(2);
  if (argv.includes("--help")) return void process.stdout.write(helpText(definition.name, definition.title));
  if (argv.includes("--version")) return void process.stdout.write(`${definition.version}\n`);
  const warn = (message: string): void => void process.stderr.write(`${definition.name}: ${message}\n`);
  const contract = readContract(definition.contract);
  const started = start(definition, contract, argv, warn);
  if (started === undefined) {
    process.exitCode = 2;
    return;
  }
  const handle = serveStdio(() => buildServer(definition, contract, started), {
    onerror: (error) => warn(error.message),
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void handle.close());
}

interface Started {
  readonly policy: Policy;
  readonly call: Call;
}

function start(
  definition: ServerDefinition,
  contract: Contract,
  argv: readonly string[],
  warn: (message: string) => void,
): Started | undefined {
  try {
    const loaded = loadSettings(argv, process.env);
    const names = contract.tools.map(({ name }) => name);
    const { settings } = loaded;
    const unmatched = unmatchedGlobs([...(settings.tools ?? []), ...(settings.excludeTools ?? [])], names);
    if (unmatched.length > 0) {
      throw new SettingsError([
        `POCKETID_TOOLS or POCKETID_EXCLUDE_TOOLS: ${unmatched.join(", ")} matches none of the tools of this server: ${names.join(", ")}.`,
      ]);
    }
    const policy = policyOf(settings);
    for (const warning of loaded.warnings) warn(warning);
    warn(summary(definition.version, contract, loaded, policy));
    return { policy, call: loadedWithFirstCall(definition.calls, loaded, policy, warn) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const line of error.message.split("\n")) warn(line);
    return undefined;
  }
}

function summary(version: string, contract: Contract, { settings, sources }: LoadedSettings, policy: Policy): string {
  const offered = contract.tools.filter((tool) => isOffered(policy, tool)).length;
  const restrictions = (["readOnly", "tools", "excludeTools", "skipTlsVerify", "allowHttp"] as const).flatMap(
    (name) => sources[name] ?? [],
  );
  return (
    `version ${version}, ${offered} of ${contract.tools.length} tools for ${settings.url} (from ${sources.url}), API key from ${sources.apiKey ?? sources.apiKeyFile}` +
    (restrictions.length > 0 ? `, also set: ${restrictions.join(", ")}` : "")
  );
}

const isOffered = (policy: Policy, { name, annotations }: ListedTool): boolean =>
  policy(name, annotations.readOnlyHint) === undefined;

function loadedWithFirstCall(
  calls: ServerDefinition["calls"],
  loaded: LoadedSettings,
  policy: Policy,
  warn: (message: string) => void,
): Call {
  const cwd = process.cwd();
  let call: Promise<Call> | undefined;
  return async (name, given, context) => {
    call ??= calls().then((callsOf) => callsOf(loaded, policy, cwd, warn));
    return (await call)(name, given, context);
  };
}

function buildServer(
  { name, title, version, instructions }: ServerDefinition,
  contract: Contract,
  { policy, call }: Started,
): Server {
  const hint = { ttlMs: dayMs, cacheScope: "private" } as const;
  const server = new Server(
    { name, title, version },
    {
      instructions,
      capabilities: { tools: { listChanged: false } },
      cacheHints: { "tools/list": hint, "server/discover": hint },
    },
  );
  const offered = contract.tools.filter((tool) => isOffered(policy, tool));
  server.setRequestHandler("tools/list", () => ({ tools: [...offered] }));
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const answer = await call(params.name, params.arguments, {
      signal: context.mcpReq.signal,
      onProgress: progressOf(context),
    });
    if (answer === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    const { isError, text, structuredContent } = answer;
    return {
      content: [{ type: "text", text }],
      ...(structuredContent ? { structuredContent } : {}),
      ...(isError ? { isError } : {}),
    };
  });
  return server;
}

/** Sends progress only to a client that asked for it, and only when there is some. */
function progressOf({ mcpReq }: ServerContext): (done: number, total: number) => void {
  const progressToken = mcpReq._meta?.progressToken;
  let last = 0;
  return (done, total) => {
    if (progressToken === undefined || done <= last) return;
    last = done;
    // A client that has gone away is noticed by the signal of the call.
    mcpReq
      .notify({ method: "notifications/progress", params: { progressToken, progress: done, total } })
      .catch(() => undefined);
  };
}
