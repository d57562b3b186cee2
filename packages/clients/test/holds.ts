import type { Api, ApiGrant, ClientSecret, OidcClient } from "@pocketid-mcp/sandbox";
import type { Connected } from "../../../tests/support/connect.ts";

/** Looks into what the sandbox now holds, and what it was asked. */
export function holds({ sandbox }: Connected) {
  const { state } = sandbox;
  const one = <T>(found: T | undefined, what: string): T => {
    if (found === undefined) throw new Error(`the sandbox holds no ${what}`);
    return found;
  };
  const user = (username: string) =>
    one(
      [...state.users.values()].find((candidate) => candidate.username === username),
      username,
    );
  const group = (name: string) =>
    one(
      [...state.userGroups.values()].find((candidate) => candidate.name === name),
      `group ${name}`,
    );
  return {
    client: (id: string): OidcClient => one(state.oidcClients.get(id), `client ${id}`),
    clientNamed: (name: string): OidcClient =>
      one(
        [...state.oidcClients.values()].find((candidate) => candidate.name === name),
        `client ${name}`,
      ),
    user,
    group,
    groupIds: (...names: string[]) => names.map((name) => group(name).id),
    api: (name: string): Api =>
      one(
        [...state.apis.values()].find((candidate) => candidate.name === name),
        `API ${name}`,
      ),
    grant: (apiId: string, clientId: string): ApiGrant | undefined =>
      state.grants.find((grant) => grant.apiId === apiId && grant.clientId === clientId),
    provider: (clientId: string) => [...state.scimProviders.values()].find((one) => one.oidcClientId === clientId),
    /** Requests that could change something, like `PUT /api/oidc/clients/immich`. */
    changes: () =>
      sandbox.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`),
    /** Whether the token endpoint takes this secret for a client. */
    async accepts(clientId: string, secret: string): Promise<boolean> {
      const form = { grant_type: "client_credentials", client_id: clientId, client_secret: secret };
      const { status } = await fetch(`${sandbox.url}/api/oidc/token`, {
        method: "POST",
        body: new URLSearchParams(form),
      });
      return status === 200;
    },
  };
}

/** Gives a client one more secret. */
export function addSecret(
  mcp: Connected,
  client: string,
  value: string,
  more: Partial<ClientSecret> = {},
): ClientSecret {
  const id = `00000000-0000-4000-8000-${value.slice(0, 12).padEnd(12, "0")}`;
  const secret = { id, prefix: value.slice(0, 4), value, createdAt: "2026-01-05T10:00:00Z", expiresAt: null, ...more };
  holds(mcp).client(client).secrets.push(secret);
  return secret;
}

/** An application that registers itself, by the URL of its metadata document. Pocket ID >= 2.13. */
export const cimdId = "https://notes.example/client.json";

export function addCimdClient(mcp: Connected): OidcClient {
  const client: OidcClient = {
    ...holds(mcp).client("gitea"),
    id: cimdId,
    name: "Notes",
    description: "",
    clientType: "cimd",
    isPublic: true,
    pkceEnabled: true,
    callbackURLs: ["https://notes.example/callback"],
    launchURL: null,
    secrets: [],
  };
  mcp.sandbox.state.oidcClients.set(cimdId, client);
  return client;
}

export const named = (rows: { name: string }[]) => rows.map(({ name }) => name);
