import { defineConfig } from "vitest/config";

// Against a real Pocket ID that is there to be tried on: POCKETID_LIVE_URL and POCKETID_LIVE_API_KEY say which. Not part of `npm test`.
export default defineConfig({
  test: {
    name: "live",
    include: ["tests/live/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
