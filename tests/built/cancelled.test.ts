import { setTimeout as sleep } from "node:timers/promises";
import { type Sandbox, startSandbox } from "@pocketid-mcp/sandbox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtFile, initialize, type Process, serverEnv, startProcess } from "../support/built.ts";

// A client ends a call with a notification: no answer may come any more, and nothing may go on for it.

const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** Calls that wait for Pocket ID: the route that they wait for, and the request. */
const calls = [
  ["a read", "GET /api/users/", { name: "user_get", arguments: { user: "3f1a3b8e-0000-4000-8000-000000000001" } }],
  ["a walk", "GET /api/users", { name: "user_list", arguments: { all: true } }],
  ["a write", "POST /api/users", { name: "user_create", arguments: { username: "una", firstName: "Una" } }],
] as const;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

describe.each([
  ["of 2025-11-25", initialize, undefined],
  ["of 2026-07-28", { id: 1, method: "server/discover", params: { _meta: envelope } }, envelope],
] as const)("a client %s", (_era, opening, meta) => {
  it.each(calls)("cancels %s", async (_what, route, params) => {
    const server: Process = startProcess(
      builtFile("users"),
      serverEnv({ POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey }),
    );
    server.send(opening);
    await server.answer(1);
    const call = (id: number | string, progressToken?: string): void =>
      server.send({
        id,
        method: "tools/call",
        params: {
          ...params,
          ...(meta || progressToken ? { _meta: { ...meta, ...(progressToken && { progressToken }) } } : {}),
        },
      });
    for (const [id, progressToken] of [
      [2, undefined],
      ["two", undefined],
      [3, "token"],
    ] as const) {
      let ended: Promise<void> | undefined;
      const held = new Promise<void>((resolve) => {
        sandbox.intercept = ({ method, url = "" }, response) => {
          if (!`${method} ${url}`.startsWith(route)) return false;
          ended = new Promise((end) => void response.once("close", end));
          resolve();
          return true;
        };
      });
      call(id, progressToken);
      await held;
      const stdout = server.stdout().length;
      server.send({ method: "notifications/cancelled", params: { requestId: id, reason: "not needed" } });
      // The request to Pocket ID ends with it.
      await ended;
      sandbox.intercept = undefined;
      await sleep(50);
      expect(server.stdout().slice(stdout)).toBe("");
    }
    // It serves on, and the ids are free again.
    server.send({
      id: 2,
      method: "tools/call",
      params: { name: "user_get", arguments: { user: "ben" }, ...(meta && { _meta: meta }) },
    });
    expect(await server.answer(2)).toMatchObject({ result: { structuredContent: { user: { username: "ben" } } } });
    server.end();
    expect((await server.exited).code).toBe(0);
    expect([...sandbox.state.users.values()].map(({ username }) => username)).not.toContain("una");
  });
});
