import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { beginning, chainedLine, looseLine, type Place, sha256 } from "../../src/action-log/chain.ts";
import { notCovered, reportText } from "../../src/action-log/report.ts";
import { type Verification, verifyLog } from "../../src/action-log/verify.ts";
import { openWriter, type Writer } from "../../src/action-log/writer.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-verify-"));
  path = join(folder, "audit.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry = (number: number): string =>
  JSON.stringify({ time: "2026-11-23T12:00:00.000Z", tool: "user_update", number });
const writer = (maxBytes = 1_000_000): Writer =>
  openWriter(path, { maxBytes, onLoose: (reason) => expect.fail(reason) });
async function writeLines(count: number, write = writer()): Promise<void> {
  for (let number = 1; number <= count; number++) await write(entry(number));
}
const linesOf = (file: string): string[] => readFileSync(file, "utf8").trimEnd().split("\n");
const digestOf = (line: string | undefined): string => String(JSON.parse(line ?? "").digest);

/** A chain of so many lines. */
function chain(count: number): string[] {
  let place: Place = beginning;
  return Array.from({ length: count }, (_, index) => {
    const line = chainedLine(entry(index + 1), place);
    place = { seq: index + 1, digest: digestOf(line) };
    return line;
  });
}

/** Verifies these lines, of which the last ones are in the current file and those before in older ones. */
async function verifyFiles(...files: Buffer[]): Promise<Verification> {
  const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-verify-"));
  try {
    const log = join(folder, "audit.log");
    files.forEach((bytes, index) => {
      writeFileSync(index === files.length - 1 ? log : `${log}.${String(index + 1).padStart(6, "0")}`, bytes);
    });
    return await verifyLog(log);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const asFile = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(""));

describe("a log as it was written", () => {
  it("holds, and each line follows the one before it", async () => {
    await writeLines(5);
    const lines = linesOf(path).map((line) => JSON.parse(line));
    expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(lines.map(({ prev }) => prev)).toEqual(["0".repeat(64), ...lines.slice(0, 4).map(({ digest }) => digest)]);
    expect(await verifyLog(path)).toEqual({
      ok: true,
      files: ["audit.log"],
      lines: 5,
      first: { file: "audit.log", line: 1, seq: 1, digest: lines[0].digest },
      last: { file: "audit.log", line: 5, seq: 5, digest: lines[4].digest },
      older: 0,
      interrupted: { count: 0, first: [] },
      loose: { count: 0, first: [] },
      unfinished: { count: 0, first: [] },
      problems: 0,
    });
  });

  it("can be checked by hand: a digest is the SHA-256 of what stands before it", async () => {
    await writeLines(1);
    const [line = ""] = linesOf(path);
    expect(digestOf(line)).toBe(sha256(line.slice(0, line.indexOf(',"digest"'))));
  });

  it("goes on in a new file when it is full; the old ones are kept, and it is one chain", async () => {
    await writeLines(40, writer(1_500));
    const result = await verifyLog(path);
    expect(result).toMatchObject({ ok: true, lines: 40, first: { file: "audit.log.000001", line: 1 } });
    expect(result.files.length).toBeGreaterThan(4);
    expect(result.files.at(-1)).toBe("audit.log");
    for (const file of result.files.slice(0, -1))
      expect(readFileSync(join(folder, file)).length).toBeLessThanOrEqual(1_500);
    const [first = ""] = linesOf(path);
    expect(JSON.parse(first).prev).toBe(digestOf(linesOf(join(folder, result.files.at(-2) ?? "")).at(-1)));
  });

  it("goes on in a new file also if the process ended between the old one and the new one", async () => {
    await writeLines(3);
    writeFileSync(join(folder, "audit.log.000001"), readFileSync(path));
    rmSync(path);
    await writeLines(1);
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 4, files: ["audit.log.000001", "audit.log"] });
  });

  it("is one that had no chain, from the first line that has; what stood there before is held from then on", async () => {
    writeFileSync(path, '{"level":30,"msg":"old"}\n{"level":30,"msg":"older"}\n');
    expect(await verifyLog(path)).toMatchObject({
      ok: false,
      lines: 0,
      older: 2,
      problem: { line: 1, reason: /no line bears/ },
    });
    await writeLines(3);
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 3, older: 2, first: { line: 3, seq: 1 } });
    writeFileSync(path, readFileSync(path, "utf8").replace("older", "newer"));
    expect(await verifyLog(path)).toMatchObject({
      ok: false,
      problem: { line: 1, reason: "the lines before the chain are not as they were when it began" },
    });
  });

  it("tells of calls that began to make a secret and did not end", async () => {
    const write = writer();
    await write('{"time":"t1","tool":"api_key_create","outcome":"begun","call":"a"}');
    await write('{"time":"t2","tool":"api_key_create","outcome":"begun","call":"b"}');
    await write('{"time":"t1","tool":"api_key_create","outcome":"ok","call":"a"}');
    const result = await verifyLog(path);
    expect(result).toMatchObject({
      ok: true,
      unfinished: { count: 1, first: [{ line: 2, tool: "api_key_create", call: "b" }] },
    });
    expect(reportText(path, result)).toContain(
      "Calls that began to make a secret and did not end: 1 (audit.log line 2)",
    );
  });

  it("is read while others write to it", async () => {
    const write = writer(2_000);
    await write(entry(0));
    let done = false;
    const writing = writeLines(150, write).then(() => {
      done = true;
    });
    let looks = 0;
    for (; !done; looks++) {
      expect(await verifyLog(path)).toMatchObject({ ok: true, problems: 0 });
      await new Promise(setImmediate);
    }
    await writing;
    expect(looks).toBeGreaterThan(3);
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 151 });
  });

  it("that is not there, or is no file, cannot be verified", async () => {
    await expect(verifyLog(path)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(verifyLog(folder)).rejects.toMatchObject({ code: "not a file" });
  });
});

describe("whatever is done to a log", () => {
  const size = 7;
  const lines = chain(size);
  const position = fc.nat({ max: size - 1 });
  const verify = (changed: readonly string[]) => verifyFiles(asFile(changed));

  it("cutting out a line is named where it was", () =>
    fc.assert(
      fc.asyncProperty(fc.nat({ max: size - 2 }), async (at) => {
        expect(await verify(lines.toSpliced(at, 1))).toMatchObject({ ok: false, problem: { line: at + 1 } });
      }),
    ));

  it("cutting out several is named where they were", () =>
    fc.assert(
      fc.asyncProperty(fc.nat({ max: size - 2 }), fc.integer({ min: 1, max: size }), async (at, count) => {
        fc.pre(at + count < size);
        expect(await verify(lines.toSpliced(at, count))).toMatchObject({ ok: false, problem: { line: at + 1 } });
      }),
    ));

  it("changing a byte is named by its line", () => {
    const bytes = asFile(lines);
    const ends = lines.map((_, index) => asFile(lines.slice(0, index + 1)).length);
    return fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, shift) => {
        const changed = Buffer.from(bytes);
        changed[at] = ((bytes[at] ?? 0) + shift) % 256;
        const line = ends.findIndex((end) => at < end) + 1;
        expect(await verifyFiles(changed)).toMatchObject({ ok: false, problem: { line } });
      }),
      { numRuns: 600 },
    );
  }, 60_000);

  it("changing any byte at all is named by its line", async () => {
    const [first = "", second = "", third = ""] = lines;
    const bytes = asFile([first, second, third]);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (bytes[at] ?? 0) ^ 1;
      const line = at <= first.length ? 1 : at <= first.length + 1 + second.length ? 2 : 3;
      const { ok, problem } = await verifyFiles(changed);
      expect([ok, problem?.line], `byte ${at}`).toEqual([false, line]);
    }
  }, 60_000);

  it("breaking a line in two is named by the first half, also at the end", async () => {
    for (const [at, line] of lines.entries()) {
      for (const middle of [1, 9, line.length - 9]) {
        const halves = [line.slice(0, middle), line.slice(middle + 1)];
        expect(await verify(lines.toSpliced(at, 1, ...halves))).toMatchObject({ ok: false, problem: { line: at + 1 } });
      }
    }
  });

  it("changing a byte into what reads the same is named, too", async () => {
    const [line = ""] = chain(1);
    const bytes = Buffer.from(`${chainedLine('{"name":"\uFFFD"}', beginning)}\n`);
    const at = bytes.indexOf(0xef);
    // The beginning of a character that does not go on: no UTF-8, and read as the same U+FFFD.
    bytes.set([0xf0, 0x9f, 0x98], at);
    expect(bytes.toString()).toContain('{"name":"\uFFFD"');
    expect(await verifyFiles(bytes)).toMatchObject({ ok: false, problem: { line: 1, reason: "it was altered" } });
    expect(await verifyFiles(Buffer.from(`${line}\n`))).toMatchObject({ ok: true });
  });

  it("swapping two lines is named by the earlier one", () =>
    fc.assert(
      fc.asyncProperty(position, position, async (one, other) => {
        fc.pre(one < other);
        const swapped = lines.with(one, lines[other] ?? "").with(other, lines[one] ?? "");
        expect(await verify(swapped)).toMatchObject({ ok: false, problem: { line: one + 1 } });
      }),
    ));

  it("putting in a line is named where it stands", () => {
    const foreign = fc.oneof(
      fc.constantFrom(...lines),
      fc.constantFrom(...chain(size + 3).slice(size + 1)),
      fc.constantFrom("", "{}", entry(1), looseLine(entry(1)), entry(1).slice(0, 9)),
      fc.string().map((text) => text.replace(/\n/g, "")),
    );
    return fc.assert(
      fc.asyncProperty(fc.nat({ max: size }), foreign, async (at, line) => {
        // A line that anybody may add at the end.
        fc.pre(!(at === size && line === looseLine(entry(1))));
        const changed = lines.toSpliced(at, 0, line);
        // Of two lines that are the same, the second is one too many.
        const named = changed[at] === changed[at + 1] ? at + 2 : at + 1;
        expect(await verify(changed)).toMatchObject({ ok: false, problem: { line: named } });
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it("replacing a line by one that bears its right digest is named behind it", () =>
    fc.assert(
      fc.asyncProperty(fc.nat({ max: size - 2 }), async (at) => {
        const before = at === 0 ? beginning : { seq: at, digest: digestOf(lines[at - 1]) };
        const forged = lines.with(at, chainedLine('{"tool":"forged"}', before));
        expect(await verify(forged)).toMatchObject({ ok: false, problem: { line: at + 2 } });
      }),
    ));

  it("is named in older files, too, with their names", async () => {
    const [older, old, current] = [lines.slice(0, 2), lines.slice(2, 4), lines.slice(4)];
    expect(await verifyFiles(asFile(older), asFile(old), asFile(current))).toMatchObject({ ok: true, lines: size });
    expect(await verifyFiles(asFile(older), asFile(old.toReversed()), asFile(current))).toMatchObject({
      ok: false,
      problem: { file: "audit.log.000002", line: 1 },
    });
    // A whole file that is gone.
    expect(await verifyFiles(asFile(older), asFile(current))).toMatchObject({
      ok: false,
      problem: { file: "audit.log", line: 1, reason: "lines before it are gone: 2" },
    });
    // The last lines of an older file.
    expect(await verifyFiles(asFile(older), asFile(old.slice(0, 1)), asFile(current))).toMatchObject({
      ok: false,
      problem: { file: "audit.log", line: 1 },
    });
  });

  it("taking lines off the end shows only to who has kept a digest", async () => {
    await writeLines(6);
    const kept = digestOf(linesOf(path).at(-1));
    const early = digestOf(linesOf(path)[1]);
    await writeLines(2);
    expect(await verifyLog(path, { expect: [early, kept] })).toMatchObject({ ok: true });
    writeFileSync(path, asFile(linesOf(path).slice(0, 5)));
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 5 });
    expect(await verifyLog(path, { expect: [early] })).toMatchObject({ ok: true });
    const cut = await verifyLog(path, { expect: [early, kept] });
    expect(cut).toMatchObject({ ok: false, problems: 1, problem: { file: "audit.log", line: 5 } });
    expect(cut.problem?.reason).toContain(kept);
    expect(reportText(path, await verifyLog(path))).toContain(notCovered);
  });

  it("moving the oldest files elsewhere shows, but to who has kept the digest that the rest follows", async () => {
    await writeLines(30, writer(1_500));
    const oldest = join(folder, "audit.log.000001");
    const kept = digestOf(linesOf(oldest).at(-1));
    rmSync(oldest);
    const result = await verifyLog(path);
    expect(result).toMatchObject({
      ok: false,
      problem: { file: "audit.log.000002", line: 1, reason: /what it follows is gone/ },
    });
    expect(await verifyLog(path, { after: kept })).toMatchObject({ ok: true });
    expect(await verifyLog(path, { after: digestOf(linesOf(path)[0]) })).toMatchObject({ ok: false });
    // It is not here any more, and neither is what was before it.
    expect(await verifyLog(path, { expect: [kept] })).toMatchObject({ ok: false, problems: 2 });
  });

  it.skipIf(process.platform === "win32")("a pipe in the place of an older file is not waited for", async () => {
    await writeLines(1);
    execFileSync("mkfifo", [join(folder, "audit.log.000001")]);
    await expect(verifyLog(path)).rejects.toMatchObject({ code: "not a file" });
  });

  it("a log that was written anew does not pass for the rest of what was moved elsewhere", async () => {
    await writeLines(3);
    expect(await verifyLog(path, { after: sha256("kept") })).toMatchObject({ ok: false, problems: 1 });
  });
});

describe("a line that is not whole", () => {
  it.each([1, 40, 200])(
    "is named while it is the last, and by the next one that is written (%i bytes)",
    async (left) => {
      await writeLines(3);
      const whole = readFileSync(path).length;
      await writeLines(1);
      truncateSync(path, whole + left);
      expect(await verifyLog(path)).toMatchObject({ ok: false, problem: { line: 4, reason: /not whole/ } });
      await writeLines(2);
      const closed = await verifyLog(path);
      expect(closed).toMatchObject({ ok: true, lines: 5, interrupted: { count: 1, first: [{ line: 4 }] } });
      expect(reportText(path, closed)).toContain("interrupted, as by a kill or a full disk: 1 (audit.log line 4)");
      // What is left of it is held now.
      const lines = linesOf(path);
      expect(await verifyFiles(asFile(lines.toSpliced(3, 1)))).toMatchObject({ ok: false, problem: { line: 4 } });
      expect(await verifyFiles(asFile(lines.with(3, `${lines[3]}x`)))).toMatchObject({
        ok: false,
        problem: { line: 4 },
      });
    },
  );

  it("is whole, if it lacks its line break alone", async () => {
    await writeLines(3);
    truncateSync(path, readFileSync(path).length - 1);
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 3 });
    await writeLines(1);
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 4, interrupted: { count: 0 } });
    expect(linesOf(path)).toHaveLength(4);
  });

  it("may be the first of a new file, or be there twice", async () => {
    await writeLines(3, writer(500));
    writeFileSync(path, '{"time":"20');
    await writeLines(1);
    expect(await verifyLog(path)).toMatchObject({
      ok: true,
      interrupted: { count: 1, first: [{ file: "audit.log", line: 1 }] },
    });
    // The one that was to close it was interrupted, too.
    appendFileSync(path, '{"ti\n{"time');
    await writeLines(1);
    expect(await verifyLog(path)).toMatchObject({ ok: true, interrupted: { count: 3 } });
  });

  it("may be what a crash made of it: zeros", async () => {
    await writeLines(2);
    appendFileSync(path, Buffer.alloc(5_000));
    await writeLines(1);
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 3, interrupted: { count: 1 } });
  });

  it("is no excuse for one that was altered: it stays a problem when the log goes on", async () => {
    await writeLines(3);
    writeFileSync(path, readFileSync(path, "utf8").replace('"number":3', '"number":8'));
    await writeLines(2);
    expect(await verifyLog(path)).toMatchObject({ ok: false, problem: { line: 3, reason: "it was altered" } });
    // So does one that was added without the chain, as an older version of these servers would.
    rmSync(path);
    await writeLines(2);
    appendFileSync(path, `${entry(3)}\n`);
    await writeLines(1);
    expect(await verifyLog(path)).toMatchObject({ ok: false, problem: { line: 3, reason: /bears no digest/ } });
  });

  it("of any length cannot fill the memory", async () => {
    await writeLines(2);
    for (let part = 0; part < 40; part++) appendFileSync(path, Buffer.alloc(1024 * 1024, "x"));
    await writeLines(1);
    expect(await verifyLog(path)).toMatchObject({ ok: true, lines: 3 });
  });
});
