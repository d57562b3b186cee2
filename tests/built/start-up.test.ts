import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type BuiltProgram, builtFile, builtPrograms, initialize, serverEnv, startProcess } from "../support/built.ts";

const env = serverEnv({ POCKETID_URL: "https://id.example.com", POCKETID_API_KEY: "key" });
const compiled = join(env.XDG_STATE_HOME ?? "", "pocketid-mcp", "compiled");
const rounds = 15;

/** Times a bare Node that a server may take: a newer Node starts faster, or does more at once. */
const mostTimes = process.version.startsWith("v20.") ? 3.2 : 3.1;

/** Milliseconds from spawning to the end of a Node that does nothing. */
async function bare(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, ["-e", "0"], { env: { ...env }, stdio: "ignore" });
  await new Promise((resolve) => child.on("exit", resolve));
  return performance.now() - started;
}

/** Bytes of memory of a Node that waits for nothing. */
async function bareRss(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 60_000)"], { env: { ...env }, stdio: "ignore" });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const rss = residentBytes(child.pid);
  child.kill();
  return rss;
}

/** Milliseconds from spawning to the answer to tools/list, and bytes of memory a moment later. */
async function listed(file: string, memory = false): Promise<{ ms: number; rss: number }> {
  const started = performance.now();
  const server = startProcess(file, env);
  server.send(initialize);
  server.send({ method: "notifications/initialized" });
  server.send({ id: 2, method: "tools/list" });
  await server.answer(2);
  const ms = performance.now() - started;
  if (memory) await new Promise((resolve) => setTimeout(resolve, 250));
  const rss = memory ? residentBytes(server.pid) : 0;
  server.end();
  await server.exited;
  return { ms, rss };
}

const residentBytes = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024;

/** Starts a server for the first time, and waits until it has kept what was compiled. */
async function startedOnce(name: BuiltProgram): Promise<void> {
  const server = startProcess(builtFile(name), env);
  await expect
    .poll(() => existsSync(compiled) && readdirSync(compiled).filter(isPartOf(name)), { timeout: 10_000 })
    .toHaveLength(1);
  server.end();
  await server.exited;
}

const isPartOf =
  (name: string) =>
  (file: string): boolean =>
    file.startsWith(`${name}-start-`) && file.endsWith(process.arch);

describe.each(builtPrograms)("the built %s server", (name) => {
  it(`answers tools/list within ${mostTimes} times the start of a bare Node, from the second start on`, async () => {
    await startedOnce(name);
    // The fastest of interleaved runs: what else the machine does adds to any of them. One that is busy gets more of them.
    const [nothing, ours]: [number[], number[]] = [[], []];
    const ratio = (): number => Math.min(...ours) / Math.min(...nothing);
    while (nothing.length < rounds || (nothing.length < 6 * rounds && ratio() > mostTimes)) {
      nothing.push(await bare());
      ours.push((await listed(builtFile(name))).ms);
    }
    expect(ratio()).toBeLessThanOrEqual(mostTimes);
  });

  // A newer Node has more in memory itself: there it is what comes on top that counts.
  it.runIf(process.platform === "linux")("has at most 65 MB in memory while it waits (Node 20)", async () => {
    const { rss } = await listed(builtFile(name), true);
    expect(rss).toBeGreaterThan(20_000_000);
    expect(rss).toBeLessThanOrEqual(process.version.startsWith("v20.") ? 65_000_000 : (await bareRss()) + 28_000_000);
  });

  it("loads neither undici nor pino before the first call", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-loaded-"));
    const [probe, report] = [join(folder, "probe.cjs"), join(folder, "loaded.json")];
    // undici stands on node:tls, pino on node:worker_threads; nothing else here does.
    writeFileSync(
      probe,
      `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(report)}, JSON.stringify(process.moduleLoadList)));`,
    );
    const modules = async (call: boolean): Promise<string[]> => {
      const server = startProcess(
        builtFile(name),
        { ...env, POCKETID_TIMEOUT: "1", POCKETID_URL: "http://127.0.0.1:1" },
        [],
        ["--require", probe],
      );
      server.send(initialize);
      server.send({ id: 2, method: "tools/list" });
      await server.answer(2);
      if (call) {
        server.send({ id: 3, method: "tools/call", params: { name: firstTool, arguments: {} } });
        await server.answer(3);
      }
      server.end();
      await server.exited;
      const loaded: string[] = JSON.parse(readFileSync(report, "utf8"));
      return loaded.filter((module) => /NativeModule (?:tls|worker_threads)$/.test(module));
    };
    const firstTool = name === "admin-config" ? "app_config_get" : `${prefix[name]}_list`;
    expect(await modules(false)).toEqual([]);
    expect(await modules(true)).toHaveLength(2);
  });
});

const prefix = {
  users: "user",
  all: "user",
  groups: "user_group",
  clients: "oidc_client",
  "keys-audit": "api_key",
  "admin-config": "",
};
