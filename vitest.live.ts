import { defineConfig } from "vitest/config";

// Against a real Pocket ID that is there to be tried on: POCKETID_LIVE_URL and POCKETID_LIVE_API_KEY say which (and
// POCKETID_LIVE_VERSION, where it does not tell its version). POCKETID_LIVE_SLAPD names a slapd that is not in the PATH, and POCKETID_LIVE_SCALE=1
// adds an instance of 10,000 people. Not part of `npm test`.
export default defineConfig({
  test: {
    name: "live",
    include: ["tests/live/**/*.test.ts"],
    // They share one instance, and its configuration.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
