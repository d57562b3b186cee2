import * as z from "zod";
import type { Connection } from "./connection.ts";
import { InputError } from "./errors.ts";
import { passkeyFinder, userFinder } from "./finders.ts";
import { ownPasskeys, passkeysOfUser } from "./lists.ts";
import { Passkey } from "./objects/passkey.ts";
import { checkReference, type Finder, findAll, findOne, idOf, type Reference } from "./reference.ts";
import { isAvailable, routes } from "./versions.ts";

/** The passkeys of one person. Pocket ID has no order for them. */
export interface PasskeysOfOne {
  list(): Promise<Passkey[]>;
  /** Finds each once. @throws {InputError} with candidates if one of them names none or several */
  find(passkeys: readonly Reference<Passkey>[]): Promise<Passkey[]>;
  /** Also takes the last one: then an access link is the way back in. */
  delete(passkey: Reference): Promise<void>;
}

/** A passkey after it got another name. */
export interface RenamedPasskey {
  readonly passkey: Passkey;
  readonly changed: string[];
}

/** Passkeys. Nobody can add one but its owner, in a browser. */
export interface Passkeys {
  /** `GET` and `DELETE /api/webauthn/credentials`: those of the owner of the API key. */
  readonly own: PasskeysOfOne;
  /**
   * `GET` and `DELETE /api/users/:id/webauthn-credentials`: those of anybody. Pocket ID >= 2.6.
   * @throws {InputError} before that, unless the user is the owner of the API key
   */
  of(user: Reference): Promise<PasskeysOfOne>;
  /** How many these users have together; undefined before Pocket ID 2.6, and where too many would have to be looked at. */
  count(users: readonly { readonly id: string }[]): Promise<number | undefined>;
  /** `PATCH /api/webauthn/credentials/:id`: only its owner can do it. */
  rename(passkey: Reference<Passkey>, name: string): Promise<RenamedPasskey>;
}

/** Users whose passkeys are counted: each is a request. */
const mostCounted = 20;

const Owner = z.object({ id: z.string(), username: z.string() });
const ofAnybody = routes["GET /api/users/:id/webauthn-credentials"];

export function passkeysOf(connection: Connection): Passkeys {
  const finder = passkeyFinder(() => ownPasskeys(connection));
  const own = ofOne(finder, {
    list: () => ownPasskeys(connection),
    remove: (id) => connection.request("DELETE /api/webauthn/credentials/:id", { params: { id } }),
  });

  return {
    own,

    async of(user) {
      const id = await idOf(userFinder, connection, user, "user");
      const { version } = await connection.version();
      if (isAvailable(ofAnybody, version)) {
        const list = () => passkeysOfUser(connection, id);
        return ofOne(passkeyFinder(list, "user_passkey_list"), {
          list,
          remove: (credentialId) =>
            connection.request("DELETE /api/users/:id/webauthn-credentials/:credentialId", {
              params: { id, credentialId },
            }),
        });
      }
      const owner = await connection.json("GET /api/users/me", Owner);
      if (owner.id === id) return own;
      throw new InputError(
        "user",
        `passkeys of others need Pocket ID ${ofAnybody.since} or later, and this one is ${version}. ` +
          `Before that, only those of ${owner.username}, who owns the API key, can be reached.`,
      );
    },

    async count(users) {
      if (users.length > mostCounted || !isAvailable(ofAnybody, (await connection.version()).version)) return undefined;
      let passkeys = 0;
      for (const { id } of users) passkeys += (await passkeysOfUser(connection, id)).length;
      return passkeys;
    },

    async rename(reference, name) {
      const before = typeof reference === "string" ? await findOne(finder, reference, "passkey") : reference;
      if (before.name === name) return { passkey: before, changed: [] };
      const passkey = await connection.json("PATCH /api/webauthn/credentials/:id", Passkey, {
        params: { id: before.id },
        body: { name },
      });
      return { passkey, changed: ["name"] };
    },
  };
}

function ofOne(
  finder: Finder<Passkey>,
  { list, remove }: { list: () => Promise<Passkey[]>; remove: (id: string) => Promise<unknown> },
): PasskeysOfOne {
  return {
    list,
    find: (passkeys) => findAll(finder, passkeys, "passkeys"),
    async delete(passkey) {
      const { id } = typeof passkey === "string" ? await findOne(finder, passkey, "passkey") : passkey;
      await remove(id);
    },
  };
}

/**
 * Refuses what cannot name passkeys, before anything is sent.
 * @throws {InputError}
 */
export function checkPasskeys(passkeys: readonly string[]): void {
  passkeys.forEach((text, index) => {
    checkReference(text, `passkeys[${index}]`);
  });
}
