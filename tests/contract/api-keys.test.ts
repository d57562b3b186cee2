import { describe, expect, it } from "vitest";
import { column, contract, expectRefusal, inAnHour, nobody, query } from "./pocket-id.ts";

contract("API keys", (pocketId) => {
  const wish = (more: object = {}) => ({ name: pocketId.unique("key"), expiresAt: inAnHour(), ...more });
  const session = () => pocketId.sessionOf(pocketId.owner);
  const create = async (fields: object) => pocketId.post("/api/api-keys", fields, { as: await session() });
  const refusedKeys = {
    until212: [403, "API key authentication is not allowed for this endpoint"],
    since213: [403, "api_key_auth_not_allowed"],
  } as const;
  const notSignedIn = { until212: [401, "You are not signed in"], since213: [401, "not_signed_in"] } as const;

  it("a one-time access token of the owner gives a session, and the session a new key", async () => {
    const { status, body } = await create(wish());
    expect(status).toBe(201);
    expect(body.token).toMatch(/^[A-Za-z0-9]{32}$/);
    const as = { key: body.token };
    expect((await pocketId.get("/api/users/me", { as })).body.id).toBe(pocketId.owner.id);
  });

  it("a key makes no key since 2.3, whatever the key is worth; until 2.2 it did", async () => {
    const made = await pocketId.post("/api/api-keys", wish());
    if (!pocketId.since("2.3")) {
      expect(made.status).toBe(201);
      return;
    }
    expectRefusal(pocketId, made, refusedKeys);
    expectRefusal(pocketId, await pocketId.post("/api/api-keys", wish(), { as: { key: "nonsense" } }), refusedKeys);
    expectRefusal(pocketId, await pocketId.post("/api/api-keys", wish(), { as: "nobody" }), notSignedIn);
  });

  it.runIf(pocketId.since("2.2"))("a key renews no key since 2.3 (renewing is there since 2.2)", async () => {
    const renewed = await pocketId.post(`/api/api-keys/${nobody}/renew`, { expiresAt: inAnHour() });
    if (pocketId.since("2.3")) expectRefusal(pocketId, renewed, refusedKeys);
    else expect([renewed.status, renewed.body.error]).toEqual([401, "API Key Not Found"]);
  });

  it.runIf(pocketId.since("2.2"))("only a key that has expired can be renewed (since 2.2)", async () => {
    const { body } = await create(wish());
    const as = await session();
    const renew = (id: string) => pocketId.post(`/api/api-keys/${id}/renew`, { expiresAt: inAnHour() }, { as });
    expectRefusal(pocketId, await renew(body.apiKey.id), {
      until212: [400, "API Key is not expired yet"],
      since213: [409, "api_key_not_expired"],
    });
    expectRefusal(pocketId, await renew(nobody), {
      until212: [401, "API Key Not Found"],
      since213: [404, "api_key_not_found"],
    });
  });

  it.runIf(pocketId.since("2.2"))("a renewed key has a new value, and the old one stays dead (since 2.2)", async () => {
    const { body: made } = await create(wish({ expiresAt: new Date(Date.now() + 2_000).toISOString() }));
    await new Promise((resolve) => setTimeout(resolve, 2_600));
    expectRefusal(pocketId, await pocketId.get("/api/users/me", { as: { key: made.token } }), notSignedIn);
    const renewed = await pocketId.post(
      `/api/api-keys/${made.apiKey.id}/renew`,
      { expiresAt: inAnHour() },
      { as: await session() },
    );
    expect(renewed).toMatchObject({ status: 200, body: { apiKey: { id: made.apiKey.id, name: made.apiKey.name } } });
    expect((await pocketId.get("/api/users/me", { as: { key: renewed.body.token } })).status).toBe(200);
    expect((await pocketId.get("/api/users/me", { as: { key: made.token } })).status).toBe(401);
  });

  it("the value of a key is shown when it is made, and never again", async () => {
    const { body } = await create(wish());
    expect(JSON.stringify(await pocketId.rows("/api/api-keys"))).not.toContain(body.token);
  });

  it("a key wants a name of 3 to 50 characters, and an end in the future", async () => {
    for (const [name, status] of [
      ["ab", 400],
      ["abc".padEnd(50, "ü"), 201],
      ["abc".padEnd(51, "ü"), 400],
    ] as const) {
      const made = await create(wish({ name }));
      expect([name, made.status]).toEqual([name, status]);
      if (made.status === 201) await pocketId.delete(`/api/api-keys/${made.body.apiKey.id}`);
    }
    expectRefusal(pocketId, await create({ expiresAt: inAnHour() }), {
      until212: [400, "Name is required"],
      since213: [400, "validation_failed", { fields: [{ field: "name", code: "required" }] }],
    });
    expectRefusal(pocketId, await create(wish({ expiresAt: "2020-01-01T00:00:00Z" })), {
      until212: [400, "API Key expiration time must be in the future"],
      since213: [400, "invalid_api_key_expiration"],
    });
    expect((await create({ name: pocketId.unique("key") })).status).toBe(400);
  });

  it("a description may be left out or null", async () => {
    for (const fields of [{}, { description: null }])
      expect((await create(wish(fields))).body.apiKey.description).toBeNull();
    expect((await create(wish({ description: "For the backup" }))).body.apiKey.description).toBe("For the backup");
  });

  it("two keys may have the same name", async () => {
    const fields = wish();
    expect([(await create(fields)).status, (await create(fields)).status]).toEqual([201, 201]);
  });

  it("everybody sees and deletes the own keys alone, also the one in use", async () => {
    const [ada, ben] = [await pocketId.user(), await pocketId.user()];
    const [as, other] = [await pocketId.keyOf(ada), await pocketId.keyOf(ben)];
    const [mine] = (await pocketId.get("/api/api-keys", { as })).body.data;
    const list = (await pocketId.get(`/api/api-keys${query({ "pagination[limit]": 100 })}`, { as: other })).body.data;
    expect(column(list, "id")).not.toContain(mine.id);
    const refused = await pocketId.delete(`/api/api-keys/${mine.id}`, { as: other });
    expect(refused.status).toBe(pocketId.since("2.13") ? 404 : 204);
    expect((await pocketId.get("/api/users/me", { as })).status).toBe(200);
    expect((await pocketId.delete(`/api/api-keys/${mine.id}`, { as })).status).toBe(204);
    expectRefusal(pocketId, await pocketId.get("/api/users/me", { as }), notSignedIn);
  });

  it("every use of a key is noted", async () => {
    const as = await pocketId.keyOf(await pocketId.user());
    const used = async () => (await pocketId.get("/api/api-keys", { as })).body.data[0].lastUsedAt;
    await used();
    expect(Math.abs(Date.parse(await used()) - Date.now())).toBeLessThan(60_000);
  });

  describe("who signs in", () => {
    it("gets the same answer for a wrong key, an empty one and none", async () => {
      for (const as of ["nobody", { key: "wrong" }, { key: "" }] as const)
        expectRefusal(pocketId, await pocketId.get("/api/users/me", { as }), notSignedIn);
    });

    it("may spell the header of the key in any case", async () => {
      for (const header of ["X-API-KEY", "x-api-key", "X-Api-Key"]) {
        const { status } = await pocketId.raw("GET", "/api/users/me", { headers: { [header]: pocketId.apiKey } });
        expect([header, status]).toEqual([header, 200]);
      }
    });

    it("with a session is asked for the session first, whose refusal is final", async () => {
      const { session } = await pocketId.sessionOf(await pocketId.user());
      const headers = { authorization: `Bearer ${session}`, "x-api-key": pocketId.apiKey };
      expect((await pocketId.raw("GET", "/api/users", { headers })).status).toBe(403);
      const cookie = { cookie: "access_token=no-session", "x-api-key": pocketId.apiKey };
      expect((await pocketId.raw("GET", "/api/users", { headers: cookie })).status).toBe(200);
    });

    it("has with a key the rights of its owner now", async () => {
      const ada = await pocketId.user();
      const as = await pocketId.keyOf(ada);
      const may = async () => (await pocketId.get("/api/users", { as })).status;
      expect(await may()).toBe(403);
      await pocketId.done("PUT", `/api/users/${ada.id}`, { ...ada, isAdmin: true });
      expect(await may()).toBe(200);
      await pocketId.done("PUT", `/api/users/${ada.id}`, { ...ada, isAdmin: true, disabled: true });
      expectRefusal(pocketId, await pocketId.get("/api/users/me", { as }), {
        until212: [403, "User account is disabled"],
        since213: [403, "user_disabled"],
      });
    });
  });
});
