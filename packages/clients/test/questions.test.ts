import type { SandboxVersion } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import type { Reply } from "../../../tests/support/connect.ts";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { addCimdClient, addSecret, cimdId, holds } from "./holds.ts";

const mcp = useServer(tools);

type Args = Record<string, unknown>;
type Prepare = () => void;

/** Connects with a person who replies like this, or a client that cannot ask, and puts the sandbox into a state. */
async function connectAs(person: (() => Reply) | null, version: SandboxVersion, prepare?: Prepare) {
  await mcp.reconnect({ version, person });
  prepare?.();
}

/** What the person was asked, without where it happens. */
async function questionOf(tool: string, args: Args): Promise<string> {
  const text = await mcp.fails(tool, args);
  expect(text).toMatch(/^Nothing was changed\. The person said no\./);
  expect(holds(mcp).changes()).toEqual([]);
  const [question = "", ...others] = mcp.questions;
  expect(others).toEqual([]);
  const end = ` [${tool} on ${new URL(mcp.sandbox.url).host}]`;
  expect(question.slice(-end.length)).toBe(end);
  return question.slice(0, -end.length);
}

const boats = { api: "Boat booking" };
const immichUrls = [
  "https://photos.riverside-rowing.example/auth/login",
  "https://photos.riverside-rowing.example/user-settings",
  "app.immich:///oauth-callback",
];
const all: SandboxVersion[] = ["2.14", "2.9", "1.16"];
const since20: SandboxVersion[] = ["2.14", "2.9"];
const newest: SandboxVersion[] = ["2.14"];

/** Everything that a person is asked about: versions, tool, arguments, the question, what the sandbox is changed to before. */
const questions: readonly [readonly SandboxVersion[], string, Args, string, Prepare?][] = [
  [
    all,
    "oidc_client_create",
    { name: "Wiki", access: "everyone", callbackURLs: ["https://wiki.example/cb"] },
    'Create "Wiki"? Everyone can sign in to it (10 people).',
  ],
  [
    all,
    "oidc_client_create",
    {
      name: "Wiki",
      groups: ["board"],
      callbackURLs: ["https://*.wiki.example/cb", "http://192.168.1.2/cb", "http://localhost/cb"],
    },
    'Create "Wiki"? Sign-in codes can go to any address that fits "https://*.wiki.example/cb". Sign-in codes cross the network in clear text to "http://192.168.1.2/cb".',
  ],
  [
    newest,
    "oidc_client_create",
    { name: "Wiki", skipConsent: true },
    'Create "Wiki"? People are not asked before it gets their data.',
  ],
  // Trust on first use: until 2.9.
  [
    ["2.9", "1.16"],
    "oidc_client_create",
    { name: "Wiki", groups: ["board"] },
    'Create "Wiki"? Without a callback URL, Pocket ID trusts the first one that somebody uses.',
  ],

  [
    since20,
    "oidc_client_update",
    { client: "grafana", isGroupRestricted: false },
    'Change "Grafana"? 3 people can sign in to "Grafana" today; after this, everyone (10).',
  ],
  [
    since20,
    "oidc_client_update",
    { client: "gitea", isGroupRestricted: true },
    'Change "Gitea"? Everyone (10) can sign in to "Gitea" today; after this, nobody. 10 people lose access.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "immich", addCallbackURLs: ["https://*/cb"] },
    'Change "Immich"? Sign-in codes can go to any address that fits "https://*/cb".',
  ],
  [
    all,
    "oidc_client_update",
    { client: "immich", addCallbackURLs: ["https://evil.example(|@photos.riverside-rowing.example/cb)/auth/login"] },
    'Change "Immich"? Sign-in codes can go to any address that fits "https://evil.example(|@photos.riverside-rowing.example/cb)/auth/login".',
  ],
  [
    all,
    "oidc_client_update",
    { client: "immich", addCallbackURLs: [1, 2, 3, 4, 5, 6].map((number) => `https://evil${number}.example/`) },
    'Change "Immich"? Sign-in codes can go to "https://evil1.example/", "https://evil2.example/", "https://evil3.example/", ' +
      '"https://evil4.example/", "https://evil5.example/", "https://evil6.example/", where none went before.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "immich", addCallbackURLs: ["http://photos.riverside-rowing.example/cb"] },
    'Change "Immich"? Sign-in codes cross the network in clear text to "http://photos.riverside-rowing.example/cb".',
  ],
  [
    all,
    "oidc_client_update",
    { client: "immich", callbackURLs: [...immichUrls, "https://photos.riverside-rowing.example@evil.example/cb"] },
    'Change "Immich"? Sign-in codes can go to "https://evil.example/…", where none went before.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "immich", removeCallbackURLs: ["app.immich:///oauth-callback"] },
    'Change "Immich"? Sign-in that comes back to "app.immich:///oauth-callback" stops working.',
  ],
  [
    newest,
    "oidc_client_update",
    { client: "gitea", callbackURLs: [] },
    'Change "Gitea"? Sign-in that comes back to "https://git.riverside-rowing.example/…" stops working. Without a callback URL, nobody can sign in.',
  ],
  [
    ["2.9", "1.16"],
    "oidc_client_update",
    { client: "gitea", callbackURLs: [] },
    'Change "Gitea"? Sign-in that comes back to "https://git.riverside-rowing.example/…" stops working. Without a callback URL, Pocket ID trusts the first one that somebody uses.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "nextcloud", pkceEnabled: false },
    'Change "Nextcloud"? PKCE is no longer required: whoever gets hold of a sign-in code can use it.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "gitea", pkceEnabled: true },
    'Change "Gitea"? Sign-in without PKCE is refused: if the application does not use it, nobody can sign in.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "gitea", isPublic: true },
    'Change "Gitea"? It needs no secret any more: whoever knows its client id can pose as it.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "home-assistant", isPublic: false },
    'Change "Home Assistant"? It needs a secret from then on: nobody can sign in until it uses one.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "grafana", requiresReauthentication: false },
    'Change "Grafana"? The passkey is no longer asked for at each sign-in.',
  ],
  [
    since20,
    "oidc_client_update",
    { client: "gitea", requiresPushedAuthorizationRequests: true },
    'Change "Gitea"? Sign-in without a pushed authorization request is refused: if the application makes none, nobody can sign in.',
  ],
  [
    newest,
    "oidc_client_update",
    { client: "gitea", requiresPushedAuthorizationRequests: false },
    'Change "Gitea"? Pushed authorization requests are no longer required.',
    () => {
      holds(mcp).client("gitea").requiresPushedAuthorizationRequests = true;
    },
  ],
  [
    newest,
    "oidc_client_update",
    { client: "gitea", skipConsent: true, accessTokenDurationMinutes: 43_200 },
    'Change "Gitea"? People are no longer asked before it gets their data. Its access tokens work for 30 days, also for people who lose access meanwhile.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "grafana", federatedIdentities: [{ issuer: "https://ci.example", subject: "deploy" }] },
    'Change "Grafana"? Whoever has a token of "https://ci.example" for it can act as this application. Tokens of "https://k8s.riverside-rowing.example" no longer prove that it is this application.',
  ],
  [
    all,
    "oidc_client_update",
    { client: "immich", launchURL: "https://photos.evil.example" },
    'Change "Immich"? Whoever opens it from Pocket ID gets to "https://photos.evil.example".',
  ],
  [
    newest,
    "oidc_client_update",
    { client: cimdId, isGroupRestricted: true, callbackURLs: ["https://evil.example/"] },
    'Change "Notes" (registered by "https://notes.example/client.json")? Everyone (10) can sign in to "Notes" (registered by "https://notes.example/client.json") today; after this, nobody. 10 people lose access.',
    () => {
      addCimdClient(mcp);
    },
  ],

  [
    all,
    "oidc_client_update_allowed_groups",
    { client: "grafana", access: "everyone" },
    'Change who can sign in? 3 people can sign in to "Grafana" today; after this, everyone (10).',
  ],
  [
    since20,
    "oidc_client_update_allowed_groups",
    { client: "gitea", access: "nobody" },
    'Change who can sign in? Everyone (10) can sign in to "Gitea" today; after this, nobody. 10 people lose access.',
  ],
  [
    all,
    "oidc_client_update_allowed_groups",
    { client: "gitea", groups: ["Members"] },
    'Change who can sign in? Everyone (10) can sign in to "Gitea" today; after this, the members of "members" (7). 3 people lose access.',
  ],
  [
    all,
    "oidc_client_update_allowed_groups",
    { client: "immich", add: ["coaches"], remove: ["members"] },
    'Change who can sign in? 9 people can sign in to "Immich" today; after this, the members of "juniors", "coaches" (4). 5 people lose access.',
  ],
  [
    all,
    "oidc_client_update_allowed_groups",
    { client: "grafana", groups: ["coaches"] },
    'Change who can sign in? 3 people can sign in to "Grafana" today; after this, the members of "coaches" (2). 2 people get access. 3 people lose access.',
  ],
  [
    since20,
    "oidc_client_update_allowed_groups",
    { client: "paperless", add: ["regatta-2027"] },
    'Change who can sign in? Nobody can sign in to "Paperless-ngx" today; after this, the members of "regatta-2027" (nobody).',
  ],

  [
    all,
    "oidc_client_delete",
    { clients: ["grafana"] },
    'Delete "Grafana"? 3 people can sign in to it today, and nobody after that. Its secrets, consents and provisioning go, too.',
  ],
  [
    all,
    "oidc_client_delete",
    { clients: ["grafana", "home-assistant"] },
    'Delete "Grafana", "Home Assistant"? 5 people can sign in to at least one of them today, and nobody after that. Their secrets, consents and provisioning go, too.',
  ],
  [
    since20,
    "oidc_client_delete",
    { clients: ["paperless"] },
    'Delete "Paperless-ngx"? Nobody can sign in to it today. Its secrets, consents and provisioning go, too.',
  ],

  [
    newest,
    "oidc_client_create_secret",
    { client: "gitea" },
    'Make another secret for "Gitea"? Whoever has it can act as this application. It has 1 secret that works today.',
  ],
  [
    newest,
    "oidc_client_create_secret",
    { client: "grafana", expiresAt: "90d", secret: "a-secret-of-our-own" },
    'Make another secret for "Grafana"? Whoever has it can act as this application. It has no secret that works today.',
  ],
  [
    ["2.13", "2.9", "1.16"],
    "oidc_client_create_secret",
    { client: "grafana" },
    'Make a new secret for "Grafana"? The one that it uses now stops working at once, and nobody can sign in until it has the new one: 3 people can today.',
  ],
  [
    newest,
    "oidc_client_rotate_secret",
    { client: "gitea" },
    'Replace the secret "Rt4y…", made 2025-01-20, of "Gitea"? The one that it uses now stops working at once, and nobody can sign in until it has the new one: 10 people can today.',
  ],
  [
    newest,
    "oidc_client_rotate_secret",
    { client: "gitea", replaces: "Rt4y", overlap: "24h" },
    'Make a new secret for "Gitea", to replace "Rt4y…", made 2025-01-20? Whoever has it can act as this application. The old one stays until somebody deletes it.',
  ],
  [
    ["2.13", "2.9", "1.16"],
    "oidc_client_rotate_secret",
    { client: "grafana" },
    'Replace the secret of "Grafana"? The one that it uses now stops working at once, and nobody can sign in until it has the new one: 3 people can today.',
  ],
  [
    newest,
    "oidc_client_delete_secret",
    { client: "gitea", secrets: ["Rt4y"] },
    'Delete 1 secret of "Gitea" ("Rt4y…", made 2025-01-20)? Whatever uses it cannot sign anybody in any more. It has no other that works: 10 people can sign in to it today, and nobody after that.',
  ],
  [
    newest,
    "oidc_client_delete_secret",
    { client: "gitea", secrets: ["Rt4y", "Mn8b"] },
    'Delete 2 secrets of "Gitea" ("Rt4y…", made 2025-01-20, "Mn8b…", made 2025-01-20)? Whatever uses them cannot sign anybody in any more. Others of it still work; 10 people can sign in to it today.',
    () => {
      addSecret(mcp, "gitea", "one-more-that-works");
    },
  ],

  [
    newest,
    "oidc_client_refresh_metadata",
    { client: cimdId },
    'Let "Notes" be what its document at "https://notes.example/client.json" says now? Where sign-in codes go may change with it, and everybody\'s consent may end. 10 people can sign in to it today.',
    () => {
      addCimdClient(mcp);
    },
  ],
  [
    all,
    "oidc_client_revoke_authorization",
    { client: "gitea" },
    'Take back what "robin", the owner of the API key, has authorized "Gitea" for? Its refresh tokens for this account end, and it has to be authorized again at the next sign-in.',
  ],

  [
    since20,
    "scim_provider_create",
    { client: "gitea", endpoint: "https://git.example/scim", token: "scim-token" },
    'Let Pocket ID keep 12 accounts and 5 groups of "Gitea" at "https://git.example/scim" from then on? It sends names and e-mail addresses there every hour. All others that are there are deleted.',
  ],
  [
    since20,
    "scim_provider_create",
    { client: "paperless", endpoint: "https://papers.example/scim" },
    'Let Pocket ID keep no account and no group of "Paperless-ngx" at "https://papers.example/scim" from then on? It sends names and e-mail addresses there every hour. All that are there are deleted.',
  ],
  [
    since20,
    "scim_provider_update",
    { client: "nextcloud", endpoint: "https://evil.example/scim" },
    'Provision "Nextcloud" at "https://evil.example/scim" and no longer at "https://cloud.riverside-rowing.example/apps/scimserviceprovider"? The next sync brings 8 accounts and 2 groups there, with the token that it has now. All others that are there are deleted.',
  ],
  [
    since20,
    "scim_provider_update",
    { client: "nextcloud", endpoint: "https://new.example/scim", token: "a-new-scim-token" },
    'Provision "Nextcloud" at "https://new.example/scim" and no longer at "https://cloud.riverside-rowing.example/apps/scimserviceprovider"? The next sync brings 8 accounts and 2 groups there. All others that are there are deleted.',
  ],
  [
    since20,
    "scim_provider_update",
    { client: "nextcloud", token: "a-new-scim-token" },
    'Use another token for "https://cloud.riverside-rowing.example/apps/scimserviceprovider"? If it is not the right one, 8 accounts and 2 groups of "Nextcloud" are no longer kept up to date there. Whoever loses access here then keeps it there.',
  ],
  [
    since20,
    "scim_provider_update",
    { client: "nextcloud", token: null },
    'Use no token any more for "https://cloud.riverside-rowing.example/apps/scimserviceprovider"? If it is not the right one, 8 accounts and 2 groups of "Nextcloud" are no longer kept up to date there. Whoever loses access here then keeps it there.',
  ],
  [
    since20,
    "scim_provider_delete",
    { client: "nextcloud" },
    'End the provisioning of "Nextcloud" at "https://cloud.riverside-rowing.example/apps/scimserviceprovider"? 8 accounts and 2 groups stay there as they are. Whoever loses access here then keeps it there. The token is gone, too.',
  ],
  [
    since20,
    "scim_provider_sync",
    { client: "nextcloud" },
    'Bring 8 accounts and 2 groups of "Nextcloud" to "https://cloud.riverside-rowing.example/apps/scimserviceprovider" now? All others that are there are deleted.',
  ],

  [
    ["2.14", "2.13"],
    "api_delete",
    { apis: ["Boat booking"] },
    'Delete the API "Boat booking", with 2 permissions? No client gets tokens for it any more; 1 client ("Home Assistant") may call it today.',
  ],
  [
    ["2.14", "2.13"],
    "api_set_permissions",
    { ...boats, remove: ["boats:read"] },
    'Remove "boats:read" from "Boat booking" ("https://boats.riverside-rowing.example/api")? 1 client ("Home Assistant") loses what that allows. "Home Assistant" cannot call the API at all any more.',
  ],
  [
    ["2.14", "2.13"],
    "api_set_permissions",
    { ...boats, remove: ["boats:book"], add: [{ key: "boats:take", name: "Take" }] },
    'Remove "boats:book" from "Boat booking" ("https://boats.riverside-rowing.example/api")? No client loses what that allows.',
  ],
  [
    newest,
    "api_set_permissions",
    { ...boats, remove: ["boats:read"] },
    'Remove "boats:read" from "Boat booking" ("https://boats.riverside-rowing.example/api")? 1 client ("Home Assistant") loses what that allows.',
    // The other half of its access came without a permission, and stays.
    () => {
      for (const grant of mcp.sandbox.state.grants) grant.clientAccess = true;
    },
  ],
  [
    newest,
    "api_set_cimd_access",
    { ...boats, enabled: true, add: ["boats:read"] },
    'Open "Boat booking" ("https://boats.riverside-rowing.example/api") to all clients that register themselves (1 today)? They may then ask for "boats:read".',
    () => {
      addCimdClient(mcp);
    },
  ],
  [
    newest,
    "api_set_cimd_access",
    { ...boats, add: ["boats:read"] },
    'Change what all clients that register themselves (0 today) may do at "Boat booking" ("https://boats.riverside-rowing.example/api")? They may then ask for "boats:read".',
    () => {
      holds(mcp).api("Boat booking").allowCimdClients = true;
    },
  ],
  [
    newest,
    "api_set_cimd_access",
    { ...boats, enabled: false },
    'Close "Boat booking" ("https://boats.riverside-rowing.example/api") to all clients that register themselves (0 today)? They get no tokens for it any more.',
    () => {
      holds(mcp).api("Boat booking").allowCimdClients = true;
    },
  ],
  [
    ["2.14", "2.13"],
    "api_grant_client",
    { ...boats, client: "gitea", userDelegatedPermissions: ["boats:book"], clientPermissions: ["boats:read"] },
    'Let "Gitea" call "Boat booking" ("https://boats.riverside-rowing.example/api") in the name of its users: "boats:book"; as itself: "boats:read"? 10 people can sign in to it.',
  ],
  [
    newest,
    "api_grant_client",
    { ...boats, client: "grafana", clientAccess: true },
    'Let "Grafana" call "Boat booking" ("https://boats.riverside-rowing.example/api") as itself? 3 people can sign in to it.',
  ],
  [
    ["2.14", "2.13"],
    "api_revoke_client",
    { ...boats, client: "home-assistant" },
    'Take away what "Home Assistant" may do at "Boat booking" ("https://boats.riverside-rowing.example/api") in the name of its users: "boats:read"? It cannot call the API at all any more. 2 people can sign in to it.',
  ],
  [
    newest,
    "api_revoke_client",
    { ...boats, client: "home-assistant", userDelegatedPermissions: ["boats:read"] },
    'Take away what "Home Assistant" may do at "Boat booking" ("https://boats.riverside-rowing.example/api") in the name of its users: "boats:read"? 2 people can sign in to it.',
  ],
];

describe.each(questions)("on %j, %s %j", (versions, tool, args, question, prepare) => {
  it.each(versions)("asks a person on %s what they should know, and a no changes nothing", async (version) => {
    await connectAs(() => "no", version, prepare);
    expect(await questionOf(tool, args)).toBe(question);
  });
});

/** Calls of the same tools that nobody is asked about, with a client that could ask nobody. */
const harmless: readonly [readonly SandboxVersion[], string, Args, Prepare?][] = [
  [
    all,
    "oidc_client_create",
    { name: "Wiki", groups: ["board"], callbackURLs: ["https://wiki.example/cb", "http://localhost/cb"] },
  ],
  [since20, "oidc_client_create", { name: "Wiki" }],
  [since20, "oidc_client_create", { name: "Wiki", access: "nobody", pkceEnabled: false }],
  [all, "oidc_client_update", { client: "immich", name: "Photos", launchURL: null, logoutCallbackURLs: [] }],
  [all, "oidc_client_update", { client: "immich", launchURL: "https://photos.riverside-rowing.example/start" }],
  [
    all,
    "oidc_client_update",
    { client: "immich", addCallbackURLs: ["https://photos.riverside-rowing.example/new", "app.immich:/new"] },
  ],
  [
    all,
    "oidc_client_update",
    { client: "immich", callbackURLs: [...immichUrls].reverse(), requiresReauthentication: true },
  ],
  [
    newest,
    "oidc_client_update",
    {
      client: "gitea",
      description: "Code",
      accessTokenDurationMinutes: 600,
      requiresPushedAuthorizationRequests: false,
    },
  ],
  [
    all,
    "oidc_client_update",
    { client: "gitea", callbackURLs: ["https://git.example/first"] },
    () => {
      holds(mcp).client("gitea").callbackURLs = [];
    },
  ],
  [all, "oidc_client_update_allowed_groups", { client: "immich", groups: ["juniors", "members"] }],
  [all, "oidc_client_update_allowed_groups", { client: "gitea", access: "everyone" }],
  [newest, "oidc_client_delete_secret", { client: "gitea", secrets: ["Mn8b"] }],
  [
    newest,
    "oidc_client_delete_logo",
    { client: "gitea", mode: "dark" },
    () => {
      holds(mcp).client("gitea").darkLogo = { extension: "png", bytes: Buffer.from("x") };
    },
  ],
  [
    since20,
    "scim_provider_update",
    { client: "nextcloud", endpoint: "https://cloud.riverside-rowing.example/apps/scimserviceprovider" },
  ],
  [
    ["2.14", "2.13"],
    "api_set_permissions",
    { ...boats, add: [{ key: "boats:take", name: "Take" }], change: [{ key: "boats:read", name: "Look" }] },
  ],
  [newest, "api_set_cimd_access", { ...boats, add: ["boats:read"] }],
  [
    ["2.14", "2.13"],
    "api_grant_client",
    { ...boats, client: "home-assistant", userDelegatedPermissions: ["boats:read"] },
  ],
  [["2.14", "2.13"], "api_revoke_client", { ...boats, client: "gitea" }],
];

describe.each(harmless)("on %j, %s %j", (versions, tool, args, prepare) => {
  it.each(versions)("asks nobody on %s", async (version) => {
    await connectAs(null, version, prepare);
    await mcp.ok(tool, args);
    expect(mcp.actions().at(-1)).toMatchObject({ tool, outcome: "ok", confirmation: "not needed" });
  });
});

describe("what would be refused anyway", () => {
  it.each<[SandboxVersion, string, Args, RegExp, Prepare?]>([
    ["1.16", "oidc_client_create", { name: "Wiki" }, /opens a client without groups to everyone/],
    [
      "1.16",
      "oidc_client_create",
      { name: "Wiki", access: "everyone", skipConsent: true },
      /skipConsent: it needs Pocket ID 2\.10/,
    ],
    [
      "2.9",
      "oidc_client_update",
      { client: "gitea", isPublic: true, skipConsent: true },
      /skipConsent: it needs Pocket ID 2\.10/,
    ],
    [
      "2.14",
      "oidc_client_update",
      { client: "gitea", isPublic: true, removeCallbackURLs: ["https://x.example"] },
      /has no such callback URL/,
    ],
    [
      "1.16",
      "oidc_client_update_allowed_groups",
      { client: "grafana", access: "nobody" },
      /before 2\.0 cannot close a client/,
    ],
    ["2.14", "oidc_client_create_secret", { client: "home-assistant" }, /is public and has no secret/],
    ["2.14", "oidc_client_rotate_secret", { client: "grafana" }, /has no secret that works/],
    ["2.9", "oidc_client_rotate_secret", { client: "gitea", overlap: "1d" }, /overlap: it needs Pocket ID 2\.14/],
    ["2.14", "oidc_client_refresh_metadata", { client: "gitea" }, /has no metadata document/],
    ["2.12", "oidc_client_refresh_metadata", { client: "gitea" }, /has no operation/],
    [
      "2.14",
      "scim_provider_create",
      { client: "nextcloud", endpoint: "https://x.example" },
      /has a SCIM provider already/,
    ],
    ["2.14", "scim_provider_sync", { client: "gitea" }, /has no SCIM provider/],
    ["2.14", "api_set_permissions", { ...boats, remove: ["boats:sink"] }, /has no permission "boats:sink"/],
    ["2.13", "api_set_cimd_access", { ...boats, enabled: true }, /has no operation/],
    ["2.14", "api_grant_client", { ...boats, client: "gitea", clientPermissions: ["boats:sink"] }, /has no permission/],
    [
      "2.13",
      "api_grant_client",
      { ...boats, client: "gitea", clientAccess: true },
      /knows no access without a permission/,
    ],
  ])("is refused on %s before a person is asked: %s %j", async (version, tool, args, text, prepare) => {
    await connectAs(() => "yes", version, prepare);
    expect(await mcp.fails(tool, args)).toMatch(text);
    expect({ questions: mcp.questions, changes: holds(mcp).changes() }).toEqual({ questions: [], changes: [] });
  });
});

describe("an answer", () => {
  it("does not count if somebody got into a group meanwhile, because the person was told another number", async () => {
    await mcp.reconnect({
      person() {
        holds(mcp)
          .user("ines")
          .userGroupIds.push(...holds(mcp).groupIds("board"));
        return "yes";
      },
    });
    const text = await mcp.fails("oidc_client_update_allowed_groups", { client: "grafana", access: "everyone" });
    expect(text).toMatch(/no longer the same/);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("does not count if the client was opened meanwhile", async () => {
    await mcp.reconnect({
      person() {
        holds(mcp).client("grafana").isGroupRestricted = false;
        return "yes";
      },
    });
    expect(await mcp.fails("oidc_client_delete", { clients: ["grafana"] })).toMatch(/no longer the same/);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("counts although a sync has run meanwhile", async () => {
    await mcp.reconnect({
      person() {
        const provider = holds(mcp).provider("nextcloud");
        if (provider !== undefined) provider.lastSyncedAt = "2026-11-23T12:00:00Z";
        return "yes";
      },
    });
    expect(await mcp.ok("scim_provider_delete", { client: "nextcloud" })).toMatchObject({ deleted: true });
  });
});

it("never holds a secret: not of the arguments, and not one that is stored", async () => {
  await mcp.ok("oidc_client_create", { name: "Wiki", access: "everyone", secret: "a-secret-of-our-own" });
  await mcp.ok("oidc_client_create_secret", { client: "gitea", secret: "another-secret-of-ours" });
  await mcp.ok("scim_provider_update", { client: "nextcloud", token: "a-token-of-our-own" });
  expect(mcp.questions).toHaveLength(3);
  const text = mcp.questions.join();
  for (const secret of ["a-secret-of-our-own", "another-secret-of-ours", "a-token-of-our-own", "scim-7c1e5d0a9b3f4826"])
    expect(text).not.toContain(secret);
});
