import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "@pocketid-mcp/sandbox";
import { expect, it } from "vitest";
import { builtFile, initialize, type Process, serverEnv, startProcess } from "../support/built.ts";

type Ending = (server: Process) => void;
const signal =
  (name: NodeJS.Signals): Ending =>
  ({ pid }) =>
    void process.kill(pid ?? 0, name);
// Windows knows no signals: there, they end a process at once.
const signals: [string, Ending][] =
  process.platform === "win32"
    ? []
    : (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((name) => [`a ${name}`, signal(name)]);

it.each<[string, Ending]>([["the end of stdin", (server) => server.end()], ...signals])(
  "leaves a line of the call under way at %s",
  async (_case, end) => {
    const sandbox = await startSandbox();
    const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-ended-"));
    const path = join(folder, "audit.log");
    const server = startProcess(
      builtFile("groups"),
      serverEnv({ POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey, POCKETID_AUDIT_FILE: path }),
    );
    const sent = new Promise<void>((resolve) => {
      sandbox.intercept = ({ method }) => {
        if (method !== "POST") return false;
        resolve();
        return true;
      };
    });
    server.send(initialize);
    const args = { name: "crew", friendlyName: "Crew" };
    server.send({ id: 2, method: "tools/call", params: { name: "user_group_create", arguments: args } });
    await sent;
    end(server);
    await server.exited;
    await sandbox.close();
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
      tool: "user_group_create",
      outcome: "cancelled",
      requests: ["POST /api/user-groups cancelled"],
    });
    rmSync(folder, { recursive: true });
  },
);
