import { createServer, type Server } from "node:http";
import { type Intercept, listener } from "./http/listener.ts";
import { type Limit, rateLimiter } from "./http/rate-limit.ts";
import type { RecordedRequest } from "./http/recorded-requests.ts";
import { router } from "./http/router.ts";
import { alphanumeric } from "./random.ts";
import { allRoutes } from "./routes/all.ts";
import { seedClub } from "./seed/club.ts";
import { seedEmpty } from "./seed/empty.ts";
import type { SandboxState } from "./state.ts";
import { featuresOf, fullVersion, type SandboxVersion } from "./versions.ts";

export interface SandboxOptions {
  /** Which Pocket ID to play, "2.14" by default. "2.14.0" means the same. */
  version?: SandboxVersion | `${SandboxVersion}.0`;
  /** "club" (default) is a rowing club with something of everything; "empty" one administrator and the API key. */
  seed?: "club" | "empty";
  /** 0 (default): any free port. */
  port?: number;
  /** Random by default. */
  apiKey?: string;
  /** STATIC_API_KEY (Pocket ID >= 2.2): a key of the environment, whose owner comes with its first use. None by default. */
  staticApiKey?: string;
  /** False by default; true is what this version of Pocket ID really allows. */
  rateLimit?: boolean | Limit;
  /** UI_CONFIG_DISABLED: the configuration comes from the environment. */
  uiConfigDisabled?: boolean;
  /** VERSION_CHECK_DISABLED. */
  versionCheckDisabled?: boolean;
  /** The newest release upstream, 2.14.0 by default; null plays an instance that is offline. */
  latestVersion?: string | null;
  /** APP_URL, when it is not the address that the sandbox listens on. */
  issuer?: string;
}

export interface Sandbox {
  readonly url: string;
  readonly apiKey: string;
  /** In full: "2.14.0". */
  readonly version: string;
  readonly adminId: string;
  /** What the sandbox now holds. Look at it and change it. */
  readonly state: SandboxState;
  /** Everything that came in, in order of arrival. Clear it with `requests.length = 0`. */
  readonly requests: RecordedRequest[];
  /** Asked before anything else; return true after answering the request yourself (a 503, a reset, a page of HTML). */
  intercept: Intercept | undefined;
  /** Also cuts the connections that are still open. */
  close(): Promise<void>;
}

/** Starts a Pocket ID in memory on 127.0.0.1. Fails with EADDRINUSE if the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const version = fullVersion(options.version ?? "2.14");
  const has = featuresOf(version);
  const apiKey = options.apiKey ?? alphanumeric(32);
  const { state, adminId } = options.seed === "empty" ? seedEmpty(has, apiKey) : seedClub(has, version, apiKey);
  const server = createServer();
  const url = await listening(server, options.port ?? 0);
  const requests: RecordedRequest[] = [];
  const sandbox: Sandbox = {
    url,
    apiKey,
    version,
    adminId,
    state,
    requests,
    intercept: undefined,
    close: () => closed(server),
  };
  const instance = {
    state,
    version,
    has,
    issuer: (options.issuer ?? url).toLowerCase().replace(/\/+$/, ""),
    staticApiKey: options.staticApiKey ?? null,
    uiConfigDisabled: options.uiConfigDisabled ?? false,
    versionCheckDisabled: options.versionCheckDisabled ?? false,
    latestVersion: options.latestVersion === undefined ? "2.14.0" : options.latestVersion,
  };
  const limiter = rateLimiter(options.rateLimit ?? false, has);
  server.on(
    "request",
    listener({ instance, router: router(allRoutes, version), limiter, requests, intercept: () => sandbox.intercept }),
  );
  return sandbox;
}

function listening(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
