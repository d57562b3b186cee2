import { defineConfig } from "vitest/config";

const source = ["@pocketid-mcp/source"];

// Against a real Pocket ID that is there to be tried on: POCKETID_LIVE_URL says which, and POCKETID_LIVE_API_KEY is a key of an administrator
// of it; without one, an instance that nobody has set up yet is set up. POCKETID_LIVE_VERSION says its version where it does not tell, POCKETID_LIVE_SLAPD
// names a slapd that is not in the PATH, and POCKETID_LIVE_SCALE=1 adds an instance of 10,000 people. Not part of `npm test`. One file at a
// time, because they share the instance and its configuration.
export default defineConfig({
  test: {
    globalSetup: ["tests/support/temporary-folder.ts", "tests/contract/set-up.ts"],
    fileParallelism: false,
    projects: [
      {
        resolve: { conditions: source },
        ssr: { resolve: { conditions: source } },
        test: {
          name: "contract",
          include: ["tests/contract/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "live",
          include: ["tests/live/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
