import {
  type Access,
  accessOf,
  newCallbackUrls,
  type OidcClient,
  type OidcClientPatch,
  type OidcClientReference,
  type PocketIdClient,
} from "@pocketid-mcp/core";
import {
  allQuotedUrls,
  capital,
  minutesText,
  peopleText,
  type Question,
  quoted,
  quotedClient,
  quotedPatterns,
  quotedSome,
  quotedUrl,
  quotedUrls,
} from "@pocketid-mcp/core/runtime";

/** What a question about access stands on. */
export const standingOf = ({ access, groups }: Access) => ({ access, groups: groups.map(({ id }) => id).sort() });

/** Who can sign in today, and who after a change; nothing if it is the same. */
export async function accessSentences(
  { people }: PocketIdClient,
  client: OidcClientReference,
  before: Access,
  after: Access,
): Promise<string[]> {
  if (JSON.stringify(standingOf(before)) === JSON.stringify(standingOf(after))) return [];
  const count = await people.compare(before, after);
  const now = before.access === "everyone" ? `Everyone (${count.before})` : capital(peopleText(count.before));
  const sentence = `${now} can sign in to ${quotedClient(client)} today; after this, ${whoever(after, count.after)}.`;
  return [
    sentence,
    ...(after.access === "everyone" || count.gain === 0
      ? []
      : [`${capital(peopleText(count.gain))} ${count.gain === 1 ? "gets" : "get"} access.`]),
    ...(count.lose === 0 ? [] : [`${capital(peopleText(count.lose))} ${count.lose === 1 ? "loses" : "lose"} access.`]),
  ];
}

function whoever({ access, groups }: Access, count: number | undefined): string {
  if (access === "nobody") return "nobody";
  const number = count === undefined ? "" : ` (${count === 0 ? "nobody" : count})`;
  return access === "everyone"
    ? `everyone${number}`
    : `the members of ${quotedSome(groups.map(({ name }) => name))}${number}`;
}

/** What an update opens, weakens or breaks; undefined if it does nothing of that. */
export async function updateQuestion(
  client: OidcClientReference,
  patch: OidcClientPatch,
  pocketId: PocketIdClient,
): Promise<Question | undefined> {
  const { before, after } = await pocketId.oidcClients.previewUpdate(client, patch);
  const access = accessOf(before);
  const sentences = [
    ...(await accessSentences(pocketId, before, access, accessOf(after))),
    ...callbackSentences(before, after, await pocketId.supports("client.trustOnFirstUse")),
    ...launchSentences(before, after),
    ...settingSentences(before, after),
  ];
  if (sentences.length === 0) return undefined;
  return {
    text: `Change ${quotedClient(before)}? ${sentences.join(" ")}`,
    about: { id: before.id, access: standingOf(access), callbackURLs: before.callbackURLs },
  };
}

type Urls = Pick<OidcClient, "callbackURLs">;

function callbackSentences({ callbackURLs: before }: Urls, { callbackURLs: after }: Urls, firstUse: boolean): string[] {
  const { elsewhere } = newCallbackUrls(before, after);
  const removed = before.filter((url) => !after.includes(url));
  return [
    ...looseCallbacks(before, after),
    // The first ones of all are the end of setting it up.
    ...(before.length > 0 && elsewhere.length > 0
      ? [`Sign-in codes can go to ${allQuotedUrls(elsewhere)}, where none went before.`]
      : []),
    ...(removed.length > 0 ? [`Sign-in that comes back to ${quotedUrls(removed)} stops working.`] : []),
    ...(removed.length > 0 && after.length === 0 ? [withoutCallback(firstUse)] : []),
  ];
}

/** Where people are sent who open it from their page at Pocket ID, if that is a host of which nothing was known. */
function launchSentences(before: OidcClient, after: OidcClient): string[] {
  const known = [...before.callbackURLs, before.launchURL ?? []].flat();
  if (!after.launchURL || known.length === 0 || newCallbackUrls(known, [after.launchURL]).elsewhere.length === 0)
    return [];
  return [`Whoever opens it from Pocket ID gets to ${quotedUrl(after.launchURL)}.`];
}

/** Callback URLs that let codes go to many places, or where others can read them. */
function looseCallbacks(before: readonly string[], after: readonly string[]): string[] {
  const { wildcards, plainHttp } = newCallbackUrls(before, after);
  return [
    ...(wildcards.length > 0 ? [`Sign-in codes can go to any address that fits ${quotedPatterns(wildcards)}.`] : []),
    ...(plainHttp.length > 0 ? [`Sign-in codes cross the network in clear text to ${allQuotedUrls(plainHttp)}.`] : []),
  ];
}

const withoutCallback = (firstUse: boolean): string =>
  firstUse
    ? "Without a callback URL, Pocket ID trusts the first one that somebody uses."
    : "Without a callback URL, nobody can sign in.";

type Flag =
  | "isPublic"
  | "pkceEnabled"
  | "requiresPushedAuthorizationRequests"
  | "requiresReauthentication"
  | "skipConsent";

/** What it means for those who sign in that a setting is switched on, or off; nothing is said of what does no harm. */
const flags: readonly { readonly flag: Flag; readonly on?: string; readonly off?: string }[] = [
  {
    flag: "isPublic",
    on: "It needs no secret any more: whoever knows its client id can pose as it.",
    off: "It needs a secret from then on: nobody can sign in until it uses one.",
  },
  {
    flag: "pkceEnabled",
    on: "Sign-in without PKCE is refused: if the application does not use it, nobody can sign in.",
    off: "PKCE is no longer required: whoever gets hold of a sign-in code can use it.",
  },
  {
    flag: "requiresPushedAuthorizationRequests",
    on: "Sign-in without a pushed authorization request is refused: if the application makes none, nobody can sign in.",
    off: "Pushed authorization requests are no longer required.",
  },
  { flag: "requiresReauthentication", off: "The passkey is no longer asked for at each sign-in." },
  { flag: "skipConsent", on: "People are no longer asked before it gets their data." },
];

function settingSentences(before: OidcClient, after: OidcClient): string[] {
  const switched = flags.flatMap(({ flag, on, off }) => {
    // A public client uses PKCE by itself.
    if (Boolean(before[flag]) === Boolean(after[flag]) || (flag === "pkceEnabled" && after.isPublic)) return [];
    return (after[flag] ? on : off) ?? [];
  });
  const [were, are] = [identitiesOf(before), identitiesOf(after)];
  const added = issuers(are.filter(({ key }) => !were.some((identity) => identity.key === key)));
  const removed = issuers(were.filter(({ key }) => !are.some((identity) => identity.key === key)));
  const minutes = after.accessTokenDurationMinutes ?? 0;
  const longer = minutes > longAccess && minutes > (before.accessTokenDurationMinutes ?? 0);
  return [
    ...switched,
    ...(added ? [`Whoever has a token of ${added} for it can act as this application.`] : []),
    ...(removed ? [`Tokens of ${removed} no longer prove that it is this application.`] : []),
    ...(longer
      ? [`Its access tokens work for ${minutesText(minutes)}, also for people who lose access meanwhile.`]
      : []),
  ];
}

/** Minutes from which on an access token outlives what an administrator would expect. */
const longAccess = 1_440;

interface Identity {
  readonly issuer: string;
  readonly key: string;
}

const identitiesOf = ({ credentials }: OidcClient): Identity[] =>
  (credentials?.federatedIdentities ?? []).map(({ issuer, subject, audience, jwks }) => ({
    issuer,
    key: JSON.stringify([issuer, subject || "", audience || "", jwks || ""]),
  }));

const issuers = (identities: readonly Identity[]): string => allQuotedUrls(identities.map(({ issuer }) => issuer));

/** What makes a new client more than an application for some groups; undefined if nothing does. */
export async function createQuestion(
  {
    name,
    callbackURLs = [],
    skipConsent,
  }: Pick<OidcClientPatch, "callbackURLs" | "skipConsent"> & { readonly name: string },
  access: Access["access"],
  pocketId: PocketIdClient,
): Promise<Question | undefined> {
  const everyone = access === "everyone" ? await pocketId.people.enabled() : undefined;
  const firstUse =
    callbackURLs.length === 0 && access !== "nobody" && (await pocketId.supports("client.trustOnFirstUse"));
  const sentences = [
    ...(everyone === undefined ? [] : [`Everyone can sign in to it (${peopleText(everyone)}).`]),
    ...looseCallbacks([], callbackURLs),
    ...(firstUse ? [withoutCallback(true)] : []),
    ...(skipConsent ? ["People are not asked before it gets their data."] : []),
  ];
  return sentences.length === 0 ? undefined : { text: `Create ${quoted(name)}? ${sentences.join(" ")}`, about: null };
}

export async function deleteQuestion(
  clients: readonly OidcClientReference[],
  { people }: PocketIdClient,
): Promise<Question> {
  const count = await people.withAccessToAny(clients);
  const [which, whose] = clients.length === 1 ? ["it", "Its"] : ["at least one of them", "Their"];
  return {
    text:
      `Delete ${quotedSome(clients.map(({ name }) => name))}? ${capital(peopleText(count))} can sign in to ${which} today` +
      `${count === 0 ? "" : ", and nobody after that"}. ${whose} secrets, consents and provisioning go, too.`,
    about: clients.map(({ id, name }) => ({ id, name })),
  };
}

export async function refreshQuestion(client: OidcClientReference, pocketId: PocketIdClient): Promise<Question> {
  const now = await pocketId.oidcClients.previewRefresh(client);
  const access = accessOf(now);
  const people = await pocketId.people.withAccess(access);
  return {
    text:
      `Let ${quoted(now.name)} be what its document at ${quotedUrl(now.id)} says now? Where sign-in codes go may change with it, ` +
      `and everybody's consent may end. ${capital(peopleText(people))} can sign in to it today.`,
    about: { id: now.id, access: standingOf(access), callbackURLs: now.callbackURLs },
  };
}
