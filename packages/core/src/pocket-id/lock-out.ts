import { applicationConfigurationOf, rawConfiguration } from "./application-configuration.ts";
import { sameValue } from "./compare.ts";
import { type ConfigurationPatch, isTrue } from "./configuration-values.ts";
import type { Connection } from "./connection.ts";
import { currentApiKey, staticOwner } from "./current-api-key.ts";
import { NotPossibleError } from "./errors.ts";
import { found } from "./finders.ts";
import { ownPasskeys, passkeysOfUser, userList } from "./lists.ts";
import {
  type Administrator,
  type Fate,
  isLongDead,
  ldapRisks,
  lostWayIn,
  mailSettings,
  mailsLinks,
  settingThatSyncNeeds,
  type WayIn,
} from "./lock-out-rules.ts";
import { has } from "./membership.ts";
import type { ApiKey } from "./objects/api-key.ts";
import { User } from "./objects/user.ts";
import { collect } from "./reference.ts";
import { isAvailable, type Route, routes } from "./versions.ts";

/**
 * Refuses what would leave nobody who can sign in as an administrator, and what would end the API key in use. Reads, and changes nothing.
 * What another program does between the look and the change cannot be seen from here.
 *
 * Every method throws a {@link NotPossibleError} with the reason and the next step.
 */
export interface LockOut {
  /** Accounts that are to be disabled, or made ordinary ones. */
  accounts(users: readonly { readonly id: string }[]): Promise<void>;
  /** Accounts that are to be deleted. */
  deletion(users: readonly { readonly id: string }[]): Promise<void>;
  /** Passkeys of one person that are to be deleted. */
  passkeys(user: { readonly id: string }, passkeys: readonly { readonly id: string }[]): Promise<void>;
  /** An account that is to have another e-mail address, or none. */
  email(user: { readonly id: string }, email: string | null): Promise<void>;
  /** Settings that are to be changed. */
  settings(patch: ConfigurationPatch): Promise<void>;
  /** A sync with the directory, as far as the settings tell what comes of it. */
  ldapSync(): Promise<void>;
  /** API keys that are to be deleted. Looks up to three times within some seconds. */
  apiKeys(keys: readonly ApiKey[]): Promise<void>;
}

/** Operations that all of this needs, but for the API keys. */
export const lockOutRoutes = [
  "GET /api/users",
  "GET /api/users/me",
  "GET /api/users/:id/webauthn-credentials",
  "GET /api/webauthn/credentials",
  "GET /api/application-configuration",
  "GET /api/application-configuration/all",
] as const satisfies readonly Route[];

export function lockOutOf(connection: Connection): LockOut {
  const me = () => connection.json("GET /api/users/me", User);

  const accounts = async (owner: User, users: readonly { readonly id: string }[]): Promise<void> => {
    if (has(users, owner.id))
      throw new NotPossibleError(
        `${owner.username} owns the API key in use, which would stop working at once. ` +
          "Do this with a key of another administrator, or in Pocket ID itself.",
      );
    const lost = await lostBy(connection, owner, { after: (one) => (has(users, one.id) ? undefined : one) });
    if (lost !== undefined) throw new NotPossibleError(`${withoutThem(lost)}${lost.untold} ${makeAnother(lost.way)}`);
  };

  return {
    accounts: async (users) => accounts(await me(), users),

    async deletion(users) {
      const owner = await me();
      await accounts(owner, users);
      // Pocket ID counts the owner of a key from the environment for nobody: with only that one left, whoever comes first is its administrator.
      if (owner.id !== staticOwner) return;
      for await (const { id } of userList(connection).all()) if (id !== owner.id && !has(users, id)) return;
      throw new NotPossibleError(
        "Nobody would be left, and Pocket ID would make an administrator of whoever opens its setup first. Keep an account, or disable them with user_disable.",
      );
    },

    async passkeys({ id }, gone) {
      const lost = await lostBy(connection, await me(), {
        after: (one) => (one.id === id ? { ...one, passkeys: less(one.passkeys, gone.length) } : one),
      });
      if (lost !== undefined)
        throw new NotPossibleError(
          `${withoutIt}${lost.untold} Let ${lost.names} add another one first, in Pocket ID itself.`,
        );
    },

    async email({ id }, email) {
      const lost = await lostBy(connection, await me(), {
        after: (one, user) => (id === one.id && !sameValue(user.email, email) ? { ...one, hasEmail: false } : one),
      });
      if (lost !== undefined)
        throw new NotPossibleError(
          `No administrator has a passkey: a link that is mailed to this address is the way in.${lost.untold} ${addPasskey(lost.names)}`,
        );
    },

    async settings(patch) {
      const { uiConfigDisabled } = await applicationConfigurationOf(connection).get();
      // Nothing is sent then.
      if (uiConfigDisabled === true) return;
      const stored = await rawConfiguration(connection);
      const mail = mailSettings(stored, patch);
      const ldap = ldapRisks(stored, patch);
      if (mail.length === 0 && ldap.length === 0) return;
      const owner = await me();
      if (ldap.length > 0) await refuseToLoseLdapAccounts(connection, owner, `${ldap.join(", ")} would be another`);
      if (mail.length === 0) return;
      const lost = await lostBy(connection, owner, { after: (one) => one, endsMail: true });
      if (lost !== undefined)
        throw new NotPossibleError(
          `No administrator has a passkey: a mailed link is the way in, and ${mail.join(", ")} may end it.${lost.untold} ${addPasskey(lost.names)}`,
        );
    },

    async ldapSync() {
      const stored = await rawConfiguration(connection);
      const missing = isTrue(stored.ldapEnabled) ? settingThatSyncNeeds(stored) : undefined;
      if (missing !== undefined)
        await refuseToLoseLdapAccounts(connection, await me(), `${missing}, which says who they are, is not set`);
    },

    async apiKeys(keys) {
      const alive = keys.filter((key) => !isLongDead(key));
      if (alive.length === 0) return;
      const { apiKey, certain, candidates, static: isStatic } = await currentApiKey(connection);
      const mayBe = apiKey === undefined ? candidates : [apiKey];
      // Where no key shows any use, something between here and Pocket ID answers in its place: it may be any of them.
      const hit = alive.find(({ id }) => (mayBe.length > 0 ? mayBe.some((key) => key.id === id) : !isStatic));
      if (hit === undefined) return;
      throw new NotPossibleError(
        certain
          ? `${hit.name} is the API key in use: nothing would work here any more. Give this server another key first, or delete it in Pocket ID itself.`
          : `${hit.name} may be the API key in use, which cannot be told right now. Try again when no other key is in use, or delete it in Pocket ID itself.`,
      );
    },
  };
}

/** Refuses what may take accounts that come from LDAP away, or make them ordinary ones. */
async function refuseToLoseLdapAccounts(connection: Connection, owner: User, reason: string): Promise<void> {
  const instead =
    "Have an administrator with a passkey who does not come from LDAP first, or do this in Pocket ID itself.";
  if (owner.ldapId)
    throw new NotPossibleError(
      `A sync may take ${owner.username} away, who comes from LDAP and owns the API key in use: ${reason}. ` +
        "Use a key of an administrator who does not come from LDAP, or do this in Pocket ID itself.",
    );
  const lost = await lostBy(connection, owner, { after: (one) => (one.fromLdap ? undefined : one) });
  if (lost !== undefined)
    throw new NotPossibleError(
      `A sync may take the administrators away, who come from LDAP (${lost.names}): ${reason}.${lost.untold} ${instead}`,
    );
}

const withoutIt = "No administrator would have a passkey any more, and nobody could sign in as one.";

function withoutThem({ way, names }: Lost): string {
  if (way === "passkey") return `Without ${names}, no administrator would have a passkey to sign in with.`;
  if (way === "mail")
    return `Without ${names}, no administrator could sign in by a mailed link, and none has a passkey.`;
  return `Without ${names}, there would be no administrator any more.`;
}

const makeAnother = (way: WayIn): string =>
  way === "link"
    ? "Make somebody else one first, with isAdmin of user_update."
    : "Let another administrator add a passkey first: user_create_one_time_access_token makes the link to come in with.";

const addPasskey = (names: string): string =>
  `Let ${names} add a passkey first: user_create_one_time_access_token makes the link to come in with.`;

const less = (passkeys: number | undefined, by: number): number | undefined =>
  passkeys === undefined ? undefined : Math.max(0, passkeys - by);

/** What a change does to administrators. */
interface Change {
  /** What becomes of one: the same object if nothing does, undefined if that is one no more. */
  after(administrator: Administrator, user: User): Administrator | undefined;
  /** Whether mailed links may not arrive any more. */
  readonly endsMail?: boolean;
}

interface Lost {
  readonly way: WayIn;
  /** Of those who have it now. */
  readonly names: string;
  /** A sentence about what this version does not tell; empty if it tells all. */
  readonly untold: string;
}

/** The way in that a change would take from the last administrator who has it. */
async function lostBy(
  connection: Connection,
  owner: User,
  { after, endsMail = false }: Change,
): Promise<Lost | undefined> {
  const users = (await collect(userList(connection).all({ filters: { isAdmin: true } }))).filter(canAdminister);
  const stays = users.filter((user) => after(told(user), user) !== undefined);
  if (!endsMail && users.every((user) => isUntouched(user, after))) return undefined;
  const fates: Fate[] = [];
  for (const user of [...stays, ...users.filter((user) => !stays.includes(user))]) {
    const before = { ...told(user), passkeys: await passkeysOf(connection, user, owner) };
    const fate = { before, after: after(before, user) };
    // Nothing is surer than a passkey, so one who keeps it is enough.
    if ((fate.after?.passkeys ?? 0) > 0) return undefined;
    fates.push(fate);
  }
  const mail = mailsLinks(await rawConfiguration(connection));
  const lost = lostWayIn(fates, { before: mail, after: mail && !endsMail });
  if (lost === undefined) return undefined;
  const names = lost.who.map(({ username }) => username);
  return {
    way: lost.way,
    names: names.length > mostNames ? `${names.slice(0, mostNames).join(", ")} and others` : names.join(", "),
    untold: fates.some(({ before }) => before.passkeys === undefined)
      ? ` Pocket ID before ${ofAnybody.since} does not show the passkeys of others.`
      : "",
  };
}

const mostNames = 5;

/** The owner of a key from the environment is no person, and has no way to sign in. */
const canAdminister = ({ id, isAdmin, disabled }: User): boolean => isAdmin && !disabled && id !== staticOwner;

/** What the list of users tells of an administrator. */
const told = ({ id, username, email, ldapId }: User): Administrator => ({
  id,
  username,
  hasEmail: Boolean(email),
  fromLdap: Boolean(ldapId),
  passkeys: undefined,
});

function isUntouched(user: User, after: Change["after"]): boolean {
  const one = told(user);
  return after(one, user) === one;
}

const ofAnybody = routes["GET /api/users/:id/webauthn-credentials"];

async function passkeysOf(connection: Connection, { id }: User, owner: User): Promise<number | undefined> {
  if (id === owner.id) return (await ownPasskeys(connection)).length;
  if (!isAvailable(ofAnybody, (await connection.version()).version)) return undefined;
  // Whoever was deleted meanwhile has none.
  return (await found(passkeysOfUser(connection, id)))?.length ?? 0;
}
