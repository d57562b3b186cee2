import { AuditLog, auditEvents, auditEventsOf, auditLogGroupings, checkPeriod } from "@pocketid-mcp/core";
import {
  defineListTool,
  defineTool,
  orderOf,
  pageFields,
  pagingFields,
  remarksOn,
  rowsPerPage,
  shortRows,
  sortField,
  userRef,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const short = ["createdAt", "event", "username", "ipAddress", "country", "data"] as const;
const sortable = ["createdAt", "event", "ipAddress", "country", "city"] as const;
const event = z.enum(auditEvents).optional().describe("Kind of event");

export const auditLogList = defineListTool({
  name: "audit_log_list",
  title: "List own audit log entries",
  description: "What happened to the API key's owner, newest first.",
  rows: "auditLogs",
  row: AuditLog.shape,
  short,
  sortable,
  filters: { event },
  routes: ["GET /api/audit-logs"],
  source: ({ event }, { pocketId }) => ({ list: pocketId.auditLogs.own, filters: { event } }),
});

export const auditLogListAll = defineTool({
  name: "audit_log_list_all",
  title: "Search the audit log",
  description:
    "Sign-ins, authorizations, sign-ups and passkeys of everybody, newest first, or counts. Not changes by administrators.",
  risk: "read",
  input: {
    user: userRef.optional(),
    event,
    client: z.string().max(320).optional().describe("Client name"),
    since: z.string().max(40).optional().describe("RFC 3339 or 14d"),
    until: z.string().max(40).optional().describe("The same"),
    country: z.string().max(100).optional().describe("Country name"),
    ip: z.string().max(60).optional().describe("Address, or how it begins"),
    external: z.boolean().optional().describe("From outside"),
    groupBy: z.enum(auditLogGroupings).optional().describe("Count by this instead"),
    maxEntries: z.int().min(1).max(100_000).optional().describe("Default 10000"),
    sort: sortField(sortable),
    ...pagingFields,
  },
  output: {
    auditLogs: z.array(AuditLog.partial()).optional(),
    counts: z.array(z.object({ key: z.string(), count: z.int() })).optional(),
    page: pageFields.page.optional(),
    totalItems: pageFields.totalItems,
    hasMore: pageFields.hasMore.optional(),
  },
  routes: [
    "GET /api/audit-logs/all",
    "GET /api/audit-logs/filters/client-names",
    "GET /api/oidc/clients",
    "GET /api/oidc/clients/:id",
  ],
  check: checkPeriod,
  async run({ user, client, groupBy, maxEntries, full, sort, ...filters }, { pocketId: { auditLogs }, onProgress }) {
    const clientName = client && (await auditLogs.clientName(client));
    const query = {
      limit: rowsPerPage,
      ...filters,
      ...orderOf(sort),
      userId: user?.id,
      clientName,
      most: maxEntries,
      onProgress,
    };
    if (groupBy !== undefined) {
      const counted = await auditLogs.count(groupBy, query);
      const nothing =
        counted.totalItems > 0 && counted.counts.length === 0 ? { notes: [`These entries have no ${groupBy}.`] } : {};
      return { counts: counted.counts, totalItems: counted.totalItems, ...nothing, ...remarksOn(counted) };
    }
    const found = await auditLogs.find(query);
    const rows = full ? found.items : shortRows(found.items, short);
    return {
      auditLogs: rows,
      page: found.page,
      totalItems: found.totalItems,
      hasMore: found.hasMore,
      ...remarksOn(found),
    };
  },
});

export const auditLogFilterClients = defineTool({
  name: "audit_log_filter_clients",
  title: "List clients in the audit log",
  description: "Client names in the audit log, also old ones.",
  risk: "read",
  input: {},
  output: { clients: z.array(z.string()) },
  routes: ["GET /api/audit-logs/filters/client-names"],
  run: async (_values, { pocketId }) => ({ clients: await pocketId.auditLogs.clientNames() }),
});

export const auditLogFilterUsers = defineTool({
  name: "audit_log_filter_users",
  title: "List users in the audit log",
  description: "Users in the audit log.",
  risk: "read",
  input: {},
  output: { users: z.array(z.object({ id: z.string(), username: z.string() })) },
  routes: ["GET /api/audit-logs/filters/users"],
  run: async (_values, { pocketId }) => ({ users: await pocketId.auditLogs.users() }),
});

export const auditEventTypes = defineTool({
  name: "audit_event_types",
  title: "Explain the events of the audit log",
  description: "Events that Pocket ID logs: meaning, since when, and whether this version writes them.",
  risk: "read",
  input: {},
  output: {
    events: z.array(z.object({ event: z.string(), since: z.string(), meaning: z.string(), written: z.boolean() })),
    version: z.string(),
  },
  routes: [],
  async run(_values, { pocketId }) {
    const { version, exact } = await pocketId.version();
    const unsure = exact ? {} : { notes: ["Pocket ID does not tell its version: it is this one or a later one."] };
    return { events: auditEventsOf(version), version, ...unsure };
  },
});
