import * as z from "zod";
import type { Connection } from "./connection.ts";
import { PocketIdError } from "./errors.ts";
import { oneTimeAccessToken } from "./one-time-access.ts";

const Me = z.object({ id: z.string() });

/**
 * Does something that Pocket ID refuses to API keys (2.3 and later), as the key's own owner: makes a one-time access token for the owner,
 * signs in with it, does the work, signs out again, and forgets the session (signing out takes a browser's cookie away and no more: whoever
 * has the session can use it until it ends by itself). Leaves one `TOKEN_SIGN_IN` entry of the owner in the audit log.
 * Routes: `GET /api/users/me`, `POST /api/users/:id/one-time-access-token`, `POST /api/one-time-access-token/:token`, `POST /api/webauthn/logout`.
 */
export async function asOwner<T>(connection: Connection, work: (as: { session: string }) => Promise<T>): Promise<T> {
  const { id } = await connection.json("GET /api/users/me", Me);
  // The session is a secret, too, until it ends by itself.
  await connection.keeper?.begin();
  const token = await oneTimeAccessToken(connection, id, "1m");
  const { headers } = await connection.request("POST /api/one-time-access-token/:token", {
    params: { token },
    as: "nobody",
  });
  const as = { session: sessionOf(headers["set-cookie"]) };
  try {
    return await work(as);
  } finally {
    // Also where the call has been cancelled meanwhile.
    const steady = connection.within({ signal: undefined });
    await steady.request("POST /api/webauthn/logout", { as }).catch(() => undefined);
  }
}

function sessionOf(header: string | string[] | undefined): string {
  const cookies = header === undefined ? [] : [header].flat();
  // The cookie is called __Host-access_token where Pocket ID is served by https.
  const value = cookies.map((cookie) => /^(?:__Host-)?access_token=([^;]+)/.exec(cookie)?.[1]).find(Boolean);
  if (value !== undefined) return value;
  throw new PocketIdError("Signing in as the owner of the API key brought no session.", {
    status: null,
    code: "no_session",
    route: "POST /api/one-time-access-token/:token",
    hint: "A proxy in front of Pocket ID may drop its cookies: check it, or do this in the web interface.",
  });
}
