import type { Answer } from "./attempt.ts";
import { PocketIdError } from "./errors.ts";
import type { RequestOptions } from "./request.ts";
import { oldestSupportedVersion, type Route, type ServerVersion } from "./versions.ts";

type Send = (route: Route, options?: RequestOptions) => Promise<Answer>;

/**
 * Asks for the running version. Route: `GET /api/version/current`.
 * @returns undefined where no API tells it: Pocket ID < 2.3, or a build without a version
 */
export async function askVersion(send: Send): Promise<string | undefined> {
  try {
    const { body } = await send("GET /api/version/current");
    return versionIn(objectOf(body).currentVersion);
  } catch (error) {
    // A web app that answers unknown paths with its page is `not_pocket_id` here, and not an error yet.
    if (
      !(error instanceof PocketIdError) ||
      !["unknown_operation", "not_pocket_id", "not_found"].includes(error.code ?? "")
    )
      throw error;
    return undefined;
  }
}

/** The version that a text begins with; what follows, such as a line break, is no part of it and goes to no terminal. */
const versionIn = (text: unknown): string | undefined =>
  typeof text === "string" ? /^\s*v?(\d{1,9}(?:\.\d{1,9}){1,2}(?:[-+][\w.+-]{1,40})?)/i.exec(text)?.[1] : undefined;

/**
 * Finds a version that no API tells, by what is there.
 * Routes: `GET /api/application-configuration`, `GET /.well-known/openid-configuration` and one of SCIM.
 */
export async function detectVersion(send: Send): Promise<ServerVersion> {
  const [configuration, discovery, scim] = await Promise.all([
    send("GET /api/application-configuration", { as: "nobody" }),
    send("GET /.well-known/openid-configuration", { as: "nobody" }),
    hasScim(send),
  ]);
  const rows: unknown[] = Array.isArray(configuration.body) ? configuration.body : [];
  return {
    version: versionFromFingerprints({
      configurationKeys: new Set(rows.map((row) => String(objectOf(row).key))),
      discoveryKeys: new Set(Object.keys(objectOf(discovery.body))),
      requestId: discovery.headers["x-request-id"] !== undefined,
      scim,
    }),
    exact: false,
  };
}

/** What an instance shows of its age. */
export interface Fingerprints {
  /** Keys of the public configuration. */
  readonly configurationKeys: ReadonlySet<string>;
  /** Keys of the discovery document. */
  readonly discoveryKeys: ReadonlySet<string>;
  /** Answers carry `X-Request-ID`. */
  readonly requestId: boolean;
  /** The SCIM routes exist. */
  readonly scim: boolean;
}

/** The oldest version that shows all of this. */
export function versionFromFingerprints({ configurationKeys, discoveryKeys, requestId, scim }: Fingerprints): string {
  const signs: readonly (readonly [boolean, string])[] = [
    [discoveryKeys.has("service_documentation"), "2.14.0"],
    [requestId || discoveryKeys.has("client_id_metadata_document_supported"), "2.13.0"],
    [discoveryKeys.has("request_parameter_supported") || configurationKeys.has("tracingEnabled"), "2.10.0"],
    [discoveryKeys.has("pushed_authorization_request_endpoint"), "2.9.0"],
    [discoveryKeys.has("prompt_values_supported"), "2.6.0"],
    [discoveryKeys.has("token_endpoint_auth_methods_supported"), "2.5.0"],
    [configurationKeys.has("homePageUrl"), "2.2.0"],
    [scim, "2.0.0"],
  ];
  return signs.find(([seen]) => seen)?.[1] ?? oldestSupportedVersion;
}

async function hasScim(send: Send): Promise<boolean> {
  try {
    await send("GET /api/oidc/clients/:id/scim-service-provider", { params: { id: "pocketid-mcp-version-probe" } });
    return true;
  } catch (error) {
    if (!(error instanceof PocketIdError)) throw error;
    // Also whoever may not ask is answered by the route: only where there is none, nobody is.
    if (error.status === 401 || error.status === 403) return true;
    if (error.status !== 404) throw error;
    return error.code !== "unknown_operation";
  }
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? { ...value } : {};
