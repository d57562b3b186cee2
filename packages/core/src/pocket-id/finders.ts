import type { Connection } from "./connection.ts";
import { isNotThere } from "./errors.ts";
import { apiKeyList, apiList, oidcClientList, ownPasskeys, signupTokenList, userGroupList, userList } from "./lists.ts";
import { Api } from "./objects/api.ts";
import type { ApiKey } from "./objects/api-key.ts";
import { OidcClient, type OidcClientReference } from "./objects/oidc-client.ts";
import type { Passkey } from "./objects/passkey.ts";
import type { SignupToken } from "./objects/signup-token.ts";
import { User } from "./objects/user.ts";
import { UserGroup, type UserGroupReference } from "./objects/user-group.ts";
import type { Finder } from "./reference.ts";
import { sameText } from "./same-text.ts";
import type { Route } from "./versions.ts";

/** What a reference of each kind leads to. */
export interface Found {
  user: User;
  group: UserGroupReference;
  client: OidcClientReference;
  api: Api;
  apiKey: ApiKey;
  passkey: Passkey;
  signupToken: SignupToken;
}

/** Kinds of objects that tools act on. */
export type ReferenceKind = keyof Found;

/** Users by id, username or e-mail address. */
export function userFinder(connection: Connection): Finder<User> {
  const { all } = userList(connection);
  return {
    kind: "user",
    listedBy: "user_list of the users server",
    byId: (id) => found(connection.json("GET /api/users/:id", User, { params: { id } })),
    isId: isUuid,
    idsAlone: true,
    search: (text) => all({ search: text }),
    all: () => all(),
    // Both count alike: whoever signs up may choose another's e-mail address as a username.
    match: ({ username, email }, text) => (sameText(username, text) || sameText(email ?? "", text) ? 1 : 0),
    label: ({ username, displayName }) => (displayName ? `${username} (${displayName})` : username),
  };
}

/** User groups by id, name or friendly name. */
export function userGroupFinder(connection: Connection): Finder<UserGroupReference> {
  const { all } = userGroupList(connection);
  return {
    kind: "group",
    listedBy: "user_group_list of the groups server",
    byId: (id) => found(connection.json("GET /api/user-groups/:id", UserGroup, { params: { id } })),
    isId: isUuid,
    idsAlone: true,
    async *search(text) {
      // Pocket ID searches names alone: unless one is exactly this, another group may have it as its friendly name.
      for await (const group of all({ search: text })) if (group.name === text) yield group;
    },
    all: () => all(),
    match: matchGroup,
    label: ({ name, friendlyName }) => (friendlyName === name ? name : `${name} (${friendlyName})`),
  };
}

/** The name counts more than the friendly name, which several groups may share. */
function matchGroup({ name, friendlyName }: UserGroupReference, text: string): number {
  if (name === text) return 4;
  if (friendlyName === text) return 3;
  if (sameText(name, text)) return 2;
  return sameText(friendlyName, text) ? 1 : 0;
}

/** OIDC clients by client id or name. */
export function oidcClientFinder(connection: Connection): Finder<OidcClientReference> {
  const { all } = oidcClientList(connection);
  return {
    kind: "client",
    listedBy: "oidc_client_list of the clients server",
    byId: (id) => found(connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } })),
    // A CIMD client's id is the https URL of its metadata document.
    isId: (text) => /^[A-Za-z0-9._-]{2,128}$|^https:\/\//.test(text),
    idsAlone: false,
    search: (text) => all({ search: text }),
    all: () => all(),
    match: ({ name }, text) => (name === text ? 2 : sameText(name, text) ? 1 : 0),
    label: ({ name }) => name,
  };
}

/** APIs by id, resource or name. */
export function apiFinder(connection: Connection): Finder<Api> {
  const { all } = apiList(connection);
  return {
    kind: "API",
    listedBy: "api_list of the clients server",
    byId: (id) => found(connection.json("GET /api/apis/:id", Api, { params: { id } })),
    isId: isUuid,
    idsAlone: true,
    search: (text) => all({ search: text }),
    all: () => all(),
    match: matchApi,
    label: ({ name, resource }) => `${name} (${resource})`,
  };
}

/** The resource counts more than the name, which several APIs may share. Pocket ID >= 2.14 takes the slash from its end. */
function matchApi({ name, resource }: Api, text: string): number {
  if (resource === text) return 4;
  if (resource === text.replace(/\/+$/, "")) return 3;
  if (name === text) return 2;
  return sameText(name, text) ? 1 : 0;
}

/** The API keys of the key's own owner, by id or name. */
export function apiKeyFinder(connection: Connection): Finder<ApiKey> {
  const { all } = apiKeyList(connection);
  return {
    kind: "API key",
    listedBy: "api_key_list of the keys-audit server",
    isId: isUuid,
    idsAlone: true,
    all: () => all(),
    match: ({ name }, text) => (name === text ? 2 : sameText(name, text) ? 1 : 0),
    label: ({ name }) => name,
  };
}

/** The passkeys of one person, by id or name, which several of them may share. */
export function passkeyFinder(
  list: () => Promise<Passkey[]>,
  listedBy = "passkey_list of the keys-audit server",
): Finder<Passkey> {
  async function* all() {
    yield* await list();
  }
  return {
    kind: "passkey",
    listedBy,
    isId: isUuid,
    idsAlone: true,
    all,
    match: ({ name }, text) => (name === text ? 2 : sameText(name, text) ? 1 : 0),
    label: ({ name, createdAt }) => `${name} (since ${createdAt.slice(0, 10)})`,
  };
}

/** Signup tokens by id. */
export function signupTokenFinder(connection: Connection): Finder<SignupToken> {
  const { all } = signupTokenList(connection);
  return {
    kind: "signup token",
    listedBy: "signup_token_list of the users server",
    isId: isUuid,
    idsAlone: true,
    all: () => all(),
    match: () => 0,
    label: ({ id }) => id,
  };
}

/** How objects of each kind are found. */
export const finders: { readonly [K in ReferenceKind]: (connection: Connection) => Finder<Found[K]> } = {
  user: userFinder,
  group: userGroupFinder,
  client: oidcClientFinder,
  api: apiFinder,
  apiKey: apiKeyFinder,
  passkey: (connection) => passkeyFinder(() => ownPasskeys(connection)),
  signupToken: signupTokenFinder,
};

/** The operations that finding an object of each kind needs. */
export const finderRoutes: { readonly [K in ReferenceKind]: readonly Route[] } = {
  user: ["GET /api/users", "GET /api/users/:id"],
  group: ["GET /api/user-groups", "GET /api/user-groups/:id"],
  client: ["GET /api/oidc/clients", "GET /api/oidc/clients/:id"],
  api: ["GET /api/apis", "GET /api/apis/:id"],
  apiKey: ["GET /api/api-keys"],
  passkey: ["GET /api/webauthn/credentials"],
  signupToken: ["GET /api/signup-tokens"],
};

/** Says whether a text has the form of the ids that Pocket ID makes. Others would be a database error on PostgreSQL. */
const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Turns "there is no such object" into undefined. */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}
