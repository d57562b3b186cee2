import * as z from "zod";
import { rawConfiguration } from "./application-configuration.ts";
import { isTrue } from "./configuration-values.ts";
import type { Connection } from "./connection.ts";
import { parseTokenLifetime } from "./duration.ts";
import { NotPossibleError } from "./errors.ts";
import { userFinder } from "./finders.ts";
import { instanceOf } from "./instance.ts";
import { mailsLinks } from "./lock-out-rules.ts";
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
  /** Where such a mail would go. @throws {NotPossibleError} naming the settings that are missing */
  addressOf(user: Reference): Promise<string>;
  /** Whether this person can have a link mailed by asking for it on the sign-in page. */
  canAskByEmail(user: Pick<User, "email">): Promise<boolean>;
}

const Token = z.object({ token: z.string() });
/** Lifetime of a link where none is given. */
export const defaultAccessLifetime = "15m";

export function oneTimeAccessOf(connection: Connection): OneTimeAccess {
  const find = (user: Reference) => idOf(userFinder, connection, user, "user");
  const addressOf = async (id: string): Promise<string> => {
    const user = await connection.json("GET /api/users/:id", User, { params: { id } });
    const missing = await missingForEmail(connection, user);
    if (missing.length > 0) throw new NotPossibleError(`No mail was sent: ${missing.join("; ")}.`);
    return user.email ?? "";
  };
  const expiry = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

  return {
    async createToken(user, lifetime = defaultAccessLifetime) {
      const { ttl, seconds } = parseTokenLifetime(lifetime);
      const id = await find(user);
      const publicUrl = await instanceOf(connection).publicUrl();
      return makeSecret(connection, {
        async send(steady) {
          const token = await oneTimeAccessToken(steady, id, ttl);
          return { token, link: `${publicUrl}/lc/${token}`, expiresAt: expiry(seconds) };
        },
        shown: ({ link, expiresAt }) => ({
          what: "access link",
          of: id,
          value: link,
          lost: `Pocket ID cannot take it back. Nobody knows it, and it ends by itself at ${expiresAt}.`,
        }),
        unsure: "If it was made, nobody knows it, and it ends by itself.",
      });
    },

    async sendEmail(reference, lifetime = defaultAccessLifetime) {
      const { ttl, seconds } = parseTokenLifetime(lifetime);
      const id = await find(reference);
      const email = await addressOf(id);
      await connection.request("POST /api/users/:id/one-time-access-email", { params: { id }, body: { ttl } });
      return { email, expiresAt: expiry(seconds) };
    },

    addressOf: async (user) => addressOf(await find(user)),

    canAskByEmail: async ({ email }) => Boolean(email) && mailsLinks(await rawConfiguration(connection)),
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
