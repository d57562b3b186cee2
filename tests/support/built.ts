import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const builtServers = ["users", "groups", "clients", "admin-config", "keys-audit"] as const;
export type BuiltServer = (typeof builtServers)[number];
/** Those, and all of them in one. */
export const builtPrograms = [...builtServers, "all"] as const;
export type BuiltProgram = (typeof builtPrograms)[number];

/** The file that `npx @pocketid-mcp/<name>` runs. */
export const builtFile = (name: BuiltProgram): string =>
  fileURLToPath(new URL(`../../packages/${name}/dist/server.cjs`, import.meta.url));

/** The environment of a server: settings, and nothing of this machine but what a process needs. */
export function serverEnv(settings: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = "", SystemRoot = "", TEMP = "" } = process.env;
  const state = mkdtempSync(join(tmpdir(), "pocketid-mcp-state-"));
  return { PATH, SystemRoot, TEMP, XDG_STATE_HOME: state, LOCALAPPDATA: state, HOME: state, ...settings };
}

/** How a client of 2025-11-25 that can do nothing more than call begins. */
export const initialize = {
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
};

/** A server as a process, spoken to line by line. */
export interface Process {
  send(message: object): void;
  /** The answer to a request, by its id. */
  answer(id: number): Promise<Record<string, unknown>>;
  /** The next request that the server itself makes. */
  asked(): Promise<Record<string, unknown>>;
  /** Closes stdin. */
  end(): void;
  /** Stops to read stderr. */
  closeStderr(): void;
  /** Code and milliseconds since stdin was closed. */
  exited: Promise<{ code: number | null; ms: number }>;
  stdout(): string;
  stderr(): string;
  pid: number | undefined;
}

export function startProcess(
  file: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  node: readonly string[] = [],
): Process {
  const child = spawn(process.execPath, [...node, file, ...args], { env: { ...env }, stdio: "pipe" });
  const waiting = new Map<number, (message: Record<string, unknown>) => void>();
  const answered = new Map<number, Record<string, unknown>>();
  const requests: Record<string, unknown>[] = [];
  const wanted: ((request: Record<string, unknown>) => void)[] = [];
  let out = "";
  let err = "";
  let rest = "";
  let endedAt = performance.now();
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  child.stdout.on("data", (chunk) => {
    out += chunk;
    rest += chunk;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("{")) receive(line);
  });
  const receive = (line: string) => {
    const message: Record<string, unknown> = JSON.parse(line);
    if ("method" in message && "id" in message) {
      const next = wanted.shift();
      if (next === undefined) requests.push(message);
      else next(message);
      return;
    }
    const id = Number(message.id);
    answered.set(id, message);
    waiting.get(id)?.(message);
  };
  return {
    send: (message) => void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`),
    answer: (id) =>
      new Promise((resolve) => {
        const known = answered.get(id);
        if (known === undefined) waiting.set(id, resolve);
        else resolve(known);
      }),
    asked: () =>
      new Promise((resolve) => {
        const request = requests.shift();
        if (request === undefined) wanted.push(resolve);
        else resolve(request);
      }),
    end() {
      endedAt = performance.now();
      child.stdin.end();
    },
    closeStderr: () => void child.stderr.destroy(),
    exited: new Promise((resolve) => child.on("exit", (code) => resolve({ code, ms: performance.now() - endedAt }))),
    stdout: () => out,
    stderr: () => err,
    pid: child.pid,
  };
}
