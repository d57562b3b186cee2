import { defineTool } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const check = { ok: z.boolean().nullable(), message: z.string() };
const Check = z.object(check);

export const healthCheck = defineTool({
  name: "health_check",
  title: "Check the instance",
  description: "Is Pocket ID up, the API key valid and an administrator's, version and issuer right?",
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
