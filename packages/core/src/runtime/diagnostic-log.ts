import { randomUUID } from "node:crypto";
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PocketIdError } from "../pocket-id/errors.ts";
import type { Settings } from "../settings/schema.ts";
import { isRefusal } from "./error-text.ts";
import { makeFolder, requireFile } from "./make-folder.ts";

/** What the operator may read to find out what happened. Never holds arguments or answers. Nobody has to wait for a line. */
export interface DiagnosticLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

type LogSettings = Pick<Settings, "logLevel" | "logFile" | "logToStderr" | "logTruncate" | "logMaxAgeHours">;

/**
 * Prepares the diagnostic log. Nothing is loaded, opened or written before the first line, because a client may start a server just to look.
 * @param folder where its file goes
 * @param warn told once if the file cannot be written
 */
export function openDiagnosticLog(
  settings: LogSettings,
  folder: string,
  warn: (message: string) => void,
): DiagnosticLog {
  if (settings.logLevel === "silent") return { info: () => undefined, error: () => undefined };
  let logger: Promise<LineWriter> | undefined;
  let lines: Line[] = [];
  const flush = async (): Promise<void> => {
    logger ??= openLogger(settings, folder, warn);
    const write = await logger;
    const gathered = lines;
    lines = [];
    write(gathered);
  };
  const add =
    (level: Line["level"]) =>
    (fields: Line["fields"], message: string): void => {
      if (lines.length === 0) setTimeout(() => void flush(), gatheredMs);
      lines.push({ level, fields, message, at: Date.now() });
    };
  return { info: add("info"), error: add("error") };
}

/** Milliseconds that lines are gathered for: nobody waits for them to be made and written who waits for an answer, or asks the next question. */
const gatheredMs = 20;

interface Line {
  readonly level: "info" | "error";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
  /** When it came, in ms since 1970. */
  readonly at: number;
}

/** Writes lines, all of them at once. */
type LineWriter = (lines: readonly Line[]) => void;

async function openLogger(settings: LogSettings, folder: string, warn: (message: string) => void): Promise<LineWriter> {
  const { pino } = await import("pino");
  const path = join(folder, settings.logFile);
  let writable = true;
  const attempt = (work: () => void): void => {
    if (!writable) return;
    try {
      work();
    } catch (error) {
      writable = false;
      warn(
        `The diagnostic log ${path} cannot be written (${error instanceof Error && "code" in error ? error.code : "unknown"}).`,
      );
    }
  };
  attempt(() => {
    makeFolder(folder);
    requireFile(path);
    if (settings.logTruncate) dropOldLines(path, Date.now() - settings.logMaxAgeHours * 3_600_000);
  });
  // What pino has written of the lines that it is given now, and when the one came that it is given next.
  let text = "";
  let at = 0;
  const logger = pino(
    {
      level: settings.logLevel,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date(at).toISOString()}"`,
    },
    {
      write(line) {
        text += line;
      },
    },
  );
  return (lines) => {
    text = "";
    for (const { level, fields, message, at: came } of lines) {
      at = came;
      logger[level](fields, message);
    }
    if (text === "") return;
    // Opened anew each time: several servers share the file, and any of them may have put a shorter one in its place.
    attempt(() => appendFileSync(path, text, { mode: 0o600 }));
    if (settings.logToStderr) process.stderr.write(text);
  };
}

/**
 * What the log holds of an error: what it is and where it happened. What Pocket ID says of one is part of a body, and what we say of an argument
 * repeats it: both can hold anything.
 */
export function errorForLog(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frames = error.stack?.match(/^ {4}at .*$/gm) ?? [];
  if (isRefusal(error)) return [error.name, ...frames].join("\n");
  if (!(error instanceof PocketIdError) || error.status === null) return error.stack ?? error.message;
  const { route, status, code, requestId } = error;
  return [`PocketIdError: ${route}: ${status} ${code ?? ""}, request id ${requestId ?? "unknown"}`, ...frames].join(
    "\n",
  );
}

function dropOldLines(path: string, oldest: number): void {
  const lines = readLines(path);
  const kept = lines.filter((line) => !(timeOf(line) < oldest));
  if (kept.length === lines.length) return;
  // A name that nobody can have put a link at.
  const shorter = `${path}.${randomUUID()}`;
  writeFileSync(shorter, kept.map((line) => `${line}\n`).join(""), { mode: 0o600, flag: "wx" });
  renameSync(shorter, path);
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

/** NaN, which is older than nothing, for a line that tells no time. */
function timeOf(line: string): number {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "time" in entry ? Date.parse(String(entry.time)) : Number.NaN;
  } catch {
    return Number.NaN;
  }
}
