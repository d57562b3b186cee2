import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Sandbox } from "./start.ts";

const SERVERS = ["users", "clients", "groups", "admin-config", "keys-audit"];

/** What a newcomer needs to begin: where it is, the key, what is in it, and how to connect an assistant. */
export function welcome({ url, apiKey, version, adminId, state }: Sandbox): string {
  const admin = state.users.get(adminId);
  const counted = [
    count(state.users.size, "user"),
    count(state.userGroups.size, "group"),
    count(state.oidcClients.size, "OIDC client"),
    count(state.auditLog.length, "audit log entry", "audit log entries"),
  ];
  return `Pocket ID ${version} (sandbox) is listening.

  URL      ${url}
  API key  ${apiKey}
  Admin    ${admin?.displayName} (${admin?.username}), who owns the key
  Holds    ${counted.join(", ")}: ${state.configuration.get("appName")}

Nothing is stored: it begins anew with every start. For an MCP client${SERVERS.every(isBuilt) ? "" : ", after npm run build"}:

${JSON.stringify({ mcpServers: mcpServers(url, apiKey) }, null, 2)}

Ctrl+C ends it.
`;
}

const mcpServers = (url: string, apiKey: string) =>
  Object.fromEntries(
    SERVERS.map((name) => [
      `pocketid-${name}`,
      { ...launch(name), env: { POCKETID_URL: url, POCKETID_API_KEY: apiKey } },
    ]),
  );

/** In a clone, and wherever the servers are installed beside it, the files themselves; elsewhere what fetches them. */
const launch = (name: string): { command: string; args: string[] } =>
  existsSync(beside(`${name}/package.json`))
    ? { command: "node", args: [beside(`${name}/dist/server.cjs`)] }
    : { command: "npx", args: ["-y", `@pocketid-mcp/${name}`] };

const isBuilt = (name: string): boolean =>
  launch(name).command === "npx" || existsSync(beside(`${name}/dist/server.cjs`));

const beside = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;
