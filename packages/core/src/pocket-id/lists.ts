import type { Connection } from "./connection.ts";
import { listOf } from "./list.ts";
import { Api, ApiClientOnWire } from "./objects/api.ts";
import { ApiKey } from "./objects/api-key.ts";
import { AuditLog } from "./objects/audit-log.ts";
import { collection } from "./objects/collection.ts";
import { AccessibleClient, AuthorizedClient, OidcClient } from "./objects/oidc-client.ts";
import { Passkey } from "./objects/passkey.ts";
import { SignupToken } from "./objects/signup-token.ts";
import { User } from "./objects/user.ts";
import { UserGroupRow } from "./objects/user-group.ts";

const id = (item: { id: string }): string => item.id;

// Who makes a list a part of something larger names `list` and `all`: V8 takes 6 µs to spread them at the head of an object, at every call.
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

/** `GET /api/apis`; search looks at name and resource. Pocket ID >= 2.10. */
export const apiList = (connection: Connection) =>
  listOf(connection, { route: "GET /api/apis", item: Api, id, defaultSort: { sort: "resource" } });

/** `GET /api/apis/:id/clients`: those that may call an API; search looks at the name. Pocket ID >= 2.14. */
export const apiClientList = (connection: Connection, api: string) =>
  listOf(connection, {
    route: "GET /api/apis/:id/clients",
    item: ApiClientOnWire,
    id: ({ client }) => client.id,
    defaultSort: { sort: "name" },
    params: { id: api },
  });

/** `GET /api/oidc/users/me/clients`: those that the key's owner may sign in to. */
export const accessibleClientList = (connection: Connection) =>
  listOf(connection, {
    route: "GET /api/oidc/users/me/clients",
    item: AccessibleClient,
    id,
    defaultSort: { sort: "name" },
  });

/** `GET /api/api-keys`: those of the key's own owner. */
export const apiKeyList = (connection: Connection) =>
  listOf(connection, { route: "GET /api/api-keys", item: ApiKey, id, defaultSort: { sort: "createdAt" } });

/** `GET /api/webauthn/credentials`: those of the key's own owner, all at once. */
export const ownPasskeys = (connection: Connection) =>
  connection.json("GET /api/webauthn/credentials", collection(Passkey));

/** `GET /api/users/:id/webauthn-credentials`: those of anybody. Pocket ID >= 2.6. */
export const passkeysOfUser = (connection: Connection, id: string) =>
  connection.json("GET /api/users/:id/webauthn-credentials", collection(Passkey), { params: { id } });

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
