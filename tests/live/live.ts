import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Instance, Json, Reply } from "./instance.ts";
import type { MailServer } from "./mail-server.ts";
import type { Servers } from "./servers.ts";

/** What every chapter works with. */
export interface Live extends Pick<Servers, "ok" | "shows" | "fails" | "declines" | "secrets"> {
  readonly pocketId: Instance;
  readonly mail: MailServer;
}

/** Makes a user over plain HTTP, with a value in every field. */
export async function newUser({ done, prefix, read }: Instance, name: string, more: object = {}): Promise<Json> {
  const { id } = await done("POST", "/api/users", {
    username: `${prefix}-${name}`,
    firstName: name,
    lastName: "Live",
    displayName: `${name} Live`,
    email: `${prefix}-${name}@live.example`,
    isAdmin: false,
    disabled: false,
    ...more,
  });
  return read(`/api/users/${id}`);
}

export async function newGroup({ done, prefix }: Instance, name: string, members: Json[] = []): Promise<Json> {
  const group = await done("POST", "/api/user-groups", {
    name: `${prefix}-${name}`,
    friendlyName: `${name} ${prefix}`,
  });
  if (members.length > 0)
    await done("PUT", `/api/user-groups/${group.id}/users`, { userIds: members.map(({ id }) => id) });
  return group;
}

/** Makes a client over plain HTTP: restricted to these groups, or open to everyone if there is none. */
export async function newClient(
  { done, prefix, read }: Instance,
  name: string,
  groups: Json[] = [],
  more: object = {},
): Promise<Json> {
  const { id } = await done("POST", "/api/oidc/clients", {
    name: `${prefix} ${name}`,
    callbackURLs: [callbackURL],
    isGroupRestricted: groups.length > 0,
    ...more,
  });
  if (groups.length > 0)
    await done("PUT", `/api/oidc/clients/${id}/allowed-user-groups`, { userGroupIds: groups.map(({ id }) => id) });
  return read(`/api/oidc/clients/${id}`);
}

export const callbackURL = "https://app.live.example/callback";

/** Does something, and checks that the whole object differs afterwards in nothing but this. */
export async function changesOnly<T>(
  { read }: Instance,
  path: string,
  difference: object,
  change: () => Promise<T>,
): Promise<T> {
  const before = settled(await read(path));
  const answer = await change();
  expect(settled(await read(path))).toEqual({ ...before, ...settled(difference) });
  return answer;
}

/** The same value with its sets in one order: Pocket ID has none for them. */
export function settled(value: Json): Json {
  if (Array.isArray(value)) {
    const items = value.map(settled);
    const keyOf = (item: Json): string | undefined => item?.id ?? item?.key;
    return items.every((item) => typeof keyOf(item) === "string")
      ? items.sort((a, b) => String(keyOf(a)).localeCompare(String(keyOf(b))))
      : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, settled(inner)]));
}

export const ids = (rows: Json[]): string[] => rows.map(({ id }) => id).sort();

/** Says whether Pocket ID takes this secret for this client's. */
export async function secretWorks({ send }: Instance, client: string, secret: string): Promise<boolean> {
  const form = new URLSearchParams({ token: "of-nobody" });
  const { status, body } = await send("POST", "/api/oidc/introspect", { form, as: { client, secret } });
  if (status === 200) return true;
  expect(`${status} ${JSON.stringify(body)}`).toMatch(/^40[01] .*(?:client secret|invalid_client|unauthorized)/i);
  return false;
}

/** A sign-in to a client as its browser would do it: asks for a code, and changes it for tokens. Pocket ID <= 2.9. */
export async function signIn(
  { send }: Instance,
  { client, secret, session }: { client: string; secret: string; session: string },
): Promise<{ authorized: Reply; tokens?: Json }> {
  const verifier = randomBytes(32).toString("base64url");
  const authorized = await send("POST", "/api/oidc/authorize", {
    as: { session },
    body: {
      clientID: client,
      scope: "openid profile email groups",
      callbackURL,
      codeChallenge: createHash("sha256").update(verifier).digest("base64url"),
      codeChallengeMethod: "S256",
    },
  });
  if (authorized.status !== 200) return { authorized };
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code: authorized.body.code,
    redirect_uri: callbackURL,
    code_verifier: verifier,
  });
  const { status, body } = await send("POST", "/api/oidc/token", { form, as: { client, secret } });
  expect(status, JSON.stringify(body)).toBe(200);
  return { authorized, tokens: body };
}

/** What a JWT says; nobody checks its signature here. */
export const claimsOf = (jwt: string): Json =>
  JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));

/** Settings with which Pocket ID delivers its mail here. */
export const mailSettings = ({ port }: MailServer): Record<string, string> => ({
  smtpHost: "127.0.0.1",
  smtpPort: String(port),
  smtpFrom: "pocket-id@live.example",
  smtpUser: "live",
  smtpPassword: "smtp-password-of-the-live-tests",
  smtpTls: "none",
});
