import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A program that speaks MCP over stdio. */
export interface Spoken {
  readonly pid: number;
  /** Sends a request. @returns its result */
  ask(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>;
  tell(method: string): void;
  end(): Promise<void>;
}

/** The built file of a server. */
export const builtFile = (name: string): string =>
  fileURLToPath(new URL(`../../packages/${name}/dist/server.cjs`, import.meta.url));

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => void child.once("exit", () => resolve()));

/** Starts a program. Nothing of this machine's environment gets to it but what a process needs. */
export function speakTo(node: string, file: string, env: Readonly<Record<string, string>>): Spoken {
  const child = spawn(node, [file], { env: { PATH: process.env.PATH, ...env }, stdio: ["pipe", "pipe", "ignore"] });
  const waiting = new Map<number, (result: Readonly<Record<string, unknown>>) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, result, error } = JSON.parse(line);
    if (error !== undefined) throw new Error(`${file}: ${JSON.stringify(error)}`);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  let last = 0;
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const exit = ended(child);
  return {
    pid: child.pid ?? 0,
    ask: (method, params = {}) =>
      new Promise((resolve) => {
        const id = ++last;
        waiting.set(id, resolve);
        send({ id, method, params });
      }),
    tell: (method) => send({ method }),
    async end() {
      child.stdin.end();
      await exit;
    },
  };
}

/** Says hello as a client of 2025-11-25 does. */
export async function hello(program: Spoken): Promise<void> {
  const clientInfo = { name: "bench", version: "1" };
  await program.ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
  program.tell("notifications/initialized");
}

/** Milliseconds that a Node takes which does nothing. */
export async function bareNode(node: string): Promise<number> {
  const started = performance.now();
  await ended(spawn(node, ["-e", "0"], { env: { PATH: process.env.PATH }, stdio: "ignore" }));
  return performance.now() - started;
}

/** A Node that waits for nothing. */
export const idleNode = (node: string): ChildProcess =>
  spawn(node, ["-e", "setInterval(() => {}, 60_000)"], { env: { PATH: process.env.PATH }, stdio: "ignore" });

/** Megabytes of memory of a process: all that it has, and its share of what others have, too. Linux alone tells. */
export function memoryOf(pid: number | undefined): { readonly rss: number; readonly pss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0) / 1_000;
  return { rss: megabytes("Rss"), pss: megabytes("Pss") };
}
