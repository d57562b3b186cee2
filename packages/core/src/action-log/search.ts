import { fstatSync } from "node:fs";
import { setImmediate as breathe } from "node:timers/promises";
import { requireFile } from "../runtime/make-folder.ts";
import { readLine } from "./chain.ts";
import { type LogFile, withLogFiles } from "./files.ts";
import { linesBackward } from "./lines.ts";
import { FoundAction, type Outcome } from "./record.ts";

export interface SearchQuery {
  readonly tool?: string | undefined;
  /** An id, or a kind and an id. */
  readonly target?: string | undefined;
  readonly outcome?: Outcome | undefined;
  /** When the call came in. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly page: number;
  readonly limit: number;
  /** Lines to look at, at the most. */
  readonly most?: number | undefined;
}

export interface SearchResult {
  readonly items: FoundAction[];
  /** All that match, as far as they were looked at. */
  readonly totalItems: number;
  readonly lookedAt: number;
  /** False if there are more lines than were looked at. */
  readonly complete: boolean;
  /** Lines that are not whole, or not as they were written. */
  readonly unreadable: number;
}

/** Calls whose end has been seen, and whose beginning may follow. */
const mostEnded = 10_000;
/** Lines after which others get their turn. */
const atOnce = 500;

/**
 * Looks for lines, newest first, in all files of a log. A call that was begun and has ended is its last line alone.
 * @throws {Error} with the code of the system, if it cannot be read
 */
export async function searchLog(path: string, query: SearchQuery): Promise<SearchResult> {
  requireFile(path);
  return withLogFiles(path, async (files) => {
    const search = searching(query);
    for (const file of files.toReversed()) {
      if (!(await readFrom(file, query.since, search.look))) return search.result(false);
    }
    return search.result(true);
  });
}

/** Looks at the lines of a file, last to first. @returns false once no more lines are wanted */
function readFrom(
  { name, use }: LogFile,
  since: Date | undefined,
  look: (bytes: Buffer, file: string) => boolean,
): Promise<boolean> {
  return use(async (fd) => {
    const { size, mtimeMs } = fstatSync(fd);
    // Nothing was written to it since, and nothing that came in later can stand in it.
    if (since !== undefined && mtimeMs < since.getTime()) return true;
    let count = 0;
    for (const { bytes } of linesBackward(fd, size)) {
      if (!look(bytes, name)) return false;
      if (++count % atOnce === 0) await breathe();
    }
    return true;
  });
}

function searching({ page, limit, most = 1_000_000, ...query }: SearchQuery) {
  const items: FoundAction[] = [];
  const ended = new Set<string>();
  let [lookedAt, totalItems, unreadable] = [0, 0, 0];

  /** Takes a line for what is left of a call that never ended, or for nothing. */
  const isOver = ({ outcome, call }: FoundAction): boolean => {
    if (call === undefined) return false;
    if (outcome === "begun") return ended.delete(call);
    for (const oldest of ended) if (ended.size >= mostEnded) ended.delete(oldest);
    ended.add(call);
    return false;
  };

  return {
    look(bytes: Buffer, file: string): boolean {
      if (lookedAt >= most) return false;
      lookedAt++;
      if (!isInTime(bytes, query)) return true;
      const found = readAction(bytes, file);
      if (found === undefined) unreadable++;
      if (found === undefined || isOver(found) || !matches(found, query)) return true;
      if (totalItems >= (page - 1) * limit && items.length < limit) items.push(found);
      totalItems++;
      return true;
    },
    result: (complete: boolean): SearchResult => ({ items, totalItems, lookedAt, complete, unreadable }),
  };
}

const timeField = /"time":"([^"]{20,40})"/;

/** Looks at the time alone, near the beginning of a line: the rest of most lines need not be read. */
function isInTime(bytes: Buffer, { since, until }: Pick<SearchQuery, "since" | "until">): boolean {
  if (since === undefined && until === undefined) return true;
  const time = Date.parse(timeField.exec(bytes.toString("latin1", 0, 200))?.[1] ?? "");
  return !(time < (since?.getTime() ?? time)) && !(time > (until?.getTime() ?? time));
}

function readAction(bytes: Buffer, file: string): FoundAction | undefined {
  const line = readLine(bytes);
  if (line.kind === "altered" || line.kind === "cut") return undefined;
  const read = FoundAction.safeParse({ ...line.entry, file });
  return read.success ? read.data : undefined;
}

const matches = (
  { tool, targets, outcome, resourceId }: FoundAction,
  wanted: Pick<SearchQuery, "tool" | "target" | "outcome">,
): boolean =>
  (wanted.tool === undefined || tool === wanted.tool) &&
  (wanted.outcome === undefined || outcome === wanted.outcome) &&
  (wanted.target === undefined ||
    resourceId === wanted.target ||
    targets.some((target) => target === wanted.target || target.slice(target.indexOf(":") + 1) === wanted.target));
