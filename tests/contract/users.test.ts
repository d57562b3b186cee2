import { describe, expect, it } from "vitest";
import { column, contract, expectRefusal, type Json, nobody, query, userNotFound } from "./pocket-id.ts";

contract("users", (pocketId) => {
  /** What a body of POST and PUT has to hold at least. Up to 2.3 a first and a display name belong to it. */
  const least = (): Json => {
    const username = pocketId.unique("user");
    const names = pocketId.since("2.4") ? {} : { firstName: "Ada", displayName: "Ada" };
    return { username, email: `${username}@contract.example`, ...names };
  };
  const create = (fields: object) => pocketId.post("/api/users", fields);
  const read = (id: string) => pocketId.read(`/api/users/${id}`);

  describe("POST /api/users", () => {
    it("makes an ordinary account of what is left out", async () => {
      const fields = least();
      const { status, body } = await create(fields);
      expect(status).toBe(201);
      const expected = {
        ...fields,
        lastName: "",
        isAdmin: false,
        disabled: false,
        locale: null,
        ldapId: null,
        customClaims: [],
        userGroups: [],
        ...(pocketId.since("2.2") && { emailVerified: false }),
        ...(pocketId.since("2.4") && { firstName: "", displayName: "" }),
      };
      expect(body).toEqual({ id: body.id, ...expected });
      expect(await read(body.id)).toEqual(body);
    });

    it("takes every field (emailVerified since 2.2)", async () => {
      const fields = {
        ...least(),
        firstName: "Ada",
        lastName: "Byron",
        displayName: "Countess",
        isAdmin: true,
        disabled: true,
        locale: "en",
        emailVerified: true,
      };
      const { emailVerified, ...others } = fields;
      expect((await create(fields)).body).toMatchObject(pocketId.since("2.2") ? fields : others);
    });

    it("ignores members that it does not know", async () => {
      const { status, body } = await create({
        ...least(),
        colour: "red",
        ldapId: "x",
        customClaims: [{ key: "a", value: "b" }],
      });
      expect(status).toBe(201);
      expect(body).toMatchObject({ ldapId: null, customClaims: [] });
      expect((await read(body.id)).customClaims).toEqual([]);
    });

    it("wants a username", async () => {
      const { username, ...nameless } = least();
      expectRefusal(pocketId, await create(nameless), {
        until212: [400, "Username is required"],
        since213: [
          400,
          "validation_failed",
          { fields: [{ field: "username", code: "required", message: "is required" }] },
        ],
      });
    });

    it("wants a first name and a display name until 2.3", async () => {
      const { username, email } = least();
      const { status, body } = await create({ username, email });
      if (pocketId.since("2.4")) expect(status).toBe(201);
      else expect([status, body.error]).toEqual([400, "FirstName is required, DisplayName is required"]);
    });

    it.each<[string, boolean | string]>([
      ["a", "2.5"],
      ["ab", true],
      ["A.b_c-d@e9", true],
      ["_ab", false],
      ["ab-", false],
      ["a b", false],
      ["ä1", false],
      ["x".repeat(50), true],
      ["x".repeat(51), false],
    ])("takes the username %j: %s (one character since 2.5)", async (username, allowed) => {
      const { status, body } = await create({ ...least(), username });
      expect(status).toBe((typeof allowed === "string" ? pocketId.since(allowed) : allowed) ? 201 : 400);
      if (status === 201) await pocketId.delete(`/api/users/${body.id}`);
    });

    it("counts characters, not bytes: 50 in a first and a last name, 100 in a display name", async () => {
      for (const [field, most] of Object.entries({ firstName: 50, lastName: 50, displayName: 100 })) {
        expect([field, (await create({ ...least(), [field]: "ü".repeat(most) })).status]).toEqual([field, 201]);
        expect([field, (await create({ ...least(), [field]: "ü".repeat(most + 1) })).status]).toEqual([field, 400]);
      }
    });

    it("refuses an empty e-mail address, and one that is none", async () => {
      for (const email of ["", "nobody", "a@b"]) {
        expectRefusal(pocketId, await create({ ...least(), email }), {
          until212: [400, "Email must be a valid email address"],
          since213: [400, "validation_failed", { fields: [{ field: "email", code: "invalid_format" }] }],
        });
      }
    });

    it("wants an e-mail address while requireUserEmail is on, as it is at first", async () => {
      const required = {
        until212: [400, "The user does not have an email address set"],
        since213: [400, "validation_failed", { fields: [{ field: "email", code: "required" }] }],
      } as const;
      const { email, ...without } = least();
      expectRefusal(pocketId, await create(without), required);
      expectRefusal(pocketId, await create({ ...without, email: null }), required);
      const created = await pocketId.whileConfigured({ requireUserEmail: "false" }, () =>
        create({ ...without, email: null }),
      );
      expect(created).toMatchObject({ status: 201, body: { email: null } });
    });

    it("refuses a username that is taken, in whatever case, and an e-mail address that is taken (400, since 2.13 409)", async () => {
      const ada = await pocketId.user();
      for (const username of [ada.username, ada.username.toUpperCase()]) {
        expectRefusal(pocketId, await create({ ...least(), username }), {
          until212: [400, "Username is already in use"],
          since213: [409, "already_in_use", { property: "username" }],
        });
      }
      expectRefusal(pocketId, await create({ ...least(), email: ada.email }), {
        until212: [400, "Email is already in use"],
        since213: [409, "already_in_use", { property: "email" }],
      });
    });

    it("takes the id that it is given since 2.12; it makes one before", async () => {
      const id = crypto.randomUUID();
      const { status, body } = await create({ ...least(), id });
      expect(status).toBe(201);
      expect(body.id === id).toBe(pocketId.since("2.12"));
    });

    it.runIf(pocketId.since("2.12"))(
      "fails with 500 when the id is taken, refuses one that is no UUID (since 2.12)",
      async () => {
        const ada = await pocketId.user();
        expect((await create({ ...least(), id: ada.id })).status).toBe(500);
        expect((await create({ ...least(), id: "ada" })).status).toBe(400);
      },
    );

    it("puts a new account into its userGroupIds since 2.0, and drops ids of nothing without a word", async () => {
      const friends = await pocketId.group();
      const { status, body } = await create({ ...least(), userGroupIds: [friends.id, nobody] });
      expect(status).toBe(201);
      const expected = pocketId.since("2.0") ? [friends.id] : [];
      expect(column(body.userGroups, "id")).toEqual(expected);
      expect(column((await read(body.id)).userGroups, "id")).toEqual(expected);
    });

    it("gives a new account the default groups, unless it names others (since 2.0), and the default claims, which the answer does not show", async () => {
      const [friends, others] = [await pocketId.group(), await pocketId.group()];
      const claims = [{ key: "locker", value: "none" }];
      const defaults = {
        signupDefaultUserGroupIDs: JSON.stringify([friends.id]),
        signupDefaultCustomClaims: JSON.stringify(claims),
      };
      const [plain, named] = await pocketId.whileConfigured(
        defaults,
        async () => [await create(least()), await create({ ...least(), userGroupIds: [others.id] })] as const,
      );
      expect(column(plain.body.userGroups, "id")).toEqual([friends.id]);
      expect(plain.body.customClaims).toEqual([]);
      expect((await read(plain.body.id)).customClaims).toEqual(claims);
      expect(column((await read(named.body.id)).userGroups, "id")).toEqual([
        pocketId.since("2.0") ? others.id : friends.id,
      ]);
      expect((await read(named.body.id)).customClaims).toEqual(claims);
    });

    it("stores texts in Unicode's composed form since 2.13, and as they were sent before", async () => {
      const decomposed = "Zoe\u0308";
      const { body } = await create({
        ...least(),
        firstName: decomposed,
        lastName: decomposed,
        displayName: decomposed,
      });
      const stored = pocketId.since("2.13") ? "Zo\u00eb" : decomposed;
      expect(body).toMatchObject({ firstName: stored, lastName: stored, displayName: stored });
    });
  });

  describe("PUT /api/users/:id", () => {
    const rich = () =>
      pocketId.user({
        firstName: "Ada",
        lastName: "Byron",
        displayName: "Countess",
        isAdmin: true,
        disabled: true,
        locale: "en",
        emailVerified: true,
      });

    const omitted: readonly (readonly [field: string, becomes: unknown, since?: string])[] = [
      ["isAdmin", false],
      ["disabled", false],
      ["lastName", ""],
      ["locale", null],
      ["emailVerified", false, "2.2"],
      ["firstName", "", "2.4"],
      ["displayName", "", "2.4"],
    ];
    for (const [field, becomes, since = "1.0"] of omitted) {
      it.runIf(pocketId.since(since))(
        `makes ${field} ${JSON.stringify(becomes)} when it is left out, and changes nothing else`,
        async () => {
          const { [field]: before, ...rest } = await rich();
          expect(before).not.toEqual(becomes);
          expect((await pocketId.put(`/api/users/${rest.id}`, rest)).status).toBe(200);
          expect(await read(rest.id)).toEqual({ ...rest, [field]: becomes });
        },
      );
    }

    it.skipIf(pocketId.since("2.4"))("wants first and display name again (until 2.3)", async () => {
      const { firstName, displayName, ...rest } = await rich();
      const { status, body } = await pocketId.put(`/api/users/${rest.id}`, rest);
      expect([status, body.error]).toEqual([400, "FirstName is required, DisplayName is required"]);
    });

    it("takes the e-mail address away when it is left out, where none is required", async () => {
      const { email, ...rest } = await rich();
      const { status } = await pocketId.whileConfigured({ requireUserEmail: "false" }, () =>
        pocketId.put(`/api/users/${rest.id}`, rest),
      );
      expect(status).toBe(200);
      expect(await read(rest.id)).toEqual({ ...rest, email: null });
    });

    it("leaves groups and custom claims alone, whatever it says of them, and answers as if there were none", async () => {
      const [friends, ada] = [await pocketId.group(), await pocketId.user()];
      await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [friends.id] });
      await pocketId.done("PUT", `/api/custom-claims/user/${ada.id}`, [{ key: "team", value: "blue" }]);
      const before = await read(ada.id);
      const { status, body } = await pocketId.put(`/api/users/${ada.id}`, {
        ...before,
        userGroupIds: [],
        userGroups: [],
        customClaims: [],
      });
      expect(status).toBe(200);
      expect(body).toMatchObject({ userGroups: [], customClaims: [] });
      expect(await read(ada.id)).toEqual(before);
    });

    it("ignores an id in the body", async () => {
      const ada = await pocketId.user();
      const { body } = await pocketId.put(`/api/users/${ada.id}`, { ...ada, id: crypto.randomUUID() });
      expect(body.id).toBe(ada.id);
    });

    it("refuses what another user has (400, since 2.13 409), and not what the user has already", async () => {
      const [ada, ben] = [await pocketId.user(), await pocketId.user()];
      expectRefusal(pocketId, await pocketId.put(`/api/users/${ada.id}`, { ...ada, username: ben.username }), {
        until212: [400, "Username is already in use"],
        since213: [409, "already_in_use", { property: "username" }],
      });
      const shouted = await pocketId.put(`/api/users/${ada.id}`, { ...ada, username: ada.username.toUpperCase() });
      expect([shouted.status, shouted.body.username]).toEqual([200, ada.username.toUpperCase()]);
      await pocketId.done("PUT", `/api/users/${ada.id}`, ada);
    });

    it("does not know a user that is not there", async () => {
      expectRefusal(pocketId, await pocketId.put(`/api/users/${nobody}`, least()), userNotFound);
    });

    it("does not keep the last administrator from being demoted, nor the owner of the key from being disabled", async () => {
      const boss = await pocketId.user({ isAdmin: true });
      const as = await pocketId.keyOf(boss);
      const demoted = await pocketId.put(`/api/users/${boss.id}`, { ...boss, isAdmin: false }, { as });
      expect(demoted).toMatchObject({ status: 200, body: { isAdmin: false } });
      expect((await pocketId.get("/api/users", { as })).status).toBe(403);
      await pocketId.done("PUT", `/api/users/${boss.id}`, { ...boss, disabled: true });
      expect((await pocketId.get("/api/users/me", { as })).status).toBe(403);
    });
  });

  describe("PUT /api/users/me", () => {
    it("never changes what the account may do", async () => {
      const ada = await pocketId.user();
      const as = await pocketId.keyOf(ada);
      const changed = await pocketId.put(
        "/api/users/me",
        { ...ada, firstName: "Augusta", isAdmin: true, disabled: true, emailVerified: true },
        { as },
      );
      expect(changed.status).toBe(200);
      expect(await read(ada.id)).toEqual({ ...ada, firstName: "Augusta" });
    });
  });

  describe("GET /api/users/:id", () => {
    it("shows the same as the list, with groups and claims", async () => {
      const [friends, ada] = [await pocketId.group(), await pocketId.user()];
      await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [friends.id] });
      await pocketId.done("PUT", `/api/custom-claims/user/${ada.id}`, [{ key: "team", value: "blue" }]);
      const alone = await read(ada.id);
      expect(column(alone.userGroups, "id")).toEqual([friends.id]);
      expect(alone.customClaims).toEqual([{ key: "team", value: "blue" }]);
      const { data } = (await pocketId.get(`/api/users${query({ search: ada.username })}`)).body;
      expect(data).toEqual([alone]);
      const as = await pocketId.keyOf(ada);
      expect((await pocketId.get("/api/users/me", { as })).body).toEqual(alone);
    });

    it("does not load what is in those groups: no claims, and nobody counted", async () => {
      const [friends, ada] = [await pocketId.group(), await pocketId.user()];
      await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [friends.id] });
      await pocketId.done("PUT", `/api/custom-claims/user-group/${friends.id}`, [{ key: "team", value: "blue" }]);
      const [shown] = (await read(ada.id)).userGroups;
      expect(shown).toMatchObject({ customClaims: [], ...(pocketId.since("2.0") && { userCount: 0 }) });
    });

    it("does not know a user that is not there", async () => {
      expectRefusal(pocketId, await pocketId.get(`/api/users/${nobody}`), userNotFound);
    });

    it("does not know an id that is no UUID: 404 on SQLite, 500 on PostgreSQL", async () => {
      expect((await pocketId.get("/api/users/no-uuid")).status).toBe(pocketId.database === "sqlite" ? 404 : 500);
    });
  });

  describe("PUT /api/users/:id/user-groups", () => {
    it("replaces all groups, drops ids of nothing without a word, and shows groups and claims in its answer", async () => {
      const [friends, others, ada] = [await pocketId.group(), await pocketId.group(), await pocketId.user()];
      await pocketId.done("PUT", `/api/custom-claims/user/${ada.id}`, [{ key: "team", value: "blue" }]);
      const path = `/api/users/${ada.id}/user-groups`;
      await pocketId.done("PUT", path, { userGroupIds: [friends.id] });
      const replaced = await pocketId.put(path, { userGroupIds: [others.id, nobody] });
      expect(replaced.status).toBe(200);
      expect(column(replaced.body.userGroups, "id")).toEqual([others.id]);
      expect(replaced.body.customClaims).toEqual([{ key: "team", value: "blue" }]);
      expect(column((await read(ada.id)).userGroups, "id")).toEqual([others.id]);
      await pocketId.done("PUT", path, { userGroupIds: [] });
      expect((await read(ada.id)).userGroups).toEqual([]);
    });

    it("wants the list to be there", async () => {
      const ada = await pocketId.user();
      expectRefusal(pocketId, await pocketId.put(`/api/users/${ada.id}/user-groups`, {}), {
        until212: [400, "UserGroupIds is required"],
        since213: [400, "validation_failed", { fields: [{ field: "userGroupIds", code: "required" }] }],
      });
    });

    it("does not know a user that is not there", async () => {
      expectRefusal(
        pocketId,
        await pocketId.put(`/api/users/${nobody}/user-groups`, { userGroupIds: [] }),
        userNotFound,
      );
    });
  });

  it("GET /api/users/:id/groups lists the groups and nothing of what is in them", async () => {
    const [friends, ada] = [await pocketId.group(), await pocketId.user()];
    await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [friends.id] });
    await pocketId.done("PUT", `/api/custom-claims/user-group/${friends.id}`, [{ key: "team", value: "blue" }]);
    const { status, body } = await pocketId.get(`/api/users/${ada.id}/groups`);
    expect(status).toBe(200);
    expect(body).toEqual([
      {
        ...friends,
        createdAt: expect.any(String),
        users: [],
        customClaims: [],
        ...(pocketId.since("2.0") && { allowedOidcClients: [] }),
      },
    ]);
  });

  describe("DELETE /api/users/:id", () => {
    it("takes key, memberships, claims and log entries along, and leaves the groups", async () => {
      const [friends, ada] = [await pocketId.group(), await pocketId.user({ isAdmin: true })];
      await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [friends.id] });
      const as = await pocketId.keyOf(ada);
      const log = `/api/audit-logs/all${query({ "filters[userID]": ada.id })}`;
      expect((await pocketId.get(log)).body.data).toHaveLength(1);
      expect((await pocketId.delete(`/api/users/${ada.id}`)).status).toBe(204);
      expectRefusal(pocketId, await pocketId.get(`/api/users/${ada.id}`), userNotFound);
      expect((await pocketId.get("/api/users/me", { as })).status).toBe(401);
      expect((await pocketId.get(log)).body.data).toEqual([]);
      expect((await pocketId.read(`/api/user-groups/${friends.id}`)).users).toEqual([]);
    });

    it("leaves clients that the user made", async () => {
      const ada = await pocketId.user({ isAdmin: true });
      const made = await pocketId.post(
        "/api/oidc/clients",
        { name: pocketId.unique("client") },
        { as: await pocketId.keyOf(ada) },
      );
      await pocketId.delete(`/api/users/${ada.id}`);
      expect((await pocketId.get(`/api/oidc/clients/${made.body.id}`)).status).toBe(200);
    });

    it("does not know a user that is not there", async () => {
      expectRefusal(pocketId, await pocketId.delete(`/api/users/${nobody}`), userNotFound);
    });
  });

  it("a passkey of one's own that is not there is a 404 since 2.6, and deleted with 204 before", async () => {
    const ada = await pocketId.user();
    const as = await pocketId.sessionOf(ada);
    const { status } = await pocketId.delete(`/api/webauthn/credentials/${nobody}`, { as });
    expect(status).toBe(pocketId.since("2.6") ? 404 : 204);
  });

  it.runIf(pocketId.since("2.6"))(
    "a user without passkeys has an empty list of them, and an unknown one is not found (since 2.6)",
    async () => {
      const ada = await pocketId.user();
      const path = `/api/users/${ada.id}/webauthn-credentials`;
      expect(await pocketId.get(path)).toMatchObject({ status: 200, body: [] });
      expect((await pocketId.delete(`${path}/${nobody}`)).status).toBe(404);
    },
  );
});
