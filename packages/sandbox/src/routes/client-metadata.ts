import { clientWithGroupsDto } from "../dto/oidc-client.ts";
import { type Answer, ok } from "../http/answer.ts";
import { type Call, param } from "../http/call.ts";
import type { Route } from "../http/router.ts";
import { isStringArray, parsed } from "../http/rules.ts";
import { internalError, validationMessage } from "../refusals.ts";
import { type ClientMetadataDocument, type OidcClient, removeWhere } from "../state.ts";

export const clientMetadataRoutes: Route[] = [
  { method: "POST", path: "/api/oidc/clients/:id/refresh", access: "admin", since: "2.13", answer: refresh },
];

const NOT_CIMD = "client is not a client ID metadata document client";

/** Reads the document of a CIMD client again. Any change but of the name takes back what users have consented to. */
function refresh(call: Call): Answer {
  const id = param(call, "id");
  if (!/^https:\/\/[^/]+\/./.test(id)) throw validationMessage(NOT_CIMD);
  if (!isAllowed(call, id)) throw validationMessage("client ID is not in the metadata document allowlist");
  const client = call.state.oidcClients.get(id);
  // Pocket ID >= 2.13: a client that is allowed and not stored is an error that nobody maps.
  if (client === undefined) throw internalError();
  if (client.clientType !== "cimd") throw validationMessage(NOT_CIMD);
  const document = call.state.clientMetadataDocuments.get(id);
  if (document === undefined) throw validationMessage("failed to fetch the client metadata document");
  if (apply(client, document)) removeWhere(call.state.authorizedClients, ({ clientId }) => clientId === id);
  return ok(clientWithGroupsDto(call, client));
}

function apply(client: OidcClient, document: ClientMetadataDocument): boolean {
  const before = signature(client);
  client.name = document.client_name || new URL(client.id).host;
  client.callbackURLs = document.redirect_uris ?? [];
  client.logoutCallbackURLs = document.post_logout_redirect_uris ?? [];
  client.metadataGrantTypes = document.grant_types ?? ["authorization_code"];
  client.isPublic = true;
  client.pkceEnabled = true;
  return signature(client) !== before;
}

const signature = (client: OidcClient): string =>
  JSON.stringify([client.callbackURLs, client.logoutCallbackURLs, client.metadataGrantTypes, client.isPublic]);

/** Stars stand for anything but a slash, double stars for anything. */
function isAllowed({ state }: Call, id: string): boolean {
  const patterns = parsed(state.configuration.get("cimdUrlAllowlist") ?? "[]");
  return isStringArray(patterns) && patterns.some((pattern) => pattern === "*" || wildcard(pattern).test(id));
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*\*?/g, (stars) => (stars === "**" ? ".*" : "[^/]*"))}$`);
}
