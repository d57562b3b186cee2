import type { Connection } from "./connection.ts";
import { listOf } from "./list.ts";
import { ApiKey } from "./objects/api-key.ts";
import { AuditLog } from "./objects/audit-log.ts";
import { AuthorizedClient, OidcClient } from "./objects/oidc-client.ts";
import { SignupToken } from "./objects/signup-token.ts";
import { User } from "./objects/user.ts";
import { UserGroupRow } from "./objects/user-group.ts";

const id = (item: { id: string }): string => item.id;

// Sorted by something unique where the list has it: with ties, pages could overlap.

/** `GET /api/users`; search looks at username, e-mail, first and last name. */
export const userList = (connection: Connection) =>
  listOf(connection, { route: "GET /api/users", item: User, id, defaultSort: { sort: "username" } });

/** `GET /api/user-groups`; search looks at the name. */
export const userGroupList = (connection: Connection) =>
  listOf(connection, { route: "GET /api/user-groups", item: UserGroupRow, id, defaultSort: { sort: "name" } });

/** `GET /api/oidc/clients`; search looks at the name. */
export const oidcClientList = (connection: Connection) =>
  listOf(connection, { route: "GET /api/oidc/clients", item: OidcClient, id, defaultSort: { sort: "name" } });

/** `GET /api/oidc/users/:id/authorized-clients`. */
export const authorizedClientList = (connection: Connection, user: string) =>
  listOf(connection, {
    route: "GET /api/oidc/users/:id/authorized-clients",
    item: AuthorizedClient,
    id: ({ client }) => client.id,
    defaultSort: { sort: "lastUsedAt", direction: "desc" },
    params: { id: user },
  });

/** `GET /api/api-keys`: those of the key's own owner. */
export const apiKeyList = (connection: Connection) =>
  listOf(connection, { route: "GET /api/api-keys", item: ApiKey, id, defaultSort: { sort: "createdAt" } });

/** `GET /api/signup-tokens`. */
export const signupTokenList = (connection: Connection) =>
  listOf(connection, { route: "GET /api/signup-tokens", item: SignupToken, id, defaultSort: { sort: "createdAt" } });

/** `GET /api/audit-logs/all` for everybody's entries, `GET /api/audit-logs` for those of the key's owner; newest first. */
export const auditLogList = (connection: Connection, whose: "all" | "own") =>
  listOf(connection, {
    route: whose === "all" ? "GET /api/audit-logs/all" : "GET /api/audit-logs",
    item: AuditLog,
    id,
    defaultSort: { sort: "createdAt", direction: "desc" },
  });
