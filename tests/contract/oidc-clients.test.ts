import { describe, expect, it } from "vitest";
import { callbackURL, column, contract, expectRefusal, type Json, nobody, notFound, query } from "./pocket-id.ts";

contract("OIDC clients", (pocketId) => {
  const create = (fields: object) => pocketId.post("/api/oidc/clients", { name: pocketId.unique("client"), ...fields });
  const read = (id: string) => pocketId.read(`/api/oidc/clients/${id}`);
  const unknown = notFound("OIDC client");

  describe("POST /api/oidc/clients", () => {
    it("makes a confidential client without a secret of what is left out, open to everyone", async () => {
      const name = pocketId.unique("client");
      const { status, body } = await create({ name });
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name,
        callbackURLs: [],
        logoutCallbackURLs: [],
        isPublic: false,
        pkceEnabled: false,
        requiresReauthentication: false,
        credentials: pocketId.since("2.14") ? { secrets: [] } : {},
        launchURL: null,
        hasLogo: false,
        hasDarkLogo: false,
        allowedUserGroups: [],
        ...(pocketId.since("2.0") && { isGroupRestricted: false }),
        ...(pocketId.since("2.9") && { requiresPushedAuthorizationRequests: false }),
        ...(pocketId.since("2.10") && { description: "", skipConsent: false }),
        ...(pocketId.since("2.13") && {
          clientType: "standard",
          accessTokenDurationMinutes: 60,
          refreshTokenDurationMinutes: 43_200,
        }),
      });
      expect(await read(body.id)).toEqual(body);
    });

    it("ignores members that it does not know", async () => {
      const { status, body } = await create({ colour: "red", hasLogo: true, clientType: "cimd" });
      expect(status).toBe(201);
      expect(body).toMatchObject({ hasLogo: false, ...(pocketId.since("2.13") && { clientType: "standard" }) });
    });

    it.each<[string, boolean]>([
      ["w", false],
      ["wi", true],
      ["W_k.1-2", true],
      ["w".repeat(128), true],
      ["w".repeat(129), false],
      ["wiki/1", false],
      ["wiki 1", false],
    ])("takes the id %j: %s", async (id, allowed) => {
      const { status, body } = await create({ id });
      expect(status).toBe(allowed ? 201 : 400);
      if (allowed) expect(body.id).toBe(id);
      if (allowed) await pocketId.delete(`/api/oidc/clients/${id}`);
    });

    it("refuses an id that is taken (400, since 2.13 409), and not a name", async () => {
      const wiki = await pocketId.client();
      expectRefusal(pocketId, await create({ id: wiki.id }), {
        until212: [400, "Client ID already in use"],
        since213: [409, "client_id_already_exists"],
      });
      expect((await create({ name: wiki.name })).status).toBe(201);
    });

    it("wants a name of at most 50 characters", async () => {
      expectRefusal(pocketId, await pocketId.post("/api/oidc/clients", {}), {
        until212: [400, "Name is required"],
        since213: [400, "validation_failed", { fields: [{ field: "name", code: "required" }] }],
      });
      const name = pocketId.unique("client");
      expect((await create({ name: name.padEnd(50, "ü") })).status).toBe(201);
      expect((await create({ name: name.padEnd(51, "ü") })).status).toBe(400);
    });

    it("takes null for no launch URL, and refuses an empty one and one that is none", async () => {
      expect((await create({ launchURL: null })).body.launchURL).toBeNull();
      expect((await create({ launchURL: "https://wiki.example/start" })).body.launchURL).toBe(
        "https://wiki.example/start",
      );
      for (const launchURL of ["", "wiki"]) {
        expectRefusal(pocketId, await create({ launchURL }), {
          until212: [400, "LaunchURL must be a valid URL"],
          since213: [400, "validation_failed", { fields: [{ field: "launchURL", code: "invalid_format" }] }],
        });
      }
    });

    it.each<[string, until?: string]>([
      ["https://wiki.example/callback"],
      ["http://localhost:8080/"],
      ["app.wiki:/callback"],
      ["*"],
      ["https://*.wiki.example/**"],
      ["javascript:alert(1)", "2.6"],
      ["data:text/html,x", "2.6"],
      ["https://*.wiki.example:port/callback", "2.10"],
      ["no scheme", "1.0"],
    ])("takes the callback URL %j, unless it refuses it since %s", async (url, until) => {
      const refused = until !== undefined && pocketId.since(until);
      for (const field of ["callbackURLs", "logoutCallbackURLs"]) {
        const { status, body } = await create({ [field]: [url] });
        expect([field, status]).toEqual([field, refused ? 400 : 201]);
        if (!refused) expect(body[field]).toEqual([url]);
      }
    });

    it("uses PKCE for a public client, whatever it is told", async () => {
      expect((await create({ isPublic: true, pkceEnabled: false })).body).toMatchObject({
        isPublic: true,
        pkceEnabled: true,
      });
    });

    it.runIf(pocketId.since("2.9"))(
      "takes requiresPushedAuthorizationRequests (since 2.9), but 2.9 not for a public client",
      async () => {
        const wish = { requiresPushedAuthorizationRequests: true };
        expect((await create(wish)).body).toMatchObject(wish);
        const { body } = await create({ ...wish, isPublic: true });
        expect(body.requiresPushedAuthorizationRequests).toBe(pocketId.since("2.10"));
      },
    );

    it.runIf(pocketId.since("2.10"))("takes a description of 150 characters (since 2.10)", async () => {
      expect((await create({ description: "ü".repeat(150) })).body.description).toHaveLength(150);
      expect((await create({ description: "ü".repeat(151) })).status).toBe(400);
    });

    it.runIf(pocketId.since("2.13"))(
      "takes 1 to 525600 minutes for tokens, 0 for the default, and nothing else (since 2.13)",
      async () => {
        for (const [sent, stored] of [
          [1, 1],
          [525_600, 525_600],
          [0, 60],
        ])
          expect((await create({ accessTokenDurationMinutes: sent })).body.accessTokenDurationMinutes).toBe(stored);
        for (const sent of [-1, 525_601]) {
          const { status, body } = await create({ refreshTokenDurationMinutes: sent });
          expect(status).toBe(400);
          expect(body.details.fields).toMatchObject([{ field: "refreshTokenDurationMinutes", code: "token_duration" }]);
        }
      },
    );

    it("keeps federated identities as they are sent, and leaves empty members out", async () => {
      const federatedIdentities = [{ issuer: "https://ci.example", subject: "repo:wiki" }];
      const { body } = await create({ credentials: { federatedIdentities } });
      const expected = [{ ...federatedIdentities[0], ...(pocketId.since("2.10") && { replayProtection: false }) }];
      expect(body.credentials.federatedIdentities).toEqual(expected);
      expect((await read(body.id)).credentials.federatedIdentities).toEqual(expected);
    });

    it("does not fetch a logo from a private address, but makes the client all the same", async () => {
      const name = pocketId.unique("client");
      expectRefusal(pocketId, await create({ name, logoUrl: "http://127.0.0.1:9/logo.png" }), {
        until212: [500],
        since213: [400, "validation_failed", { fields: [{ field: "logoUrl", code: "invalid_value" }] }],
      });
      const { data } = (await pocketId.get(`/api/oidc/clients${query({ search: name })}`)).body;
      expect(column(data, "hasLogo")).toEqual([false]);
    });
  });

  describe("PUT /api/oidc/clients/:id", () => {
    const rich = (): Promise<Json> =>
      pocketId.client({
        callbackURLs: [callbackURL],
        logoutCallbackURLs: ["https://app.contract.example/bye"],
        launchURL: "https://app.contract.example",
        pkceEnabled: true,
        requiresReauthentication: true,
        requiresPushedAuthorizationRequests: true,
        description: "A wiki",
        skipConsent: true,
        accessTokenDurationMinutes: 7,
        refreshTokenDurationMinutes: 70,
        credentials: { federatedIdentities: [{ issuer: "https://ci.example", subject: "repo:wiki" }] },
      });

    const omitted: readonly (readonly [field: string, becomes: unknown, since?: string])[] = [
      ["callbackURLs", []],
      ["logoutCallbackURLs", []],
      ["launchURL", null],
      ["pkceEnabled", false],
      ["requiresReauthentication", false],
      ["requiresPushedAuthorizationRequests", false, "2.9"],
      ["description", "", "2.10"],
      ["skipConsent", false, "2.10"],
      ["accessTokenDurationMinutes", 60, "2.13"],
      ["refreshTokenDurationMinutes", 43_200, "2.13"],
    ];
    for (const [field, becomes, since = "1.0"] of omitted) {
      it.runIf(pocketId.since(since))(
        `makes ${field} ${JSON.stringify(becomes)} when it is left out, and changes nothing else`,
        async () => {
          const { [field]: before, ...rest } = await rich();
          expect(before).not.toEqual(becomes);
          expect((await pocketId.put(`/api/oidc/clients/${rest.id}`, rest)).status).toBe(200);
          expect(await read(rest.id)).toEqual({ ...rest, [field]: becomes });
        },
      );
    }

    it("makes a public client confidential when isPublic is left out", async () => {
      const { isPublic, ...rest } = await pocketId.client({ isPublic: true });
      expect(isPublic).toBe(true);
      await pocketId.done("PUT", `/api/oidc/clients/${rest.id}`, rest);
      expect(await read(rest.id)).toEqual({ ...rest, isPublic: false });
    });

    it("forgets federated identities when credentials are left out, and no secret", async () => {
      const wiki = await rich();
      await pocketId.done("POST", `/api/oidc/clients/${wiki.id}/secret${pocketId.since("2.14") ? "s" : ""}`);
      const { credentials, ...rest } = await read(wiki.id);
      expect(credentials.federatedIdentities).toHaveLength(1);
      await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}`, rest);
      const { federatedIdentities, ...secrets } = credentials;
      expect((await read(wiki.id)).credentials).toEqual(secrets);
    });

    it("changes nothing when all that was read is sent back", async () => {
      const wiki = await rich();
      const { status, body } = await pocketId.put(`/api/oidc/clients/${wiki.id}`, wiki);
      expect(status).toBe(200);
      expect(body).toEqual(wiki);
      expect(await read(wiki.id)).toEqual(wiki);
    });

    it("shows its groups in the answer since 2.13, and none before", async () => {
      const [friends, wiki] = [await pocketId.group(), await pocketId.client({ isGroupRestricted: true })];
      await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}/allowed-user-groups`, { userGroupIds: [friends.id] });
      const { body } = await pocketId.put(`/api/oidc/clients/${wiki.id}`, { ...wiki, isGroupRestricted: true });
      expect(column(body.allowedUserGroups, "id")).toEqual(pocketId.since("2.13") ? [friends.id] : []);
      expect(column((await read(wiki.id)).allowedUserGroups, "id")).toEqual([friends.id]);
    });

    it("ignores an id in the body", async () => {
      const wiki = await pocketId.client();
      const { body } = await pocketId.put(`/api/oidc/clients/${wiki.id}`, { ...wiki, id: "another" });
      expect(body.id).toBe(wiki.id);
    });

    it("does not know a client that is not there", async () => {
      expectRefusal(pocketId, await pocketId.put(`/api/oidc/clients/${nobody}`, { name: "Wiki" }), unknown);
    });
  });

  it("GET /api/oidc/clients counts the groups that a client shows by itself", async () => {
    const [friends, wiki] = [await pocketId.group(), await pocketId.client({ isGroupRestricted: true })];
    await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}/allowed-user-groups`, { userGroupIds: [friends.id] });
    const { data } = (await pocketId.get(`/api/oidc/clients${query({ search: wiki.name })}`)).body;
    expect(column(data, "allowedUserGroupsCount")).toEqual([1]);
    expect(column((await read(wiki.id)).allowedUserGroups, "id")).toEqual([friends.id]);
  });

  it("GET /api/oidc/clients/:id does not know a client that is not there", async () => {
    expectRefusal(pocketId, await pocketId.get(`/api/oidc/clients/${nobody}`), unknown);
    expectRefusal(pocketId, await pocketId.get(`/api/oidc/clients/${nobody}/meta`), unknown);
  });

  it("DELETE /api/oidc/clients/:id says 204 to a client that is not there until 2.12, 404 since", async () => {
    const { id } = await pocketId.client();
    expect((await pocketId.delete(`/api/oidc/clients/${id}`)).status).toBe(204);
    expectRefusal(pocketId, await pocketId.get(`/api/oidc/clients/${id}`), unknown);
    const again = await pocketId.delete(`/api/oidc/clients/${id}`);
    if (pocketId.since("2.13")) expectRefusal(pocketId, again, unknown);
    else expect(again.status).toBe(204);
  });

  it("an id is read from ~base64url in a path since 2.13, and taken as it stands before", async () => {
    const { id } = await pocketId.client();
    const reply = await pocketId.get(`/api/oidc/clients/~${Buffer.from(id).toString("base64url")}`);
    if (pocketId.since("2.13")) expect(reply).toMatchObject({ status: 200, body: { id } });
    else expectRefusal(pocketId, reply, unknown);
  });

  it.runIf(pocketId.since("2.13"))(
    "POST /api/oidc/clients/:id/refresh is refused where there is no metadata document (since 2.13)",
    async () => {
      const { id } = await pocketId.client();
      expect(await pocketId.post(`/api/oidc/clients/${id}/refresh`)).toMatchObject({
        status: 400,
        body: { code: "validation_failed" },
      });
    },
  );

  it("what a user has authorised is an empty list at first; an unknown user is a 404 since 2.13, and empty before", async () => {
    const ada = await pocketId.user();
    const listed = await pocketId.get(`/api/oidc/users/${ada.id}/authorized-clients`);
    expect(listed).toMatchObject({ status: 200, body: { data: [] } });
    const { status } = await pocketId.get(`/api/oidc/users/${nobody}/authorized-clients`);
    expect(status).toBe(pocketId.since("2.13") ? 404 : 200);
    const revoked = await pocketId.delete(`/api/oidc/users/me/authorized-clients/${nobody}`);
    expectRefusal(pocketId, revoked, notFound("Client authorization"));
  });
});
