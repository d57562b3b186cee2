import { describe, expect, it } from "vitest";
import { column, contract, expectRefusal, inAnHour, type Json, nobody, notFound } from "./pocket-id.ts";

contract("client secrets", (pocketId) => {
  /** Whether Pocket ID takes this secret for the client's: who introspects a token has to give it. */
  const works = async ({ id }: Json, secret: string): Promise<boolean> => {
    const form = new URLSearchParams({ token: "of-nobody" });
    const { status, body } = await pocketId.send("POST", "/api/oidc/introspect", { form, as: { client: id, secret } });
    if (status === 200) return true;
    expect(`${status} ${JSON.stringify(body)}`).toMatch(/^40[01] .*(client secret|invalid_client|unauthorized)/i);
    return false;
  };

  it("an application that nobody knows is a 404 until 2.9, a 401 since, and so is a wrong secret: 400 until 2.3", async () => {
    const ask = (client: string) => {
      const form = new URLSearchParams({ grant_type: "client_credentials" });
      return pocketId.send("POST", "/api/oidc/token", { form, as: { client, secret: "wrong" } });
    };
    const wiki = await pocketId.client();
    await pocketId.post(`/api/oidc/clients/${wiki.id}/secret${pocketId.since("2.14") ? "s" : ""}`);
    const [unknown, wrong] = [await ask(nobody), await ask(wiki.id)];
    if (pocketId.since("2.10")) {
      for (const reply of [unknown, wrong])
        expect(reply).toMatchObject({ status: 401, body: { error: "invalid_client" } });
      return;
    }
    const error = pocketId.since("2.4") ? "Client not found" : "Record not found";
    expect(unknown).toMatchObject({ status: 404, body: { error } });
    const status = pocketId.since("2.4") ? 401 : 400;
    expect(wrong).toMatchObject({ status, body: { error: "Invalid client secret" } });
  });

  describe.skipIf(pocketId.since("2.14"))("POST /api/oidc/clients/:id/secret (until 2.13)", () => {
    const make = ({ id }: Json, body?: object) => pocketId.post(`/api/oidc/clients/${id}/secret`, body);

    it("replaces the one secret: the old one is dead at once", async () => {
      const wiki = await pocketId.client();
      const { status, body } = await make(wiki);
      expect(status).toBe(200);
      expect(body.secret).toMatch(/^[A-Za-z0-9]{32}$/);
      expect(await works(wiki, body.secret)).toBe(true);
      const { secret } = (await make(wiki)).body;
      expect([await works(wiki, body.secret), await works(wiki, secret)]).toEqual([false, true]);
    });

    it("is the only place that shows it", async () => {
      const wiki = await pocketId.client();
      const { secret } = (await make(wiki)).body;
      expect(JSON.stringify(await pocketId.read(`/api/oidc/clients/${wiki.id}`))).not.toContain(secret.slice(0, 8));
    });

    it("takes a value of one's own since 2.12, and ignores it before", async () => {
      const wiki = await pocketId.client();
      const own = "a secret of my own";
      const { secret } = (await make(wiki, { secret: own })).body;
      expect(secret === own).toBe(pocketId.since("2.12"));
      expect(await works(wiki, secret)).toBe(true);
    });

    it("refuses a public client since 2.13", async () => {
      const app = await pocketId.client({ isPublic: true });
      expect((await make(app)).status).toBe(pocketId.since("2.13") ? 400 : 200);
    });

    it("does not know a client that is not there", async () => {
      expectRefusal(pocketId, await make({ id: nobody }), notFound("OIDC client"));
    });
  });

  describe.runIf(pocketId.since("2.14"))("/api/oidc/clients/:id/secrets (since 2.14)", () => {
    const path = ({ id }: Json) => `/api/oidc/clients/${id}/secrets`;

    it("POST adds one to those there are, and all work", async () => {
      const wiki = await pocketId.client();
      const first = await pocketId.post(path(wiki));
      expect(first.status).toBe(201);
      expect(first.body).toMatchObject({
        secret: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
        prefix: first.body.secret.slice(0, 4),
        expiresAt: null,
        isActive: true,
      });
      const second = await pocketId.post(path(wiki));
      expect([await works(wiki, first.body.secret), await works(wiki, second.body.secret)]).toEqual([true, true]);
      expect(column((await pocketId.get(path(wiki))).body, "id").sort()).toEqual(
        [first.body.id, second.body.id].sort(),
      );
    });

    it("shows a value once: not in the list, and not with the client", async () => {
      const wiki = await pocketId.client();
      const { secret } = (await pocketId.post(path(wiki))).body;
      for (const shown of [await pocketId.read(path(wiki)), await pocketId.read(`/api/oidc/clients/${wiki.id}`)])
        expect(JSON.stringify(shown)).not.toContain(secret.slice(0, 8));
    });

    it("takes a value of one's own, of 16 printable ASCII characters at least, and an end", async () => {
      const wiki = await pocketId.client();
      const expiresAt = inAnHour();
      const own = await pocketId.post(path(wiki), { secret: "a secret of mine", expiresAt });
      expect(own).toMatchObject({ status: 201, body: { secret: "a secret of mine", prefix: "a se" } });
      expect(Math.abs(Date.parse(own.body.expiresAt) - Date.parse(expiresAt))).toBeLessThan(1000);
      for (const secret of ["fifteen letters", "sixteen letters ü"])
        expect((await pocketId.post(path(wiki), { secret })).status).toBe(400);
    });

    it("refuses an end in the past, and says no field", async () => {
      const wiki = await pocketId.client();
      const { status, body } = await pocketId.post(path(wiki), { expiresAt: "2020-01-01T00:00:00Z" });
      expect([status, body.code, body.details?.fields]).toEqual([400, "validation_failed", undefined]);
    });

    it("refuses a public client", async () => {
      const app = await pocketId.client({ isPublic: true });
      expect(await pocketId.post(path(app))).toMatchObject({ status: 400, body: { code: "validation_failed" } });
    });

    it("has twenty at most", async () => {
      const wiki = await pocketId.client();
      for (let number = 1; number <= 20; number++) expect((await pocketId.post(path(wiki))).status).toBe(201);
      expect(await pocketId.post(path(wiki))).toMatchObject({ status: 400, body: { code: "validation_failed" } });
    });

    it("DELETE ends one at once, and does not know one that is not there", async () => {
      const wiki = await pocketId.client();
      const [first, second] = [(await pocketId.post(path(wiki))).body, (await pocketId.post(path(wiki))).body];
      expect((await pocketId.delete(`${path(wiki)}/${first.id}`)).status).toBe(204);
      expect([await works(wiki, first.secret), await works(wiki, second.secret)]).toEqual([false, true]);
      expectRefusal(pocketId, await pocketId.delete(`${path(wiki)}/${first.id}`), notFound("Client secret"));
    });

    it("survives a PUT of the client, whatever that says of secrets", async () => {
      const wiki = await pocketId.client();
      const { secret } = (await pocketId.post(path(wiki))).body;
      await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}`, { ...wiki, credentials: { secrets: [] } });
      expect(await works(wiki, secret)).toBe(true);
    });
  });
});
