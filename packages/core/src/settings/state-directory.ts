import { homedir } from "node:os";
import { join, posix, win32 } from "node:path";

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

const here = (): Surroundings => ({ platform: process.platform, env: process.env, home: homedir() });

/** The folder for logs: `$XDG_STATE_HOME/pocketid-mcp`, or what the platform has for it. */
export function stateDirectory({ platform, env, home }: Surroundings = here()): string {
  if (platform === "win32") return win32.join(env.LOCALAPPDATA || win32.join(home, "AppData", "Local"), "pocketid-mcp");
  if (env.XDG_STATE_HOME) return posix.join(env.XDG_STATE_HOME, "pocketid-mcp");
  return platform === "darwin"
    ? posix.join(home, "Library", "Application Support", "pocketid-mcp")
    : posix.join(home, ".local", "state", "pocketid-mcp");
}

/** The file of the action log. */
export const actionLogFile = (auditFile: string | undefined): string =>
  auditFile ?? join(stateDirectory(), "audit.log");
