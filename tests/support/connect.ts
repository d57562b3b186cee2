import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { callsOf, contractOf, prepareServer, serveOver, type Tool } from "@pocketid-mcp/core/runtime";
import { type Sandbox, type SandboxOptions, startSandbox } from "@pocketid-mcp/sandbox";

/** The answer to a call as a test reads it. */
export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever the tool answered
  readonly content: any;
  /** Base64. */
  readonly image?: { readonly data: string; readonly mimeType: string };
}

/** A server of ours, a client that is connected to it, and the Pocket ID that it administers. */
export interface Connected {
  readonly sandbox: Sandbox;
  readonly client: Client;
  /** Calls a tool. */
  call(name: string, args?: Record<string, unknown>): Promise<Answer>;
  /** Calls a tool that has to succeed, and answers its structured content. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever the tool answered
  ok(name: string, args?: Record<string, unknown>): Promise<any>;
  /** Calls a tool that has to fail, and answers the text. */
  fails(name: string, args?: Record<string, unknown>): Promise<string>;
  /** The lines of the action log. */
  actions(): Record<string, unknown>[];
  /** The folder for secrets. */
  readonly secretsDir: string;
  /** What the operator has been told on stderr. */
  readonly warnings: readonly string[];
  /** What the person has been asked. */
  readonly questions: readonly string[];
  close(): Promise<void>;
}

/** What the person does with a question. */
export type Reply = "yes" | "no" | "unticked" | "cancel";

export interface ConnectOptions extends SandboxOptions {
  /** How the person replies to a question; yes to all, if left out. Null: the client cannot ask. */
  readonly person?: ((question: string) => Reply | Promise<Reply>) | null;
  /** A sandbox that is there already, and stays when the connection is closed. */
  readonly sandbox?: Sandbox;
  /** More settings, by their variables. */
  readonly env?: Readonly<Record<string, string>>;
}

const replies = {
  yes: { action: "accept" as const, content: { confirm: true } },
  unticked: { action: "accept" as const, content: { confirm: false } },
  no: { action: "decline" as const },
  cancel: { action: "cancel" as const },
};

/** Connects a real MCP client, over the real stdio entry in memory, to a server with these tools, on a sandbox of its own. */
export async function connect(
  tools: readonly Tool[],
  { env = {}, person = () => "yes", sandbox: shared, ...options }: ConnectOptions = {},
): Promise<Connected> {
  const sandbox = shared ?? (await startSandbox(options));
  const state = mkdtempSync(join(tmpdir(), "pocketid-mcp-test-"));
  const auditFile = join(state, "audit.log");
  const secretsDir = join(state, "secrets");
  const warnings: string[] = [];
  const prepared = prepareServer(
    {
      name: "pocketid-mcp-test",
      title: "Test",
      version: "0.0.0",
      parts: [{ name: "test", instructions: "", contract: contractOf(tools) }],
      calls: async () => callsOf(tools),
    },
    {
      argv: [],
      env: {
        POCKETID_URL: sandbox.url,
        POCKETID_API_KEY: sandbox.apiKey,
        POCKETID_AUDIT_FILE: auditFile,
        POCKETID_SECRETS_DIR: secretsDir,
        LOG_LEVEL: "silent",
        ...env,
      },
      cwd: state,
      warn: (message) => warnings.push(message),
    },
  );
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  const handle = serveOver(serverSide, prepared);
  const client = new Client(
    { name: "test", version: "1" },
    { versionNegotiation: { mode: "auto" }, ...(person ? { capabilities: { elicitation: { form: {} } } } : {}) },
  );
  const questions: string[] = [];
  if (person !== null) {
    client.setRequestHandler("elicitation/create", async ({ params: { message } }) => {
      questions.push(message);
      return replies[await person(message)];
    });
  }
  await client.connect(clientSide);
  // The client checks structured content against the schemas that it has listed.
  await client.listTools();

  const call = async (name: string, args: Record<string, unknown> = {}): Promise<Answer> => {
    const { content, structuredContent, isError } = await client.callTool({ name, arguments: args });
    const [first, second] = content;
    return {
      isError: isError === true,
      text: first?.type === "text" ? first.text : "",
      content: structuredContent,
      ...(second?.type === "image" ? { image: { data: second.data, mimeType: second.mimeType } } : {}),
    };
  };

  return {
    sandbox,
    client,
    call,
    async ok(name, args) {
      const answer = await call(name, args);
      if (answer.isError) throw new Error(`${name} failed: ${answer.text}`);
      if (answer.text !== JSON.stringify(answer.content))
        throw new Error(`${name}: the text is not the structured content`);
      return answer.content;
    },
    async fails(name, args) {
      const answer = await call(name, args);
      if (!answer.isError) throw new Error(`${name} did not fail: ${answer.text}`);
      return answer.text;
    },
    actions: () =>
      readFileSync(auditFile, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    secretsDir,
    warnings,
    questions,
    async close() {
      await client.close();
      await handle.close();
      if (shared === undefined) await sandbox.close();
      await rm(state, { recursive: true });
    },
  };
}
