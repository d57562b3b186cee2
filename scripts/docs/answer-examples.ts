import { connect } from "../../tests/support/connect.ts";
import { servers } from "../servers.ts";
import { examples } from "./examples.ts";

export interface ExampleAnswer {
  readonly arguments: unknown;
  /** Undefined where the example needs a system that the sandbox does not have. */
  readonly answer?: unknown;
}

/** One pixel. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';

/** What cannot be answered here: it needs a SCIM endpoint, a directory, or a client that registered itself. */
const unanswered: ReadonlySet<string> = new Set([
  "scim_provider_sync",
  "app_config_sync_ldap",
  "oidc_client_refresh_metadata",
]);

/** Runs every example on a sandbox with the club in it, so that the reference shows nothing that was not answered. */
export async function answerExamples(): Promise<ReadonlyMap<string, ExampleAnswer>> {
  const tools = servers.flatMap((server) => server.tools);
  const mcp = await connect(tools, { issuer: "https://id.example.com", latestVersion: "2.14.0" });
  try {
    const { state, adminId } = mcp.sandbox;
    const values: Record<string, string> = {
      $svg: Buffer.from(svg).toString("base64"),
      $png: png,
      $signupToken: [...state.signupTokens.keys()][0] ?? "",
      $ownAuthorization: state.authorizedClients.find(({ userId }) => userId === adminId)?.clientId ?? "gitea",
      $expiredKey: [...state.apiKeys.values()].find(({ expiresAt }) => Date.parse(expiresAt) < Date.now())?.name ?? "",
    };
    state.images.set("default-profile-picture", { extension: "svg", bytes: Buffer.from(svg) });
    const answers = new Map<string, ExampleAnswer>();
    for (const [name, example] of Object.entries(examples)) {
      const given: Record<string, unknown> = JSON.parse(
        JSON.stringify(example).replace(/\$[A-Za-z]+/g, (value) => values[value] ?? value),
      );
      const steady = steadier(mcp.sandbox.url, mcp.secretsDir);
      if (unanswered.has(name)) answers.set(name, { arguments: steady(given) });
      else answers.set(name, { arguments: steady(given), answer: steady(await mcp.ok(name, given)) });
    }
    return answers;
  } finally {
    await mcp.close();
  }
}

/** Puts the same values in the place of those that differ from run to run. */
function steadier(url: string, secretsDir: string): (value: unknown) => unknown {
  const ids = new Map<string, string>();
  const steady = (value: unknown, key = ""): unknown => {
    if (Array.isArray(value)) return value.map((item) => steady(item, key));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [steady(name), steady(inner, name)]));
    }
    if (typeof value === "number") return ["iat", "exp", "auth_time", "rat"].includes(key) ? 1_767_225_600 : value;
    if (typeof value !== "string") return value;
    if (key === "server") return "pocketid-mcp-users 0.1.0";
    if (key === "digest") return "0123456789abcdef…";
    if (["n", "kid", "x", "y", "jti", "at_hash", "prefix", "startsWith"].includes(key)) return "…";
    return value
      .replaceAll(url, "https://id.example.com")
      .replaceAll(secretsDir, "/home/you/.local/state/pocketid-mcp/secrets")
      .replace(/\d{4}-\d\d-\d\dT[\d-]+Z-(.*)-[0-9a-f]{16}\.txt$/, "2026-01-01T12-00-00Z-$1-0123456789abcdef.txt")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g, "2026-01-01T12:00:00Z")
      .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
        const known = ids.get(id) ?? `00000000-0000-4000-8000-${String(ids.size + 1).padStart(12, "0")}`;
        ids.set(id, known);
        return known;
      });
  };
  return (value) => steady(value);
}
