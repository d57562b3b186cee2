import { newestKnownVersion, oldestSupportedVersion, standingOf } from "@pocketid-mcp/core";
import { defineTool } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const check = { ok: z.boolean().nullable(), message: z.string() };
const Check = z.object(check);

export const healthCheck = defineTool({
  name: "health_check",
  title: "Check the instance",
  description: "Is Pocket ID up, and are key, version and issuer right?",
  risk: "read",
  input: {},
  output: {
    live: Check,
    apiKey: Check,
    admin: Check,
    version: z.object({ ...check, current: z.string().nullable() }),
    latestVersion: z.object({ ...check, latest: z.string().nullable() }),
    issuer: z.object({ ...check, issuer: z.string().nullable() }),
  },
  routes: [
    "GET /healthz",
    "GET /api/users/me",
    "GET /api/version/current",
    "GET /api/version/latest",
    "GET /.well-known/openid-configuration",
  ],
  run: (_values, { pocketId }) => pocketId.health(),
});

export const versionLatest = defineTool({
  name: "version_latest",
  title: "Show the newest release",
  description: "Newest release of Pocket ID, and the running one.",
  risk: "read",
  openWorld: true,
  input: {},
  output: { latestVersion: z.string().nullable(), currentVersion: z.string(), exact: z.boolean() },
  routes: ["GET /api/version/latest", "GET /api/version/current"],
  async run(_values, { pocketId }) {
    const { version, exact } = await pocketId.version();
    const latestVersion = (await pocketId.instance.latestVersion()) ?? null;
    const unknown = ["Pocket ID could not tell the newest release: it has no way out, or the check is switched off."];
    return { latestVersion, currentVersion: version, exact, ...(latestVersion === null ? { notes: unknown } : {}) };
  },
});

export const versionCurrent = defineTool({
  name: "version_current",
  title: "Show the running version",
  description: "Version of this Pocket ID, and whether this suite knows it.",
  risk: "read",
  input: {},
  output: {
    currentVersion: z.string(),
    /** False if it is a lower bound. */
    exact: z.boolean(),
    known: z.boolean(),
    oldestSupported: z.string(),
    newestKnown: z.string(),
  },
  routes: [],
  async run(_values, { pocketId }) {
    const { version, exact } = await pocketId.version();
    const standing = standingOf(version);
    const notes = [
      ...(exact ? [] : [`This Pocket ID does not tell its version: it is ${version} or later, by what it can do.`]),
      ...(standing === "newer" ? [`It is newer than ${newestKnownVersion}: what is new in it is not known here.`] : []),
      ...(standing === "older" ? [`It is older than ${oldestSupportedVersion}: not every tool works with it.`] : []),
    ];
    return {
      currentVersion: version,
      exact,
      known: standing === "known",
      oldestSupported: oldestSupportedVersion,
      newestKnown: newestKnownVersion,
      ...(notes.length > 0 ? { notes } : {}),
    };
  },
});

export const setupStatus = defineTool({
  name: "setup_status",
  title: "Show whether it is set up",
  description: "Has it a first administrator? Until then anyone can become that.",
  risk: "read",
  input: {},
  output: { isSetUp: z.boolean() },
  routes: ["GET /api/signup/setup"],
  async run(_values, { pocketId }) {
    if (await pocketId.instance.isSetUp()) return { isSetUp: true };
    const now = `Nobody has set it up: whoever opens ${pocketId.origin}/setup first becomes its administrator. Do that now.`;
    return { isSetUp: false, notes: [now] };
  },
});
