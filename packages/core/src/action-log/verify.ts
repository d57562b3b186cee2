import { createHash, type Hash } from "node:crypto";
import { fstatSync } from "node:fs";
import { setImmediate as breathe, setTimeout as sleep } from "node:timers/promises";
import { requireFile } from "../runtime/make-folder.ts";
import { type Between, beginning, type Entry, type Line, type Place, readLine } from "./chain.ts";
import { type LogFile, withLogFiles } from "./files.ts";
import { linesForward } from "./lines.ts";

/** A line of a log, counted from 1 within its file. */
export interface LineAt {
  readonly file: string;
  readonly line: number;
}

/** Something that is not as it was written. */
export interface Problem extends LineAt {
  readonly reason: string;
}

/** A call of which the log has the beginning alone: it is under way, or its server was killed. */
export interface Unfinished extends LineAt {
  readonly time: string;
  readonly tool: string;
  readonly call: string;
}

export interface Verification {
  /** Whether everything is as it was written, as far as a chain can tell. */
  readonly ok: boolean;
  /** Names of the files, oldest first. */
  readonly files: string[];
  /** Lines of the chain. */
  readonly lines: number;
  /** Where the chain begins, and where it ends. */
  readonly first?: LineAt & Place;
  readonly last?: LineAt & Place;
  /** Lines before the chain, from a version that had none. */
  readonly older: number;
  /** Lines whose writing was interrupted. */
  readonly interrupted: Some<LineAt>;
  /** Lines that could not wait for the lock. */
  readonly loose: Some<LineAt>;
  readonly unfinished: Some<Unfinished>;
  /** Those that were found, and the first of them. */
  readonly problems: number;
  readonly problem?: Problem;
}

/** How many there are, and the first of them. */
export interface Some<T> {
  readonly count: number;
  readonly first: T[];
}

export interface VerifyOptions {
  /** Digests that were kept elsewhere: each has to be that of a line that is here. */
  readonly expect?: readonly string[];
  /** The last digest of what was moved elsewhere: the first line may follow it. */
  readonly after?: string | undefined;
}

/** Of what there may be many, this much is named. */
const mostNamed = 20;
/** Calls that have begun and not ended yet, at one time. */
const mostOpen = 10_000;
/** Lines after which others get their turn. */
const atOnce = 500;

/**
 * Checks a log from its first line to its last, its older files included; others may write to it meanwhile.
 * @throws {Error} with the code of the system, if it cannot be read
 */
export async function verifyLog(path: string, { expect = [], after }: VerifyOptions = {}): Promise<Verification> {
  requireFile(path);
  return withLogFiles(path, async (files) => {
    const check = checkLines(expect, after?.toLowerCase());
    for (const file of files) await readWhole(file, check.look);
    return { files: files.map(({ name }) => name), ...check.end() };
  });
}

/** Looks at every line of a file. */
async function readWhole({ name, use }: LogFile, look: (bytes: Buffer, terminated: boolean, at: LineAt) => void) {
  await use(async (fd) => {
    let [from, line] = [0, 1];
    for (let looks = 1; ; looks++) {
      const { size } = fstatSync(fd);
      let rest = from;
      for (const { bytes, end, terminated } of linesForward(fd, from, size)) {
        // It may be just being written.
        if (!terminated && end === size && looks <= 3) break;
        look(bytes, terminated, { file: name, line });
        if (terminated) line++;
        if (terminated && line % atOnce === 0) await breathe();
        rest = end;
      }
      if (rest >= size) return;
      from = rest;
      await sleep(50);
    }
  });
}

/** Goes through the lines of all files, one after the other. */
function checkLines(expect: readonly string[], after: string | undefined) {
  const missing = new Set(expect.map((digest) => digest.toLowerCase()));
  if (after !== undefined) missing.add(after);
  const [interrupted, loose] = [counted<LineAt>(), counted<LineAt>()];
  const open = new Map<unknown, Unfinished>();
  let [lines, older, problems] = [0, 0, 0];
  let first: (LineAt & Place) | undefined;
  let last: (LineAt & Place) | undefined;
  let problem: Problem | undefined;
  let gap: Gap | undefined;

  const report = (at: LineAt, reason: string): void => {
    problems++;
    problem ??= { file: at.file, line: at.line, reason };
  };

  /** Looks at what stands before a line of the chain. @returns false if that is not as the line found it */
  const closeGap = (found: Gap | undefined, between: Between | undefined, at: LineAt, begins: boolean): boolean => {
    if (found === undefined) {
      if (between === undefined) return true;
      report(at, "what stood before this line is gone");
      return false;
    }
    const isVouched = between?.bytes === found.bytes && between.sha256 === found.hash.digest("hex");
    if (!isVouched) report(found.at, begins ? notAsBefore : (found.foreign?.reason ?? putIn));
    // What stood there before there was a chain could be anything.
    else if (begins) older += found.count;
    else if (found.foreign !== undefined) report(found.foreign, found.foreign.reason);
    if (!begins) interrupted.take(found.interrupted);
    if (!begins) loose.take(found.loose);
    return isVouched;
  };

  const follow = ({ place, prev, between }: Line & { kind: "chained" }, at: LineAt): void => {
    const before = last ?? beginning;
    const follows = place.seq === before.seq + 1 && prev === before.digest;
    const found = gap;
    gap = undefined;
    if (last === undefined) {
      first = { ...at, ...place };
      // Only who says that it was moved knows that it was not taken away.
      const isMoved = prev === after && missing.delete(prev);
      if (!follows && !isMoved)
        report(
          found?.broken ?? at,
          found?.broken?.reason ?? `the chain begins with its line ${place.seq}: what it follows is gone`,
        );
      closeGap(found, between, at, follows);
    } else if (!closeGap(found, between, at, false) || follows) return;
    else if (place.seq > before.seq + 1) report(at, `lines before it are gone: ${place.seq - before.seq - 1}`);
    else if (place.seq === before.seq + 1) report(at, "it follows another line than the one before it");
    else report(at, `it is line ${place.seq} of the chain, behind line ${before.seq}: it was moved or put in`);
  };

  const pair = ({ call, outcome, time, tool }: Entry, at: LineAt): void => {
    if (outcome !== "begun") open.delete(call);
    else if (open.size < mostOpen)
      open.set(call, { ...at, time: String(time), tool: String(tool), call: String(call) });
  };

  return {
    look(bytes: Buffer, terminated: boolean, at: LineAt): void {
      const line = readLine(bytes);
      if (line.kind === "chained") {
        follow(line, at);
        missing.delete(line.place.digest);
        last = { ...at, ...line.place };
        lines++;
      } else {
        gap ??= newGap(at);
        addTo(gap, line, bytes, terminated, at);
      }
      if (line.kind === "chained" || line.kind === "loose") pair(line.entry, at);
    },

    end(): Omit<Verification, "files"> {
      if (gap !== undefined && lines === 0) {
        older = gap.count;
        report(gap.broken ?? gap.at, gap.broken?.reason ?? noChain);
      } else if (gap !== undefined) {
        for (const one of gap.unvouched.all().first) report(one, one.reason);
        loose.take(gap.loose);
      }
      for (const digest of missing)
        report(
          last ?? { file: "", line: 0 },
          `no line up to here has the digest ${digest}: what it stood for was taken away or replaced`,
        );
      return {
        ok: problems === 0,
        lines,
        ...(first === undefined ? {} : { first }),
        ...(last === undefined ? {} : { last }),
        older,
        interrupted: interrupted.all(),
        loose: loose.all(),
        unfinished: { count: open.size, first: [...open.values()].slice(0, mostNamed) },
        problems,
        ...(problem === undefined ? {} : { problem }),
      };
    },
  };
}

const putIn = "it was put in, or cut off: no line after it vouches for it";
const noChain = "no line bears a digest: the chain begins with the next one that is written";
const notAsBefore = "the lines before the chain are not as they were when it began";
const unfinishedLine =
  "it is not whole: its writing was interrupted, or it was altered. The next line that is written vouches for what is there";

/** What stands between two lines of the chain. */
interface Gap {
  readonly at: LineAt;
  readonly hash: Hash;
  bytes: number;
  count: number;
  /** The first that can neither be what is left of a line, nor one that could not wait. */
  foreign: Problem | undefined;
  /** The first that was a line of the chain. */
  broken: Problem | undefined;
  /** What is wrong if nothing is written after it: each that is cut, and the first that is foreign. */
  readonly unvouched: Counted<Problem>;
  readonly interrupted: Counted<LineAt>;
  readonly loose: Counted<LineAt>;
}

const newGap = (at: LineAt): Gap => ({
  at,
  hash: createHash("sha256"),
  bytes: 0,
  count: 0,
  foreign: undefined,
  broken: undefined,
  unvouched: counted(),
  interrupted: counted(),
  loose: counted(),
});

function addTo(gap: Gap, { kind }: Line, bytes: Buffer, terminated: boolean, at: LineAt): void {
  gap.hash.update(bytes);
  if (terminated) gap.hash.update("\n");
  gap.bytes += bytes.length + (terminated ? 1 : 0);
  gap.count++;
  const problem = { ...at, reason: kind === "plain" ? "it was put in: it bears no digest" : "it was altered" };
  if (kind === "loose") gap.loose.add(at);
  else if (kind === "cut") {
    gap.interrupted.add(at);
    gap.unvouched.add({ ...at, reason: unfinishedLine });
  } else if (gap.foreign === undefined) {
    gap.foreign = problem;
    gap.unvouched.add(problem);
  }
  if (kind === "cut" || kind === "altered") gap.broken ??= problem;
}

/** Counts, and keeps the first: nothing that a file can hold fills the memory. */
interface Counted<T> {
  add(one: T): void;
  take(others: Counted<T>): void;
  all(): Some<T>;
}

function counted<T>(): Counted<T> {
  const first: T[] = [];
  let count = 0;
  return {
    add(one) {
      count++;
      if (first.length < mostNamed) first.push(one);
    },
    take(others) {
      const more = others.all();
      count += more.count;
      first.push(...more.first.slice(0, mostNamed - first.length));
    },
    all: () => ({ count, first }),
  };
}
