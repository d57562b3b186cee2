import { homedir } from "node:os";
import { join, posix, win32 } from "node:path";
import { NotPossibleError } from "../pocket-id/errors.ts";

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

const here = (): Surroundings => ({
  platform: process.platform,
  env: process.env,
  get home() {
    const home = homeFolder();
    if (home === undefined)
      throw new NotPossibleError(
        "This user has no home folder: set XDG_STATE_HOME to the folder that logs and secrets go to.",
      );
    return home;
  },
});

/** The user's own folder; undefined for a user without one, as there are in containers. */
export function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** The folder for logs: `$XDG_STATE_HOME/pocketid-mcp`, or what the platform has for it. @throws {NotPossibleError} if it needs a home that is not there */
export function stateDirectory(around: Surroundings = here()): string {
  const { platform, env } = around;
  if (platform === "win32")
    return win32.join(env.LOCALAPPDATA || win32.join(around.home, "AppData", "Local"), "pocketid-mcp");
  if (env.XDG_STATE_HOME) return posix.join(env.XDG_STATE_HOME, "pocketid-mcp");
  return platform === "darwin"
    ? posix.join(around.home, "Library", "Application Support", "pocketid-mcp")
    : posix.join(around.home, ".local", "state", "pocketid-mcp");
}

/** The file of the action log. */
export const actionLogFile = (auditFile: string | undefined): string =>
  auditFile ?? join(stateDirectory(), "audit.log");
