import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", "runtime/index": "src/runtime/index.ts" },
  format: "esm",
  platform: "node",
  target: "node20",
  dts: true,
  clean: true,
  silent: true,
  splitting: true,
});
