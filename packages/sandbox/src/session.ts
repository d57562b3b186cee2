import type { Call } from "./http/call.ts";
import { stored } from "./moments.ts";
import { newId } from "./random.ts";
import { signedJwt } from "./signing-key.ts";
import type { User } from "./state.ts";

/** Signs a user in; the answer carries the token as a cookie. */
export function startSession(call: Call, user: User, authenticationMethod: string): Record<string, string> {
  const minutes = Number.parseInt(call.state.configuration.get("sessionDuration") ?? "", 10) || 0;
  const issuedAt = Math.floor(Date.now() / 1000);
  const token = signedJwt({
    iss: call.issuer,
    aud: [call.issuer],
    sub: user.id,
    iat: issuedAt,
    exp: issuedAt + minutes * 60,
    jti: newId(),
    type: "access-token",
    ...(user.isAdmin && { isAdmin: true }),
    ...(authenticationMethod !== "" && call.has("authenticationMethods") && { amr: [authenticationMethod] }),
  });
  const expiresAt = stored(new Date((issuedAt + minutes * 60) * 1000));
  call.state.sessions.set(token, { token, userId: user.id, expiresAt, authenticationMethod });
  return setCookie(call, accessTokenCookie(call.issuer), token, minutes * 60, "/");
}

/** Signing out only takes the cookie away: a session that was copied stays good until it ends. */
export const endSession = (call: Call): Record<string, string> =>
  setCookie(call, accessTokenCookie(call.issuer), "", 0, "/");

/** Secure even over plain http, as Pocket ID sets it. Zero seconds means no Max-Age, fewer end the cookie at once. */
export function setCookie(
  { has }: Call,
  name: string,
  value: string,
  maxAge: number,
  path: string,
): Record<string, string> {
  const age = maxAge === 0 ? "" : ` Max-Age=${Math.max(maxAge, 0)};`;
  const sameSite = has("sameSiteCookies") ? "; SameSite=Lax" : "";
  return { "set-cookie": `${name}=${value}; Path=${path};${age} HttpOnly; Secure${sameSite}` };
}

export function accessTokenCookie(issuer: string): string {
  return issuer.startsWith("http://") ? "access_token" : "__Host-access_token";
}

export function deviceTokenCookie(issuer: string): string {
  return issuer.startsWith("http://") ? "device_token" : "__Secure-device_token";
}

export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? "").split(";")) {
    const [key, ...value] = pair.trim().split("=");
    if (key === name) return value.join("=");
  }
  return undefined;
}
