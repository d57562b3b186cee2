import * as z from "zod";
import { rawConfiguration } from "./application-configuration.ts";
import { isTrue } from "./configuration-values.ts";
import type { Connection } from "./connection.ts";
import { parseTokenLifetime } from "./duration.ts";
import { NotPossibleError } from "./errors.ts";
import { userFinder } from "./finders.ts";
import { instanceOf } from "./instance.ts";
import { User } from "./objects/user.ts";
import { idOf, type Reference } from "./reference.ts";
import { makeSecret } from "./shown-once.ts";

/** A one-time access token as it is shown this once: whoever opens the link is signed in as the user. */
export interface OneTimeAccessToken {
  readonly token: string;
  /** Link that signs in. */
  readonly link: string;
  readonly expiresAt: string;
}

/** Access without a passkey: links that work once. */
export interface OneTimeAccess {
  /** `POST /api/users/:id/one-time-access-token`. Never repeated. @param ttl such as `15m` (the default) or `7d`, at most 31 days */
  createToken(user: Reference, ttl?: string): Promise<OneTimeAccessToken>;
  /**
   * `POST /api/users/:id/one-time-access-email`. The mail is sent after the answer, so nobody learns whether it arrived.
   * @throws {NotPossibleError} naming the settings that are missing
   */
  sendEmail(user: Reference, ttl?: string): Promise<{ email: string; expiresAt: string }>;
}

const Token = z.object({ token: z.string() });
const defaultLifetime = "15m";

export function oneTimeAccessOf(connection: Connection): OneTimeAccess {
  const find = (user: Reference) => idOf(userFinder(connection), user, "user");
  const expiry = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

  return {
    async createToken(user, lifetime = defaultLifetime) {
      const { ttl, seconds } = parseTokenLifetime(lifetime);
      const id = await find(user);
      const publicUrl = await instanceOf(connection).publicUrl();
      return makeSecret(
        connection,
        async (steady) => {
          const token = await oneTimeAccessToken(steady, id, ttl);
          return { token, link: `${publicUrl}/lc/${token}`, expiresAt: expiry(seconds) };
        },
        ({ link, expiresAt }) => ({
          what: "access link",
          of: id,
          value: link,
          lost: `Pocket ID cannot take it back. Nobody knows it, and it ends by itself at ${expiresAt}.`,
        }),
      );
    },

    async sendEmail(reference, lifetime = defaultLifetime) {
      const { ttl, seconds } = parseTokenLifetime(lifetime);
      const id = await find(reference);
      const user = await connection.json("GET /api/users/:id", User, { params: { id } });
      const missing = await missingForEmail(connection, user);
      if (missing.length > 0) throw new NotPossibleError(`No mail was sent: ${missing.join("; ")}.`);
      await connection.request("POST /api/users/:id/one-time-access-email", { params: { id }, body: { ttl } });
      return { email: user.email ?? "", expiresAt: expiry(seconds) };
    },
  };
}

/** `POST /api/users/:id/one-time-access-token`. */
export async function oneTimeAccessToken(connection: Connection, id: string, ttl: string): Promise<string> {
  // Pocket ID < 2.4 takes the user from the body and not from the path; later ones ignore it there.
  const { token } = await connection.json("POST /api/users/:id/one-time-access-token", Token, {
    params: { id },
    body: { userId: id, ttl },
  });
  return token;
}

async function missingForEmail(connection: Connection, { email, disabled }: User): Promise<string[]> {
  const { emailOneTimeAccessAsAdminEnabled, smtpHost } = await rawConfiguration(connection);
  return [
    ...(disabled ? ["the account is disabled (enable it with user_enable)"] : []),
    ...(email ? [] : ["the account has no e-mail address (set one with user_update)"]),
    ...(isTrue(emailOneTimeAccessAsAdminEnabled)
      ? []
      : ["the setting emailOneTimeAccessAsAdminEnabled is off (set it to true with app_config_update)"]),
    // Pocket ID answers 204 even without a mail server: the mail is sent later, and fails unseen.
    ...(smtpHost ? [] : ["no mail server is set up (smtpHost and its fellows in app_config_update)"]),
  ];
}
