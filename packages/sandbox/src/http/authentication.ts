import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isPast, now } from "../moments.ts";
import { apiKeyAuthNotAllowed, missingPermission, notSignedIn, userDisabled } from "../refusals.ts";
import { accessTokenCookie, cookieValue } from "../session.ts";
import type { User } from "../state.ts";
import { ownerOfStaticKey } from "../users.ts";
import type { Instance } from "./call.ts";

/** public: nobody is asked. user: session or key. admin: the same, of an administrator. session: keys are refused. */
export type Access = "public" | "user" | "admin" | "session";

export interface SignedIn {
  readonly caller: User | undefined;
  readonly authenticationMethod: string;
}

/** A session is tried first; what it says about its user is final. Only without one does a key count. */
export function authenticate(instance: Instance, headers: IncomingHttpHeaders, access: Access): SignedIn {
  if (access === "public") return { caller: undefined, authenticationMethod: "" };
  const session = sessionOf(instance, headers);
  if (session !== undefined) return { ...session, caller: allowed(session.caller, access) };
  const key = headerText(headers["x-api-key"]);
  if (access === "session") throw key === "" ? notSignedIn() : apiKeyAuthNotAllowed();
  const owner = ownerOfKey(instance, key);
  if (owner === undefined) throw notSignedIn();
  return { caller: allowed(owner, access), authenticationMethod: "" };
}

function allowed(user: User, access: Access): User {
  if (user.disabled) throw userDisabled();
  if (access === "admin" && !user.isAdmin) throw missingPermission();
  return user;
}

/** Sessions stay good for a minute after they end: Pocket ID allows that much between clocks. */
const CLOCK_SKEW_MS = 60_000;

function sessionOf(
  instance: Instance,
  headers: IncomingHttpHeaders,
): { caller: User; authenticationMethod: string } | undefined {
  const token =
    cookieValue(headers.cookie, accessTokenCookie(instance.issuer)) ?? afterFirstSpace(headers.authorization);
  const session = instance.state.sessions.get(token);
  if (session === undefined || isPast(session.expiresAt, new Date(Date.now() - CLOCK_SKEW_MS))) return undefined;
  const caller = instance.state.users.get(session.userId);
  return caller && { caller, authenticationMethod: session.authenticationMethod };
}

/** Any scheme word will do: Pocket ID takes what follows the first space. */
function afterFirstSpace(authorization = ""): string {
  const space = authorization.indexOf(" ");
  return space < 0 ? "" : authorization.slice(space + 1);
}

function ownerOfKey({ state, has, staticApiKey }: Instance, key: string): User | undefined {
  if (key === "") return undefined;
  if (key === staticApiKey && has("staticApiKey")) return ownerOfStaticKey(state);
  const hash = sha256(key);
  const found = [...state.apiKeys.values()].find((candidate) => candidate.key === hash && !isPast(candidate.expiresAt));
  if (found === undefined) return undefined;
  found.lastUsedAt = now();
  return state.users.get(found.userId);
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function headerText(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? "";
}
