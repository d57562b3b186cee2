import { expect, it } from "vitest";
import { contract, inAnHour, type Json, members, nobody, query } from "./pocket-id.ts";

/** The members of an object, and the first version that has each where not every version has. */
type Members = Readonly<Record<string, { since?: string }>>;

const always = (...names: string[]): Members => Object.fromEntries(names.map((name) => [name, {}]));
const since = (version: string, ...names: string[]): Members =>
  Object.fromEntries(names.map((name) => [name, { since: version }]));

const user: Members = {
  ...always("id", "username", "email", "firstName", "lastName", "displayName", "isAdmin", "locale", "customClaims"),
  ...always("userGroups", "ldapId", "disabled"),
  ...since("2.2", "emailVerified"),
};
const groupRow = always("id", "friendlyName", "name", "customClaims", "userCount", "ldapId", "createdAt");
const groupOfUser: Members = { ...groupRow, ...since("2.0", "userCount") };
const group: Members = {
  ...always("id", "friendlyName", "name", "customClaims", "ldapId", "createdAt", "users"),
  ...since("2.0", "allowedOidcClients"),
};
const clientMeta: Members = {
  ...always("id", "name", "hasLogo", "hasDarkLogo", "launchURL", "requiresReauthentication"),
  ...since("2.10", "description"),
  ...since("2.13", "clientType"),
};
const client: Members = {
  ...clientMeta,
  ...always("callbackURLs", "logoutCallbackURLs", "isPublic", "pkceEnabled", "credentials"),
  ...since("2.0", "isGroupRestricted"),
  ...since("2.9", "requiresPushedAuthorizationRequests"),
  ...since("2.10", "skipConsent"),
  ...since("2.13", "accessTokenDurationMinutes", "refreshTokenDurationMinutes"),
};
const api: Members = {
  ...always("id", "name", "resource", "createdAt", "permissions"),
  ...since("2.14", "allowCimdClients"),
};
const permission: Members = {
  ...always("id", "key", "name", "description"),
  ...since("2.14", "allowedForCimdClients"),
};
const apiKey = always("id", "name", "description", "expiresAt", "lastUsedAt", "createdAt", "expirationEmailSent");
const signupToken: Members = {
  ...always("id", "token", "expiresAt", "usageLimit", "usageCount", "createdAt"),
  ...since("2.0", "userGroups"),
};
const auditLog: Members = {
  ...always("id", "createdAt", "event", "ipAddress", "country", "city", "device", "userID", "username", "data"),
  ...since("2.6", "actorUsername"),
};
const scimProvider = always("id", "endpoint", "token", "lastSyncedAt", "oidcClient", "createdAt");
const clientSecret = always("id", "prefix", "createdAt", "expiresAt", "isActive");

contract("the members of its objects", (pocketId) => {
  const expectMembers = (object: Json, of: Members): void => {
    const names = Object.entries(of)
      .filter(([, { since: first }]) => first === undefined || pocketId.since(first))
      .map(([name]) => name);
    expect(members(object), JSON.stringify(object)).toEqual(names.sort());
  };

  it("a user has these, wherever a user stands (emailVerified since 2.2)", async () => {
    const group = await pocketId.group();
    const ada = await pocketId.user();
    const path = `/api/users/${ada.id}`;
    expectMembers(ada, user);
    expectMembers((await pocketId.get("/api/users")).body.data[0], user);
    expectMembers((await pocketId.get("/api/users/me")).body, user);
    expectMembers((await pocketId.put(path, ada)).body, user);
    expectMembers((await pocketId.put(`${path}/user-groups`, { userGroupIds: [group.id] })).body, user);
    expectMembers((await pocketId.get(`/api/user-groups/${group.id}`)).body.users[0], user);
    const { id, ...fields } = ada;
    const other = { username: pocketId.unique("user"), email: `${nobody}@contract.example` };
    expectMembers((await pocketId.post("/api/users", { ...fields, ...other })).body, user);
  });

  it("a group in a list has these, inside a user too (userCount there since 2.0)", async () => {
    const group = await pocketId.group();
    const ada = await pocketId.user();
    await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [group.id] });
    expectMembers((await pocketId.get("/api/user-groups")).body.data[0], groupRow);
    expectMembers((await pocketId.get(`/api/users/${ada.id}`)).body.userGroups[0], groupOfUser);
  });

  it("a group by itself has these (allowedOidcClients since 2.0)", async () => {
    const friends = await pocketId.group();
    const ada = await pocketId.user();
    const path = `/api/user-groups/${friends.id}`;
    expectMembers(friends, group);
    expectMembers((await pocketId.put(path, friends)).body, group);
    expectMembers((await pocketId.put(`${path}/users`, { userIds: [ada.id] })).body, group);
    expectMembers((await pocketId.get(`/api/users/${ada.id}/groups`)).body[0], group);
    const created = await pocketId.post("/api/user-groups", { name: pocketId.unique("g"), friendlyName: "Group" });
    expectMembers(created.body, group);
  });

  it("a custom claim has key and value", async () => {
    const ada = await pocketId.user();
    const { body } = await pocketId.put(`/api/custom-claims/user/${ada.id}`, [{ key: "team", value: "blue" }]);
    expect(body).toEqual([{ key: "team", value: "blue" }]);
  });

  it("a client has these: read, created and updated with its groups, listed with their number", async () => {
    const wiki = await pocketId.client();
    const withGroups = { ...client, ...always("allowedUserGroups") };
    expectMembers(wiki, withGroups);
    expectMembers((await pocketId.put(`/api/oidc/clients/${wiki.id}`, wiki)).body, withGroups);
    expectMembers((await pocketId.post("/api/oidc/clients", { name: pocketId.unique("c") })).body, withGroups);
    const list = await pocketId.get(`/api/oidc/clients${query({ search: wiki.name })}`);
    expectMembers(list.body.data[0], { ...client, ...always("allowedUserGroupsCount") });
    const linked = await pocketId.put(`/api/oidc/clients/${wiki.id}/allowed-user-groups`, { userGroupIds: [] });
    expectMembers(linked.body, client);
  });

  it("what everybody may see of a client is this (description since 2.10, clientType since 2.13)", async () => {
    const { id } = await pocketId.client();
    expectMembers((await pocketId.get(`/api/oidc/clients/${id}/meta`, { as: "nobody" })).body, clientMeta);
  });

  it.runIf(pocketId.since("2.0"))("a client inside a group has what everybody may see of it (since 2.0)", async () => {
    const friends = await pocketId.group();
    const wiki = await pocketId.client({ isGroupRestricted: true });
    const linked = await pocketId.put(`/api/user-groups/${friends.id}/allowed-oidc-clients`, {
      oidcClientIds: [wiki.id],
    });
    expectMembers(linked.body.allowedOidcClients[0], clientMeta);
  });

  it("a federated identity has these (replayProtection since 2.10)", async () => {
    const identity = {
      issuer: "https://ci.example",
      subject: "repo:wiki",
      audience: "wiki",
      jwks: "https://ci.example/jwks",
    };
    const wiki = await pocketId.client({ credentials: { federatedIdentities: [identity] } });
    expectMembers(wiki.credentials.federatedIdentities[0], {
      ...always("issuer", "subject", "audience", "jwks"),
      ...since("2.10", "replayProtection"),
    });
  });

  it.runIf(pocketId.since("2.14"))(
    "a client secret has these, and its value only when it is made (since 2.14)",
    async () => {
      const { id } = await pocketId.client();
      const made = await pocketId.post(`/api/oidc/clients/${id}/secrets`);
      expectMembers(made.body, { ...clientSecret, ...always("secret") });
      expectMembers((await pocketId.get(`/api/oidc/clients/${id}/secrets`)).body[0], clientSecret);
      const { credentials } = await pocketId.read(`/api/oidc/clients/${id}`);
      expectMembers(credentials.secrets[0], clientSecret);
    },
  );

  it.skipIf(pocketId.since("2.14"))("a new client secret is all that its answer holds (until 2.13)", async () => {
    const { id, credentials } = await pocketId.client();
    expect(credentials).toEqual({});
    expectMembers((await pocketId.post(`/api/oidc/clients/${id}/secret`)).body, always("secret"));
  });

  it("a claims preview has the claims of three tokens", async () => {
    const [wiki, ada] = [await pocketId.client(), await pocketId.user()];
    const { body } = await pocketId.get(`/api/oidc/clients/${wiki.id}/preview/${ada.id}?scopes=openid`);
    expectMembers(body, always("idToken", "accessToken", "userInfo"));
  });

  it("an API key has these, and its value stands beside it when it is made", async () => {
    const as = await pocketId.sessionOf(pocketId.owner);
    const made = await pocketId.post("/api/api-keys", { name: pocketId.unique("key"), expiresAt: inAnHour() }, { as });
    expectMembers(made.body, always("apiKey", "token"));
    expectMembers(made.body.apiKey, apiKey);
    expectMembers((await pocketId.get("/api/api-keys")).body.data[0], apiKey);
  });

  it("a signup token has these (userGroups since 2.0)", async () => {
    const made = await pocketId.post("/api/signup-tokens", { ttl: "1h", usageLimit: 1 });
    expectMembers(made.body, signupToken);
    expectMembers((await pocketId.get("/api/signup-tokens")).body.data[0], signupToken);
    await pocketId.delete(`/api/signup-tokens/${made.body.id}`);
  });

  it("a one-time access token is all that its answer holds", async () => {
    const ada = await pocketId.user();
    const made = await pocketId.post(`/api/users/${ada.id}/one-time-access-token`, { userId: ada.id });
    expectMembers(made.body, always("token"));
  });

  it("an entry of the audit log has these (actorUsername since 2.6)", async () => {
    const as = await pocketId.sessionOf(await pocketId.user());
    expectMembers((await pocketId.get("/api/audit-logs/all")).body.data[0], auditLog);
    expectMembers((await pocketId.get("/api/audit-logs", { as })).body.data[0], auditLog);
  });

  it.runIf(pocketId.since("2.0"))(
    "a SCIM provider has these, and a client that was not loaded (since 2.0)",
    async () => {
      const { id } = await pocketId.client();
      const made = await pocketId.post("/api/scim/service-provider", {
        endpoint: "https://scim.contract.example",
        token: "s3cret",
        oidcClientId: id,
      });
      expectMembers(made.body, scimProvider);
      const read = await pocketId.get(`/api/oidc/clients/${id}/scim-service-provider`);
      expectMembers(read.body, scimProvider);
      expectMembers(read.body.oidcClient, clientMeta);
      expect(read.body.oidcClient).toMatchObject({ id: "", name: "" });
    },
  );

  it.runIf(pocketId.since("2.10"))("an API and its permissions have these (since 2.10)", async () => {
    const { id } = await pocketId.api();
    const filled = await pocketId.put(`/api/apis/${id}/permissions`, {
      permissions: [{ key: "boats:read", name: "Read", description: "Who has which boat" }],
    });
    expectMembers(filled.body, api);
    expectMembers(filled.body.permissions[0], permission);
    expectMembers((await pocketId.get("/api/apis")).body.data[0], api);
  });

  it.runIf(pocketId.since("2.14"))(
    "a grant of a client at an API has these, and with it stand the client or the API (since 2.14)",
    async () => {
      const [{ id }, wiki] = [await pocketId.api(), await pocketId.client()];
      const granted = await pocketId.put(`/api/apis/${id}/clients/${wiki.id}`, { clientAccess: true });
      const grant = always("userDelegatedAccess", "clientAccess", "userDelegatedPermissionIds", "clientPermissionIds");
      expectMembers(granted.body, grant);
      const listed = { ...grant, ...always("cimdGrantedAccess", "cimdGrantedPermissionIds") };
      const [ofApi] = (await pocketId.get(`/api/apis/${id}/clients`)).body.data;
      expectMembers(ofApi, { ...listed, ...always("client") });
      expectMembers(ofApi.client, always("id", "name", "clientType", "isPublic", "hasLogo", "hasDarkLogo"));
      const [ofClient] = (await pocketId.get(`/api/api-access/${wiki.id}/apis`)).body;
      expectMembers(ofClient, { ...listed, ...always("api") });
      expectMembers(ofClient.api, api);
    },
  );

  it("a list has its rows under data, and says under pagination where it stands", async () => {
    const { body } = await pocketId.get("/api/users");
    expectMembers(body, always("data", "pagination"));
    expectMembers(body.pagination, always("totalPages", "totalItems", "currentPage", "itemsPerPage"));
  });

  it("a value of the configuration has key, type and value, and isPublic for administrators", async () => {
    for (const row of (await pocketId.get("/api/application-configuration/all")).body)
      expectMembers(row, always("key", "type", "value", "isPublic"));
    for (const row of (await pocketId.get("/api/application-configuration", { as: "nobody" })).body)
      expectMembers(row, always("key", "type", "value"));
  });

  it("an error has a text, and since 2.13 a code and a request id", async () => {
    const { body } = await pocketId.get(`/api/users/${nobody}`);
    expectMembers(body, { ...always("error"), ...since("2.13", "code", "request_id") });
  });
});
