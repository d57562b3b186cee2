import * as z from "zod";
import { type Plain, plainValue } from "./change-record.ts";
import type { Fields } from "./compare.ts";
import {
  type ConfigurationKey,
  type ConfigurationKeyName,
  configurationKeys,
  isKnownKey,
  isSecretKey,
} from "./configuration-keys.ts";
import { type ConfigurationPatch, fromText, isTrue, toText } from "./configuration-values.ts";
import type { Connection } from "./connection.ts";
import { InputError, NotPossibleError, notAsExpected } from "./errors.ts";
import { userGroupFinder } from "./finders.ts";
import { userGroupList } from "./lists.ts";
import { collection } from "./objects/collection.ts";
import { User } from "./objects/user.ts";
import type { UserGroupReference } from "./objects/user-group.ts";
import { isMask, redactedValue, refuseRedacted } from "./redacted.ts";
import { collect, findAll } from "./reference.ts";
import { fieldsOfVersion, requireFields } from "./requirements.ts";
import { type Updated, updateFields } from "./update.ts";
import type { Route } from "./versions.ts";

/** Values by key, with their types; keys that we do not know are texts. */
export type Configuration = Readonly<Record<string, unknown>>;

/** The application configuration. */
export interface ApplicationConfiguration {
  /** `GET /api/application-configuration`: what everybody may know. */
  get(): Promise<Configuration>;
  /** `GET /api/application-configuration/all`: everything, with both passwords in clear text. */
  getAll(): Promise<Configuration>;
  /**
   * `PUT /api/application-configuration`, changing nothing but the values given; passwords are kept without being shown, and so are keys
   * that we do not know. Where the configuration comes from the environment, nothing is sent and every value is reported as not applied.
   * @throws {InputError}
   */
  update(patch: ConfigurationPatch): Promise<Updated<Configuration>>;
  /** What an update would make of the values. Only reads. @throws {InputError} where the update would */
  previewUpdate(patch: ConfigurationPatch): Promise<ConfigurationPreview>;
  /** The same values as they may be shown: without passwords, and with the names of groups. */
  shown(configuration: Configuration): Promise<Configuration>;
  /**
   * `POST /api/application-configuration/test-email`: sends a mail to the owner of the API key and waits for the mail server.
   * @returns the address
   * @throws {NotPossibleError} without a mail server or an address
   */
  testEmail(): Promise<string>;
  /** The configuration that a sync would go by, with passwords. Only reads. @throws {NotPossibleError} while LDAP is switched off */
  previewSyncLdap(): Promise<Configuration>;
  /**
   * `POST /api/application-configuration/sync-ldap`: runs to the end. Deletes or disables accounts that are gone from the directory.
   * @throws {NotPossibleError} while LDAP is switched off
   */
  syncLdap(): Promise<void>;
}

/** The configuration before and after an update; the same, if it comes from the environment. Holds both passwords in clear text. */
export interface ConfigurationPreview {
  readonly before: Configuration;
  readonly after: Configuration;
}

const Rows = collection(z.object({ key: z.string(), value: z.string() }));

/** `GET /api/application-configuration/all`, as texts. */
export async function rawConfiguration(connection: Connection): Promise<Record<string, string>> {
  const route = "GET /api/application-configuration/all";
  const record = toRecord(route, await connection.json(route, Rows));
  const secrets = Object.keys(record).filter(isSecretKey);
  connection.secrets?.add(secrets.map((key) => record[key] ?? ""));
  return record;
}

export function applicationConfigurationOf(connection: Connection): ApplicationConfiguration {
  const readPublic = async () => {
    const route = "GET /api/application-configuration";
    return toRecord(route, await connection.json(route, Rows, { as: "nobody" }));
  };

  /** Checks a patch, and puts groups in the place of their names. @throws {InputError} */
  const prepare = async (patch: ConfigurationPatch) => {
    checkPatch(patch);
    await requireFields(connection, "configuration", patch);
    const { uiConfigDisabled } = await readPublic();
    if (uiConfigDisabled === "true") return undefined;
    const groups =
      patch.signupDefaultUserGroupIDs &&
      (await findAll(userGroupFinder(connection), patch.signupDefaultUserGroupIDs, "signupDefaultUserGroupIDs"));
    return texts(patch, groups);
  };

  return {
    get: async () => typed(await readPublic()),

    async previewUpdate(patch) {
      const wanted = await prepare(patch);
      const current = await rawConfiguration(connection);
      return { before: typed(current), after: typed({ ...current, ...wanted }) };
    },

    getAll: async () => typed(await rawConfiguration(connection)),

    async update(patch) {
      const wanted = await prepare(patch);
      if (wanted === undefined) {
        const before = typed(await rawConfiguration(connection));
        const plainNames = await connection.supports("configuration.plainVariableNames");
        return {
          before,
          object: before,
          changed: [],
          kept: [],
          notApplied: given(patch).map((field) => ({
            field,
            reason: fromEnvironment(environmentName(field, plainNames)),
          })),
        };
      }
      const updated = await updateFields(connection, {
        key: "configuration",
        read: () => rawConfiguration(connection),
        write: async (body) => {
          refuseMasked(body);
          await connection.request("PUT /api/application-configuration", { body, once: true });
          return [];
        },
        patch: () => wanted,
        whole: {
          route: "GET /api/application-configuration/all",
          fields: await fieldsOfVersion(connection, "configuration", Object.keys(configurationKeys)),
        },
        readOnly: new Set(),
        plain: plainSetting,
        reason: () => "Pocket ID kept its own value.",
      });
      return {
        before: typed(updated.before),
        object: typed(updated.object),
        changed: updated.changed,
        kept: updated.kept,
        // A cleared value is the default from now on, whichever that is.
        notApplied: updated.notApplied.filter(({ field }) => !isKnownKey(field) || patch[field] !== null),
      };
    },

    async shown(configuration) {
      const entries = Object.entries(configuration).map(async ([key, value]) => {
        if (isSecretKey(key)) return [key, value === "" ? "" : redactedValue];
        return [key, key === "signupDefaultUserGroupIDs" ? await nameGroups(connection, value) : value];
      });
      return Object.fromEntries(await Promise.all(entries));
    },

    async testEmail() {
      const [{ email }, { smtpHost }] = await Promise.all([
        connection.json("GET /api/users/me", User),
        rawConfiguration(connection),
      ]);
      // Pocket ID would say only that something went wrong.
      if (!smtpHost)
        throw new NotPossibleError(
          "No mail server is set up: set smtpHost, smtpPort, smtpFrom and smtpTls with app_config_update first.",
        );
      if (!email)
        throw new NotPossibleError("The owner of the API key has no e-mail address: set one with user_update first.");
      await connection.request("POST /api/application-configuration/test-email", { slow: true });
      return email;
    },

    async previewSyncLdap() {
      const values = await rawConfiguration(connection);
      requireLdap(values);
      return typed(values);
    },

    async syncLdap() {
      requireLdap(await readPublic());
      await connection.request("POST /api/application-configuration/sync-ldap", { slow: true });
    },
  };
}

/** @throws {NotPossibleError} */
function requireLdap({ ldapEnabled }: Readonly<Record<string, string>>): void {
  if (!isTrue(ldapEnabled))
    throw new NotPossibleError("LDAP is switched off: set ldapEnabled to true with app_config_update first.");
}

/** Puts id and name in the place of ids; a group that is gone keeps its id alone. */
async function nameGroups(connection: Connection, ids: unknown): Promise<unknown> {
  if (!Array.isArray(ids) || ids.length === 0) return ids;
  const names = new Map((await collect(userGroupList(connection).all())).map(({ id, name }) => [id, name]));
  return ids.map((id) => ({ id, name: names.get(id) ?? null }));
}

/**
 * Refuses a change that says nothing, or that would store what stands for a password.
 * @throws {InputError}
 */
export function checkPatch(patch: ConfigurationPatch): void {
  const fields = given(patch);
  if (fields.length === 0)
    throw new InputError("configuration", "there is nothing to change. Give one or more keys with their new values.");
  for (const field of fields) {
    if (isSecretKey(field)) refuseRedacted(patch[field], field);
    if (patch[field] === null && "required" in configurationKeys[field])
      throw new InputError(field, "it always has a value. Give the new one.");
  }
}

const given = (patch: ConfigurationPatch): ConfigurationKeyName[] =>
  Object.keys(patch)
    .filter(isKnownKey)
    .filter((key) => patch[key] !== undefined);

const texts = (
  patch: ConfigurationPatch,
  groups: readonly UserGroupReference[] | null | undefined,
): Record<string, string> =>
  Object.fromEntries(
    given(patch).map((field) => [
      field,
      field === "signupDefaultUserGroupIDs" && groups ? toText(groups.map(({ id }) => id)) : toText(patch[field]),
    ]),
  );

function toRecord(route: Route, rows: readonly { key: string; value: string }[]): Record<string, string> {
  const record = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  if (Object.keys(record).length === rows.length) return record;
  throw notAsExpected(route, "key");
}

/** Refuses to store what Pocket ID shows in the place of a password as if it were one. @throws {NotPossibleError} */
function refuseMasked(body: Fields): void {
  const masked = Object.keys(body).find((key) => isSecretKey(key) && isMask(body[key]));
  if (masked === undefined) return;
  throw new NotPossibleError(
    `Pocket ID hides ${masked}, so that it could not be kept: change the configuration where it comes from.`,
  );
}

const typed = (values: Readonly<Record<string, string>>): Configuration =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fromText(key, value)]));

/** What can be told of a setting: all of them are texts on the wire, and their keys say which are more than that. */
const plainSetting: Plain = (key, text) => {
  if (typeof text !== "string" || !isKnownKey(key)) return undefined;
  const { values }: ConfigurationKey = configurationKeys[key];
  return values?.includes(text) ? text : plainValue(key, fromText(key, text));
};

const fromEnvironment = (variable: string): string =>
  `The configuration comes from the server's environment (UI_CONFIG_DISABLED=true): set ${variable} there and restart Pocket ID.`;

/** The environment variable of a key: `smtpHost` is `SMTP_HOST`. */
export function environmentName(key: string, plain = true): string {
  // Pocket ID < 2.14 makes a word of the last of several capitals: GroupIDs is GROUP_I_DS.
  const words = plain ? key : key.replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2");
  return words.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
}
