import type { AuditLogEntry } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

const log = () => mcp.sandbox.state.auditLog;
const stored = (username: string) => {
  const user = [...mcp.sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`the sandbox holds no ${username}`);
  return user;
};
const nameOf = (entry: AuditLogEntry) => mcp.sandbox.state.users.get(entry.userId)?.username ?? "";
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const pagesOf = (path: string) => mcp.sandbox.requests.filter((request) => request.path === path).length;

let written = 0;
/** One entry more; it is from alice, at home, today, where nothing else is said. */
function write(more: Partial<AuditLogEntry> = {}): AuditLogEntry {
  const entry: AuditLogEntry = {
    id: `00000000-0000-4000-8000-${String(++written).padStart(12, "0")}`,
    createdAt: `${new Date().toISOString().slice(0, 19)}Z`,
    event: "SIGN_IN",
    ipAddress: "192.168.178.21",
    country: "Internal Network",
    city: "LAN",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    userId: stored("alice").id,
    data: {},
    ...more,
  };
  log().push(entry);
  return entry;
}

/** The entries that a plain loop finds, the newest first. */
const loop = (matches: (entry: AuditLogEntry) => boolean): AuditLogEntry[] =>
  log()
    .filter(matches)
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));

/** Every filter gives what a plain loop over the log gives, as entries and as a count. */
async function expectFound(filters: Record<string, unknown>, matches: (entry: AuditLogEntry) => boolean) {
  const expected = loop(matches);
  const { auditLogs, totalItems, hasMore, notes } = await mcp.ok("audit_log_list_all", { ...filters, full: true });
  expect(auditLogs.map(({ id }: { id: string }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
  expect({ totalItems, hasMore, notes }).toEqual({ totalItems: expected.length, hasMore: false, notes: undefined });
  const counted = await mcp.ok("audit_log_list_all", { ...filters, groupBy: "event" });
  expect(counted.totalItems).toBe(expected.length);
  return expected.length;
}

describe("audit_log_list", () => {
  it("answers what happened to the owner of the key, the newest first", async () => {
    write({ userId: mcp.sandbox.adminId, event: "PASSKEY_ADDED" });
    const own = loop(({ userId }) => userId === mcp.sandbox.adminId);
    const { auditLogs, totalItems } = await mcp.ok("audit_log_list", { full: true });
    expect(totalItems).toBe(own.length);
    expect(auditLogs.map(({ id }: { id: string }) => id)).toEqual(own.map(({ id }) => id));
    expect(own.length).toBeGreaterThan(1);
  });

  it.each([{ sort: "createdAt" }, { sort: "createdAt asc" }])(
    "filters by event, and turns the order round (%j)",
    async (sort) => {
      for (const createdAt of ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"])
        write({ userId: mcp.sandbox.adminId, event: "PASSKEY_REMOVED", createdAt });
      const asked = { event: "PASSKEY_REMOVED", ...sort };
      const { auditLogs } = await mcp.ok("audit_log_list", asked);
      expect(auditLogs.map(({ createdAt }: AuditLogEntry) => createdAt)).toEqual([
        "2026-03-01T00:00:00Z",
        "2026-03-02T00:00:00Z",
      ]);
    },
  );

  it("pages", async () => {
    const own = loop(({ userId }) => userId === mcp.sandbox.adminId);
    const first = await mcp.ok("audit_log_list", { limit: 1 });
    expect(first).toMatchObject({ page: 1, totalItems: own.length, hasMore: own.length > 1 });
    expect((await mcp.ok("audit_log_list", { limit: 1, page: own.length + 1 })).auditLogs).toEqual([]);
    expect((await mcp.ok("audit_log_list", { all: true })).auditLogs).toHaveLength(own.length);
  });

  it("does not show the signup token that somebody used", async () => {
    write({
      userId: mcp.sandbox.adminId,
      event: "ACCOUNT_CREATED",
      data: { signupToken: "OpenSesame4Ever7" },
    });
    const answer = await mcp.ok("audit_log_list", { event: "ACCOUNT_CREATED" });
    expect(answer.auditLogs[0].data).toEqual({ signupToken: "[redacted]" });
  });

  it.each([{ event: "LOGIN" }, { user: "alice" }, { limit: 101 }, { page: 0 }])(
    "sends nothing for %j",
    async (values) => {
      await mcp.fails("audit_log_list", values);
      expect(mcp.sandbox.requests).toEqual([]);
    },
  );
});

describe("audit_log_list_all", () => {
  it("answers short rows of everybody's entries, the newest first, a hundred a page", async () => {
    for (let entry = 0; entry < 60; entry++) write({ createdAt: "2026-01-01T00:00:00Z" });
    const { auditLogs, page, totalItems, hasMore } = await mcp.ok("audit_log_list_all");
    expect(auditLogs).toHaveLength(100);
    expect({ page, totalItems, hasMore }).toEqual({ page: 1, totalItems: 120, hasMore: true });
    expect(Object.keys(auditLogs[0]).sort()).toEqual(
      ["country", "createdAt", "data", "event", "ipAddress", "username"].sort(),
    );
    const times = auditLogs.map(({ createdAt }: AuditLogEntry) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  it("shows device, city and id in full rows", async () => {
    const { id } = write({ userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0" });
    const { auditLogs } = await mcp.ok("audit_log_list_all", { full: true, limit: 1 });
    expect(auditLogs[0]).toMatchObject({
      id,
      username: "alice",
      userID: stored("alice").id,
      city: "LAN",
      device: "Firefox on Linux x86_64",
    });
  });

  it("pages over everything once", async () => {
    const ids: string[] = [];
    for (let page = 1; page <= 4; page++) {
      const answer = await mcp.ok("audit_log_list_all", { page, limit: 25, full: true });
      ids.push(...answer.auditLogs.map(({ id }: { id: string }) => id));
    }
    expect(ids).toEqual(loop(() => true).map(({ id }) => id));
  });

  it("pages over what a filter of ours matches, too", async () => {
    const french = loop(({ country }) => country === "France");
    const pages = [
      await mcp.ok("audit_log_list_all", { country: "France", limit: 3, full: true }),
      await mcp.ok("audit_log_list_all", { country: "France", limit: 3, page: 2, full: true }),
    ];
    expect(pages.flatMap(({ auditLogs }) => auditLogs.map(({ id }: { id: string }) => id))).toEqual(
      french.slice(0, 6).map(({ id }) => id),
    );
    expect(pages.map(({ totalItems }) => totalItems)).toEqual([french.length, french.length]);
    expect(pages[0].hasMore).toBe(true);
  });

  it("walks everything at once, and says how far it is", async () => {
    for (let entry = 0; entry < 190; entry++) write();
    const progress: (number | undefined)[][] = [];
    const { structuredContent } = await mcp.client.callTool(
      { name: "audit_log_list_all", arguments: { all: true } },
      { onprogress: (at) => progress.push([at.progress, at.total]) },
    );
    expect(structuredContent).toMatchObject({ totalItems: 250, hasMore: false });
    expect(new Set(Object(structuredContent).auditLogs).size).toBe(250);
    expect(progress).toEqual([
      [100, 250],
      [200, 250],
      [250, 250],
    ]);
    expect(pagesOf("/api/audit-logs/all")).toBe(3);
  });

  describe("finds, as a plain loop over the log does,", () => {
    it.each(["alice", "Alice", "alice@riverside-rowing.example"])("entries of %s", async (user) => {
      expect(await expectFound({ user }, ({ userId }) => userId === stored("alice").id)).toBeGreaterThan(0);
    });

    it("entries of a user by id", async () => {
      const { id } = stored("femi");
      expect(await expectFound({ user: id }, ({ userId }) => userId === id)).toBeGreaterThan(0);
    });

    it.each(["SIGN_IN", "NEW_CLIENT_AUTHORIZATION", "PASSKEY_REMOVED"])("event %s", async (event) => {
      await expectFound({ event }, (entry) => entry.event === event);
    });

    it.each(["Immich", "IMMICH", "immich"])("client %s", async (client) => {
      expect(await expectFound({ client }, ({ data }) => data.clientName === "Immich")).toBeGreaterThan(0);
    });

    it("client by id, where its name is another", async () => {
      expect(
        await expectFound({ client: "home-assistant" }, ({ data }) => data.clientName === "Home Assistant"),
      ).toBeGreaterThan(0);
    });

    it("a client under the name that it had", async () => {
      write({ event: "CLIENT_AUTHORIZATION", data: { clientName: "Old Gallery" } });
      expect(await expectFound({ client: "old gallery" }, ({ data }) => data.clientName === "Old Gallery")).toBe(1);
    });

    it("nothing of a client that nobody has used", async () => {
      const unused = { ...mcp.sandbox.state.oidcClients.get("immich"), id: "unused", name: "Never Used" };
      mcp.sandbox.state.oidcClients.set("unused", unused as never);
      expect(await expectFound({ client: "Never Used" }, () => false)).toBe(0);
    });

    // Pocket ID makes numbers and truth values of these, and leaves spaces out; then no name equals them.
    it.each(["2048", "-7", "1e3", ".5", "5.", "+1", "0x1p4", "Infinity", "inf", "NaN", "true", "false", " Immich"])(
      "a client that is called %j",
      async (client) => {
        write({ event: "CLIENT_AUTHORIZATION", data: { clientName: client } });
        write({ event: "CLIENT_AUTHORIZATION", data: { clientName: client } });
        expect(await expectFound({ client }, ({ data }) => data.clientName === client)).toBe(2);
        expect(mcp.sandbox.requests.filter(({ query }) => query.includes("clientName"))).toEqual([]);
      },
    );

    it("since and until, with the ends, in any zone", async () => {
      const times = loop(() => true).map(({ createdAt }) => createdAt);
      const [until = "", since = ""] = [times[10], times[40]];
      const from = Date.parse(since);
      const to = Date.parse(until);
      const within = ({ createdAt }: AuditLogEntry) => Date.parse(createdAt) >= from && Date.parse(createdAt) <= to;
      expect(await expectFound({ since, until }, within)).toBe(31);
      await expectFound({ since }, ({ createdAt }) => Date.parse(createdAt) >= from);
      await expectFound({ until }, ({ createdAt }) => Date.parse(createdAt) <= to);
      const elsewhere = `${new Date(from + 5 * 3_600_000).toISOString().slice(0, 19)}+05:00`;
      await expectFound({ since: elsewhere, until }, within);
      const day = until.slice(0, 10);
      await expectFound({ since: day }, ({ createdAt }) => Date.parse(createdAt) >= Date.parse(`${day}T00:00:00Z`));
      const ago = (days: number) => Date.now() - days * 86_400_000;
      await expectFound(
        { since: "20d", until: "10d" },
        ({ createdAt }) => Date.parse(createdAt) >= ago(20) && Date.parse(createdAt) <= ago(10),
      );
    });

    it.each([{ sort: "createdAt asc" }, { sort: "createdAt" }, { sort: "createdAt desc" }, { sort: "country desc" }])(
      "since in any order (%j)",
      async (order) => {
        const [, , since = ""] = loop(() => true).map(({ createdAt }) => createdAt);
        expect(await expectFound({ since, ...order }, ({ createdAt }) => createdAt >= since)).toBe(3);
      },
    );

    it.each(["France", "france", "Internal Network"])("country %s", async (country) => {
      expect(
        await expectFound({ country }, (entry) => entry.country.toLowerCase() === country.toLowerCase()),
      ).toBeGreaterThan(0);
    });

    it.each(["203.0.113.", "203.0.113", "198.51.100.12", "2001:db8:", "1"])("ip %s", async (ip) => {
      write({ ipAddress: "198.51.100.121" });
      write({ ipAddress: "2001:db8::7" });
      write({ ipAddress: null });
      const whole = ip === "198.51.100.12";
      expect(
        await expectFound({ ip }, ({ ipAddress }) => (whole ? ipAddress === ip : (ipAddress ?? "").startsWith(ip))),
      ).toBeGreaterThan(0);
    });

    it.each([true, false])("external %s, which Pocket ID's own filter never finds", async (external) => {
      write({ country: "" });
      expect(
        await expectFound({ external }, ({ country }) => (country !== "Internal Network") === external),
      ).toBeGreaterThan(0);
    });

    it("all of them together", async () => {
      const since = loop(() => true)[50]?.createdAt ?? "";
      for (const country of ["France", "Sweden"])
        write({ country, ipAddress: "198.51.100.12", event: "CLIENT_AUTHORIZATION", data: { clientName: "Immich" } });
      const filters = { user: "alice", event: "CLIENT_AUTHORIZATION", client: "immich", external: true, since };
      const matches = (entry: AuditLogEntry) =>
        nameOf(entry) === "alice" &&
        entry.event === "CLIENT_AUTHORIZATION" &&
        entry.data.clientName === "Immich" &&
        entry.country !== "Internal Network" &&
        entry.createdAt >= since;
      expect(await expectFound(filters, matches)).toBeGreaterThan(1);
      expect(
        await expectFound(
          { ...filters, country: "Sweden", ip: "198.51." },
          (entry) => matches(entry) && entry.country === "Sweden" && (entry.ipAddress ?? "").startsWith("198.51."),
        ),
      ).toBe(1);
    });

    it.each(["2.9", "1.16"] as const)("on %s", async (version) => {
      await mcp.reconnect({ version });
      expect(await expectFound({ user: "alice" }, (entry) => nameOf(entry) === "alice")).toBeGreaterThan(0);
      await expectFound(
        { client: "immich", external: true },
        ({ data, country }) => data.clientName === "Immich" && country !== "Internal Network",
      );
    });
  });

  it("asks for no page more once all that follow are too old", async () => {
    for (let entry = 0; entry < 900; entry++) write({ createdAt: "2020-01-01T00:00:00Z" });
    const { createdAt: since } = write();
    const { totalItems, notes } = await mcp.ok("audit_log_list_all", { since });
    expect(totalItems).toBe(loop(({ createdAt }) => createdAt >= since).length);
    expect(notes).toBeUndefined();
    // The first page, and those that were asked for ahead.
    expect(pagesOf("/api/audit-logs/all")).toBeLessThanOrEqual(4);
  });

  describe("counts instead of entries", () => {
    const groupings: [string, (entry: AuditLogEntry) => string | undefined][] = [
      ["user", nameOf],
      ["event", ({ event }) => event],
      ["client", ({ data }) => data.clientName],
      ["country", ({ country }) => country || "unknown"],
      ["day", ({ createdAt }) => createdAt.slice(0, 10)],
    ];
    it.each(groupings)("by %s", async (groupBy, keyOf) => {
      write({ country: "" });
      const expected = new Map<string, number>();
      for (const entry of log()) {
        const key = keyOf(entry);
        if (key !== undefined) expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const { counts, totalItems, auditLogs } = await mcp.ok("audit_log_list_all", { groupBy });
      expect(auditLogs).toBeUndefined();
      expect(totalItems).toBe(log().length);
      expect(new Map(counts.map(({ key, count }: { key: string; count: number }) => [key, count]))).toEqual(expected);
      const order = counts.map(({ key, count }: { key: string; count: number }) => (groupBy === "day" ? key : -count));
      expect(order).toEqual([...order].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    });

    it("of what the filters leave", async () => {
      const { counts, totalItems } = await mcp.ok("audit_log_list_all", { groupBy: "country", user: "alice" });
      const hers = loop((entry) => nameOf(entry) === "alice");
      expect(totalItems).toBe(hers.length);
      expect(counts.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(hers.length);
    });

    it("and says so where no entry has what it counts by", async () => {
      expect(await mcp.ok("audit_log_list_all", { groupBy: "client", event: "SIGN_IN" })).toEqual({
        counts: [],
        totalItems: log().filter(({ event }) => event === "SIGN_IN").length,
        notes: ["These entries have no client."],
      });
      expect(await mcp.ok("audit_log_list_all", { groupBy: "client", since: "0s" })).not.toHaveProperty("notes");
    });

    it("up to a number of entries, and says so", async () => {
      const { totalItems, notes } = await mcp.ok("audit_log_list_all", { groupBy: "user", maxEntries: 10 });
      expect(totalItems).toBe(10);
      expect(notes).toEqual([expect.stringMatching(/^Stopped after 10 entries/)]);
    });
  });

  it("says that it stopped early, and not when it saw everything", async () => {
    const stopped = await mcp.ok("audit_log_list_all", { external: true, maxEntries: 20 });
    expect(stopped.notes).toEqual(["Stopped after 20 entries: there may be more that match. Narrow it down."]);
    expect(stopped.totalItems).toBe(
      loop(() => true)
        .slice(0, 20)
        .filter(({ country }) => country !== "Internal Network").length,
    );
    expect(await mcp.ok("audit_log_list_all", { external: true, maxEntries: log().length })).not.toHaveProperty(
      "notes",
    );
  });

  it("does not show the signup token that somebody used, in any form of the answer", async () => {
    write({ event: "ACCOUNT_CREATED", data: { signupToken: "OpenSesame4Ever7" } });
    for (const full of [false, true]) {
      const answer = await mcp.ok("audit_log_list_all", { event: "ACCOUNT_CREATED", full });
      expect(answer.auditLogs[0].data).toEqual({ signupToken: "[redacted]" });
      expect(JSON.stringify(answer)).not.toContain("OpenSesame");
    }
  });

  it("takes out what a name could hide in the answer", async () => {
    write({ event: "CLIENT_AUTHORIZATION", data: { clientName: "Im\u202Emich\u200B\u0007" } });
    const { auditLogs } = await mcp.ok("audit_log_list_all", { limit: 1 });
    expect(auditLogs[0].data).toEqual({ clientName: "Immich" });
  });

  it.each([
    ["user", { user: "allice" }, /user: there is no user "allice"\. Close ones: alice/],
    ["client", { client: "Imich" }, /client: there is no client "Imich"\. Close ones: Immich/],
  ])("names close ones for a %s that there is not", async (_kind, values, message) => {
    expect(await mcp.fails("audit_log_list_all", values)).toMatch(message);
    expect(pagesOf("/api/audit-logs/all")).toBe(0);
    expect(changingRequests()).toEqual([]);
  });

  it.each([
    ["since", { since: "yesterday" }, /since: "yesterday" is not a point in time/],
    ["until", { until: "2026-13-01" }, /until: .*not a point in time/],
    ["a day that is none", { since: "2026-02-30T25:00:00Z" }, /since: .*not a point in time/],
    ["a period that ends before it begins", { since: "1d", until: "2d" }, /until: it lies before since/],
    ["event", { event: "LOGIN" }, /event: /],
    ["groupBy", { groupBy: "city" }, /groupBy: /],
    ["maxEntries", { maxEntries: 0 }, /maxEntries: /],
    ["limit", { limit: 101 }, /limit: /],
    ["a filter that there is not", { userId: "x" }, /userId: there is no such argument/],
    ["a client that is a path", { client: "../users" }, /client: .* is a path/],
  ])("sends nothing for a bad argument: %s", async (_case, values, message) => {
    expect(await mcp.fails("audit_log_list_all", values)).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("audit_log_filter_clients", () => {
  it("answers the names in the log, also of clients that are gone", async () => {
    write({ event: "CLIENT_AUTHORIZATION", data: { clientName: "Old Gallery" } });
    const { clients } = await mcp.ok("audit_log_filter_clients");
    const names = new Set(log().flatMap(({ data }) => data.clientName ?? []));
    expect([...clients].sort()).toEqual([...names].sort());
    expect(clients).toContain("Old Gallery");
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("audit_log_filter_clients", { search: "x" })).toMatch(/search/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("audit_log_filter_users", () => {
  it("answers the users in the log by id and name", async () => {
    const { users } = await mcp.ok("audit_log_filter_users");
    const ids = new Set(log().map(({ userId }) => userId));
    expect(users).toHaveLength(ids.size);
    for (const { id, username } of users) expect(mcp.sandbox.state.users.get(id)?.username).toBe(username);
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("audit_log_filter_users", { search: "x" })).toMatch(/search/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("audit_event_types", () => {
  const written = async () =>
    (await mcp.ok("audit_event_types")).events
      .filter((type: { written: boolean }) => type.written)
      .map(({ event }: { event: string }) => event);

  it("explains every event that the log can be searched for, and says which of them this version writes", async () => {
    const { events, version } = await mcp.ok("audit_event_types");
    const listed = (await mcp.client.listTools()).tools.find(({ name }) => name === "audit_log_list");
    const searchable = Object(listed?.inputSchema.properties).event.enum;
    expect(events.map(({ event }: { event: string }) => event)).toEqual(searchable);
    for (const { since, meaning } of events) {
      expect(since).toMatch(/^\d+\.\d+\.\d+$/);
      expect(meaning).toMatch(/\.$/);
    }
    expect(version).toBe("2.14.0");
    expect(await written()).toEqual(searchable);
  });

  it("explains every event that stands in the log", async () => {
    const { events } = await mcp.ok("audit_event_types");
    const explained = new Set(events.map(({ event }: { event: string }) => event));
    expect(log().filter(({ event }) => !explained.has(event))).toEqual([]);
  });

  it.each([
    ["2.12", true],
    ["2.9", false],
    ["1.16", false],
  ] as const)("knows that %s writes remote sign-ins: %s", async (version, writes) => {
    await mcp.reconnect({ version });
    const events = await written();
    expect(events.includes("REMOTE_SIGN_IN")).toBe(writes);
    expect(events).toHaveLength(writes ? 10 : 9);
  });

  it("asks for the version and nothing else", async () => {
    await mcp.ok("audit_event_types");
    expect(mcp.sandbox.requests.map(({ path }) => path)).toEqual(["/api/version/current"]);
  });

  it("says that the version is a guess where Pocket ID does not tell it", async () => {
    await mcp.reconnect({ version: "1.16" });
    const { version, notes } = await mcp.ok("audit_event_types");
    expect(version).toBe("1.16.0");
    expect(notes).toEqual(["Pocket ID does not tell its version: it is this one or a later one."]);
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("audit_event_types", { event: "SIGN_IN" })).toMatch(/event: there is no such argument/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
