import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { describe, expect, it, vi } from "vitest";
import type { CallContext, CallResult } from "../src/runtime/call.ts";
import type { ListedTool } from "../src/runtime/contract.ts";
import { DirectReads } from "../src/runtime/direct-reads.ts";

const tool = (name: string, readOnlyHint: boolean): ListedTool => ({
  name,
  title: name,
  description: "",
  inputSchema: { type: "object" },
  outputSchema: { type: "object" },
  annotations: { readOnlyHint, destructiveHint: false, idempotentHint: true, openWorldHint: false },
});

const ok = (text: string): CallResult => ({ isError: false, text });

/** A client, the calls that it has made, what reached the SDK, and the transport between. */
async function setUp(answer: (name: string, given: unknown, context: CallContext) => Promise<CallResult | undefined>) {
  const sent: JSONRPCMessage[] = [];
  const reached: JSONRPCMessage[] = [];
  const client: Transport = {
    start: async () => undefined,
    close: async () => client.onclose?.(),
    send: vi.fn(async (message: JSONRPCMessage) => void sent.push(message)),
  };
  const call = vi.fn(answer);
  const direct = new DirectReads(client, [tool("look", true), tool("change", false)], call);
  direct.onmessage = (message: JSONRPCMessage) => void reached.push(message);
  direct.onerror = vi.fn();
  direct.onclose = vi.fn();
  await direct.start();
  const says = (message: object): void => client.onmessage?.({ jsonrpc: "2.0", ...message } as JSONRPCMessage);
  const looks = (id: number | string, more: object = {}): void =>
    says({ id, method: "tools/call", params: { name: "look", arguments: { at: 1 }, ...more } });
  /** As the SDK does for a client of 2025. */
  const opens = async (id: number | string = 0): Promise<void> => {
    says({ id, method: "initialize", params: {} });
    await direct.send({ jsonrpc: "2.0", id, result: { protocolVersion: "2025-11-25" } });
    sent.length = 0;
    reached.length = 0;
  };
  const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  return { sent, reached, client, call, direct, says, looks, opens, settle };
}

describe("a read", () => {
  it("is answered without the SDK once a connection of 2025 is open", async () => {
    const { sent, reached, call, looks, opens, settle } = await setUp(async () => ok("seen"));
    await opens();
    looks(1);
    looks("two", { _meta: { progressToken: 7 } });
    await settle();
    const result = { content: [{ type: "text", text: "seen" }] };
    expect(sent).toEqual([
      { jsonrpc: "2.0", id: 1, result },
      { jsonrpc: "2.0", id: "two", result },
    ]);
    expect(reached).toEqual([]);
    expect(call).toHaveBeenCalledWith("look", { at: 1 }, expect.anything());
  });

  it("has nobody who could be asked", async () => {
    const { call, looks, opens } = await setUp(async () => ok("seen"));
    await opens();
    looks(1);
    expect(await call.mock.calls[0]?.[2].person()).toEqual({ canBeAsked: false });
  });

  it("tells its progress to whom asked for it", async () => {
    const { sent, looks, opens, settle } = await setUp(async (_name, _given, { onProgress }) => {
      onProgress(1, 2);
      onProgress(1, 2);
      onProgress(2, 2);
      return ok("seen");
    });
    await opens();
    looks(1, { _meta: { progressToken: "t" } });
    await settle();
    const told = (progress: number) => ({ progressToken: "t", progress, total: 2 });
    expect(sent.slice(0, -1)).toEqual(
      [1, 2].map((progress) => ({ jsonrpc: "2.0", method: "notifications/progress", params: told(progress) })),
    );
    sent.length = 0;
    looks(2);
    await settle();
    expect(sent).toHaveLength(1);
  });

  it.each([
    ["that fails", async () => Promise.reject(new Error("broken"))],
    ["of a tool that there is not", async () => undefined],
    [
      "that asks a person after all",
      async () => ({ asking: { message: "Sure?", bond: "b" } }) as unknown as CallResult,
    ],
  ])("%s is left to the SDK", async (_what, answer) => {
    const { sent, reached, looks, opens, settle } = await setUp(answer);
    await opens();
    looks(1);
    await settle();
    expect(sent).toEqual([]);
    expect(reached).toMatchObject([{ id: 1, method: "tools/call" }]);
  });

  it("whose answer cannot be sent is reported", async () => {
    const { client, direct, looks, opens, settle } = await setUp(async () => ok("seen"));
    await opens();
    vi.mocked(client.send).mockRejectedValue(new Error("closed"));
    looks(1);
    await settle();
    expect(direct.onerror).toHaveBeenCalledWith(expect.objectContaining({ cause: new Error("closed") }));
  });
});

describe("what is left to the SDK", () => {
  it.each<[string, object]>([
    ["a write", { name: "change" }],
    ["a tool that is not offered", { name: "none" }],
    ["a call with more in it", { task: {} }],
    ["an answer to a question", { inputResponses: {} }],
    ["a call of 2026", { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }],
    ["arguments that are none", { arguments: [] }],
  ])("%s", async (_what, more) => {
    const { reached, call, looks, opens } = await setUp(async () => ok("seen"));
    await opens();
    looks(1, more);
    expect(reached).toHaveLength(1);
    expect(call).not.toHaveBeenCalled();
  });

  it("a read before the connection is open", async () => {
    const { reached, call, says, looks } = await setUp(async () => ok("seen"));
    looks(1);
    says({ id: 2, method: "initialize", params: {} });
    looks(3);
    expect(reached.map((message) => "id" in message && message.id)).toEqual([1, 2, 3]);
    expect(call).not.toHaveBeenCalled();
  });

  it.each([
    ["a beginning that was refused", { error: { code: -32600, message: "no" } }],
    ["something else with the id of a beginning", { result: {} }],
  ])("a read after %s", async (_what, answer) => {
    const { reached, call, says, looks, direct } = await setUp(async () => ok("seen"));
    says({ id: 0, method: "initialize", params: {} });
    await direct.send({ jsonrpc: "2.0", id: 0, ...answer } as JSONRPCMessage);
    // The id is free again, and what comes with it opens nothing.
    await direct.send({ jsonrpc: "2.0", id: 0, result: { protocolVersion: "2025-11-25" } });
    looks(1);
    expect(reached).toHaveLength(2);
    expect(call).not.toHaveBeenCalled();
  });
});

describe("a read under way", () => {
  const untilAborted = (_name: string, _given: unknown, { signal }: CallContext): Promise<CallResult> =>
    new Promise((resolve) => signal?.addEventListener("abort", () => resolve(ok("late"))));

  it("ends without an answer when it is cancelled, and no other does", async () => {
    const { sent, reached, says, looks, opens, settle, call } = await setUp(untilAborted);
    await opens();
    looks(1);
    looks(2);
    says({ method: "notifications/cancelled", params: { requestId: 1, reason: "not needed" } });
    says({ method: "notifications/cancelled", params: { requestId: 77 } });
    says({ method: "notifications/cancelled" });
    await settle();
    const signals = call.mock.calls.map(([, , { signal }]) => signal);
    expect(signals.map((signal) => [signal?.aborted, signal?.reason])).toEqual([
      [true, "not needed"],
      [false, undefined],
    ]);
    expect(sent).toEqual([]);
    // Something else may be under way by the same id.
    expect(reached).toHaveLength(3);
  });

  it.each<[string, object]>([
    ["a request of that name", { id: 9, method: "notifications/cancelled", params: { requestId: 1 } }],
    ["a reason that is none", { method: "notifications/cancelled", params: { requestId: 1, reason: { toString: 7 } } }],
    ["an id of another kind", { method: "notifications/cancelled", params: { requestId: "1" } }],
  ])("goes on after %s, as it does with the SDK", async (_what, message) => {
    const { says, looks, opens, call, reached } = await setUp(untilAborted);
    await opens();
    looks(1);
    says(message);
    expect(call.mock.calls[0]?.[2].signal?.aborted).toBe(false);
    expect(reached).toHaveLength(1);
  });

  it("ends when the connection does", async () => {
    const { sent, direct, looks, opens, settle, call } = await setUp(untilAborted);
    await opens();
    looks(1);
    looks(2);
    await direct.close();
    await settle();
    expect(call.mock.calls.map(([, , { signal }]) => signal?.aborted)).toEqual([true, true]);
    expect(direct.onclose).toHaveBeenCalledOnce();
    expect(sent).toEqual([]);
  });

  it("is forgotten when it is answered", async () => {
    const { says, looks, opens, settle, call } = await setUp(async () => ok("seen"));
    await opens();
    looks(1);
    await settle();
    says({ method: "notifications/cancelled", params: { requestId: 1 } });
    expect(call.mock.calls[0]?.[2].signal?.aborted).toBe(false);
  });
});
