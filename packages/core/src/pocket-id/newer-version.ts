import { NotPossibleError } from "./errors.ts";
import { isUnknownMajor, newestKnownVersion, standingOf } from "./versions.ts";

/** What the operator should know of a running version; undefined if it is none that is newer than those that this suite was tested with. */
export function remarkOn(version: string, allowUnknown: boolean): string | undefined {
  if (standingOf(version) !== "newer") return undefined;
  const newer = `Pocket ID ${version} is newer than this version knows (${newestKnownVersion}):`;
  if (!isUnknownMajor(version))
    return `${newer} what it knows should work as before. Look for an update of pocketid-mcp.`;
  return allowUnknown
    ? `${newer} it changes things there all the same (POCKETID_ALLOW_UNKNOWN_VERSION). Look for an update of pocketid-mcp.`
    : `${newer} it reads, and changes nothing. Look for an update of pocketid-mcp.`;
}

/** Refuses to change anything in a version of which nothing is known. @throws {NotPossibleError} */
export function requireKnownMajor(version: string): void {
  if (!isUnknownMajor(version)) return;
  throw new NotPossibleError(
    `Pocket ID ${version} is newer than this version of pocketid-mcp knows (${newestKnownVersion}), and may take a change in another way than it is meant. Update pocketid-mcp, or let the operator set POCKETID_ALLOW_UNKNOWN_VERSION=true.`,
  );
}
