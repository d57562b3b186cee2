import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** Makes one file of a script beside this one, which a bare Node.js starts at once. */
export function bundled(script: string, folder: string): string {
  const outfile = join(folder, `${script}.mjs`);
  const entry = fileURLToPath(new URL(`./${script}.ts`, import.meta.url));
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["@pocketid-mcp/source"],
    banner: { js: banner },
    logLevel: "silent",
  });
  return outfile;
}
