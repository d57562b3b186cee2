import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";

const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Leaves out of what is bundled what a server has no use for. */
export const lighterParts: Plugin = {
  name: "lighter-parts",
  setup(build) {
    // The SDK checks answers to questions that it asks itself with Ajv; we check those with our own schemas.
    build.onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, () => ({ path: beside("./sdk-shims.ts") }));
    build.onResolve({ filter: /^undici$/ }, () => ({ path: beside("./undici.mjs") }));
  },
};

/** How everything is bundled that a server starts. */
export const bundleOptions = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
  charset: "ascii",
  legalComments: "none",
  conditions: ["@pocketid-mcp/source"],
} as const satisfies BuildOptions;
