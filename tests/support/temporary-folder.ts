import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Puts everything that a run makes for the moment into one folder, which goes with it. */
export default function useOneTemporaryFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-tests-"));
  for (const variable of ["TMPDIR", "TEMP", "TMP", "XDG_STATE_HOME", "LOCALAPPDATA"]) process.env[variable] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
