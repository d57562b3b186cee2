import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { bundleOptions, lighterParts } from "./options.ts";
import { sdkChecks } from "./sdk-checks.ts";

// Makes a server out of the package in the current folder, without dependencies:
// - `server.cjs`, which is started, and does nothing but load
// - `start.cjs`, which speaks MCP and lists the tools, and loads with the first call
// - `calls.cjs`, the tools and everything that they stand on. As a part of the one before it would be read at every start, and would keep the
//   bundler from leaving out what the start does not use of the libraries that they share.
// CommonJS, because Node starts it faster than a module.

const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const program = basename(process.cwd());
const dist = resolve("dist");

/** Writes a file of the server. @returns a module that loads it when it is run, and exports what it exports */
function write(file: string, text: string): string {
  // It is read as Latin-1, which takes no time. The bundler leaves regular expressions as they are: those need escapes.
  const odd = /[\u0080-\uffff]/.exec(text);
  if (odd) throw new Error(`${file} holds ${odd[0]}: ${text.slice(odd.index - 40, odd.index + 40)}`);
  writeFileSync(resolve(dist, file), text);
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `import { loadCode } from ${JSON.stringify(beside("../../packages/core/src/start/load-code.ts"))};
export const loaded = loadCode({ path: __dirname + "/${file}", digest: "${digest}", program: "${program}" }, require);`;
}

async function bundle(contents: string, plugins: Plugin[] = []): Promise<string> {
  const stdin = { contents, resolveDir: process.cwd(), loader: "ts" } as const;
  const { outputFiles } = await build({ ...bundleOptions, write: false, stdin, plugins: [...plugins, lighterParts] });
  return outputFiles[0]?.text ?? "";
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const calls = write("calls.cjs", await bundle('export { calls } from "./src/tools.ts";'));
const loadsCalls: Plugin = {
  name: "loads-calls",
  setup(build) {
    build.onResolve({ filter: /^\.\/tools\.ts$/ }, ({ kind, resolveDir }) =>
      kind === "dynamic-import" ? { path: "calls", namespace: "calls", pluginData: resolveDir } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "calls" }, ({ pluginData }) => ({
      resolveDir: pluginData,
      contents: `${calls}\nexport const { calls } = loaded;`,
    }));
  },
};
const interprets = JSON.stringify(beside("./interpret-schemas.ts"));
const start = write(
  "start.cjs",
  await bundle(`import ${interprets}; import "./src/server.ts";`, [loadsCalls, sdkChecks]),
);
writeFileSync(resolve(dist, "server.cjs"), `#!/usr/bin/env node\n${await bundle(start)}`, { mode: 0o755 });
