import { describe, expect, it } from "vitest";
import { type SandboxVersion, sandboxVersions } from "../src/index.ts";
import { at, column, isSince, members, type PocketId, pocketId, textAt } from "./pocket-id.ts";

const path = "/api/oidc/clients/gitea/secrets";
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

const basic = (clientId: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString("base64")}`,
});

/** Whether an application can sign in with the secret: client credentials, in the header and in the form. */
async function accepted(instance: PocketId, clientId: string, secret: string): Promise<number[]> {
  const form = { grant_type: "client_credentials" };
  const inHeader = await instance.with(basic(clientId, secret)).post("/api/oidc/token", new URLSearchParams(form));
  const inForm = await instance.anonymous.post(
    "/api/oidc/token",
    new URLSearchParams({ ...form, client_id: clientId, client_secret: secret }),
  );
  return [inHeader.status, inForm.status];
}

describe("client secrets of Pocket ID 2.14", () => {
  it("are listed without their values, expired ones too", async () => {
    const instance = await pocketId();
    const secrets = await instance.get(path);
    expect(secrets.status).toBe(200);
    expect(column(secrets.body, "prefix")).toEqual(["Rt4y", "Mn8b"]);
    expect(column(secrets.body, "isActive")).toEqual([true, false]);
    expect(JSON.stringify(secrets.body)).not.toContain("Rt4yUi7o");
    const client = await instance.get("/api/oidc/clients/gitea");
    expect(at(client.body, "credentials", "secrets")).toEqual(secrets.body);
  });

  it("are added to the ones there are, and shown once", async () => {
    const instance = await pocketId();
    const added = await instance.post(path);
    expect(added).toMatchObject({ status: 201, body: { expiresAt: null, isActive: true } });
    const secret = textAt(added.body, "secret");
    expect(secret).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(at(added.body, "prefix")).toBe(secret.slice(0, 4));
    expect(await accepted(instance, "gitea", secret)).toEqual([200, 200]);
    expect(await accepted(instance, "gitea", "Rt4yUi7oPl0kJh3gFd6sAz9xCv2bNm5q")).toEqual([200, 200]);
    expect(column((await instance.get(path)).body, "secret")).toEqual([undefined, undefined, undefined]);
  });

  it("may be chosen, if they are long enough and can be typed", async () => {
    const instance = await pocketId();
    const own = await instance.post(path, { secret: "a secret of mine", expiresAt: inAnHour() });
    expect(own).toMatchObject({ status: 201, body: { secret: "a secret of mine", prefix: "a se" } });
    for (const secret of ["fifteen letters", "sixteen letters ü"]) {
      expect((await instance.post(path, { secret })).status).toBe(400);
    }
  });

  it("may end, in the future", async () => {
    const instance = await pocketId();
    const refused = await instance.post(path, { expiresAt: "2020-01-01T00:00:00Z" });
    expect(refused).toMatchObject({ status: 400, body: { code: "validation_failed" } });
    expect(at(refused.body, "details")).toBeUndefined();
    expect((await instance.post(path, { expiresAt: null })).status).toBe(201);
  });

  it("are not for public clients", async () => {
    const instance = await pocketId();
    const refused = await instance.post("/api/oidc/clients/home-assistant/secrets");
    expect(refused).toMatchObject({ status: 400, body: { code: "validation_failed" } });
  });

  it("are twenty at most, expired ones included", async () => {
    const instance = await pocketId();
    for (let number = 3; number <= 20; number++) expect((await instance.post(path)).status).toBe(201);
    expect((await instance.post(path)).status).toBe(400);
  });

  it("stop working when deleted, and are gone then", async () => {
    const instance = await pocketId();
    const secret = "Rt4yUi7oPl0kJh3gFd6sAz9xCv2bNm5q";
    const [id] = column((await instance.get(path)).body, "id");
    expect((await instance.delete(`${path}/${id}`)).status).toBe(204);
    expect(await accepted(instance, "gitea", secret)).toEqual([401, 401]);
    expect(await instance.delete(`${path}/${id}`)).toMatchObject({
      status: 404,
      body: { code: "not_found", details: { resource: "Client secret" } },
    });
  });

  it("stop working when they expire", async () => {
    const instance = await pocketId();
    expect(await accepted(instance, "gitea", "Mn8bVc5xZa2sDf7gHj4kLp1oIu6yTr3e")).toEqual([401, 401]);
  });

  it("survive a PUT of their client", async () => {
    const instance = await pocketId();
    await instance.put("/api/oidc/clients/gitea", { name: "Gitea", credentials: { secrets: [] } });
    expect(column((await instance.get(path)).body, "prefix")).toEqual(["Rt4y", "Mn8b"]);
  });
});

describe.each<SandboxVersion>(["2.13", "2.12", "2.9", "2.7", "1.16"])(
  "the client secret of Pocket ID %s",
  (version) => {
    const secretPath = "/api/oidc/clients/gitea/secret";

    it("is replaced, so that the application with the old one is out", async () => {
      const instance = await pocketId({ version });
      const before = "Rt4yUi7oPl0kJh3gFd6sAz9xCv2bNm5q";
      expect(await accepted(instance, "gitea", before)).toEqual([200, 200]);
      const replaced = await instance.post(secretPath);
      expect(replaced.status).toBe(200);
      expect(members(replaced.body)).toEqual(["secret"]);
      expect(await accepted(instance, "gitea", textAt(replaced.body, "secret"))).toEqual([200, 200]);
      expect(await accepted(instance, "gitea", before)).not.toContain(200);
    });

    it("may be chosen since 2.12", async () => {
      const instance = await pocketId({ version });
      const replaced = await instance.post(secretPath, { secret: "a secret of mine" });
      expect(at(replaced.body, "secret") === "a secret of mine").toBe(isSince(version, "2.12"));
    });

    it("is refused to public clients since 2.13", async () => {
      const instance = await pocketId({ version });
      const reply = await instance.post("/api/oidc/clients/home-assistant/secret");
      expect(reply.status).toBe(isSince(version, "2.13") ? 400 : 200);
    });

    it("is not shown with the client", async () => {
      const instance = await pocketId({ version });
      const client = await instance.get("/api/oidc/clients/gitea");
      expect(at(client.body, "credentials")).toEqual({});
      expect((await instance.get(path)).body).toEqual({ error: "API endpoint not found" });
    });
  },
);

describe.each(sandboxVersions)("applications that sign in to Pocket ID %s", (version) => {
  const secret = "Rt4yUi7oPl0kJh3gFd6sAz9xCv2bNm5q";
  const newer = isSince(version, "2.10");

  it("are refused with a wrong secret", async () => {
    const instance = await pocketId({ version });
    const refused = await instance
      .with(basic("gitea", "wrong"))
      .post("/api/oidc/token", new URLSearchParams({ grant_type: "client_credentials" }));
    if (newer) expect(refused).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    else {
      expect(refused).toMatchObject({
        status: isSince(version, "2.4") ? 401 : 400,
        body: { error: "Invalid client secret" },
      });
    }
  });

  it("are refused when nobody knows them", async () => {
    const instance = await pocketId({ version });
    const refused = await instance
      .with(basic("nobody", secret))
      .post("/api/oidc/token", new URLSearchParams({ grant_type: "client_credentials" }));
    if (newer) expect(refused).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    else {
      const error = isSince(version, "2.4") ? "Client not found" : "Record not found";
      expect(refused).toMatchObject({ status: 404, body: { error } });
    }
  });

  it("learn about tokens of their own, with their secret in the header", async () => {
    const instance = await pocketId({ version });
    const gitea = instance.with(basic("gitea", secret));
    const issued = await gitea.post("/api/oidc/token", new URLSearchParams({ grant_type: "client_credentials" }));
    const token = new URLSearchParams({ token: textAt(issued.body, "access_token") });
    expect((await gitea.post("/api/oidc/introspect", token)).body).toMatchObject({ active: true, sub: "client-gitea" });
    const nonsense = await gitea.post("/api/oidc/introspect", new URLSearchParams({ token: "nonsense" }));
    expect(nonsense).toMatchObject({ status: 200, body: { active: false } });
    const refused = await instance.with(basic("gitea", "wrong")).post("/api/oidc/introspect", token);
    expect(refused.status).toBe(newer || isSince(version, "2.4") ? 401 : 400);
    const posted = new URLSearchParams({
      ...Object.fromEntries(token),
      client_id: "gitea",
      client_secret: secret,
    });
    expect((await instance.anonymous.post("/api/oidc/introspect", posted)).status).toBe(newer ? 401 : 400);
  });

  it("do not get in with a key of the API", async () => {
    const instance = await pocketId({ version });
    const refused = await instance.post("/api/oidc/token", new URLSearchParams({ grant_type: "client_credentials" }));
    expect(refused.status).toBe(400);
  });
});
