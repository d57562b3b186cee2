import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/cli.ts"],
  format: "esm",
  target: "node20",
  clean: true,
  silent: true,
  dts: { entry: "src/index.ts", compilerOptions: { incremental: false } },
});
