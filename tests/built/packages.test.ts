import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSandbox } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { builtPrograms, initialize, serverEnv, startProcess } from "../support/built.ts";

const folderOf = (name: string): string => fileURLToPath(new URL(`../../packages/${name}`, import.meta.url));

/** Packs a package as npm publishes it, and unpacks it where nothing else is. */
function unpacked(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-package-"));
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  execFileSync(npm, ["pack", "--silent", "--pack-destination", folder], {
    cwd: folderOf(name),
    shell: process.platform === "win32",
  });
  const [tarball = ""] = readdirSync(folder);
  execFileSync("tar", ["-xzf", tarball], { cwd: folder });
  return join(folder, "package");
}

describe.each(builtPrograms)("the package %s", (name) => {
  it("is three small files without dependencies, and starts from an empty folder", async () => {
    const folder = unpacked(name);
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    expect(manifest.dependencies).toBeUndefined();
    const dist = join(folder, "dist");
    expect(readdirSync(dist).sort()).toEqual(["calls.cjs", "server.cjs", "start.cjs"]);
    expect(statSync(join(dist, "server.cjs")).size).toBeLessThan(5_000);
    expect(statSync(join(dist, "start.cjs")).size).toBeLessThan(450_000);
    expect(statSync(join(dist, "calls.cjs")).size).toBeLessThan(800_000);
    const [command] = Object.values(manifest.bin);
    const sandbox = await startSandbox({ seed: "empty" });
    const server = startProcess(
      join(folder, String(command)),
      serverEnv({ POCKETID_URL: sandbox.url, POCKETID_API_KEY: sandbox.apiKey }),
    );
    server.send(initialize);
    expect(await server.answer(1)).toMatchObject({ result: { serverInfo: { version: manifest.version } } });
    server.end();
    await server.exited;
    await sandbox.close();
  });
});

describe("the package core", () => {
  it("can be imported as a library, and administers a Pocket ID", async () => {
    const sandbox = await startSandbox();
    const [first] = sandbox.state.oidcClients.keys();
    // Its dependencies are those of this workspace; everything else comes from what is published.
    const script = `
      import { PocketIdClient } from "@pocketid-mcp/core";
      const pocketId = new PocketIdClient({ url: "${sandbox.url}", apiKey: "${sandbox.apiKey}" });
      const names = [];
      for await (const user of pocketId.users.all({ search: "ali" })) names.push(user.username);
      const { changed } = await pocketId.oidcClients.update("${first}", { name: "Photos" });
      console.log(JSON.stringify({ names, changed }));
      await pocketId.close();`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: folderOf("core"),
    });
    expect(JSON.parse(stdout)).toEqual({ names: ["alice"], changed: ["name"] });
    expect(sandbox.state.oidcClients.get(String(first))?.name).toBe("Photos");
    await sandbox.close();
  });
});
