import { type Sandbox, startSandbox } from "@pocketid-mcp/sandbox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BuiltServer, builtFile, builtServers, type Process, serverEnv, startProcess } from "../support/built.ts";

/** A dangerous call of each server, another one like it, and how its target changes. */
const dangerous: Readonly<Record<BuiltServer, Dangerous>> = {
  users: {
    tool: "user_disable",
    args: { users: ["ben"] },
    others: { users: ["nora"] },
    change({ users }) {
      for (const user of users.values()) if (user.username === "ben") user.isAdmin = true;
    },
  },
  groups: {
    tool: "user_group_delete",
    args: { groups: ["board"] },
    others: { groups: ["website"] },
    change({ userGroups }) {
      for (const group of userGroups.values()) if (group.name === "board") group.friendlyName = "Steering committee";
    },
  },
  clients: {
    tool: "oidc_client_delete",
    args: { clients: ["Immich"] },
    others: { clients: ["Grafana"] },
    change({ clients }) {
      for (const client of clients.values()) if (client.name === "Immich") client.isGroupRestricted = !client.isGroupRestricted;
    },
  },
  "admin-config": {
    tool: "app_config_update",
    args: { allowUserSignups: "open" },
    others: { allowUserSignups: "withToken" },
    change({ configuration }) {
      configuration.allowUserSignups = "withToken";
    },
  },
  "keys-audit": {
    tool: "api_key_delete",
    args: { apiKeys: ["Backup"] },
    others: { apiKeys: ["Export"] },
    change({ apiKeys }) {
      for (const key of apiKeys.values()) if (key.name === "Backup") key.description = "another one";
    },
  },
};

interface Dangerous {
  readonly tool: string;
  readonly args: object;
  readonly others: object;
  change(state: Sandbox["state"]): void;
}

type Message = Record<string, any>;

let sandbox: Sandbox;
let server: Process;
let env: Record<string, string>;
let lastId = 0;
beforeEach(async () => {
  sandbox = await startSandbox();
  env = serverEnv({ POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey });
});
afterEach(async () => {
  server.end();
  await server.exited;
  await sandbox.close();
});

const mutations = () => sandbox.requests.filter(({ method }) => method !== "GET").length;
const textOf = ({ result }: Message): string => result.content[0].text;

async function send(method: string, params: object): Promise<Message> {
  const id = ++lastId;
  server.send({ id, method, params });
  return server.answer(id);
}

describe.each(builtServers)("the built %s server, for a client of 2026-07-28,", (name) => {
  const { tool, args, others, change } = dangerous[name];

  const meta = (elicitation: object | undefined) => ({
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "scripted", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": elicitation ? { elicitation } : {},
  });
  const call = (given: object, more: object = {}, elicitation: object | undefined = { form: {} }) =>
    send("tools/call", { name: tool, arguments: given, ...more, _meta: meta(elicitation) });
  const answered = (asked: Message, reply: object, given = args) =>
    call(given, { inputResponses: { confirm: reply }, requestState: asked.result.requestState });

  beforeEach(() => {
    server = startProcess(builtFile(name), env);
  });

  it("asks, and acts on a yes, once", async () => {
    const asked = await call(args);
    expect(asked.result).toMatchObject({
      resultType: "input_required",
      inputRequests: { confirm: { method: "elicitation/create", params: { message: expect.stringContaining(tool) } } },
    });
    expect(mutations()).toBe(0);
    expect((await answered(asked, yes)).result.structuredContent).toBeDefined();
    const sent = mutations();
    expect(sent).toBeGreaterThan(0);
    const replayed = await answered(asked, yes);
    expect(replayed.result.isError).toBe(true);
    expect(mutations()).toBe(sent);
  });
});

const yes = { action: "accept", content: { confirm: true } };
