import { describe, expect, it } from "vitest";
import {
  column,
  contract,
  expectRefusal,
  type Json,
  members,
  nobody,
  notFound,
  query,
  userNotFound,
} from "./pocket-id.ts";

contract("who may use a client", (pocketId) => {
  /** Whether Pocket ID would give this user's claims to this client. */
  const mayUse = async ({ id }: Json, user: Json): Promise<boolean> => {
    const { status, body } = await pocketId.get(`/api/oidc/clients/${id}/preview/${user.id}?scopes=openid`);
    if (status === 200) return true;
    expect([status, body.error]).toEqual([403, "You're not allowed to access this service"]);
    return false;
  };
  const link = ({ id }: Json, groups: Json[]) =>
    pocketId.done("PUT", `/api/oidc/clients/${id}/allowed-user-groups`, { userGroupIds: column(groups, "id") });
  const join = ({ id }: Json, groups: Json[]) =>
    pocketId.done("PUT", `/api/users/${id}/user-groups`, { userGroupIds: column(groups, "id") });
  const read = ({ id }: Json) => pocketId.read(`/api/oidc/clients/${id}`);

  async function cast() {
    const [friends, member, stranger] = [await pocketId.group(), await pocketId.user(), await pocketId.user()];
    await join(member, [friends]);
    return { friends, member, stranger };
  }

  it("a client that is not restricted is open to everyone", async () => {
    const { stranger } = await cast();
    expect(await mayUse(await pocketId.client(), stranger)).toBe(true);
  });

  it.runIf(pocketId.since("2.0"))("a restricted client is for the members of its groups (flag since 2.0)", async () => {
    const { friends, member, stranger } = await cast();
    const wiki = await pocketId.client({ isGroupRestricted: true });
    await link(wiki, [friends]);
    expect([await mayUse(wiki, member), await mayUse(wiki, stranger)]).toEqual([true, false]);
  });

  it.runIf(pocketId.since("2.0"))(
    "a restricted client without groups is for nobody, administrators included (since 2.0)",
    async () => {
      const { member } = await cast();
      const wiki = await pocketId.client({ isGroupRestricted: true });
      expect([await mayUse(wiki, member), await mayUse(wiki, pocketId.owner)]).toEqual([false, false]);
    },
  );

  it.runIf(pocketId.since("2.0"))("groups of a client that is not restricted keep nobody out (since 2.0)", async () => {
    const { friends, stranger } = await cast();
    const wiki = await pocketId.client();
    await link(wiki, [friends]);
    const shown = await read(wiki);
    expect(shown.isGroupRestricted).toBe(false);
    expect(column(shown.allowedUserGroups, "id")).toEqual([friends.id]);
    expect(await mayUse(wiki, stranger)).toBe(true);
  });

  it.runIf(pocketId.since("2.0"))(
    "a PUT without isGroupRestricted opens a client to everyone and forgets its groups (since 2.0)",
    async () => {
      const { friends, stranger } = await cast();
      const wiki = await pocketId.client({ isGroupRestricted: true });
      await link(wiki, [friends]);
      const { isGroupRestricted, ...rest } = await read(wiki);
      expect([isGroupRestricted, await mayUse(wiki, stranger)]).toEqual([true, false]);
      await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}`, rest);
      expect(await read(wiki)).toMatchObject({ isGroupRestricted: false, allowedUserGroups: [] });
      expect(await mayUse(wiki, stranger)).toBe(true);
    },
  );

  it.runIf(pocketId.since("2.0"))("a PUT with isGroupRestricted keeps the groups (since 2.0)", async () => {
    const { friends, member, stranger } = await cast();
    const wiki = await pocketId.client({ isGroupRestricted: true });
    await link(wiki, [friends]);
    const before = await read(wiki);
    await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}`, before);
    expect(await read(wiki)).toEqual(before);
    expect([await mayUse(wiki, member), await mayUse(wiki, stranger)]).toEqual([true, false]);
  });

  it.skipIf(pocketId.since("2.0"))(
    "a client is restricted as soon as it has a group, and a PUT keeps it so (until 1.16)",
    async () => {
      const { friends, member, stranger } = await cast();
      const wiki = await pocketId.client();
      await link(wiki, [friends]);
      expect([await mayUse(wiki, member), await mayUse(wiki, stranger)]).toEqual([true, false]);
      await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}`, { name: wiki.name, callbackURLs: wiki.callbackURLs });
      expect(column((await read(wiki)).allowedUserGroups, "id")).toEqual([friends.id]);
      expect(await mayUse(wiki, stranger)).toBe(false);
      await link(wiki, []);
      expect(await mayUse(wiki, stranger)).toBe(true);
    },
  );

  it("losing its last group closes a restricted client to everyone since 2.0, and opened it before", async () => {
    const { friends, member, stranger } = await cast();
    const wiki = await pocketId.client({ isGroupRestricted: true });
    await link(wiki, [friends]);
    await pocketId.delete(`/api/user-groups/${friends.id}`);
    const open = !pocketId.since("2.0");
    expect([await mayUse(wiki, member), await mayUse(wiki, stranger)]).toEqual([open, open]);
  });

  it("the list of clients that one may use goes by the flag since 2.12, and by the groups alone before", async () => {
    const { friends, member, stranger } = await cast();
    const [open, closed, linked] = [
      await pocketId.client(),
      await pocketId.client({ isGroupRestricted: true }),
      await pocketId.client(),
    ];
    const theirs = await pocketId.client({ isGroupRestricted: true });
    await link(theirs, [friends]);
    await link(linked, [friends]);
    const listed = async (user: Json): Promise<string[]> => {
      const as = await pocketId.sessionOf(user);
      const page = query({ "sort[column]": "createdAt", "sort[direction]": "desc", "pagination[limit]": 100 });
      const ids = column((await pocketId.get(`/api/oidc/users/me/clients${page}`, { as })).body.data, "id");
      return [open, closed, linked, theirs].map(({ id }) => id).filter((id) => ids.includes(id));
    };
    const byFlag = pocketId.since("2.12");
    expect(await listed(stranger)).toEqual([open.id, byFlag ? linked.id : closed.id]);
    expect(await listed(member)).toEqual([open.id, ...(byFlag ? [] : [closed.id]), linked.id, theirs.id]);
  });

  describe("PUT /api/oidc/clients/:id/allowed-user-groups", () => {
    it("replaces all groups, drops ids of nothing without a word, and answers without them", async () => {
      const [friends, others, wiki] = [await pocketId.group(), await pocketId.group(), await pocketId.client()];
      await link(wiki, [friends]);
      const path = `/api/oidc/clients/${wiki.id}/allowed-user-groups`;
      const { status, body } = await pocketId.put(path, { userGroupIds: [others.id, nobody] });
      expect(status).toBe(200);
      expect(body.allowedUserGroups).toBeUndefined();
      expect(column((await read(wiki)).allowedUserGroups, "id")).toEqual([others.id]);
      await pocketId.done("PUT", path, { userGroupIds: [] });
      expect((await read(wiki)).allowedUserGroups).toEqual([]);
    });

    it("wants the list to be there", async () => {
      const { id } = await pocketId.client();
      expectRefusal(pocketId, await pocketId.put(`/api/oidc/clients/${id}/allowed-user-groups`, {}), {
        until212: [400, "UserGroupIDs is required"],
        since213: [400, "validation_failed", { fields: [{ field: "userGroupIds", code: "required" }] }],
      });
    });

    it("does not know a client that is not there", async () => {
      const refused = await pocketId.put(`/api/oidc/clients/${nobody}/allowed-user-groups`, { userGroupIds: [] });
      expectRefusal(pocketId, refused, notFound("OIDC client"));
    });

    it("does not load what is in the groups: no claims, and nobody counted", async () => {
      const { friends } = await cast();
      const wiki = await pocketId.client();
      await pocketId.done("PUT", `/api/custom-claims/user-group/${friends.id}`, [{ key: "team", value: "blue" }]);
      await link(wiki, [friends]);
      expect((await read(wiki)).allowedUserGroups).toMatchObject([{ id: friends.id, customClaims: [], userCount: 0 }]);
    });
  });

  describe("GET /api/oidc/clients/:id/preview/:userId", () => {
    const preview = async (user: Json, scopes: string, client?: Json): Promise<Json> => {
      const { id } = client ?? (await pocketId.client());
      return pocketId.get(`/api/oidc/clients/${id}/preview/${user.id}?scopes=${encodeURIComponent(scopes)}`);
    };

    it("gives the claims of the scopes, which are separated by spaces", async () => {
      const { friends, member } = await cast();
      const { status, body } = await preview(member, "openid profile email groups");
      expect(status).toBe(200);
      const claims = {
        sub: member.id,
        preferred_username: member.username,
        given_name: "Ada",
        family_name: "Contract",
        name: "Ada Contract",
        display_name: "Ada Contract",
        picture: expect.stringContaining(`/api/users/${member.id}/profile-picture.png`),
        email: member.email,
        email_verified: false,
        groups: [friends.name],
      };
      expect(body.idToken).toMatchObject(claims);
      expect(body.userInfo).toMatchObject(claims);
      expect(body.accessToken).toMatchObject({ sub: member.id });
    });

    it("has these claims beside those of the user (jti since 2.3; reshaped in 2.10)", async () => {
      const ada = await pocketId.user();
      const { idToken, accessToken, userInfo } = (await preview(ada, "openid")).body;
      const jti = pocketId.since("2.3") ? ["jti"] : [];
      if (!pocketId.since("2.10")) {
        expect(members(idToken)).toEqual(["aud", "exp", "iat", "iss", ...jti, "sub", "type"]);
        expect(members(accessToken)).toEqual(["aud", "exp", "iat", "iss", ...jti, "sub", "type"]);
        expect(userInfo).toEqual({ sub: ada.id });
        return;
      }
      expect(members(idToken)).toEqual(["aud", "auth_time", "exp", "iat", "iss", "jti", "rat", "sub", "type"]);
      expect(members(accessToken)).toEqual(["aud", "client_id", "exp", "iat", "iss", "jti", "scope", "scp", "sub"]);
      expect(userInfo).toEqual({ sub: ada.id, type: "id-token" });
    });

    it("says since 2.6 how the administrator who asks has signed in, and with a key nothing", async () => {
      const [ada, wiki] = [await pocketId.user(), await pocketId.client()];
      const as = await pocketId.sessionOf(pocketId.owner);
      const path = `/api/oidc/clients/${wiki.id}/preview/${ada.id}?scopes=openid`;
      expect((await pocketId.get(path, { as })).body.idToken.amr).toEqual(pocketId.since("2.6") ? ["otp"] : undefined);
      expect((await pocketId.get(path)).body.idToken.amr).toBeUndefined();
    });

    it("has the first name alone where there is no last name since 2.4, and with a space behind it before", async () => {
      const ada = await pocketId.user({ lastName: "" });
      expect((await preview(ada, "openid profile")).body.idToken.name).toBe(pocketId.since("2.4") ? "Ada" : "Ada ");
    });

    it.runIf(pocketId.since("2.4"))(
      "has the display name, or else the username, for a name that is missing (since 2.4)",
      async () => {
        const nameless = { firstName: "", lastName: "" };
        const [ada, ben] = [
          await pocketId.user({ ...nameless, displayName: "Countess" }),
          await pocketId.user({ ...nameless, displayName: "" }),
        ];
        const name = async (user: Json) => (await preview(user, "openid profile")).body.idToken.name;
        expect([await name(ada), await name(ben)]).toEqual(["Countess", ben.username]);
      },
    );

    it("takes commas for part of a scope that it does not know, and drops it", async () => {
      const ada = await pocketId.user();
      const { status, body } = await preview(ada, "openid,profile");
      expect(status).toBe(200);
      expect(body.idToken.sub).toBe(ada.id);
      expect(body.idToken.given_name).toBeUndefined();
    });

    it("wants scopes", async () => {
      const [ada, wiki] = [await pocketId.user(), await pocketId.client()];
      expectRefusal(pocketId, await pocketId.get(`/api/oidc/clients/${wiki.id}/preview/${ada.id}`), {
        until212: [400, "Scopes are required"],
        since213: [400, "validation_failed", { fields: [{ field: "scopes", code: "required" }] }],
      });
    });

    it("does not know a client or a user that is not there", async () => {
      const [ada, wiki] = [await pocketId.user(), await pocketId.client()];
      expectRefusal(pocketId, await preview(ada, "openid", { id: nobody }), notFound("OIDC client"));
      expectRefusal(pocketId, await preview({ id: nobody }, "openid", wiki), userNotFound);
    });

    it("has the code oidc_access_denied for whoever may not use the client (since 2.13)", async () => {
      const { friends, stranger } = await cast();
      const wiki = await pocketId.client({ isGroupRestricted: true });
      await link(wiki, [friends]);
      expectRefusal(pocketId, await preview(stranger, "openid", wiki), {
        until212: [403, "You're not allowed to access this service"],
        since213: [403, "oidc_access_denied"],
      });
    });
  });
});
