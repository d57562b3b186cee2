import type { Connection } from "./connection.ts";
import { PocketIdError } from "./errors.ts";
import { instanceOf } from "./instance.ts";
import { User } from "./objects/user.ts";
import { compareVersions, newestKnownVersion, oldestSupportedVersion, standingOf } from "./versions.ts";

/** One thing that was looked at: true is well, false is not, null could not be found out. */
export interface Check {
  readonly ok: boolean | null;
  readonly message: string;
}

/** How the instance and the way to it are. */
export interface Health {
  readonly live: Check;
  readonly apiKey: Check;
  readonly admin: Check;
  readonly version: Check & { readonly current: string | null };
  readonly latestVersion: Check & { readonly latest: string | null };
  readonly issuer: Check & { readonly issuer: string | null };
}

/**
 * Looks at the instance from where the operator's assistant stands. Never throws for what Pocket ID answers.
 * Routes: `GET /healthz`, `GET /api/users/me`, `GET /api/version/current`, `GET /api/version/latest`, `GET /.well-known/openid-configuration`.
 */
export async function checkHealth(connection: Connection): Promise<Health> {
  const instance = instanceOf(connection);
  const [live, me, version, latest, discovery] = await Promise.all([
    attempted(instance.ping()),
    attempted(connection.json("GET /api/users/me", User)),
    attempted(connection.version()),
    attempted(instance.latestVersion()),
    attempted(instance.discovery()),
  ]);
  return {
    live: live.failed
      ? not(`${connection.origin} does not answer as Pocket ID: ${live.error}`)
      : yes(`Pocket ID answers at ${connection.origin}.`),
    apiKey: apiKeyCheck(me),
    admin: adminCheck(me),
    version: versionCheck(version),
    latestVersion: latestCheck(version, latest),
    issuer: issuerCheck(connection.origin, discovery),
  };
}

type Attempted<T> = { failed: false; value: T } | { failed: true; answered: boolean; error: string };

async function attempted<T>(work: Promise<T>): Promise<Attempted<T>> {
  try {
    return { failed: false, value: await work };
  } catch (error) {
    if (!(error instanceof PocketIdError)) throw error;
    const sentences = [error.message.replace(/\.?$/, "."), error.hint];
    return { failed: true, answered: error.status !== null, error: sentences.filter(Boolean).join(" ") };
  }
}

const yes = (message: string): Check => ({ ok: true, message });
const not = (message: string): Check => ({ ok: false, message });
const unknown = (message: string): Check => ({ ok: null, message });

function apiKeyCheck(me: Attempted<User>): Check {
  if (!me.failed) return yes(`The API key is valid and belongs to ${me.value.username}.`);
  return not(`The API key ${me.answered ? "was not accepted" : "could not be tried"}: ${me.error}`);
}

function adminCheck(me: Attempted<User>): Check {
  if (me.failed) return unknown("Whether the owner of the key is an administrator could not be found out.");
  return me.value.isAdmin
    ? yes(`${me.value.username} is an administrator.`)
    : not(`${me.value.username} is not an administrator: use a key of one.`);
}

function versionCheck(found: Attempted<{ version: string; exact: boolean }>): Health["version"] {
  if (found.failed) return { ...unknown(`The version could not be found out: ${found.error}`), current: null };
  const { version, exact } = found.value;
  const current = exact ? version : `${version} or later`;
  const standing = standingOf(version);
  if (standing === "older")
    return {
      ...not(`Pocket ID ${current} is older than ${oldestSupportedVersion}, the oldest that is supported.`),
      current,
    };
  if (standing === "newer")
    return {
      ...yes(`Pocket ID ${current} is newer than ${newestKnownVersion}, the newest that this was tested with.`),
      current,
    };
  return {
    ...yes(
      exact
        ? `Pocket ID ${current} runs.`
        : `Pocket ID ${current} runs, by what it can do; it does not tell its version.`,
    ),
    current,
  };
}

function latestCheck(
  version: Attempted<{ version: string; exact: boolean }>,
  latest: Attempted<string | undefined>,
): Health["latestVersion"] {
  if (latest.failed) return { ...unknown(`The newest release could not be found out: ${latest.error}`), latest: null };
  if (latest.value === undefined)
    return {
      ...unknown("Pocket ID could not tell the newest release: it has no way out, or the check is switched off."),
      latest: null,
    };
  if (version.failed || !version.value.exact)
    return { ...unknown(`The newest release is ${latest.value}.`), latest: latest.value };
  const behind = compareVersions(version.value.version, latest.value) < 0;
  return {
    ...(behind ? not(`There is a newer release: ${latest.value}.`) : yes(`${latest.value} is the newest release.`)),
    latest: latest.value,
  };
}

function issuerCheck(origin: string, discovery: Attempted<Record<string, unknown>>): Health["issuer"] {
  if (discovery.failed) return { ...not(`The discovery document could not be read: ${discovery.error}`), issuer: null };
  const issuer = typeof discovery.value.issuer === "string" ? discovery.value.issuer : null;
  if (issuer === origin) return { ...yes("The issuer is the address in use."), issuer };
  return {
    ...not(
      `The issuer is ${issuer ?? "missing"}, not ${origin}: unless this is an internal address on purpose, set APP_URL of Pocket ID or POCKETID_URL.`,
    ),
    issuer,
  };
}
