import { isLoopback } from "./origin.ts";

/** Callback URLs that came in by a change, by what is to be said of them: each URL once, under the first that holds. */
export interface NewCallbackUrls {
  /** They stand for many addresses. */
  readonly wildcards: string[];
  /** Sign-in codes cross the network in clear text. */
  readonly plainHttp: string[];
  /** They lead to hosts, or apps, to which no code went before. */
  readonly elsewhere: string[];
}

/** What callback URLs that were not there before are about. */
export function newCallbackUrls(before: readonly string[], after: readonly string[]): NewCallbackUrls {
  const places = new Set(before.map(placeOf));
  const added = after.filter((url) => !before.includes(url));
  const wildcards = added.filter(isPattern);
  const plainHttp = added.filter((url) => !wildcards.includes(url) && isPlainHttp(url));
  const elsewhere = added.filter(
    (url) => !wildcards.includes(url) && !plainHttp.includes(url) && !places.has(placeOf(url)),
  );
  return { wildcards, plainHttp, elsewhere };
}

// Pocket ID matches by URL patterns, which have more than wildcards: groups, regular expressions, names such as :page, and backslashes that
// take the meaning from what follows. Where such a one leads cannot be read off it: to https://app.example\.evil.example/, for one.
const special = /[*(){}\\]|:[\p{ID_Start}$_]/u;

/** Says whether a callback URL stands for others than itself. */
const isPattern = (url: string): boolean => special.test(url.replace(/\[[\da-f:.]*\]/gi, ""));

// As a browser reads it: what stands before an @ is no host.
const web = /^(https?):\/*(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)(:[^/?#]*)?/i;

function isPlainHttp(url: string): boolean {
  const [, scheme, host = ""] = web.exec(url) ?? [];
  return scheme?.toLowerCase() === "http" && !isLoopback(host);
}

/** The host and port that a callback URL leads to; of an app on a device, its scheme. */
function placeOf(url: string): string {
  const [, , host, port = ""] = web.exec(url) ?? [];
  return (host === undefined ? url.replace(/:.*$/s, ":") : `${host}${port}`).toLowerCase();
}
