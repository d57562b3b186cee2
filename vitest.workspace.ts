import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], extra: { testTimeout?: number; fileParallelism?: boolean } = {}) => ({
  resolve: { conditions: ["@pocketid-mcp/source"] },
  ssr: { resolve: { conditions: ["@pocketid-mcp/source"] } },
  test: { name, include, environment: "node" as const, testTimeout: 20_000, ...extra },
});

const packages = ["core", "users", "clients", "groups", "admin-config", "keys-audit", "sandbox"];

export default defineConfig({
  test: {
    projects: [
      ...packages.map((name) => project(name, [`packages/${name}/test/**/*.test.ts`])),
      project("built", ["tests/**/*.test.ts"], { testTimeout: 60_000, fileParallelism: false }),
    ],
  },
});
