import { quoted, quotedWhole, some } from "./confirm.ts";

/** Characters that are shown of an address at the most. */
const longest = 64;

// As a browser reads it: a backslash ends the host, and what stands before an @ is no host.
const authority = /^([a-z][a-z0-9+.-]*:)[/\\]{2}(?:[^/\\?#]*@)?([^/\\?#]*)/i;

/**
 * An address that others chose, fit for a question. What is long, or has something in front of its host, shows the host alone, and of a long
 * host the end: everything before can be made to look like another address.
 */
export function quotedUrl(url: string): string {
  const [, scheme = "", host] = authority.exec(url) ?? [];
  if (host === undefined || (url.length <= longest && !url.includes("@"))) return quoted(url);
  const whole = `${scheme}//${host}/…`;
  return quoted(whole.length > longest ? `…${host.slice(1 - longest)}` : whole);
}

/** Patterns of addresses. One that has more in it than wildcards leads to no host that could be read off it, so it is shown as a whole. */
export const quotedPatterns = (patterns: readonly string[]): string =>
  patterns.map((pattern) => (/[(){}\\]/.test(pattern) ? quotedWhole(pattern) : quotedUrl(pattern))).join(", ");

/** All of them. */
export const allQuotedUrls = (urls: readonly string[]): string => urls.map(quotedUrl).join(", ");

/** The first few of them, and how many more there are. */
export const quotedUrls = (urls: readonly string[]): string => some(urls.map(quotedUrl));
