import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { type SandboxVersion, sandboxVersions } from "../src/index.ts";
import { at, isSince, members, pocketId, textAt } from "./pocket-id.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

interface Started {
  readonly child: ChildProcess;
  /** What it said until now. */
  readonly said: { out: string; err: string };
  readonly ended: Promise<number | null>;
}

function start(...args: string[]): Started {
  return follow(spawn(process.execPath, ["--import", "tsx", CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] }));
}

function follow(child: ChildProcess): Started {
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { out: "", err: "" };
  child.stdout?.on("data", (chunk) => {
    said.out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    said.err += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, said, ended };
}

async function firstWords({ said, ended }: Started, end: string): Promise<string> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!said.out.includes(end)) {
    if (over) throw new Error(`ended early: ${said.err}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return said.out;
}

const json = async (started: Started): Promise<unknown> => JSON.parse(await firstWords(started, "\n"));

/** Windows knows no signals: there a process is ended, and ends without a code. */
const stopped = process.platform === "win32" ? null : 0;

describe("the command", () => {
  it("says one line with --json, and goes on until it is told to stop", async () => {
    const started = start("--json", "--port", "0");
    const line = await json(started);
    expect(members(line)).toEqual(["url", "apiKey", "version"]);
    expect(at(line, "version")).toBe("2.14.0");
    const me = await fetch(`${textAt(line, "url")}/api/users/me`, {
      headers: { "x-api-key": textAt(line, "apiKey") },
    });
    expect(await me.json()).toMatchObject({ username: "robin" });
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(stopped);
    expect(started.said.out.trim().split("\n")).toHaveLength(1);
    expect(started.said.err).toBe("");
  });

  it("ends just as well with Ctrl+C, whoever is still connected", async () => {
    const started = start("--json", "--port", "0");
    const url = textAt(await json(started), "url");
    await fetch(`${url}/healthz`, { keepalive: true });
    started.child.kill("SIGINT");
    expect(await started.ended).toBe(stopped);
  });

  it.skipIf(process.platform === "win32")("ends with the npm that runs it as a script", async () => {
    const script = `
      const { spawn } = require("node:child_process");
      const env = { ...process.env, npm_lifecycle_event: "sandbox" };
      spawn(process.execPath, ["--import", "tsx", ${JSON.stringify(CLI)}, "--json", "--port", "0"], { env, stdio: "inherit" });
    `;
    const npm = follow(spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "pipe"] }));
    const url = textAt(await json(npm), "url");
    expect((await fetch(`${url}/healthz`)).status).toBe(204);
    npm.child.kill("SIGKILL");
    await npm.ended;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it("says what a newcomer needs, with a configuration to paste", async () => {
    const started = start("--port", "0", "--api-key", "a-key-that-i-chose");
    const text = await firstWords(started, "Ctrl+C");
    expect(text).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
    expect(text).toContain("a-key-that-i-chose");
    expect(text).toContain("Robin Blake");
    expect(text).toContain("12 users, 5 groups, 6 OIDC clients");
    const configuration: unknown = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
    expect(members(at(configuration, "mcpServers"))).toEqual([
      ...["pocketid-users", "pocketid-clients", "pocketid-groups", "pocketid-admin-config", "pocketid-keys-audit"],
    ]);
    expect(at(configuration, "mcpServers", "pocketid-users")).toEqual({
      command: "node",
      args: [expect.stringMatching(/users[/\\]dist[/\\]server\.cjs$/)],
      env: { POCKETID_URL: /http:\S+/.exec(text)?.[0], POCKETID_API_KEY: "a-key-that-i-chose" },
    });
    started.child.kill("SIGTERM");
  });

  it("explains itself", async () => {
    const started = start("--help");
    expect(await started.ended).toBe(0);
    for (const flag of ["--port", "--version", "--empty", "--rate-limit", "--ui-config-disabled", "--json"]) {
      expect(started.said.out).toContain(flag);
    }
    expect(started.said.out).toContain(sandboxVersions.join(", "));
  });

  it.each<SandboxVersion>(["2.9", "1.16"])("plays %s with nothing in it", async (version) => {
    const line = await json(start("--json", "--port", "0", "--version", version, "--empty"));
    expect(at(line, "version")).toBe(`${version}.0`);
    const users = await fetch(`${textAt(line, "url")}/api/users`, { headers: { "x-api-key": textAt(line, "apiKey") } });
    expect(await users.json()).toMatchObject({ pagination: { totalItems: 1 } });
    expect(users.headers.has("x-request-id")).toBe(isSince(version, "2.13"));
  });

  it("limits requests and takes its configuration from outside, if told to", async () => {
    const line = await json(start("--json", "--port", "0", "--version", "2.7", "--rate-limit", "--ui-config-disabled"));
    const url = textAt(line, "url");
    const configuration = await fetch(`${url}/api/application-configuration`);
    expect(await configuration.json()).toContainEqual({ key: "uiConfigDisabled", type: "boolean", value: "true" });
    const replies = await Promise.all(Array.from({ length: 150 }, () => fetch(`${url}/api/version/latest`)));
    expect(replies.some(({ status }) => status === 429)).toBe(true);
  });
});

describe("the command refuses", () => {
  it.each([
    [["--prot", "1"], "--prot", "--port"],
    [["--version", "9.9"], "--version", "2.14"],
    [["--port", "many"], "--port", "65535"],
    [["--port", "65536"], "--port", "65535"],
    [["--port"], "--port", ""],
    [["serve"], "serve", "--port"],
    [["--api-key", ""], "--api-key", ""],
  ])("%j, naming the flag and the choices", async (args, flag, choice) => {
    const started = start(...args);
    expect(await started.ended).toBe(2);
    expect(started.said.err).toContain(flag);
    expect(started.said.err).toContain(choice);
    expect(started.said.err.trim().split("\n")).toHaveLength(1);
    expect(started.said.out).toBe("");
  });

  it("a port that is taken, naming --port", async () => {
    const { url } = await pocketId();
    const { port } = new URL(url);
    const started = start("--port", port);
    expect(await started.ended).toBe(1);
    expect(started.said.err).toBe(
      `Port ${port} is in use. Choose another one with --port, or --port 0 for any that is free.\n`,
    );
  });
});
