import { readFileSync } from "node:fs";
import { startSandbox } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { builtFile, builtServers, initialize, type Process, serverEnv, startProcess } from "../support/built.ts";

const sandbox = await startSandbox();
const settings = { POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey };

const namesOf = (...chosen: string[]): string[] =>
  servers.filter(({ name }) => chosen.includes(name)).flatMap(({ tools }) => tools.map(({ name }) => name));

/** Starts it, and says hello. */
async function started(
  args: string[] = [],
  file = builtFile("all"),
  env: Record<string, string> = {},
): Promise<Process> {
  const server = startProcess(file, serverEnv({ ...settings, ...env }), args);
  server.send(initialize);
  server.send({ method: "notifications/initialized" });
  await server.answer(1);
  return server;
}

async function listed(server: Process): Promise<string[]> {
  server.send({ id: 2, method: "tools/list" });
  const { result } = (await server.answer(2)) as { result: { tools: { name: string }[] } };
  return result.tools.map(({ name }) => name);
}

async function ended(server: Process): Promise<number | null> {
  server.end();
  return (await server.exited).code;
}

const call = (server: Process, id: number, name: string, args: object = {}) => {
  server.send({ id, method: "tools/call", params: { name, arguments: args } });
  return server.answer(id);
};

describe("the five servers in one process", () => {
  it("offer all of their tools, and what they tell of themselves", async () => {
    const server = await started();
    expect(await listed(server)).toEqual(namesOf(...builtServers));
    expect(await server.answer(1)).toMatchObject({
      result: {
        serverInfo: { name: "pocketid-mcp-all" },
        instructions: expect.stringMatching(/Accounts.*User groups.*API keys/s),
      },
    });
    expect(await call(server, 3, "user_get", { user: "alice" })).toMatchObject({
      result: { structuredContent: { user: { username: "alice" } } },
    });
    expect(await call(server, 4, "oidc_client_get", { client: "Immich" })).not.toMatchObject({
      result: { isError: true },
    });
    expect(await ended(server)).toBe(0);
  });

  it.each([
    { how: "an option", args: ["--servers", "groups,users"], env: {} },
    { how: "a variable", args: [], env: { POCKETID_SERVERS: "users, groups" } },
  ])("offer those that the operator chose by $how, and can call no other", async ({ args, env }) => {
    const server = await started(args, builtFile("all"), env);
    expect(await listed(server)).toEqual(namesOf("users", "groups"));
    expect(server.stderr()).toContain("30 of 30 tools");
    sandbox.requests.length = 0;
    expect(await call(server, 3, "oidc_client_list")).toMatchObject({
      result: {
        isError: true,
        content: [
          {
            text: expect.stringContaining(
              "oidc_client_list is not among the servers that the operator chose (POCKETID_SERVERS).",
            ),
          },
        ],
      },
    });
    expect(sandbox.requests).toEqual([]);
    await ended(server);
  });

  it("do not start where a name is none of theirs, or where there is nothing to choose", async () => {
    const wrong = startProcess(builtFile("all"), serverEnv(settings), ["--servers", "users,grups"]);
    expect((await wrong.exited).code).toBe(2);
    expect(wrong.stderr()).toContain(
      "--servers: there is no grups. Choose from users, groups, clients, admin-config, keys-audit.",
    );
    const single = startProcess(builtFile("users"), serverEnv({ ...settings, POCKETID_SERVERS: "users" }));
    expect((await single.exited).code).toBe(2);
    expect(single.stderr()).toContain("POCKETID_SERVERS: this server is about one thing alone.");
  });

  it("have globs that match a tool of those that were chosen", async () => {
    const server = startProcess(builtFile("all"), serverEnv(settings), ["--servers=users", "--tools=oidc_*"]);
    expect((await server.exited).code).toBe(2);
    expect(server.stderr()).toContain("--tools: oidc_* matches none of the tools");
  });

  it.runIf(process.platform === "linux")("take the memory of one: 1.3 times as much at the most", async () => {
    const memory = async (file: string, tool: string): Promise<number[]> => {
      const server = await started([], file);
      await listed(server);
      const idle = residentBytes(server.pid);
      await call(server, 3, tool);
      const used = residentBytes(server.pid);
      await ended(server);
      return [idle, used];
    };
    const [one = [], all = []] = [
      await memory(builtFile("users"), "user_list"),
      await memory(builtFile("all"), "user_list"),
    ];
    expect(all.map((bytes, index) => bytes / (one[index] ?? 0)).every((ratio) => ratio > 0.7 && ratio <= 1.3)).toBe(
      true,
    );
  });
});

const residentBytes = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024;
