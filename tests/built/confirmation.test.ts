import { type Sandbox, startSandbox } from "@pocketid-mcp/sandbox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BuiltServer, builtFile, builtServers, type Process, serverEnv, startProcess } from "../support/built.ts";

/** A dangerous call of each server, another one like it, and how its target changes. */
const dangerous: Readonly<Record<BuiltServer, Dangerous>> = {
  users: {
    tool: "user_disable",
    args: { users: ["ben"] },
    other: { users: ["chloe"] },
    change({ users }) {
      for (const user of users.values()) if (user.username === "ben") user.isAdmin = true;
    },
  },
  groups: {
    tool: "user_group_delete",
    args: { groups: ["board"] },
    other: { groups: ["juniors"] },
    change({ users }) {
      for (const user of users.values()) if (user.username === "chloe") user.userGroupIds = [];
    },
  },
  clients: {
    tool: "oidc_client_delete",
    args: { clients: ["Immich"] },
    other: { clients: ["Grafana"] },
    change({ oidcClients }) {
      for (const client of oidcClients.values())
        if (client.name === "Immich") client.isGroupRestricted = !client.isGroupRestricted;
    },
  },
  "admin-config": {
    tool: "app_config_update",
    args: { allowUserSignups: "open" },
    other: { emailOneTimeAccessAsUnauthenticatedEnabled: true },
    change({ configuration }) {
      configuration.set("allowUserSignups", "disabled");
    },
  },
  "keys-audit": {
    tool: "api_key_delete",
    args: { apiKeys: ["Backup script"] },
    other: { apiKeys: ["Export"] },
    change({ apiKeys }) {
      for (const key of apiKeys.values()) if (key.name === "Backup script") key.expiresAt = "2035-01-01T00:00:00Z";
    },
  },
};

interface Dangerous {
  readonly tool: string;
  readonly args: object;
  readonly other: object;
  change(state: Sandbox["state"]): void;
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came over the wire
type Message = Record<string, any>;

let sandbox: Sandbox;
let env: Record<string, string>;
let server: Process;
let lastId: number;
beforeEach(async () => {
  sandbox = await startSandbox();
  env = serverEnv({ POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey });
  lastId = 0;
  const [backup] = [...sandbox.state.apiKeys.values()].filter((key) => key.name === "Backup script");
  if (backup !== undefined) sandbox.state.apiKeys.set("export", { ...backup, id: "export", name: "Export" });
});
afterEach(async () => {
  server.end();
  await server.exited;
  await sandbox.close();
});

/** Requests that changed something. */
const mutations = () => sandbox.requests.filter(({ method }) => method !== "GET").length;

const yes = { action: "accept", content: { confirm: true } };
/** What a person can do else, and how the answer says it. */
const others = [
  ["no", { action: "decline" }, /The person said no/],
  ["no, by leaving it unticked", { action: "accept", content: { confirm: false } }, /The person said no/],
  ["no, by an answer without the tick", { action: "accept", content: {} }, /The person said no/],
  ["nothing, and closes the question", { action: "cancel" }, /closed without an answer/],
] as const;

async function send(method: string, params: object): Promise<Message> {
  const id = ++lastId;
  server.send({ id, method, params });
  return server.answer(id);
}

/** A call that changed nothing, and says why. */
function expectRefusal({ result }: Message, reason: RegExp) {
  expect(result).toMatchObject({ isError: true });
  expect(result.content[0].text).toMatch(/^Nothing was changed\. /);
  expect(result.content[0].text).toMatch(reason);
  expect(mutations()).toBe(0);
}

describe.each(builtServers)("the built %s server, for a client of 2026-07-28,", (name) => {
  const { tool, args, other, change } = dangerous[name];
  const clientMeta = (elicitation: object | null) => ({
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "scripted", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": elicitation ? { elicitation } : {},
  });
  const call = (given: object, more: object = {}, elicitation: object | null = { form: {} }) =>
    send("tools/call", { name: tool, arguments: given, ...more, _meta: clientMeta(elicitation) });
  const reply = ({ result }: Message, confirm: object, given: object = args) =>
    call(given, { inputResponses: { confirm }, requestState: result.requestState });

  beforeEach(() => {
    server = startProcess(builtFile(name), env);
  });

  it("asks first, and acts on a yes, once", async () => {
    const asked = await call(args);
    expect(asked.result).toMatchObject({
      resultType: "input_required",
      inputRequests: { confirm: { method: "elicitation/create", params: { message: expect.stringContaining(tool) } } },
    });
    expect(mutations()).toBe(0);
    expect((await reply(asked, yes)).result).toMatchObject({ structuredContent: expect.anything() });
    const sent = mutations();
    expect(sent).toBeGreaterThan(0);
    await reply(asked, yes);
    expect(mutations()).toBe(sent);
  });

  it.each(others)("sends nothing if the person says %s", async (_case, answer, reason) => {
    const asked = await call(args);
    expectRefusal(await reply(asked, answer), reason);
    // The question is used up: a yes after it is none.
    expectRefusal(await reply(asked, yes), /came twice/);
  });

  it.each([
    ["no way to ask", null],
    ["only a way to open an address", { url: {} }],
  ])("sends nothing if the client has %s", async (_case, elicitation) => {
    expectRefusal(await call(args, {}, elicitation), /cannot ask one.*POCKETID_CONFIRM/);
  });

  it("takes no answer to a question that it did not ask", async () => {
    expectRefusal(await call(args, { inputResponses: { confirm: yes } }), /belongs to another question/);
    const asked = await call(args);
    const [version, payload = "", signature] = asked.result.requestState.split(".");
    const forged = Buffer.from(payload, "base64url")
      .toString()
      .replace(/"exp":\d+/, '"exp":99999999999');
    for (const requestState of [
      "anything",
      [version, Buffer.from(forged).toString("base64url"), signature].join("."),
      `${asked.result.requestState}x`,
    ])
      expectRefusal(
        await call(args, { inputResponses: { confirm: yes }, requestState }),
        /belongs to another question/,
      );
  });

  it("takes no answer that was given to another process", async () => {
    const asked = await call(args);
    server.end();
    await server.exited;
    server = startProcess(builtFile(name), env);
    expectRefusal(await reply(asked, yes), /belongs to another question/);
  });

  it("takes no yes for other arguments", async () => {
    expectRefusal(await reply(await call(args), yes, other), /no longer the same/);
  });

  it("takes no yes for an object that changed since", async () => {
    const asked = await call(args);
    change(sandbox.state);
    expectRefusal(await reply(asked, yes), /no longer the same/);
  });
});

describe.each(builtServers)("the built %s server, for a client that said initialize,", (name) => {
  const { tool, args, change } = dangerous[name];

  async function connect(capabilities: object, protocolVersion = "2025-11-25") {
    server = startProcess(builtFile(name), env);
    await send("initialize", { protocolVersion, capabilities, clientInfo: { name: "scripted", version: "1" } });
    server.send({ method: "notifications/initialized" });
  }
  /** Calls, and replies to the question. */
  async function callAndReply(answer: object, meanwhile: () => void = () => undefined): Promise<Message> {
    const answered = send("tools/call", { name: tool, arguments: args });
    const question = await server.asked();
    expect(question).toMatchObject({
      method: "elicitation/create",
      params: { message: expect.stringContaining(tool) },
    });
    expect(mutations()).toBe(0);
    meanwhile();
    server.send({ id: question.id, result: answer });
    return answered;
  }

  it.each(["2025-06-18", "2025-11-25"])("asks one of %s, and acts on a yes", async (version) => {
    await connect({ elicitation: {} }, version);
    expect((await callAndReply(yes)).result).toMatchObject({ structuredContent: expect.anything() });
    expect(mutations()).toBeGreaterThan(0);
  });

  it.each(others)("sends nothing if the person says %s", async (_case, answer, reason) => {
    await connect({ elicitation: { form: {} } });
    expectRefusal(await callAndReply(answer), reason);
  });

  it.each([
    ["no way to ask", {}],
    ["only a way to open an address", { elicitation: { url: {} } }],
  ])("sends nothing if the client has %s", async (_case, capabilities) => {
    await connect(capabilities);
    expectRefusal(await send("tools/call", { name: tool, arguments: args }), /cannot ask one.*POCKETID_CONFIRM/);
  });

  it("takes no answer that comes with the call", async () => {
    await connect({ elicitation: {} });
    const answered = await send("tools/call", { name: tool, arguments: args, inputResponses: { confirm: yes } });
    expectRefusal(answered, /belongs to another question/);
  });

  it("takes no yes for an object that changed since", async () => {
    await connect({ elicitation: {} });
    expectRefusal(await callAndReply(yes, () => change(sandbox.state)), /no longer the same/);
  });
});
