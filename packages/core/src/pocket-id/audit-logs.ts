import { isIPv4 } from "node:net";
import * as z from "zod";
import type { Connection } from "./connection.ts";
import { parsePast } from "./duration.ts";
import { InputError } from "./errors.ts";
import { oidcClientFinder } from "./finders.ts";
import type { AllOptions, List } from "./list.ts";
import { auditLogList } from "./lists.ts";
import { type AuditLog, internalNetwork } from "./objects/audit-log.ts";
import { checkReference, findOne } from "./reference.ts";
import { sameText } from "./same-text.ts";
import { type Selection, select } from "./select.ts";

/** What entries can be picked by. Pocket ID itself knows the first three. */
export interface AuditLogFilters {
  event?: string | undefined;
  /** Id of the user whom the entry is about. */
  userId?: string | undefined;
  /** Name of the client at the time of the entry. */
  clientName?: string | undefined;
  /** RFC 3339, a date, or how long ago, such as `14d`. */
  since?: string | undefined;
  /** The same. */
  until?: string | undefined;
  country?: string | undefined;
  /** An IPv4 address, or the beginning of any address such as `203.0.113.` or `2001:db8:`. */
  ip?: string | undefined;
  /** True for entries from outside the own network, false for those from inside. */
  external?: boolean | undefined;
}

export interface AuditLogQuery extends AuditLogFilters {
  /** From 1. */
  page?: number | undefined;
  /** Entries a page; 20 if left out. */
  limit?: number | undefined;
  /** Every page at once. */
  all?: boolean | undefined;
  sort?: string | undefined;
  direction?: "asc" | "desc" | undefined;
  /** Entries that are looked at before the walk is stopped. */
  most?: number | undefined;
  onProgress?: AllOptions["onProgress"];
}

/** What entries can be counted by. */
export const auditLogGroupings = ["user", "event", "client", "country", "day"] as const;
export type AuditLogGrouping = (typeof auditLogGroupings)[number];

export interface AuditLogCounts {
  /** The most frequent first; days in order. */
  readonly counts: { key: string; count: number }[];
  readonly totalItems: number;
  readonly lookedAt: number;
  readonly complete: boolean;
}

/** The audit log. Pocket ID logs sign-ins, authorizations, sign-ups and passkeys; it logs no change by an administrator. */
export interface AuditLogs {
  /** `GET /api/audit-logs`: entries of the owner of the API key. */
  readonly own: List<AuditLog>;
  /** `GET /api/audit-logs/all`: everybody's entries. */
  readonly everybody: List<AuditLog>;
  /** Picks entries, also by what Pocket ID cannot filter by. */
  find(query?: AuditLogQuery): Promise<Selection<AuditLog>>;
  /** Counts entries instead of answering them. */
  count(by: AuditLogGrouping, query?: AuditLogQuery): Promise<AuditLogCounts>;
  /** `GET /api/audit-logs/filters/users`. */
  users(): Promise<{ id: string; username: string }[]>;
  /** `GET /api/audit-logs/filters/client-names`. */
  clientNames(): Promise<string[]>;
  /** The name under which a client stands in the log, which keeps the old names of renamed and deleted ones. @throws {InputError} */
  clientName(client: string, field?: string): Promise<string>;
}

export function auditLogsOf(connection: Connection): AuditLogs {
  const everybody = auditLogList(connection, "all");

  const clientNames = () => connection.json("GET /api/audit-logs/filters/client-names", z.array(z.string()));

  const walk = (query: AuditLogQuery) =>
    everybody.all({
      sort: query.sort,
      direction: query.direction,
      filters: sentFilters(query),
      onProgress: query.onProgress,
    });

  const find = async (query: AuditLogQuery = {}): Promise<Selection<AuditLog>> => {
    const { page = 1, limit = 20, all = false } = query;
    if (all || needsWalk(query)) {
      return select(walk(query), { ...ownFilters(query), most: query.most, ...(all ? {} : { page, limit }) });
    }
    const { items, totalItems } = await everybody.list({
      page,
      limit,
      sort: query.sort,
      direction: query.direction,
      filters: sentFilters(query),
    });
    return { items, page, totalItems, hasMore: page * limit < totalItems, lookedAt: items.length, complete: true };
  };

  return {
    own: auditLogList(connection, "own"),
    everybody,
    find,
    async count(by, query = {}) {
      const { items, totalItems, lookedAt, complete } = await select(walk(query), {
        ...ownFilters(query),
        most: query.most,
      });
      return { counts: countBy(by, items), totalItems, lookedAt, complete };
    },
    async users() {
      const usernames = await connection.json("GET /api/audit-logs/filters/users", z.record(z.string(), z.string()));
      return Object.entries(usernames).map(([id, username]) => ({ id, username }));
    },
    clientNames,
    async clientName(client, field = "client") {
      checkReference(client, field);
      const names = await clientNames();
      const known = names.find((name) => name === client) ?? names.find((name) => sameText(name, client));
      return known ?? (await findOne(oidcClientFinder(connection), client, field)).name;
    },
  };
}

// Pocket ID takes userID with a capital D here, and ignores any other spelling.
const sentFilters = ({ event, userId, clientName }: AuditLogFilters) => ({
  event,
  userID: userId,
  clientName: isPlainName(clientName) ? clientName : undefined,
});

// Pocket ID cuts spaces off a filter and turns what Go reads as a number or a truth value into one: then no name equals it.
const isPlainName = (name: string | undefined): boolean =>
  name !== undefined &&
  name === name.trim() &&
  Number.isNaN(Number(name)) &&
  !/^(?:true|false|[+-]?(?:inf|infinity|nan|0x.*))$/i.test(name);

const needsWalk = ({ since, until, country, ip, external, clientName }: AuditLogQuery): boolean =>
  [since, until, country, ip, external].some((value) => value !== undefined) ||
  (clientName !== undefined && !isPlainName(clientName));

function ownFilters({ since, until, country, ip, external, clientName, sort, direction }: AuditLogQuery) {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : parsePast(since, "since").getTime();
  const to = until === undefined ? Number.POSITIVE_INFINITY : parsePast(until, "until").getTime();
  const newestFirst = sort === undefined ? direction !== "asc" : sort === "createdAt" && direction === "desc";
  const isFrom = (address: string) =>
    ip === undefined || (isIPv4(ip) ? address === ip : address.toLowerCase().startsWith(ip.toLowerCase()));
  return {
    matches: (entry: AuditLog) => {
      const time = Date.parse(entry.createdAt);
      return (
        time >= from &&
        time <= to &&
        (country === undefined || sameText(entry.country ?? "", country)) &&
        isFrom(entry.ipAddress ?? "") &&
        (external === undefined || (entry.country !== internalNetwork) === external) &&
        (clientName === undefined || entry.data.clientName === clientName)
      );
    },
    past: (entry: AuditLog) => newestFirst && Date.parse(entry.createdAt) < from,
  };
}

/** Counts entries by one of their properties. */
export function countBy(by: AuditLogGrouping, entries: readonly AuditLog[]): { key: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const key = groupOf(by, entry);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rows = [...counts].map(([key, count]) => ({ key, count }));
  return by === "day"
    ? rows.sort((a, b) => a.key.localeCompare(b.key))
    : rows.sort((a, b) => b.count - a.count || a.key.localeCompare(b.key));
}

/** Undefined where an entry has no such property: a sign-in has no client. */
function groupOf(
  by: AuditLogGrouping,
  { username, userID, event, data, country, createdAt }: AuditLog,
): string | undefined {
  switch (by) {
    case "user":
      return username || userID;
    case "event":
      return event;
    case "client":
      return data.clientName;
    case "country":
      return country || "unknown";
    case "day":
      return new Date(createdAt).toISOString().slice(0, 10);
  }
}

/** Checks the period of a query. @throws {InputError} */
export function checkPeriod({ since, until }: Pick<AuditLogFilters, "since" | "until">): void {
  const from = since === undefined ? undefined : parsePast(since, "since");
  const to = until === undefined ? undefined : parsePast(until, "until");
  if (from !== undefined && to !== undefined && from > to) throw new InputError("until", "it lies before since.");
}
