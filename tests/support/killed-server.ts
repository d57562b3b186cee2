import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, type SandboxOptions, startSandbox } from "@pocketid-mcp/sandbox";
import { type BuiltServer, builtFile, initialize, serverEnv, startProcess } from "./built.ts";

/** Where a server is killed: before or after Pocket ID did what its nth request asks for, or before its nth step with a file for secrets. */
export type Point = { readonly request: number; readonly side: "before" | "after" } | { readonly step: number };

export interface KilledCall {
  readonly server: BuiltServer;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What is there when a server has been killed, or has answered because it never came to the point. */
export interface Aftermath {
  readonly sandbox: Sandbox;
  readonly answered: boolean;
  /** Contents of the files that are complete, by their names. */
  readonly files: ReadonlyMap<string, string>;
  readonly actions: readonly Record<string, unknown>[];
}

/** Kills its own process before the nth step that it takes in the folder for secrets. */
const preload = `
const { FILE, STEP } = process.env;
const fs = require("node:fs/promises");
let steps = 0;
const step = () => { if (++steps === Number(STEP)) process.kill(process.pid, "SIGKILL"); };
const inFolder = (path) => String(path).startsWith(FILE);
for (const name of ["open", "link", "rename", "rm"]) {
  const real = fs[name];
  fs[name] = async (path, ...more) => {
    if (!inFolder(path)) return real(path, ...more);
    step();
    const file = await real(path, ...more);
    for (const method of name === "open" ? ["write", "truncate", "sync", "close"] : []) {
      const own = file[method].bind(file);
      file[method] = (...given) => { step(); return own(...given); };
    }
    return file;
  };
}
`;

/**
 * Starts a built server on a sandbox of its own, calls a tool, and kills the server with SIGKILL at a point.
 * @param look sees the sandbox before the call
 */
export async function killedAt(
  { server, tool, args }: KilledCall,
  point: Point,
  options: SandboxOptions,
  look: (sandbox: Sandbox) => void,
): Promise<Aftermath> {
  const sandbox = await startSandbox(options);
  const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-killed-"));
  const [secrets, log, script] = [join(folder, "secrets"), join(folder, "audit.log"), join(folder, "kill.cjs")];
  writeFileSync(script, preload);
  const started = startProcess(
    builtFile(server),
    serverEnv({
      POCKETID_URL: sandbox.url,
      POCKETID_API_KEY: sandbox.apiKey,
      POCKETID_AUDIT_FILE: log,
      POCKETID_SECRETS_DIR: secrets,
      POCKETID_CONFIRM: "off",
      LOG_LEVEL: "silent",
      FILE: secrets,
      STEP: "step" in point ? String(point.step) : "0",
    }),
    [],
    ["--require", script],
  );
  const kill = () => void process.kill(started.pid ?? 0, "SIGKILL");
  look(sandbox);
  if ("request" in point) {
    let count = 0;
    sandbox.intercept = (_request, response) => {
      if (++count !== point.request) return false;
      if (point.side === "before") kill();
      else withhold(response, kill);
      return point.side === "before";
    };
  }
  started.send(initialize);
  started.send({ id: 2, method: "tools/call", params: { name: tool, arguments: args } });
  const answered = await Promise.race([
    started.answer(2).then((answer) => {
      if (JSON.stringify(answer).includes('"isError":true')) throw new Error(JSON.stringify(answer));
      return true;
    }),
    started.exited.then(() => false),
  ]);
  if (answered) kill();
  await started.exited;
  await sandbox.close();
  const complete = existsSync(secrets) ? readdirSync(secrets).filter((name) => name.endsWith(".txt")) : [];
  const lines = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").filter(Boolean) : [];
  return {
    sandbox,
    answered,
    files: new Map(complete.map((name) => [name, readFileSync(join(secrets, name), "utf8")])),
    actions: lines.map((line) => JSON.parse(line)),
  };
}

/** Lets the sandbox do what a request asks for, and keeps the answer back. */
function withhold(response: ServerResponse, then: () => void): void {
  response.end = () => {
    then();
    return response;
  };
}
