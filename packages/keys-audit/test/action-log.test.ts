import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
// What writes the log is core's own; here it stands in for the other servers.
import { beginning, chainedLine, type Place } from "../../core/src/action-log/chain.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

let folder: string;
let path: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-action-log-"));
  path = join(folder, "audit.log");
  await mcp.reconnect({ env: { POCKETID_AUDIT_FILE: path } });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const day = 86_400_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * day).toISOString();

let place: Place = beginning;
beforeEach(() => {
  place = beginning;
});

/** A line as a server writes it. */
function line(more: Record<string, unknown> = {}): string {
  const entry = {
    level: 30,
    time: daysAgo(0),
    tool: "user_update",
    httpMethod: "PUT",
    path: "/api/users/u-1",
    resourceId: "u-1",
    success: true,
    msg: "audit: user_update PUT /api/users/u-1 OK",
    risk: "danger",
    outcome: "ok",
    status: 200,
    code: null,
    requestId: null,
    targets: ["user:u-1"],
    changed: ["disabled"],
    requests: ["PUT /api/users/u-1 200"],
    durationMs: 12,
    values: { "user:u-1": { disabled: { before: false, after: true } } },
    instance: "https://id.example.com",
    server: "pocketid-mcp-users 0.1.0",
    client: "an assistant 1.2",
    confirmation: null,
    call: `c-${place.seq + 1}`,
    ...more,
  };
  const text = chainedLine(JSON.stringify(entry), place);
  place = { seq: place.seq + 1, digest: JSON.parse(text).digest };
  return text;
}
const write = (file: string, ...lines: string[]) => writeFileSync(file, lines.map((text) => `${text}\n`).join(""));
const search = async (args: Record<string, unknown> = {}) => mcp.ok("action_log_search", args);
const found = async (args: Record<string, unknown>): Promise<number[]> =>
  (await search(args)).actions.map(({ seq }: { seq: number }) => seq);

describe("action_log_search", () => {
  it("shows what was done, newest first: enough to recognise it, or everything", async () => {
    write(path, line(), line({ tool: "user_delete", changed: [], values: {} }));
    const { actions, ...rest } = await search();
    expect(rest).toEqual({ page: 1, totalItems: 2, hasMore: false });
    expect(actions).toEqual([
      expect.objectContaining({ seq: 2, tool: "user_delete" }),
      {
        seq: 1,
        time: expect.any(String),
        tool: "user_update",
        outcome: "ok",
        targets: ["user:u-1"],
        changed: ["disabled"],
        values: { "user:u-1": { disabled: { before: false, after: true } } },
        client: "an assistant 1.2",
        server: "pocketid-mcp-users 0.1.0",
      },
    ]);
    const full = (await search({ full: true })).actions[1];
    const { prev: _, ...written } = JSON.parse(readFileSync(path, "utf8").split("\n")[0] ?? "");
    expect(full).toEqual({ ...written, file: "audit.log" });
  });

  it("finds by tool, target, outcome and time, and by all of them together", async () => {
    write(
      path,
      line({ time: daysAgo(9) }),
      line({ time: daysAgo(8), targets: ["group:g-1", "user:u-2"], resourceId: "g-1" }),
      line({ time: daysAgo(4), tool: "user_delete", outcome: "refused", targets: ["user:u-2"], resourceId: "u-2" }),
      line({ time: daysAgo(2), tool: "user_delete", targets: ["user:u-2"], resourceId: "u-2" }),
    );
    expect(await found({ tool: "user_delete" })).toEqual([4, 3]);
    expect(await found({ target: "u-2" })).toEqual([4, 3, 2]);
    expect(await found({ target: "user:u-2" })).toEqual([4, 3, 2]);
    expect(await found({ target: "g-1" })).toEqual([2]);
    expect(await found({ target: "u" })).toEqual([]);
    expect(await found({ outcome: "refused" })).toEqual([3]);
    expect(await found({ since: "5d" })).toEqual([4, 3]);
    expect(await found({ until: daysAgo(3), since: daysAgo(8.5) })).toEqual([3, 2]);
    expect(await found({ tool: "user_delete", target: "u-2", outcome: "ok", since: "3d" })).toEqual([4]);
    expect(await mcp.fails("action_log_search", { since: "1d", until: "2d" })).toMatch(/until: it lies before since/);
  });

  it("goes through pages, and through older files", async () => {
    for (const number of ["000001", "000002"]) write(`${path}.${number}`, line(), line(), line());
    write(path, line());
    expect(await found({})).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(await found({ limit: 3, page: 2 })).toEqual([4, 3, 2]);
    expect(await search({ limit: 3 })).toMatchObject({ totalItems: 7, hasMore: true });
    expect(await search({ limit: 3, page: 3 })).toMatchObject({ totalItems: 7, hasMore: false });
    expect((await search({ full: true, limit: 1, page: 3 })).actions[0].file).toBe("audit.log.000002");
  });

  it("shows a call that was begun and ended once, and one that never ended as what it is", async () => {
    const begun = { outcome: "begun", tool: "api_key_create", success: false };
    write(
      path,
      line({ ...begun, call: "a" }),
      line({ ...begun, call: "b" }),
      line({ call: "c" }),
      line({ tool: "api_key_create", call: "a" }),
    );
    expect(await found({})).toEqual([4, 3, 2]);
    expect(await found({ outcome: "begun" })).toEqual([2]);
    expect(await found({ tool: "api_key_create" })).toEqual([4, 2]);
  });

  it("shows what was really done, in the words of the server that did it", async () => {
    await mcp.ok("passkey_rename", { passkey: "YubiKey 5", name: "Key in the safe" });
    await mcp.ok("api_key_create", { name: "Export", expiresAt: "1d" });
    await mcp.fails("api_key_delete", { apiKeys: ["no such key"] });
    const { actions } = await search();
    expect(actions).toMatchObject([
      { tool: "api_key_delete", outcome: "refused" },
      { tool: "api_key_create", outcome: "ok" },
      { tool: "passkey_rename", outcome: "ok", changed: ["name"], server: "pocketid-mcp-test 0.0.0" },
    ]);
    expect(await mcp.ok("action_log_verify")).toMatchObject({ ok: true, lines: 4 });
  });

  it("goes on where the log went on in a new file, at the size that the operator chose", async () => {
    write(path, ...Array.from({ length: 1_500 }, () => line()));
    const rename = { passkey: "YubiKey 5", name: "Key in the safe" };
    await mcp.ok("passkey_rename", rename);
    expect(readdirSync(folder)).toEqual(["audit.log"]);
    await mcp.reconnect({ env: { POCKETID_AUDIT_FILE: path, POCKETID_AUDIT_MAX_MB: "1" } });
    await mcp.ok("passkey_rename", rename);
    expect(readdirSync(folder).sort()).toEqual(["audit.log", "audit.log.000001"]);
    expect(await found({ tool: "passkey_rename" })).toEqual([1_502, 1_501]);
    expect(await mcp.ok("action_log_verify")).toMatchObject({ ok: true, lines: 1_502 });
  });

  it("asks Pocket ID for nothing, and works in read-only mode", async () => {
    write(path, line());
    await mcp.reconnect({ env: { POCKETID_AUDIT_FILE: path, POCKETID_READ_ONLY: "true" } });
    await search();
    await mcp.ok("action_log_verify");
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("shows lines of an older version, and leaves out those that are not as they were written", async () => {
    const {
      values: _,
      instance: __,
      server: ___,
      client: ____,
      confirmation: _____,
      call: ______,
      ...old
    } = JSON.parse(line());
    const { seq: _seq, prev: _prev, digest: _digest, ...plain } = old;
    place = beginning;
    write(path, JSON.stringify(plain), line(), line().replace("ok", "no"), '{"time":"20');
    const { actions, totalItems, notes } = await search();
    expect(actions).toMatchObject([{ seq: 1 }, { tool: "user_update", outcome: "ok" }]);
    expect(totalItems).toBe(2);
    expect(notes).toEqual(["Lines that are not as they were written: 2. action_log_verify says more."]);
  });

  it("says that it knows ids alone where a target is not found, and not where one is", async () => {
    write(path, line());
    expect(await search({ target: "alice" })).toMatchObject({
      totalItems: 0,
      notes: ["The log holds ids and no names: look up the id of what is called like that, and give it as target."],
    });
    expect(await search({ target: "u-1" })).not.toHaveProperty("notes");
    expect(await search({ tool: "user_delete" })).not.toHaveProperty("notes");
  });

  it("finds nothing where there is no log, and says where it looked", async () => {
    expect(await search()).toEqual({
      actions: [],
      page: 1,
      totalItems: 0,
      hasMore: false,
      notes: [
        `There is no action log at ${path} yet: the first call that changes something makes it (POCKETID_AUDIT_FILE says where).`,
      ],
    });
  });

  it("says why it cannot be read", async () => {
    await mcp.reconnect({ env: { POCKETID_AUDIT_FILE: folder } });
    const reason = `Nothing was changed. The action log ${folder} cannot be read (not a file).`;
    expect(await mcp.fails("action_log_search")).toBe(reason);
    expect(await mcp.fails("action_log_verify")).toBe(reason);
  });

  it("takes no more memory for a large log than for a small one", async () => {
    const lines: string[] = [];
    for (let number = 0; number < 60_000; number++) lines.push(line());
    write(`${path}.000001`, ...lines.slice(0, 30_000));
    write(path, ...lines.slice(30_000));
    lines.length = 0;
    const before = process.memoryUsage().rss;
    expect(await search({ limit: 1, page: 600 })).toMatchObject({ totalItems: 60_000, actions: [{ seq: 59_401 }] });
    expect(await mcp.ok("action_log_verify")).toMatchObject({ ok: true, lines: 60_000 });
    // Both files together have some 50 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  }, 60_000);
});

describe("action_log_verify", () => {
  it("says that a log is as it was written, how far it goes, and what that cannot show", async () => {
    write(path, line(), line());
    const verified = await mcp.ok("action_log_verify");
    expect(verified).toMatchObject({
      ok: true,
      verdict: "The chain holds.",
      files: ["audit.log"],
      lines: 2,
      last: { file: "audit.log", line: 2, seq: 2, digest: place.digest },
    });
    expect(verified).not.toHaveProperty("problem");
    expect(verified.notes.at(-1)).toMatch(/does not show lines that were taken off its end/);
  });

  it("names the first line that is not as it was written", async () => {
    write(path, line(), line({ outcome: "failed" }), line());
    writeFileSync(path, readFileSync(path, "utf8").replace('"failed"', '"ok"'));
    expect(await mcp.ok("action_log_verify")).toMatchObject({
      ok: false,
      verdict: "The chain does not hold: audit.log line 2: it was altered.",
      problem: { file: "audit.log", line: 2, reason: "it was altered" },
    });
  });

  it("checks against a digest that was kept elsewhere", async () => {
    write(path, line(), line());
    const kept = place.digest.toUpperCase();
    appendFileSync(path, `${line()}\n`);
    expect(await mcp.ok("action_log_verify", { expect: kept })).toMatchObject({ ok: true });
    place = beginning;
    write(path, line(), line({ tool: "another" }), line());
    expect(await mcp.ok("action_log_verify")).toMatchObject({ ok: true });
    expect(await mcp.ok("action_log_verify", { expect: kept })).toMatchObject({ ok: false, problem: { line: 3 } });
  });

  it("tells of calls that never ended", async () => {
    write(path, line({ outcome: "begun", tool: "api_key_create", call: "a" }));
    const { ok, unfinished, notes } = await mcp.ok("action_log_verify");
    expect([ok, unfinished.count]).toEqual([true, 1]);
    expect(unfinished.first).toEqual([
      { file: "audit.log", line: 1, time: expect.any(String), tool: "api_key_create", call: "a" },
    ]);
    expect(notes[0]).toMatch(/Calls that began to make a secret and did not end: 1 \(audit\.log line 1\)/);
  });

  it("fails where there is no log: nothing is no proof", async () => {
    expect(await mcp.fails("action_log_verify")).toMatch(/There is no action log at .*audit\.log yet/);
  });
});
