import type { Tool } from "@pocketid-mcp/core/runtime";
import { afterEach, beforeEach } from "vitest";
import { type Connected, type ConnectOptions, connect } from "./connect.ts";

/** A connection that is made anew for each test of a file. */
export interface Used extends Connected {
  /** Takes another one for the rest of the test, on another version or with other settings. */
  reconnect(options: ConnectOptions): Promise<void>;
}

/** Connects before each test of a file, and closes after it. */
export function useServer(tools: readonly Tool[], options: ConnectOptions = {}): Used {
  let connected: Connected | undefined;
  const current = (): Connected => {
    if (connected === undefined) throw new Error("There is a connection within a test only.");
    return connected;
  };
  beforeEach(async () => {
    connected = await connect(tools, options);
  });
  afterEach(() => current().close());
  return {
    get sandbox() {
      return current().sandbox;
    },
    get client() {
      return current().client;
    },
    call: (name, args) => current().call(name, args),
    ok: (name, args) => current().ok(name, args),
    fails: (name, args) => current().fails(name, args),
    actions: () => current().actions(),
    get secretsDir() {
      return current().secretsDir;
    },
    get warnings() {
      return current().warnings;
    },
    get questions() {
      return current().questions;
    },
    close: () => current().close(),
    async reconnect(others) {
      await current().close();
      connected = await connect(tools, { ...others, env: { ...options.env, ...others.env } });
    },
  };
}
