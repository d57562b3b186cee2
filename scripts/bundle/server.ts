import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build as bundle, type Plugin } from "esbuild";
import { defineConfig } from "tsup";

const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const lighterParts: Plugin = {
  name: "lighter-parts",
  setup(build) {
    // The SDK checks answers to questions that it asks itself with Ajv; we check those with our own schemas.
    build.onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, () => ({ path: beside("./sdk-shims.ts") }));
    build.onResolve({ filter: /^undici$/ }, () => ({ path: beside("./undici.mjs") }));
  },
};

const bundleOptions: BuildOptions = {
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
  legalComments: "none",
  conditions: ["@pocketid-mcp/source"],
};

/**
 * Puts what only calls need into the file as one text, which is compiled with the first call. As ordinary code it would be read and half
 * compiled at every start, and would keep the bundler from leaving out what the start does not use of the libraries they share.
 */
const compiledWithFirstCall: Plugin = {
  name: "compiled-with-first-call",
  setup(build) {
    build.onResolve({ filter: /^\.\/tools\.ts$/ }, ({ kind, path, resolveDir }) =>
      kind === "dynamic-import" ? { path: `${resolveDir}/${path}`, namespace: "first-call" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "first-call" }, async ({ path }) => {
      const result = await bundle({
        ...bundleOptions,
        entryPoints: [path],
        bundle: true,
        write: false,
        plugins: [lighterParts],
      });
      const source = JSON.stringify(result.outputFiles[0]?.text ?? "");
      return {
        resolveDir: dirname(path),
        contents: `import { compileFunction } from "node:vm";
const compiled = { exports: {} };
compileFunction(${source}, ["exports", "require", "module"], { filename: __filename + ":first-call" })(compiled.exports, require, compiled);
export const calls = compiled.exports.calls;`,
      };
    });
  },
};

/** One minified file for each server, with everything in it. CommonJS, because Node starts it faster than a module. */
export const serverConfig = () =>
  defineConfig({
    entry: { server: "src/server.ts" },
    format: "cjs",
    outExtension: () => ({ js: ".cjs" }),
    platform: "node",
    target: "node20",
    minify: true,
    clean: true,
    silent: true,
    noExternal: [/.*/],
    esbuildOptions: (options) => void Object.assign(options, bundleOptions),
    esbuildPlugins: [compiledWithFirstCall, lighterParts],
  });
