import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as FirstStdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { type Sandbox, startSandbox } from "@pocketid-mcp/sandbox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, builtFile, builtServers, initialize, serverEnv, startProcess } from "../support/built.ts";

let sandbox: Sandbox;
let env: Record<string, string>;
beforeAll(async () => {
  sandbox = await startSandbox();
  env = serverEnv({ POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey });
});
afterAll(() => sandbox.close());

/** A tool of each server that answers without arguments, and a field of its answer. */
const harmless: Readonly<Record<BuiltServer, readonly [string, string]>> = {
  users: ["user_list", "users"],
  groups: ["user_group_list", "groups"],
  clients: ["oidc_client_list", "clients"],
  "admin-config": ["health_check", "live"],
  "keys-audit": ["audit_log_filter_users", "users"],
};

/** A call of each server that a person is asked about first. */
const dangerous: Readonly<Record<BuiltServer, readonly [string, Record<string, unknown>]>> = {
  users: ["user_delete", { users: ["ben"] }],
  groups: ["user_group_delete", { groups: ["board"] }],
  clients: ["oidc_client_update_allowed_groups", { client: "Grafana", access: "everyone" }],
  "admin-config": ["app_config_update", { allowUserSignups: "open" }],
  "keys-audit": ["api_key_delete", { apiKeys: ["Backup script"] }],
};

describe.each(builtServers)("the built %s server", (name) => {
  const [tool, field] = harmless[name];
  const stdio = () => ({ command: process.execPath, args: [builtFile(name)], env, stderr: "ignore" as const });

  it("serves the client of the SDK's first line", async () => {
    const client = new FirstClient({ name: "test", version: "1" });
    await client.connect(new FirstStdioClientTransport(stdio()));
    expect((await client.listTools()).tools.map((listed) => listed.name)).toContain(tool);
    const { structuredContent } = await client.callTool({ name: tool, arguments: {} });
    expect(structuredContent).toHaveProperty(field);
    await client.close();
  });

  it.each([
    ["legacy", "legacy"],
    ["auto", "modern"],
    [{ pin: "2026-07-28" }, "modern"],
  ] as const)("serves the client of the SDK's second line, %j", async (mode, era) => {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport(stdio()));
    expect(client.getProtocolEra()).toBe(era);
    expect((await client.listTools()).tools.map((listed) => listed.name)).toContain(tool);
    const { structuredContent } = await client.callTool({ name: tool, arguments: {} });
    expect(structuredContent).toHaveProperty(field);
    await client.close();
  });

  const [asking, args] = dangerous[name];
  /** A no, and what has to come of it. */
  const no = { action: "decline" as const };
  const expectNoChange = (answer: object, questions: readonly string[]) => {
    expect(answer).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("The person said no.") }],
    });
    expect(questions).toEqual([
      expect.stringMatching(new RegExp(`\\? .*\\[${asking} on ${new URL(sandbox.url).host}\\]$`)),
    ]);
    expect(sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  };

  it("asks the person in front of a client of the SDK's first line", async () => {
    const client = new FirstClient({ name: "test", version: "1" }, { capabilities: { elicitation: {} } });
    const questions: string[] = [];
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      questions.push(params.message);
      return no;
    });
    await client.connect(new FirstStdioClientTransport(stdio()));
    expectNoChange(await client.callTool({ name: asking, arguments: args }), questions);
    await client.close();
  });

  it.each(["legacy", "auto"] as const)(
    "asks the person in front of a client of the SDK's second line, %s",
    async (mode) => {
      const client = new Client(
        { name: "test", version: "1" },
        { versionNegotiation: { mode }, capabilities: { elicitation: { form: {} } } },
      );
      const questions: string[] = [];
      client.setRequestHandler("elicitation/create", ({ params }) => {
        questions.push(params.message);
        return no;
      });
      await client.connect(new StdioClientTransport(stdio()));
      expectNoChange(await client.callTool({ name: asking, arguments: args }), questions);
      await client.close();
    },
  );

  it.each(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])(
    "answers a client of %s in its own version",
    async (protocolVersion) => {
      const server = startProcess(builtFile(name), env);
      server.send({
        id: 1,
        method: "initialize",
        params: { protocolVersion, capabilities: {}, clientInfo: { name: "t", version: "1" } },
      });
      expect(await server.answer(1)).toMatchObject({
        result: { protocolVersion, serverInfo: { name: `pocketid-mcp-${name}` } },
      });
      server.send({ method: "notifications/initialized" });
      server.send({ id: 2, method: "tools/list" });
      server.send({ id: 3, method: "tools/call", params: { name: tool, arguments: {} } });
      expect(await server.answer(2)).toMatchObject({ result: { tools: expect.any(Array) } });
      const { result } = await server.answer(3);
      expect(result).toMatchObject({ content: [{ type: "text" }], structuredContent: { [field]: expect.anything() } });
      server.end();
      const { code, ms } = await server.exited;
      expect(code).toBe(0);
      expect(ms).toBeLessThan(1_000);
      for (const line of server.stdout().trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
      expect(server.stderr()).toContain(`for ${sandbox.url} (POCKETID_URL), API key from POCKETID_API_KEY`);
      expect(server.stderr()).not.toContain(sandbox.apiKey);
    },
  );

  it.each([
    ["Pocket ID is silent", "http", () => createServer(() => undefined), "request"],
    // Takes the connection and never begins with TLS.
    ["a connection is being made", "https", () => createTcpServer(() => undefined), "connection"],
  ] as const)("ends within a second of stdin, also while %s", async (_case, scheme, open, event) => {
    const silent = open();
    const sockets: Socket[] = [];
    silent.on("connection", (socket: Socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const server = startProcess(builtFile(name), {
      ...env,
      POCKETID_URL: `${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    });
    const asked = new Promise((resolve) => silent.once(event, resolve));
    server.send(initialize);
    await server.answer(1);
    server.send({ id: 2, method: "tools/call", params: { name: tool, arguments: {} } });
    await asked;
    server.end();
    const { ms } = await server.exited;
    for (const socket of sockets) socket.destroy();
    silent.close();
    expect(ms).toBeLessThan(1_000);
  });

  it("goes on when nobody reads its stderr any more", async () => {
    const server = startProcess(builtFile(name), env);
    server.send(initialize);
    await server.answer(1);
    server.closeStderr();
    for (const id of [2, 3, 4]) {
      server.send({ id, method: "tools/call", params: { name: tool, arguments: {} } });
      expect(await server.answer(id)).toHaveProperty("result.structuredContent");
    }
    server.end();
    expect((await server.exited).code).toBe(0);
  });

  it("repeats nothing of a message that it cannot use", async () => {
    const server = startProcess(builtFile(name), env);
    const clientInfo = { name: "t", version: "1" };
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    server.send({ id: 1, method: "initialize", params });
    await server.answer(1);
    const smtpPassword = "a-canary-among-messages";
    server.send({ id: 99, result: { smtpPassword } });
    server.send({ id: { smtpPassword }, method: "tools/call", params: { smtpPassword } });
    server.send({ method: "notifications/progress", params: { progressToken: smtpPassword, progress: 1 } });
    server.send({ id: 2, method: "tools/call", params: { name: tool, arguments: { smtpPassword } } });
    expect(JSON.stringify(await server.answer(2))).not.toContain(smtpPassword);
    server.end();
    await server.exited;
    expect(server.stderr()).toContain("A message of the client cannot be used.");
    expect(server.stderr()).not.toContain(smtpPassword);
  });

  it("starts without a network, and says of a call what is wrong", async () => {
    const server = startProcess(builtFile(name), { ...env, POCKETID_URL: "http://127.0.0.1:1", POCKETID_TIMEOUT: "1" });
    server.send(initialize);
    expect(await server.answer(1)).toHaveProperty("result");
    server.end();
    expect((await server.exited).code).toBe(0);
  });

  it("says what is missing, and ends, without settings", async () => {
    const server = startProcess(builtFile(name), serverEnv({}));
    expect((await server.exited).code).toBe(2);
    expect(server.stderr()).toMatch(/POCKETID_URL is not set/);
    expect(server.stderr()).toMatch(/POCKETID_API_KEY is not set/);
    expect(server.stdout()).toBe("");
  });

  it("refuses to start with a glob that matches none of its tools", async () => {
    const server = startProcess(builtFile(name), { ...env, POCKETID_TOOLS: `${tool},usr_*` });
    expect((await server.exited).code).toBe(2);
    expect(server.stderr()).toMatch(/POCKETID_TOOLS: usr_\* matches none of the tools/);
  });

  it.each([
    ["--help", /POCKETID_URL/],
    ["--version", /^\d+\.\d+\.\d+\n$/],
  ])("answers %s", async (option, expected) => {
    const server = startProcess(builtFile(name), serverEnv({}), [option]);
    expect((await server.exited).code).toBe(0);
    expect(server.stdout()).toMatch(expected);
  });
});
