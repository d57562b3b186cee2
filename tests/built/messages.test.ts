import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Sandbox, startSandbox } from "@pocketid-mcp/sandbox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtFile, type Process, serverEnv, startProcess } from "../support/built.ts";

// A built server leaves out what the SDK checks twice (scripts/bundle/sdk-checks.ts), and answers reads without it (direct-reads.ts). What it is
// sent must come to the same as where every message goes through the whole SDK.

const wholeSdk = fileURLToPath(new URL("../support/whole-sdk.ts", import.meta.url));
const source = ["--conditions=@pocketid-mcp/source", "--import", "tsx"];

const capabilities = "io.modelcontextprotocol/clientCapabilities";
const envelope = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", [capabilities]: { elicitation: {} } };
const initialize = {
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: { elicitation: {} }, clientInfo: { name: "t", version: "1" } },
};
const discover = { id: 1, method: "server/discover", params: { _meta: envelope } };

const benOnly = { name: "user_get", arguments: { user: "ben" } };

/** Messages that are odd, or nearly right; `_meta` is put into those that have parameters. */
const odd: readonly (readonly [string, unknown])[] = [
  ["no such method", { id: 2, method: "tools/none", params: {} }],
  ["no name of a tool", { id: 2, method: "tools/call", params: {} }],
  ["a name that is none", { id: 2, method: "tools/call", params: { name: 7, arguments: {} } }],
  ["no such tool", { id: 2, method: "tools/call", params: { name: "none", arguments: {} } }],
  ["no arguments", { id: 2, method: "tools/call", params: { name: "user_get" } }],
  ["arguments in a list", { id: 2, method: "tools/call", params: { name: "user_list", arguments: [] } }],
  ["arguments that are null", { id: 2, method: "tools/call", params: { name: "user_list", arguments: null } }],
  ["a task", { id: 2, method: "tools/call", params: { ...benOnly, task: { ttl: 1 } } }],
  ["a task that is none", { id: 2, method: "tools/call", params: { ...benOnly, task: 7 } }],
  ["something in _meta", { id: 2, method: "tools/call", params: { ...benOnly, _meta: { x: 1 } } }],
  ["an empty _meta", { id: 2, method: "tools/call", params: { ...benOnly, _meta: {} } }],
  ["answers to no question", { id: 2, method: "tools/call", params: { ...benOnly, inputResponses: 7 } }],
  ["arguments in a text", { id: 2, method: "tools/call", params: { name: "user_list", arguments: "{}" } }],
  ["more parameters", { id: 2, method: "tools/call", params: { name: "user_get", arguments: { user: "ben" }, x: 1 } }],
  [
    "an id that is a text",
    { id: "two", method: "tools/call", params: { name: "user_get", arguments: { user: "ben" } } },
  ],
  ["a token for progress that is none", { id: 2, method: "tools/list", params: { _meta: { progressToken: {} } } }],
  ["something else as _meta", { id: 2, method: "tools/call", params: { _meta: 7, name: "user_get", arguments: {} } }],
  ["parameters in a list", { id: 2, method: "tools/list", params: [] }],
  ["parameters that are null", { id: 2, method: "tools/list", params: null }],
  ["parameters that are a number", { id: 2, method: "tools/list", params: 7 }],
  ["an id that is null", { id: null, method: "tools/list" }],
  ["an id that is a fraction", { id: 1.5, method: "tools/list" }],
  ["an id that is an object", { id: {}, method: "tools/list" }],
  ["another field beside the parameters", { id: 2, method: "tools/list", params: {}, x: 1 }],
  ["another field and no parameters", { id: 2, method: "tools/list", x: 1 }],
  ["a token for progress", { id: 2, method: "tools/call", params: { _meta: { progressToken: 5 }, ...benOnly } }],
  [
    "a read that finds nothing",
    { id: 2, method: "tools/call", params: { name: "user_get", arguments: { user: "nobody" } } },
  ],
  ["a read of something odd", { id: 2, method: "tools/call", params: { name: "user_get", arguments: { user: 7 } } }],
  [
    "a picture",
    { id: 2, method: "tools/call", params: { name: "user_get_profile_picture", arguments: { user: "ben" } } },
  ],
  [
    "a walk that tells its progress",
    {
      id: 2,
      method: "tools/call",
      params: { _meta: { progressToken: "t" }, name: "user_list", arguments: { all: true } },
    },
  ],
  [
    "a walk that tells none",
    {
      id: 2,
      method: "tools/call",
      params: { _meta: { progressToken: 1.5 }, name: "user_list", arguments: { all: true } },
    },
  ],
  [
    "a token for progress and more",
    { id: 2, method: "tools/call", params: { _meta: { progressToken: 5, x: 1 }, ...benOnly } },
  ],
  [
    "a write",
    { id: 2, method: "tools/call", params: { name: "user_update", arguments: { user: "ben", firstName: "Ben" } } },
  ],
  ["a second beginning", { ...initialize, id: 2 }],
  ["a second beginning that says nothing", { id: 2, method: "initialize", params: {} }],
  ["a call without what 2026 asks for", { id: 2, method: "tools/call", params: { _meta: undefined, ...benOnly } }],
  ["a call that is none of a tool", { method: "tools/call", params: benOnly }],
  ["a method that is a number", { id: 2, method: 7 }],
  ["no version", { jsonrpc: undefined, id: 2, method: "tools/list" }],
  ["another version", { jsonrpc: "1.0", id: 2, method: "tools/list" }],
  ["a notification of nothing", { method: "notifications/none" }],
  ["a cancellation of nothing", { method: "notifications/cancelled", params: { requestId: 77 } }],
  ["a cancellation of everything", { method: "notifications/cancelled", params: {} }],
  ["an answer to nothing", { id: 9, result: {} }],
  ["an error of nothing", { id: 9, error: { code: -1, message: "no" } }],
  ["an error that is none", { id: 9, error: "no" }],
  ["a result and an error", { id: 9, result: {}, error: { code: -1, message: "no" } }],
  ["a method and a result", { method: "tools/list", result: {} }],
  ["a request with a result", { id: 2, method: "tools/list", result: {} }],
  ["a request with an error", { id: 2, method: "tools/list", error: null }],
  ["nothing", {}],
  ["a forged answer", { id: 2, method: "tools/call", params: forged() }],
];

function forged(): object {
  const confirm = { action: "accept", content: { confirm: true } };
  return { name: "user_delete", arguments: { users: ["ben"] }, inputResponses: { confirm }, requestState: "forged" };
}

let sandbox: Sandbox;
let env: Record<string, string>;
beforeAll(async () => {
  sandbox = await startSandbox();
  env = serverEnv({ POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey });
});
afterAll(() => sandbox.close());

const withEnvelope = (message: unknown): unknown => {
  if (typeof message !== "object" || message === null || !("params" in message)) return message;
  const { params } = message;
  if (typeof params !== "object" || params === null || Array.isArray(params) || "_meta" in params) return message;
  return { ...message, params: { ...params, _meta: envelope } };
};

describe.each([
  ["of 2025-11-25", initialize, (message: unknown) => message],
  ["of 2026-07-28", discover, withEnvelope],
] as const)("a built server and a client %s", (_era, opening, prepare) => {
  let servers: readonly Process[];
  beforeAll(async () => {
    servers = [startProcess(builtFile("users"), env), startProcess(wholeSdk, env, [], source)];
    await Promise.all(servers.map((server) => answersTo(server, opening, 1)));
  });
  afterAll(async () => {
    for (const server of servers) server.end();
    for (const server of servers) expect((await server.exited).code).toBe(0);
  });

  let last = 1_000;

  it("waits for the answer to a question, whatever else comes with the id of that", async () => {
    const users = ["ben"];
    for (const server of opening === initialize ? servers : []) {
      server.send({ id: 50, method: "tools/call", params: { name: "user_disable", arguments: { users } } });
      const { id } = await server.asked();
      for (const odd of [{ method: "x", error: null }, { method: "x", result: {} }, { error: "no" }, { result: 7 }])
        server.send({ id: Number(id), ...odd });
      server.send({ id: Number(id), result: { action: "decline" } });
      expect(await server.answer(50)).toMatchObject({ result: { isError: true } });
    }
    expect([...sandbox.state.users.values()].find(({ username }) => username === "ben")?.disabled).toBe(false);
  });

  it.each(odd)("takes %s as the whole SDK does", async (_what, message) => {
    last++;
    const before = servers.map((server) => server.stdout().length);
    for (const server of servers) server.send(prepare(message) as object);
    // What comes after it is answered, too.
    await Promise.all(
      servers.map((server) => answersTo(server, prepare({ method: "tools/call", params: benOnly }), last)),
    );
    const lines = () => servers.map((server, nth) => server.stdout().slice(before[nth]).trim().split("\n").sort());
    // An answer may come later than that, such as when there is a question to be worked out first.
    for (let waited = 0; waited === 0 || (waited < 20 && lines()[0]?.length !== lines()[1]?.length); waited++)
      await sleep(60);
    const [built, whole] = lines();
    expect(built).toEqual(whole);
    expect(built?.some((line) => line.includes(`"id":${last}`) && line.includes("ben@"))).toBe(true);
    expect([...sandbox.state.users.values()].map(({ username }) => username)).toContain("ben");
  });
});

it("answers in the same way what comes before the connection is open, and a call that is ended at once", async () => {
  const servers = [startProcess(builtFile("users"), env), startProcess(wholeSdk, env, [], source)];
  const call = { method: "tools/call", params: benOnly };
  for (const server of servers) {
    server.send(initialize);
    server.send({ method: "notifications/initialized" });
    for (const id of [2, 3]) server.send({ id, ...call });
    server.send({ method: "notifications/cancelled", params: { requestId: 3 } });
    server.send({ id: 4, ...call });
    await server.answer(4);
    // Now it is open.
    for (const id of [5, 6]) server.send({ id, ...call });
    server.send({ method: "notifications/cancelled", params: { requestId: 5 } });
    await server.answer(6);
    await sleep(60);
    server.end();
    expect((await server.exited).code).toBe(0);
  }
  const [built, whole] = servers.map((server) => server.stdout().trim().split("\n"));
  expect(built?.slice().sort()).toEqual(whole?.slice().sort());
  expect(built?.map((line) => JSON.parse(line).id).sort()).toEqual([1, 2, 4, 6]);
  expect(JSON.parse(built?.[0] ?? "")).toMatchObject({ id: 1, result: { protocolVersion: "2025-11-25" } });
});

function answersTo(server: Process, message: unknown, id: number): Promise<unknown> {
  server.send({ ...(message as object), id });
  return server.answer(id);
}
