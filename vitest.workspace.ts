import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Packages are read from their sources, so that tests never look at an old build.
const source = ["@pocketid-mcp/source"];

const project = (
  name: string,
  include: string,
  options: {
    testTimeout?: number;
    hookTimeout?: number;
    fileParallelism?: boolean;
    sequence?: { groupOrder: number };
  } = {},
) => ({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source } },
  test: { name, include: [include], testTimeout: 20_000, ...options },
});

const packages = ["core", "users", "groups", "clients", "admin-config", "keys-audit", "sandbox"];

export default defineConfig({
  test: {
    // A test waits for its servers half of the time: on two cores, one worker would leave one of them idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: "tests/support/temporary-folder.ts",
    projects: [
      ...packages.map((name) => project(name, `packages/${name}/test/**/*.test.ts`)),
      project("suite", "tests/suite/**/*.test.ts"),
      // What Pocket ID does, on the sandbox in every version that it plays. `npm run test:live` asks a real one the same.
      project("contract", "tests/contract/**/*.test.ts", { hookTimeout: 30_000 }),
      // What is spawned as users start it: the built files. One at a time and after the others, because some of it is timed.
      project("built", "tests/built/**/*.test.ts", {
        testTimeout: 60_000,
        fileParallelism: false,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});
