import type { LoadedSettings } from "../settings/load.ts";
import { atMost } from "./at-most.ts";
import { type CallContext, type CallResult, callTool } from "./call.ts";
import type { Tool } from "./define-tool.ts";
import { openRuntime } from "./open-runtime.ts";
import type { Policy } from "./policy.ts";

/** Calls that are carried out at the same time. */
const mostCalls = 64;

/** Carries out one call; undefined if there is no such tool. */
export type Call = (name: string, given: unknown, context: CallContext) => Promise<CallResult | undefined>;

/** Makes the calls of a server possible, within its settings. */
export type CallsOf = (
  settings: LoadedSettings,
  policy: Policy,
  cwd: string,
  warn: (message: string) => void,
  /** The server, with its version. */
  server: string,
) => Call;

/** The calls that these tools answer. */
export function callsOf(tools: readonly Tool[]): CallsOf {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return (settings, policy, cwd, warn, server) => {
    const inTime = atMost(mostCalls);
    const runtime = openRuntime(settings, policy, cwd, warn, server);
    return async (name, given, context) => {
      const tool = byName.get(name);
      return tool && inTime(() => callTool(tool, given, runtime, context));
    };
  };
}
