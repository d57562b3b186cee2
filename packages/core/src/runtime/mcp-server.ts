import {
  type CallToolResult,
  inputRequired,
  type ProgressNotificationParams,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from "@modelcontextprotocol/server";
import type { Bonds } from "./bonds.ts";
import type { CallAnswer } from "./call.ts";
import type { Call } from "./calls.ts";
import type { ListedTool } from "./contract.ts";
import { clientOf, form, personBehind, question } from "./person.ts";

/** How a server presents itself. */
export interface ServerIdentity {
  /** Command and package name without scope, such as `pocketid-mcp-users`. */
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** A few lines for the model on how the tools belong together. */
  readonly instructions: string;
}

/** A client may keep the list of tools this long: it changes with the version and the settings alone. */
const listLifetime = { ttlMs: 86_400_000, cacheScope: "private" } as const;

/** An MCP server for one connection. May be made more than once in a process; holds nothing that another one would need. */
export function mcpServer(identity: ServerIdentity, offered: readonly ListedTool[], call: Call, bonds: Bonds): Server {
  const { instructions, ...info } = identity;
  const server = new Server(info, {
    instructions,
    capabilities: { tools: { listChanged: false } },
    cacheHints: { "tools/list": listLifetime, "server/discover": listLifetime },
  });
  server.setRequestHandler("tools/list", () => ({ tools: [...offered] }));
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const answer = await call(params.name, params.arguments, {
      signal: context.mcpReq.signal,
      onProgress: progressOf(context.mcpReq._meta?.progressToken, (progress) => context.mcpReq.notify(progress)),
      person: () => personBehind(server, context, bonds),
      client: () => clientOf(server, context),
    });
    if (answer === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    if ("asking" in answer)
      return inputRequired({
        inputRequests: { [question]: inputRequired.elicit({ message: answer.asking.message, requestedSchema: form }) },
        requestState: await bonds.mint(answer.asking.bond, context),
      });
    return resultOf(answer);
  });
  return server;
}

/** The answer to a call as MCP has it. */
export const resultOf = ({ isError, text, structuredContent, image }: CallAnswer): CallToolResult => ({
  content: [{ type: "text", text }, ...(image ? [{ type: "image" as const, ...image }] : [])],
  ...(structuredContent ? { structuredContent } : {}),
  ...(isError ? { isError } : {}),
});

/** Sends progress only to a client that asked for it, and only when there is some. */
export function progressOf(
  progressToken: string | number | undefined,
  send: (progress: { method: "notifications/progress"; params: ProgressNotificationParams }) => Promise<void>,
): (done: number, total: number) => void {
  let last = 0;
  return (done, total) => {
    if (progressToken === undefined || done <= last) return;
    last = done;
    // A client that has gone away is noticed by the signal of the call.
    send({ method: "notifications/progress", params: { progressToken, progress: done, total } }).catch(() => undefined);
  };
}
