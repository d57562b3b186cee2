import type { TestProject } from "vitest/node";
import type { RealPocketId } from "./pocket-id.ts";

/**
 * Looks at the real Pocket ID that the live tests are for, once before all of them. One that nobody has set up yet is set up here: then
 * POCKETID_LIVE_URL is all that has to be given.
 */
export default async function setUp(project: TestProject): Promise<void> {
  const real = await findPocketId(process.env);
  // For tests/live, which read the environment.
  Object.assign(process.env, { POCKETID_LIVE_API_KEY: real.apiKey, POCKETID_LIVE_VERSION: real.version });
  project.provide("realPocketId", real);
}

async function findPocketId(env: NodeJS.ProcessEnv): Promise<RealPocketId> {
  if (!env.POCKETID_LIVE_URL)
    throw new Error("POCKETID_LIVE_URL not set: the address of a Pocket ID that may be changed.");
  const { origin: url } = new URL(env.POCKETID_LIVE_URL);
  const apiKey = env.POCKETID_LIVE_API_KEY || (await claim(url));
  const headers = { "x-api-key": apiKey };
  const version = (await tellsVersion(url, headers)) ?? env.POCKETID_LIVE_VERSION;
  if (!version) throw new Error("This Pocket ID does not tell its version (before 2.3): set POCKETID_LIVE_VERSION.");
  const unknown = await fetch(`${url}/api/nothing-here`, { headers });
  const malformed = await fetch(`${url}/api/users/no-uuid`, { headers });
  const configuration = await fetch(`${url}/api/application-configuration`);
  const rows = (await configuration.json()) as { key: string; value: string }[];
  return {
    url,
    apiKey,
    version,
    isReal: true,
    hasWebApp: isJson(unknown),
    // PostgreSQL refuses an id that is no UUID; SQLite looks for it.
    database: malformed.status === 500 ? "postgres" : "sqlite",
    uiConfigDisabled: rows.some(({ key, value }) => key === "uiConfigDisabled" && value === "true"),
  };
}

/** Sets a fresh instance up, and answers an API key of its administrator. */
async function claim(url: string): Promise<string> {
  const setUp = await post(`${url}/api/signup/setup`, {
    username: "contract-admin",
    email: "contract-admin@contract.example",
    firstName: "Contract",
    lastName: "Admin",
  });
  const cookies = setUp.headers.getSetCookie();
  const session = cookies.map((cookie) => /^(?:__Host-)?access_token=([^;]+)/.exec(cookie)?.[1]).find(Boolean);
  if (session === undefined)
    throw new Error(
      `POCKETID_LIVE_API_KEY not set, and this Pocket ID is not waiting to be set up (${setUp.status}): give an API key of an administrator.`,
    );
  const expiresAt = new Date(Date.now() + 24 * 3_600_000).toISOString();
  const created = await post(
    `${url}/api/api-keys`,
    { name: "contract tests", expiresAt },
    { authorization: `Bearer ${session}` },
  );
  const { token } = (await created.json()) as { token: string };
  return token;
}

async function tellsVersion(url: string, headers: Record<string, string>): Promise<string | undefined> {
  const current = await fetch(`${url}/api/version/current`, { headers });
  if (current.status === 401) throw new Error("POCKETID_LIVE_API_KEY was refused.");
  for (const answer of [current, await fetch(`${url}/_app/version.json`)]) {
    if (answer.status !== 200 || !isJson(answer)) continue;
    const { currentVersion, version = currentVersion } = (await answer.json()) as Record<string, unknown>;
    if (typeof version === "string" && /^\d+\.\d+/.test(version)) return version;
  }
  return undefined;
}

const isJson = ({ headers }: Response): boolean => headers.get("content-type")?.startsWith("application/json") ?? false;

const post = (url: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
