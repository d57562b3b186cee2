import type { Columns } from "./http/list.ts";
import type { OidcClient } from "./state.ts";
import type { Has } from "./versions.ts";

/** What lists of clients can be sorted and filtered by. */
export function clientColumns(has: Has): Columns<OidcClient> {
  const both = {
    pkceEnabled: (client: OidcClient) => client.pkceEnabled,
    requiresReauthentication: (client: OidcClient) => client.requiresReauthentication,
    ...(has("pushedAuthorizationRequests") && {
      requiresPushedAuthorizationRequests: (client: OidcClient) => client.requiresPushedAuthorizationRequests,
    }),
    ...(has("skipConsent") && { skipConsent: (client: OidcClient) => client.skipConsent }),
    ...(has("groupRestrictionFlag") && { isGroupRestricted: (client: OidcClient) => client.isGroupRestricted }),
    ...(has("pkceSupport") && { pkceSupported: (client: OidcClient) => client.pkceSupported }),
    ...(has("clientTypes") && { clientType: (client: OidcClient) => client.clientType }),
  };
  return {
    sort: { createdAt: (client) => client.createdAt, name: (client) => client.name, ...both },
    filter: both,
  };
}
