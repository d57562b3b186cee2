#!/usr/bin/env node
import { HELP, readCommandLine, UsageError } from "./command-line.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "./start.ts";
import { welcome } from "./welcome.ts";

async function main(args: string[]): Promise<void> {
  const { help, json, options } = readCommandLine(args);
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const sandbox = await started(options);
  endOnSignal(sandbox);
  endWithNpm(sandbox);
  const { url, apiKey, version } = sandbox;
  process.stdout.write(json ? `${JSON.stringify({ url, apiKey, version })}\n` : welcome(sandbox));
}

async function started(options: SandboxOptions): Promise<Sandbox> {
  try {
    return await startSandbox(options);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new Error(
        `Port ${options.port} is in use. Choose another one with --port, or --port 0 for any that is free.`,
      );
    }
    throw error;
  }
}

function endOnSignal(sandbox: Sandbox): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void sandbox.close().then(() => process.exit(0));
    });
  }
}

/** A script of npm goes on when npm is killed, and nobody would know. */
function endWithNpm(sandbox: Sandbox): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    void sandbox.close().then(() => process.exit(0));
  }, 500);
  watch.unref();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
