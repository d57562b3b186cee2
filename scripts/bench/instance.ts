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
  /** Whether it is a real one. */
  readonly real: boolean;
}

/** Starts a sandbox in a process of its own for as long as the work takes, and a home folder for the programs that it starts. */
export async function withSandbox<T>(work: (instance: Instance, home: string) => Promise<T>): Promise<T> {
  const file = fileURLToPath(new URL("./sandbox.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@pocketid-mcp/source", "--import", "tsx", file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    return await withHome((home) => work({ ...JSON.parse(line), real: false }, home));
  } finally {
    child.stdin.end();
    await once(child, "exit");
  }
}

/** The same with the real Pocket ID that the live tests use, if there is one (`POCKETID_LIVE_URL`). */
export async function withInstance<T>(work: (instance: Instance, home: string) => Promise<T>): Promise<T> {
  const { POCKETID_LIVE_URL: url, POCKETID_LIVE_API_KEY: apiKey = "" } = process.env;
  if (url === undefined) return withSandbox(work);
  const answer = await fetch(`${url}/api/users/me`, { headers: { "x-api-key": apiKey } });
  const { id } = (await answer.json()) as { id: string };
  return withHome((home) => work({ url, apiKey, user: id, real: true }, home));
}

async function withHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "pocketid-mcp-bench-"));
  try {
    return await work(home);
  } finally {
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
