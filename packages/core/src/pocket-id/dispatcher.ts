import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import type { Dispatcher } from "undici";
import { isLoopback } from "./origin.ts";

export interface DispatcherOptions {
  /** Origin of the instance. */
  readonly origin: URL;
  /** PEM file with more certificate authorities to trust. */
  readonly caFile?: string | undefined;
  /** Accept any certificate. */
  readonly skipTlsVerify?: boolean | undefined;
}

/** Opens the connection pool: keep-alive, own authorities, and the proxy that the environment names. */
export async function openDispatcher({ origin, caFile, skipTlsVerify }: DispatcherOptions): Promise<Dispatcher> {
  // Loaded here and not at the top: undici costs more than everything else at start-up together.
  const { Agent, EnvHttpProxyAgent } = await import("undici");
  const tls = {
    ...(caFile === undefined ? {} : { ca: [...rootCertificates, readFileSync(caFile, "utf8")] }),
    ...(skipTlsVerify ? { rejectUnauthorized: false } : {}),
  };
  const options = { connect: { ...tls, timeout: 10_000 }, keepAliveTimeout: 10_000 };
  // A proxy would read the key of a plain-text request that was meant for this machine only.
  if (isLoopback(origin.hostname) || !proxyInEnvironment()) return new Agent(options);
  return new EnvHttpProxyAgent({ ...options, requestTls: tls });
}

const proxyInEnvironment = (): boolean =>
  ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"].some((name) => Boolean(process.env[name]));
