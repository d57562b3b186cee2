import { blankClient } from "../clients.ts";
import { stored } from "../moments.ts";
import type { Api, ApiGrant, ClientSecret, OidcClient, ScimProvider } from "../state.ts";
import type { Has } from "../versions.ts";
import { fixedId } from "./fixed-id.ts";
import { type GroupName, groupId } from "./people.ts";

const DAY_MS = 24 * 3600 * 1000;

const secret = (name: string, value: string, expiresInDays: number | null = null): ClientSecret => ({
  id: fixedId(`secret ${name}`),
  prefix: value.slice(0, 4),
  value,
  createdAt: "2025-01-20T18:30:00Z",
  expiresAt: expiresInDays === null ? null : stored(new Date(Date.now() + expiresInDays * DAY_MS)),
});

const allowed = (...groups: GroupName[]): Partial<OidcClient> => ({
  isGroupRestricted: true,
  allowedUserGroupIds: groups.map(groupId),
});

interface Application extends Partial<OidcClient> {
  readonly id: string;
  readonly name: string;
}

const host = "riverside-rowing.example";

const applications = (): Application[] => [
  {
    id: "immich",
    name: "Immich",
    description: "Photos of regattas and training",
    callbackURLs: [
      `https://photos.${host}/auth/login`,
      `https://photos.${host}/user-settings`,
      "app.immich:///oauth-callback",
    ],
    launchURL: `https://photos.${host}`,
    secrets: [secret("immich", "Xq7mT2vLr9KpZw4sBn8cHd3yJf6gUa1e")],
    ...allowed("members", "juniors"),
  },
  {
    id: "nextcloud",
    name: "Nextcloud",
    description: "Files, calendar and the boat plan",
    callbackURLs: [`https://cloud.${host}/apps/user_oidc/code`],
    logoutCallbackURLs: [`https://cloud.${host}/*`],
    launchURL: `https://cloud.${host}`,
    pkceEnabled: true,
    secrets: [secret("nextcloud", "Vb5nK8xQw2ZrTy7uIm4oPa9sDf3gHj6k")],
    ...allowed("members", "board"),
  },
  {
    id: "grafana",
    name: "Grafana",
    callbackURLs: [`https://stats.${host}/login/generic_oauth`],
    requiresReauthentication: true,
    federatedIdentities: [
      {
        issuer: `https://k8s.${host}`,
        subject: "system:serviceaccount:monitoring:grafana",
        audience: "pocket-id",
        jwks: `https://k8s.${host}/openid/v1/jwks`,
        replayProtection: true,
      },
    ],
    ...allowed("board"),
  },
  {
    // Restricted, and no group may use it: nobody can sign in. Up to 1.16 that means everybody.
    id: "paperless",
    name: "Paperless-ngx",
    description: "Invoices and contracts",
    callbackURLs: [`https://papers.${host}/accounts/oidc/pocket-id/login/callback/`],
    secrets: [secret("paperless", "Lk9jHg6fDs3aPo8iUy5tRe2wQm1nBv4c", 14)],
    ...allowed(),
  },
  {
    id: "gitea",
    name: "Gitea",
    description: "The source of our website",
    callbackURLs: [`https://git.${host}/user/oauth2/pocket-id/callback`],
    launchURL: `https://git.${host}`,
    secrets: [
      secret("gitea", "Rt4yUi7oPl0kJh3gFd6sAz9xCv2bNm5q"),
      secret("gitea before", "Mn8bVc5xZa2sDf7gHj4kLp1oIu6yTr3e", -20),
    ],
  },
  {
    id: "home-assistant",
    name: "Home Assistant",
    description: "Lights and heating of the boathouse",
    callbackURLs: [`https://home.${host}/auth/external/callback`],
    launchURL: `https://home.${host}`,
    isPublic: true,
    pkceEnabled: true,
    ...allowed("coaches"),
  },
];

/** Six applications, of every kind of access: to groups, to everyone, to nobody. */
export function clients(has: Has, createdById: string): OidcClient[] {
  return applications().map((application, day) => {
    const client = { ...blankClient(application.id, `2025-01-2${day}T18:30:00Z`, createdById), ...application };
    return { ...client, ...fitting(has, client) };
  });
}

/** What an older version could not have stored. */
function fitting(has: Has, client: OidcClient): Partial<OidcClient> {
  return {
    ...(!has("clientDescription") && { description: "" }),
    ...(!has("groupRestrictionFlag") && { isGroupRestricted: false }),
    // Before 2.14 a client has one secret, and nothing tells how it begins or when it ends.
    ...(!has("severalSecrets") && {
      secrets: client.secrets.slice(0, 1).map((only) => ({ ...only, prefix: "", expiresAt: null })),
    }),
    federatedIdentities: client.federatedIdentities.map((identity) => ({
      ...identity,
      replayProtection: has("replayProtection") && identity.replayProtection,
    })),
  };
}

export const scimProvider = (): ScimProvider => ({
  id: fixedId("scim nextcloud"),
  createdAt: "2025-03-08T11:00:00Z",
  endpoint: `https://cloud.${host}/apps/scimserviceprovider`,
  token: "scim-7c1e5d0a9b3f4826",
  lastSyncedAt: stored(new Date(Date.now() - 50 * 60 * 1000)),
  oidcClientId: "nextcloud",
});

const permission = (key: string, name: string, description: string) => ({
  id: fixedId(`permission ${key}`),
  key,
  name,
  description,
  allowedForCimdClients: false,
});

export const api = (): Api => ({
  id: fixedId("api boats"),
  createdAt: "2025-05-02T09:15:00Z",
  name: "Boat booking",
  resource: `https://boats.${host}/api`,
  allowCimdClients: false,
  permissions: [
    permission("boats:read", "See bookings", "Who has which boat"),
    permission("boats:book", "Book boats", "In the name of the member"),
  ],
});

export function grant(): ApiGrant {
  const { id, permissions } = api();
  return {
    apiId: id,
    clientId: "home-assistant",
    userDelegatedAccess: true,
    clientAccess: false,
    userDelegatedPermissionIds: permissions.slice(0, 1).map((first) => first.id),
    clientPermissionIds: [],
  };
}
