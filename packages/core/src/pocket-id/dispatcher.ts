import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import type { buildConnector, Dispatcher, Pool } from "undici";
import { NotPossibleError } from "./errors.ts";
import { isLoopback } from "./origin.ts";

export interface DispatcherOptions {
  /** Origin of the instance. */
  readonly origin: URL;
  /** PEM file with more certificate authorities to trust. */
  readonly caFile?: string | undefined;
  /** Accept any certificate. */
  readonly skipTlsVerify?: boolean | undefined;
  /** Milliseconds for one attempt of a request. */
  readonly timeoutMs: number;
}

/**
 * Requests that Pocket ID is asked at the same time at the most; what is more than that waits here. Asked 64 at once, it answers a quarter fewer
 * than asked 16 at once, and some of them very late. Two walks still have all that they ask for.
 */
const mostConnections = 16;

/** Opens the connection pool: keep-alive, own authorities, and the proxy that the environment names. */
export async function openDispatcher({
  origin,
  caFile,
  skipTlsVerify,
  timeoutMs,
}: DispatcherOptions): Promise<Dispatcher> {
  // Loaded here and not at the top: undici costs more than everything else at start-up together.
  const { EnvHttpProxyAgent, Pool } = await import("undici");
  const tls = {
    ...(caFile === undefined ? {} : { ca: [...rootCertificates, readFileSync(caFile, "utf8")] }),
    ...(skipTlsVerify ? { rejectUnauthorized: false } : {}),
  };
  const options = {
    connect: { ...tls, timeout: Math.min(timeoutMs, 10_000) },
    keepAliveTimeout: 10_000,
    connections: mostConnections,
  };
  // A proxy would read the key of a plain-text request that was meant for this machine only.
  if (isLoopback(origin.hostname) || !proxyInEnvironment()) return new Pool(origin.origin, options);
  try {
    return new EnvHttpProxyAgent({
      ...options,
      requestTls: tls,
      factory: (target, { connect, ...others }: Pool.Options) =>
        new Pool(target, { ...others, ...(typeof connect === "function" ? { connect: once(connect) } : {}) }),
    });
  } catch {
    // The address may hold a password: it is not repeated.
    throw new NotPossibleError(
      "The environment names a proxy that is no address: check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
    );
  }
}

/** A proxy that closes the connection has refused it: undici would take that for an accident, and ask it again and again without a pause. */
function once(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error === null) return callback(null, socket);
      callback(
        Object.assign(new Error("the proxy closed the connection", { cause: error }), { code: codeOf(error) }),
        null,
      );
    });
}

const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" && error.code !== "UND_ERR_SOCKET" ? error.code : "ECONNRESET";

const proxyInEnvironment = (): boolean =>
  ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"].some((name) => Boolean(process.env[name]));
