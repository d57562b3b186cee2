import { emptyClientMetaDto } from "../dto/oidc-client.ts";
import { type Answer, created, noContent, ok } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param } from "../http/call.ts";
import { text } from "../http/fields.ts";
import type { Route } from "../http/router.ts";
import { url } from "../http/rules.ts";
import { now, precise, stored } from "../moments.ts";
import { newId } from "../random.ts";
import { internalError, notFound } from "../refusals.ts";
import { syncProvider } from "../scim-sync.ts";
import type { ScimProvider } from "../state.ts";

const providerShape = {
  endpoint: text("Endpoint", { required: true, rules: [url] }),
  token: text("Token"),
  oidcClientId: text("OidcClientID", { required: true }),
};

export const scimRoutes: Route[] = [
  {
    method: "GET",
    path: "/api/oidc/clients/:id/scim-service-provider",
    access: "admin",
    since: "2.0",
    answer: providerOfClient,
  },
  {
    method: "POST",
    path: "/api/scim/service-provider",
    access: "admin",
    since: "2.0",
    body: providerShape,
    answer: createProvider,
  },
  {
    method: "PUT",
    path: "/api/scim/service-provider/:id",
    access: "admin",
    since: "2.0",
    body: providerShape,
    answer: updateProvider,
  },
  { method: "DELETE", path: "/api/scim/service-provider/:id", access: "admin", since: "2.0", answer: deleteProvider },
  { method: "POST", path: "/api/scim/service-provider/:id/sync", access: "admin", since: "2.0", answer: sync },
];

/** The token is in clear; the client is not loaded, so it has neither id nor name. */
const providerDto = (call: Call, provider: ScimProvider) => ({
  id: provider.id,
  endpoint: provider.endpoint,
  token: provider.token,
  lastSyncedAt: provider.lastSyncedAt,
  oidcClient: emptyClientMetaDto(call),
  createdAt: provider.createdAt,
});

function providerInPath(call: Call): ScimProvider {
  const provider = call.state.scimProviders.get(param(call, "id"));
  if (provider === undefined) throw notFound("SCIM service provider");
  return provider;
}

/** A client can have several; the answer shows one of them. */
function providerOfClient(call: Call): Answer {
  const provider = [...call.state.scimProviders.values()].find(
    ({ oidcClientId }) => oidcClientId === param(call, "id"),
  );
  if (provider === undefined) throw notFound("SCIM service provider");
  return ok(providerDto(call, provider));
}

function createProvider(call: Call): Answer {
  const input = bindJson(call, providerShape);
  requireClient(call, input.oidcClientId);
  const moment = new Date();
  const provider: ScimProvider = { id: newId(), createdAt: stored(moment), lastSyncedAt: null, ...input };
  call.state.scimProviders.set(provider.id, provider);
  return created({ ...providerDto(call, provider), createdAt: precise(moment) });
}

/** A full replacement: without a token the old one is erased. */
function updateProvider(call: Call): Answer {
  const input = bindJson(call, providerShape);
  const provider = providerInPath(call);
  requireClient(call, input.oidcClientId);
  Object.assign(provider, input);
  return ok(providerDto(call, provider));
}

/** Pocket ID <= 2.12: it is the database that refuses, and nobody explains it. */
function requireClient(call: Call, id: string): void {
  if (call.state.oidcClients.has(id)) return;
  throw call.has("missingRecordsReported") ? notFound("OIDC client") : internalError();
}

function deleteProvider(call: Call): Answer {
  const deleted = call.state.scimProviders.delete(param(call, "id"));
  if (!deleted && call.has("missingRecordsReported")) throw notFound("SCIM service provider");
  return noContent();
}

/** Runs inline. Whatever goes wrong on the other side is a 500 without a reason. */
async function sync(call: Call): Promise<Answer> {
  const provider = providerInPath(call);
  await syncProvider(call, provider).catch(() => {
    throw internalError();
  });
  provider.lastSyncedAt = now();
  return { status: 200, body: null, headers: {} };
}
