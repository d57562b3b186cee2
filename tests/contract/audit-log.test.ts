import { describe, expect, it } from "vitest";
import { column, contract, type Json, members, nobody, query } from "./pocket-id.ts";

contract("the audit log", (pocketId) => {
  const all = async (parameters: Parameters<typeof query>[0] = {}): Promise<Json[]> =>
    (await pocketId.get(`/api/audit-logs/all${query({ "pagination[limit]": 100, ...parameters })}`)).body.data;
  async function signedIn(): Promise<{ user: Json; as: { readonly session: string } }> {
    const user = await pocketId.user();
    return { user, as: await pocketId.sessionOf(user) };
  }

  it("has an entry for a sign-in with a one-time token, of the user who signed in", async () => {
    const { user } = await signedIn();
    expect(await all({ "filters[userID]": user.id })).toEqual([
      {
        id: expect.any(String),
        createdAt: expect.any(String),
        event: "TOKEN_SIGN_IN",
        ipAddress: expect.any(String),
        country: expect.any(String),
        city: expect.any(String),
        device: expect.any(String),
        userID: user.id,
        username: user.username,
        ...(pocketId.since("2.6") && { actorUsername: "" }),
        data: {},
      },
    ]);
  });

  it("has nothing of what administrators do", async () => {
    const count = async () => (await pocketId.get("/api/audit-logs/all")).body.pagination.totalItems;
    const before = await count();
    const [ada, friends, wiki] = [await pocketId.user(), await pocketId.group(), await pocketId.client()];
    await pocketId.done("PUT", `/api/users/${ada.id}`, { ...ada, disabled: true });
    await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [friends.id] });
    await pocketId.done("PUT", `/api/custom-claims/user/${ada.id}`, [{ key: "team", value: "blue" }]);
    await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}/allowed-user-groups`, { userGroupIds: [friends.id] });
    await pocketId.done("POST", `/api/oidc/clients/${wiki.id}/secret${pocketId.since("2.14") ? "s" : ""}`);
    await pocketId.done("POST", `/api/users/${ada.id}/one-time-access-token`, { userId: ada.id });
    await pocketId.whileConfigured({ appName: "Contract" }, async () => undefined);
    await pocketId.delete(`/api/users/${ada.id}`);
    await pocketId.delete(`/api/oidc/clients/${wiki.id}`);
    expect(await count()).toBe(before);
  });

  it("shows everybody the own entries, without the name", async () => {
    const { user, as } = await signedIn();
    await signedIn();
    const { body } = await pocketId.get("/api/audit-logs", { as });
    expect(body.data).toMatchObject([{ event: "TOKEN_SIGN_IN", userID: user.id, username: "" }]);
  });

  // The web page of 2.9 asks for a code by this route; later versions take more than one request and a browser.
  it.runIf(pocketId.isReal && !pocketId.since("2.10"))(
    "has an entry for a client that is authorised, by the name that it has then, and the user's list has the client",
    async () => {
      const { user, as } = await signedIn();
      const wiki = await pocketId.client({ pkceEnabled: false });
      const authorize = { clientID: wiki.id, scope: "openid profile", callbackURL: wiki.callbackURLs[0] };
      expect((await pocketId.post("/api/oidc/authorize", authorize, { as })).status).toBe(200);
      await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}`, { ...wiki, name: pocketId.unique("renamed") });
      const entry = { event: "NEW_CLIENT_AUTHORIZATION", userID: user.id, data: { clientName: wiki.name } };
      expect(await all({ "filters[clientName]": wiki.name })).toMatchObject([entry]);
      expect((await pocketId.get("/api/audit-logs/filters/client-names")).body).toContain(wiki.name);
      const { data } = (await pocketId.get(`/api/oidc/users/${user.id}/authorized-clients`)).body;
      expect(data).toMatchObject([{ scope: "openid profile", client: { id: wiki.id } }]);
      expect(members(data[0])).toEqual(["client", "lastUsedAt", "scope"]);
      expect((await pocketId.delete(`/api/oidc/users/me/authorized-clients/${wiki.id}`, { as })).status).toBe(204);
      expect((await pocketId.get(`/api/oidc/users/${user.id}/authorized-clients`)).body.data).toEqual([]);
    },
  );

  describe("filters", () => {
    it("by userID, and not by userId", async () => {
      const [ada, ben] = [await signedIn(), await signedIn()];
      expect(column(await all({ "filters[userID]": ada.user.id }), "userID")).toEqual([ada.user.id]);
      const newest = { "sort[column]": "createdAt", "sort[direction]": "desc" };
      const ignored = column(await all({ ...newest, "filters[userId]": ada.user.id }), "userID");
      expect(ignored).toContain(ben.user.id);
    });

    it("by event", async () => {
      const { user } = await signedIn();
      const of = (event: string) => all({ "filters[userID]": user.id, "filters[event]": event });
      expect(await of("TOKEN_SIGN_IN")).toHaveLength(1);
      expect(await of("SIGN_IN")).toEqual([]);
      expect(await of("NO_SUCH_EVENT")).toEqual([]);
    });

    it("by several values as alternatives", async () => {
      const [ada, ben] = [await signedIn(), await signedIn()];
      const both = await all({ "filters[userID]": [ada.user.id, ben.user.id] });
      expect(column(both, "userID").sort()).toEqual([ada.user.id, ben.user.id].sort());
    });

    it("by the name of a client that the log knows", async () => {
      expect(await all({ "filters[clientName]": pocketId.unique("never authorised") })).toEqual([]);
    });

    it("by location: internal is found, external finds nothing, another word is left out", async () => {
      const { user } = await signedIn();
      const of = async (location: string) =>
        column(await all({ "filters[userID]": user.id, "filters[location]": location }), "id").length;
      const [{ country }] = await all({ "filters[userID]": user.id });
      expect(await of("internal")).toBe(country === "Internal Network" ? 1 : 0);
      expect(await of("external")).toBe(0);
      expect(await of("elsewhere")).toBe(1);
    });

    it("by nothing that it has no filter for", async () => {
      const { user } = await signedIn();
      for (const field of ["username", "ipAddress", "country", "createdAt"])
        expect([field, await all({ "filters[userID]": user.id, [`filters[${field}]`]: nobody })]).toEqual([
          field,
          [expect.anything()],
        ]);
    });
  });

  it("is sorted by time when asked to be", async () => {
    await signedIn();
    await signedIn();
    const times = column(await all({ "sort[column]": "createdAt", "sort[direction]": "desc" }), "createdAt").map(
      Date.parse,
    );
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it("tells which users and which clients it knows", async () => {
    const { user } = await signedIn();
    expect((await pocketId.get("/api/audit-logs/filters/users")).body).toMatchObject({ [user.id]: user.username });
    expect((await pocketId.get("/api/audit-logs/filters/client-names")).body).toEqual(expect.any(Array));
  });
});
