/** What the operator allows. */
export interface PolicySettings {
  readonly readOnly: boolean;
  readonly tools: readonly string[] | undefined;
  readonly excludeTools: readonly string[] | undefined;
}

/** Why a tool is not offered; undefined if it is. */
export type Policy = (name: string, changesNothing: boolean) => string | undefined;

/** The one gate: what it lets pass is listed and can be called, everything else is neither. */
export function policyOf({ readOnly, tools, excludeTools }: PolicySettings): Policy {
  const allowed = tools?.map(globToPattern);
  const excluded = excludeTools?.map(globToPattern);
  return (name, changesNothing) => {
    if (excluded?.some((pattern) => pattern.test(name)))
      return `${name} is switched off by the operator (POCKETID_EXCLUDE_TOOLS).`;
    if (allowed !== undefined && !allowed.some((pattern) => pattern.test(name)))
      return `${name} is not among the tools that the operator allows (POCKETID_TOOLS).`;
    if (readOnly && !changesNothing)
      return `${name} changes something, and this server is read-only (POCKETID_READ_ONLY).`;
    return undefined;
  };
}

/** Globs that match none of the tools: a typing error would otherwise allow too little or forbid nothing. */
export function unmatchedGlobs(globs: readonly string[], names: readonly string[]): string[] {
  return globs.filter((glob) => !names.some((name) => globToPattern(glob).test(name)));
}

/** `*` stands for any number of characters, `?` for one. */
export const globToPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
