import { InputError } from "./errors.ts";

/**
 * Reads the address of an instance: scheme, host and port, nothing else.
 * @throws {InputError} for anything that is not an origin, and for plain http to another machine unless allowed
 */
export function parseOrigin(value: string | URL, { allowHttp = false }: { allowHttp?: boolean | undefined } = {}): URL {
  const text = String(value).trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wanted = "Give the origin of the Pocket ID instance, such as https://id.example.com.";
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InputError("url", `this is not an http or https address. ${wanted}`);
  }
  if (url.username || url.password) throw new InputError("url", `it must not hold a user name or password. ${wanted}`);
  if (url.pathname !== "/" || url.search || url.hash) {
    throw new InputError("url", `${url.origin} is enough: leave out what follows the host. ${wanted}`);
  }
  if (url.protocol === "http:" && !allowHttp && !isLoopback(url.hostname)) {
    throw new InputError(
      "url",
      `plain http to ${url.hostname} would send the API key in clear text. Use https, or set POCKETID_ALLOW_HTTP=true if the network is trusted.`,
    );
  }
  return url;
}

/** Says whether a host name is this machine. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  // Not *.localhost: some systems ask the network for it.
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
