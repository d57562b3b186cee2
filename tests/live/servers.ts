import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { type BuiltServer, builtFile, builtServers, serverEnv } from "../support/built.ts";
import type { Json } from "./instance.ts";

/** The five built servers, each a process, spoken to by a real MCP client. */
export interface Servers {
  /** Every tool that they offer, and its server. */
  readonly offered: ReadonlyMap<string, BuiltServer>;
  /** The processes, by server. */
  readonly pids: ReadonlyMap<BuiltServer, number>;
  /** Tools that have been called, successfully or not. */
  readonly called: ReadonlySet<string>;
  /** Tools that a person has been asked about. */
  readonly asked: ReadonlySet<string>;
  /** Tools that have done their job at least once. */
  readonly succeeded: ReadonlySet<string>;
  /** Values that no answer may show. */
  readonly secrets: Set<string>;
  /** Calls a tool that has to succeed, and answers its structured content. */
  ok(tool: string, args?: Record<string, unknown>): Promise<Json>;
  /** Calls a tool that has to succeed and to show an image, and answers its bytes. */
  shows(tool: string, args?: Record<string, unknown>): Promise<Buffer>;
  /** Calls a tool that has to fail, and answers the text. */
  fails(tool: string, args?: Record<string, unknown>): Promise<string>;
  /** Calls a tool that has to ask first, says no, and answers the question without where it happens. */
  declines(tool: string, args?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

export async function startServers(settings: Readonly<Record<string, string>>): Promise<Servers> {
  const clients = new Map<BuiltServer, Client>();
  const offered = new Map<string, BuiltServer>();
  const pids = new Map<BuiltServer, number>();
  const called = new Set<string>();
  const asked = new Set<string>();
  const questions: string[] = [];
  // Where nothing else is said, whatever is asked is meant.
  let reply: "yes" | "no" = "yes";
  const { host } = new URL(settings.POCKETID_URL ?? "");
  const answerTo = (question: string) => {
    questions.push(question);
    for (const tool of offered.keys()) if (question.endsWith(` [${tool} on ${host}]`)) asked.add(tool);
    return reply === "yes" ? { action: "accept" as const, content: { confirm: true } } : { action: "decline" as const };
  };
  const succeeded = new Set<string>();
  const secrets = new Set<string>();
  for (const name of builtServers) {
    const client = new Client(
      { name: "live", version: "1" },
      { versionNegotiation: { mode: "auto" }, capabilities: { elicitation: { form: {} } } },
    );
    client.setRequestHandler("elicitation/create", ({ params: { message } }) => answerTo(message));
    // Where a secret goes is the same on any Pocket ID; whether it works there is what this is about.
    const env = serverEnv({ LOG_TO_STDERR: "false", POCKETID_SECRETS: "reveal", ...settings });
    const args = [builtFile(name)];
    const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: "ignore" });
    await client.connect(transport);
    pids.set(name, transport.pid ?? 0);
    // The client checks answers against the schemas that it has listed.
    for (const tool of (await client.listTools()).tools) offered.set(tool.name, name);
    clients.set(name, client);
  }

  async function call(
    tool: string,
    args: Record<string, unknown>,
  ): Promise<{ text: string; content: Json; failed: boolean; image: Buffer | undefined }> {
    const client = clients.get(offered.get(tool) ?? "users");
    if (client === undefined || !offered.has(tool)) throw new Error(`no server offers ${tool}`);
    const answer = await client.callTool({ name: tool, arguments: args });
    called.add(tool);
    const [first, second] = answer.content;
    const image = second?.type === "image" ? Buffer.from(second.data, "base64") : undefined;
    const text = first?.type === "text" ? first.text : "";
    for (const secret of secrets) if (text.includes(secret)) throw new Error(`${tool} shows a secret: ${text}`);
    return { text, content: answer.structuredContent, failed: answer.isError === true, image };
  }

  return {
    offered,
    pids,
    called,
    asked,
    succeeded,
    secrets,
    async ok(tool, args = {}) {
      const { text, content, failed } = await call(tool, args);
      if (failed) throw new Error(`${tool} ${JSON.stringify(args)} failed: ${text}`);
      if (text !== JSON.stringify(content)) throw new Error(`${tool}: the text is not the structured content`);
      succeeded.add(tool);
      return content;
    },
    async shows(tool, args = {}) {
      const { text, failed, image } = await call(tool, args);
      if (failed || image === undefined) throw new Error(`${tool} ${JSON.stringify(args)} shows no image: ${text}`);
      succeeded.add(tool);
      return image;
    },
    async fails(tool, args = {}) {
      const { text, failed } = await call(tool, args);
      if (!failed) throw new Error(`${tool} ${JSON.stringify(args)} did not fail: ${text}`);
      return text;
    },
    async declines(tool, args = {}) {
      const before = questions.length;
      reply = "no";
      const { text, failed } = await call(tool, args).finally(() => {
        reply = "yes";
      });
      const [question, ...others] = questions.slice(before);
      if (!failed || !text.includes("The person said no.") || question === undefined || others.length > 0)
        throw new Error(`${tool} ${JSON.stringify(args)} was not declined: ${text}`);
      return question.replace(/ \[[^[]*\]$/, "");
    },
    async close() {
      for (const client of clients.values()) await client.close();
    },
  };
}
