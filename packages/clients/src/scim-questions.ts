import type { OidcClientReference, PocketIdClient, ScimProvider, ScimProviderPatch } from "@pocketid-mcp/core";
import { counted, type Question, quotedClient, quotedUrl } from "@pocketid-mcp/core/runtime";

export async function createProviderQuestion(
  client: OidcClientReference,
  endpoint: string,
  pocketId: PocketIdClient,
): Promise<Question> {
  await pocketId.scimProviders.requireNone(client);
  const { load, deleted } = await syncOf(client, pocketId);
  return {
    text:
      `Let Pocket ID keep ${load} of ${quotedClient(client)} at ${quotedUrl(endpoint)} from then on? ` +
      `It sends names and e-mail addresses there every hour. ${deleted}`,
    about: { client: client.id },
  };
}

/** Undefined if nothing is another than before. */
export async function updateProviderQuestion(
  client: OidcClientReference,
  { endpoint, token }: ScimProviderPatch,
  pocketId: PocketIdClient,
): Promise<Question | undefined> {
  const provider = await providerOf(client, pocketId);
  const moves = endpoint !== undefined && endpoint !== provider.endpoint;
  const changes = token !== undefined && (token ?? "") !== (provider.token ?? "");
  if (!moves && !changes) return undefined;
  const { load, deleted } = await syncOf(client, pocketId);
  return {
    text: moves
      ? `Provision ${quotedClient(client)} at ${quotedUrl(endpoint)} and no longer at ${quotedUrl(provider.endpoint)}? ` +
        `The next sync brings ${load} there${changes ? "" : ", with the token that it has now"}. ${deleted}`
      : `${token ? "Use another token" : "Use no token any more"} for ${quotedUrl(provider.endpoint)}? ` +
        `If it is not the right one, ${load} of ${quotedClient(client)} are no longer kept up to date there. ${stays}`,
    about: standingOf(client, provider),
  };
}

export async function deleteProviderQuestion(client: OidcClientReference, pocketId: PocketIdClient): Promise<Question> {
  const provider = await providerOf(client, pocketId);
  const { load } = await syncOf(client, pocketId);
  return {
    text:
      `End the provisioning of ${quotedClient(client)} at ${quotedUrl(provider.endpoint)}? ` +
      `${load} stay there as they are. ${stays} The token is gone, too.`,
    about: standingOf(client, provider),
  };
}

export async function syncQuestion(client: OidcClientReference, pocketId: PocketIdClient): Promise<Question> {
  const provider = await providerOf(client, pocketId);
  const { load, deleted } = await syncOf(client, pocketId);
  return {
    text: `Bring ${load} of ${quotedClient(client)} to ${quotedUrl(provider.endpoint)} now? ${deleted}`,
    about: standingOf(client, provider),
  };
}

const providerOf = (client: OidcClientReference, { scimProviders }: PocketIdClient): Promise<ScimProvider> =>
  scimProviders.require(client);

const stays = "Whoever loses access here then keeps it there.";

/** What a sync brings, such as `8 accounts and 2 groups`, and what it deletes. */
async function syncOf(client: OidcClientReference, { oidcClients, people }: PocketIdClient) {
  const { accounts, groups } = await people.provisioned(await oidcClients.access(client));
  return {
    load: `${accounts === undefined ? "the accounts" : counted(accounts, "account")} and ${counted(groups, "group")}`,
    // Restricted to no group, a client has no accounts and no groups.
    deleted: `${accounts === 0 && groups === 0 ? "All" : "All others"} that are there are deleted.`,
  };
}

/** What a question about provisioning stands on; not when it was last synced, which it is every hour. */
const standingOf = (client: OidcClientReference, { id, endpoint }: ScimProvider) => ({
  client: client.id,
  id,
  endpoint,
});
