import { createHash } from "node:crypto";

/** The same UUID for the same name, so that what the sandbox starts with reads the same in every run. */
export function fixedId(name: string): string {
  const hex = createHash("sha256").update(`pocketid-mcp sandbox: ${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
