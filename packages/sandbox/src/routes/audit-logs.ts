import { deviceOf } from "../audit-log.ts";
import { type Answer, ok } from "../http/answer.ts";
import { type Call, signedIn } from "../http/call.ts";
import { type Columns, listAnswer, listRequest } from "../http/list.ts";
import type { Route } from "../http/router.ts";
import type { AuditLogEntry } from "../state.ts";

export const auditLogRoutes: Route[] = [
  { method: "GET", path: "/api/audit-logs/all", access: "admin", answer: listAll },
  { method: "GET", path: "/api/audit-logs", access: "user", answer: listOwn },
  { method: "GET", path: "/api/audit-logs/filters/users", access: "admin", answer: usersOfLog },
  { method: "GET", path: "/api/audit-logs/filters/client-names", access: "admin", answer: clientNamesOfLog },
];

const columns: Columns<AuditLogEntry> = {
  sort: {
    createdAt: (entry) => entry.createdAt,
    event: (entry) => entry.event,
    ipAddress: (entry) => entry.ipAddress,
    country: (entry) => entry.country,
    city: (entry) => entry.city,
    userAgent: (entry) => entry.userAgent,
  },
  // Spelled userID. userId is no column and so filters nothing.
  filter: { event: (entry) => entry.event, userID: (entry) => entry.userId },
};

function entryDto(call: Call, entry: AuditLogEntry, username: string) {
  return {
    id: entry.id,
    createdAt: entry.createdAt,
    event: entry.event,
    ipAddress: entry.ipAddress ?? "",
    country: entry.country,
    city: entry.city,
    device: deviceOf(entry.userAgent),
    userID: entry.userId,
    username,
    ...(call.has("auditActor") && { actorUsername: entry.data.actorUsername ?? "" }),
    data: entry.data,
  };
}

function listAll(call: Call): Answer {
  const { filters } = listRequest(call.query);
  const clientNames = filters.get("clientName");
  // Pocket ID >= 1.14: "external" asks for a country that is never written; a word that is neither filters nothing.
  const countries = (filters.get("location") ?? []).flatMap((place) =>
    place === "internal" ? ["Internal Network"] : place === "external" ? ["External Network"] : [],
  );
  const rows = call.state.auditLog
    // A name that looks like a number or a boolean has become one, and no name equals that.
    .filter(({ data }) => clientNames === undefined || clientNames.some((name) => name === data.clientName))
    .filter(({ country }) => countries.length === 0 || countries.includes(country));
  return listAnswer(call, rows, columns, (entry) =>
    entryDto(call, entry, call.state.users.get(entry.userId)?.username ?? ""),
  );
}

/** Without the username: it is the caller's. */
function listOwn(call: Call): Answer {
  const rows = call.state.auditLog.filter(({ userId }) => userId === signedIn(call).id);
  return listAnswer(call, rows, columns, (entry) => entryDto(call, entry, ""));
}

function usersOfLog({ state }: Call): Answer {
  const ids = new Set(state.auditLog.map(({ userId }) => userId));
  return ok(
    Object.fromEntries([...ids].flatMap((id) => state.users.get(id) ?? []).map(({ id, username }) => [id, username])),
  );
}

/** Names as they were when the entry was written. */
function clientNamesOfLog({ state }: Call): Answer {
  return ok([...new Set(state.auditLog.flatMap(({ data }) => data.clientName ?? []))]);
}
