import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions, lighterParts } from "../bundle/options.ts";

/**
 * Makes one file of a program that stands beside this one, with the same parts of the libraries left out as in a server: from its source, it
 * would be slower than it need be.
 */
export async function bundled(name: string, home: string): Promise<string> {
  const entryPoint = fileURLToPath(new URL(name, import.meta.url));
  const file = join(home, `${name.replace(/\.\w+$/, "")}.cjs`);
  await build({ ...bundleOptions, entryPoints: [entryPoint], plugins: [lighterParts], write: true, outfile: file });
  return file;
}
