import { InputError, routes as ourRoutes, PocketIdClient, PocketIdError } from "@pocketid-mcp/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { versionFromFingerprints } from "../../packages/core/src/pocket-id/version-detection.ts";
import { column, contract, inAnHour, type Json, nobody } from "./pocket-id.ts";
import { type Availability, asked, exists, isAnswered } from "./routes.ts";

// What our own client makes of all this. Every effect is read back without it.
contract("our own client", (pocketId) => {
  let ours: PocketIdClient;
  beforeAll(() => {
    ours = new PocketIdClient({ url: pocketId.url, apiKey: pocketId.apiKey });
  });
  afterAll(() => ours.close());

  it("knows no route that is not there, and none that is there as missing", async () => {
    const known: string[] = [];
    const answered: string[] = [];
    for (const [route, availability] of Object.entries<Availability>(ourRoutes)) {
      if (exists(pocketId, availability)) known.push(route);
      if (isAnswered(await pocketId.send(...asked(route), { as: "nobody" }))) answered.push(route);
    }
    expect(answered).toEqual(known);
  });

  describe("the version", () => {
    it("is found, exactly since 2.3", async () => {
      const { version, exact } = await ours.version();
      expect(exact).toBe(pocketId.since("2.3"));
      if (exact) expect(version).toBe(pocketId.version);
      else expect(version).toBe(pocketId.since("2.2") ? "2.2.0" : pocketId.since("2.0") ? "2.0.0" : "1.16.0");
    });

    it("shows itself in fingerprints, where nobody may ask", async () => {
      const configuration = await pocketId.get("/api/application-configuration", { as: "nobody" });
      const discovery = await pocketId.get("/.well-known/openid-configuration", { as: "nobody" });
      const scim = await pocketId.get(`/api/oidc/clients/${nobody}/scim-service-provider`, { as: "nobody" });
      const seen = versionFromFingerprints({
        configurationKeys: new Set(column(configuration.body, "key")),
        discoveryKeys: new Set(Object.keys(discovery.body)),
        requestId: discovery.headers.has("x-request-id"),
        scim: isAnswered(scim),
      });
      const signs = ["2.14", "2.13", "2.10", "2.9", "2.6", "2.5", "2.2", "2.0", "1.16"];
      expect(seen).toBe(`${signs.find((sign) => pocketId.since(sign))}.0`);
    });
  });

  describe("an update changes nothing but what was asked", () => {
    const changes = async (path: string, update: () => Promise<unknown>, difference: Json): Promise<void> => {
      const before = await pocketId.read(path);
      await update();
      expect(await pocketId.read(path)).toEqual({ ...before, ...difference });
    };

    it("of a user", async () => {
      const friends = await pocketId.group();
      const ada = await pocketId.user({
        isAdmin: true,
        disabled: true,
        lastName: "Byron",
        locale: "en",
        emailVerified: true,
      });
      await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [friends.id] });
      await pocketId.done("PUT", `/api/custom-claims/user/${ada.id}`, [{ key: "team", value: "blue" }]);
      const patch = { displayName: "Countess" };
      await changes(`/api/users/${ada.id}`, () => ours.users.update(ada.username, patch), patch);
    });

    it("of a group", async () => {
      const [friends, ada] = [await pocketId.group(), await pocketId.user()];
      await pocketId.done("PUT", `/api/user-groups/${friends.id}/users`, { userIds: [ada.id] });
      const patch = { friendlyName: "Renamed" };
      await changes(`/api/user-groups/${friends.id}`, () => ours.userGroups.update(friends.name, patch), patch);
    });

    it("of a client", async () => {
      const [friends, wiki] = [
        await pocketId.group(),
        await pocketId.client({
          isGroupRestricted: true,
          requiresReauthentication: true,
          launchURL: "https://wiki.example",
          description: "A wiki",
          skipConsent: true,
          accessTokenDurationMinutes: 7,
          credentials: { federatedIdentities: [{ issuer: "https://ci.example" }] },
        }),
      ];
      await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}/allowed-user-groups`, { userGroupIds: [friends.id] });
      const patch = { name: pocketId.unique("renamed") };
      await changes(`/api/oidc/clients/${wiki.id}`, () => ours.oidcClients.update(wiki.name, patch), patch);
    });

    it.runIf(pocketId.since("2.0"))("of a SCIM provider (since 2.0)", async () => {
      const { id } = await pocketId.client();
      await pocketId.done("POST", "/api/scim/service-provider", {
        endpoint: "https://scim.example",
        token: "s3cret",
        oidcClientId: id,
      });
      const patch = { endpoint: "https://scim.example/v2" };
      await changes(`/api/oidc/clients/${id}/scim-service-provider`, () => ours.scimProviders.update(id, patch), patch);
    });

    it("of the configuration", async () => {
      const secrets = { smtpPassword: "s3cret", ldapBindPassword: "s3cret" };
      const [before, after] = await pocketId.whileConfigured(secrets, async () => {
        const found = await pocketId.configuration();
        await ours.applicationConfiguration.update({ accentColor: "#1e50a0" });
        return [found, await pocketId.configuration()] as const;
      });
      expect(after).toEqual({ ...before, ...secrets, accentColor: "#1e50a0" });
    });
  });

  it("a list is walked over to its end, each row once", async () => {
    const word = pocketId.unique("walk");
    const made: string[] = [];
    for (let number = 0; number < 105; number++) made.push((await pocketId.group({ name: `${word}-${number}` })).id);
    const walked: string[] = [];
    for await (const { id } of ours.userGroups.all({ search: word })) walked.push(id);
    expect(walked.sort()).toEqual(made.sort());
  });

  it("members are added and removed, and the others stay", async () => {
    const [friends, ada, ben, cora] = [
      await pocketId.group(),
      await pocketId.user(),
      await pocketId.user(),
      await pocketId.user(),
    ];
    await pocketId.done("PUT", `/api/user-groups/${friends.id}/users`, { userIds: [ada.id, ben.id] });
    await ours.userGroups.updateUsers(friends.id, { add: [cora.username], remove: [ada.username] });
    const { users } = await pocketId.read(`/api/user-groups/${friends.id}`);
    expect(column(users, "id").sort()).toEqual([ben.id, cora.id].sort());
    await expect(ours.userGroups.updateUsers(friends.id, { add: [nobody] })).rejects.toThrow(InputError);
  });

  it("a new client is for nobody but its groups, with a secret that works", async () => {
    const [friends, member, stranger] = [await pocketId.group(), await pocketId.user(), await pocketId.user()];
    await pocketId.done("PUT", `/api/user-groups/${friends.id}/users`, { userIds: [member.id] });
    const { client, secret } = await ours.oidcClients.create({ name: pocketId.unique("client"), groups: [friends.id] });
    const preview = async ({ id }: Json) =>
      (await pocketId.get(`/api/oidc/clients/${client.id}/preview/${id}?scopes=openid`)).status;
    expect([await preview(member), await preview(stranger)]).toEqual([200, 403]);
    const form = new URLSearchParams({ token: "of-nobody" });
    const as = { client: client.id, secret: secret ?? "" };
    expect((await pocketId.send("POST", "/api/oidc/introspect", { form, as })).status).toBe(200);
  });

  it("a key is made through a session of its owner, on every version", async () => {
    const { token } = await ours.apiKeys.create({ name: pocketId.unique("key"), expiresAt: new Date(inAnHour()) });
    expect((await pocketId.get("/api/users/me", { as: { key: token } })).body.id).toBe(pocketId.owner.id);
  });

  it("a refusal has its status, and since 2.13 its code", async () => {
    const ada = await pocketId.user();
    const refused = await ours.users
      .create({ username: ada.username, email: `${nobody}@contract.example`, firstName: "Ada", displayName: "Ada" })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PocketIdError);
    expect(refused).toMatchObject(pocketId.since("2.13") ? { status: 409, code: "already_in_use" } : { status: 400 });
  });

  it.runIf(pocketId.since("2.10"))(
    "an update of the permissions of an API keeps the others and what clients were granted (since 2.10)",
    async () => {
      const [{ id }, wiki] = [await pocketId.api(), await pocketId.client()];
      const { body } = await pocketId.put(`/api/apis/${id}/permissions`, {
        permissions: [{ key: "read", name: "Read" }],
      });
      await ours.apis.grant(id, wiki.id, { clientPermissions: ["read"] });
      await ours.apis.updatePermissions(id, { add: [{ key: "write", name: "Write" }] });
      const now = await pocketId.read(`/api/apis/${id}`);
      expect(column(now.permissions, "key").sort()).toEqual(["read", "write"]);
      const granted = pocketId.since("2.14")
        ? (await pocketId.get(`/api/apis/${id}/clients`)).body.data[0]
        : (await pocketId.get(`/api/api-access/${wiki.id}`)).body;
      expect(granted.clientPermissionIds).toEqual([body.permissions[0].id]);
    },
  );
});
