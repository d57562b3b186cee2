import type { Call } from "./http/call.ts";
import { isPast } from "./moments.ts";
import type { OidcClient } from "./state.ts";

export interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

export function formOf(call: Call): URLSearchParams {
  return new URLSearchParams(call.body.toString("utf8"));
}

/** client_secret_basic: both halves are form-encoded inside the header. */
export function basicCredentials(call: Call): Credentials | undefined {
  const encoded = /^Basic\s+(.+)$/i.exec(call.headers.authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [id = "", ...secret] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  const decoded = new URLSearchParams(
    `id=${id.replaceAll("&", "%26")}&secret=${secret.join(":").replaceAll("&", "%26")}`,
  );
  return { clientId: decoded.get("id") ?? "", secret: decoded.get("secret") ?? "" };
}

/** Any secret that has not expired will do. */
export function acceptsSecret(client: OidcClient, secret: string): boolean {
  return (
    secret !== "" &&
    client.secrets.some(({ value, expiresAt }) => value === secret && (expiresAt === null || !isPast(expiresAt)))
  );
}
