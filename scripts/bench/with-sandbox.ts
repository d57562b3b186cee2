import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A Pocket ID to measure against. */
export interface Instance {
  readonly url: string;
  readonly apiKey: string;
  /** Id of a user. */
  readonly user: string;
}

/** Starts a sandbox in a process of its own for as long as the work takes, and a home folder for the programs that it starts. */
export async function withSandbox<T>(work: (instance: Instance, home: string) => Promise<T>): Promise<T> {
  const file = fileURLToPath(new URL("./sandbox.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@pocketid-mcp/source", "--import", "tsx", file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const home = mkdtempSync(join(tmpdir(), "pocketid-mcp-bench-"));
  try {
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    return await work(JSON.parse(line), home);
  } finally {
    child.stdin.end();
    await once(child, "exit");
    rmSync(home, { recursive: true, force: true });
  }
}

/** The settings of a server that is measured. */
export const settingsFor = ({ url, apiKey }: Instance, home: string): Record<string, string> => ({
  POCKETID_URL: url,
  POCKETID_API_KEY: apiKey,
  HOME: home,
  XDG_STATE_HOME: home,
  LOCALAPPDATA: home,
});
