import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

export const serverNames = ["users", "groups", "clients", "admin-config", "keys-audit"] as const;
export type ServerName = (typeof serverNames)[number];

/** What a tool answered. */
export interface Answered {
  readonly failed: boolean;
  readonly text: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** A real MCP client that has started one of the built servers. */
export interface Connection {
  readonly tools: readonly string[];
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<Answered>;
  close(): Promise<void>;
}

/** What the person says to a question of a server. */
export type Person = (question: string) => "yes" | "no";

/** Starts a built server over stdio, as an MCP client does that can ask the person in front of it. */
export async function start(
  server: ServerName,
  env: Readonly<Record<string, string>>,
  person: Person,
): Promise<Connection> {
  const file = fileURLToPath(new URL(`../../packages/${server}/dist/server.cjs`, import.meta.url));
  const client = new Client(
    { name: "demo", version: "1" },
    { versionNegotiation: { mode: "auto" }, capabilities: { elicitation: { form: {} } } },
  );
  client.setRequestHandler("elicitation/create", ({ params: { message } }) =>
    person(message) === "yes" ? { action: "accept", content: { confirm: true } } : { action: "decline" },
  );
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [file], env: { ...env }, stderr: "ignore" }),
  );
  const { tools } = await client.listTools();
  return {
    tools: tools.map(({ name }) => name),
    async call(tool, args) {
      const { content, structuredContent, isError } = await client.callTool({ name: tool, arguments: { ...args } });
      const [first] = content;
      return {
        failed: isError === true,
        text: first?.type === "text" ? first.text : "",
        content: isObject(structuredContent) ? structuredContent : {},
      };
    },
    close: () => client.close(),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
