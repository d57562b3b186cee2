import { parseArgs } from "node:util";
import type { SandboxOptions } from "./start.ts";
import { isSandboxVersion, sandboxVersions } from "./versions.ts";

export const HELP = `An in-memory Pocket ID to try things on.

Usage: npx @pocketid-mcp/sandbox [options]

  --port N               where to listen on 127.0.0.1 (default 1411; 0 = any free port)
  --version V            which Pocket ID to play: ${sandboxVersions.join(", ")} (default 2.14)
  --empty                one administrator and an API key, instead of a small club
  --api-key KEY          use this API key instead of a new one
  --rate-limit           limit requests as this version of Pocket ID does
  --ui-config-disabled   play an instance that is configured by its environment
  --json                 print {"url","apiKey","version"} and nothing else
  --help                 print this
`;

/** What somebody typed that cannot be meant. */
export class UsageError extends Error {}

export interface CommandLine {
  readonly help: boolean;
  readonly json: boolean;
  readonly options: SandboxOptions;
}

const flags = {
  port: { type: "string" },
  version: { type: "string" },
  empty: { type: "boolean" },
  "api-key": { type: "string" },
  "rate-limit": { type: "boolean" },
  "ui-config-disabled": { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

export function readCommandLine(args: string[]): CommandLine {
  const values = parsed(args);
  const apiKey = values["api-key"];
  if (apiKey === "") throw new UsageError("--api-key needs a key");
  return {
    help: values.help ?? false,
    json: values.json ?? false,
    options: {
      port: portOf(values.port),
      version: versionOf(values.version),
      seed: values.empty ? "empty" : "club",
      rateLimit: values["rate-limit"] ?? false,
      uiConfigDisabled: values["ui-config-disabled"] ?? false,
      ...(apiKey !== undefined && { apiKey }),
    },
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error);
    const known = Object.keys(flags).map((flag) => `--${flag}`);
    throw new UsageError(`${problem}. There are: ${known.join(", ")}.`);
  }
}

function portOf(text = "1411"): number {
  if (/^\d+$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new UsageError(`--port takes a number from 0 to 65535, not "${text}".`);
}

function versionOf(text = "2.14") {
  const minor = text.replace(/^v/, "").replace(/^(\d+\.\d+)\.0$/, "$1");
  if (isSandboxVersion(minor)) return minor;
  throw new UsageError(`--version takes one of ${sandboxVersions.join(", ")}, not "${text}".`);
}
