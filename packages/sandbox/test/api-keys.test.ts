import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, column, isSince, members, type PocketId, person, pocketId, signedInAs, textAt } from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";
const expiresAt = "2040-01-01T00:00:00Z";

const keyCalled = ({ sandbox }: PocketId, name: string): string => {
  const key = [...sandbox.state.apiKeys.values()].find((candidate) => candidate.name === name);
  if (key === undefined) throw new Error(`no key called ${name}`);
  return key.id;
};

describe.each(sandboxVersions)("API keys of Pocket ID %s", (version) => {
  const playing = async () => {
    const instance = await pocketId({ version });
    return { instance, session: await signedInAs(instance, instance.sandbox.adminId) };
  };

  it("are shown once, when they are made", async () => {
    const { instance, session } = await playing();
    const made = await session.post("/api/api-keys", { name: "ci", expiresAt });
    expect(made.status).toBe(400);
    const named = await session.post("/api/api-keys", { name: "ci-", description: "for the pipeline", expiresAt });
    expect(named.status).toBe(201);
    expect(textAt(named.body, "token")).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(members(at(named.body, "apiKey"))).toEqual([
      ...["id", "name", "description", "expiresAt", "lastUsedAt", "createdAt", "expirationEmailSent"],
    ]);
    const list = await session.get("/api/api-keys");
    expect(column(list.body, "name")).toContain("ci-");
    expect(JSON.stringify(list.body)).not.toContain(textAt(named.body, "token"));
    expect(JSON.stringify([...instance.sandbox.state.apiKeys.values()])).not.toContain(textAt(named.body, "token"));
  });

  it("do not have to have names of their own", async () => {
    const { session } = await playing();
    const statuses = [];
    for (let time = 0; time < 2; time++) {
      statuses.push((await session.post("/api/api-keys", { name: "twice", expiresAt })).status);
    }
    expect(statuses).toEqual([201, 201]);
  });

  it("expire in the future", async () => {
    const { session } = await playing();
    const past = await session.post("/api/api-keys", { name: "late", expiresAt: "2020-01-01T00:00:00Z" });
    expect(past.status).toBe(400);
    if (isSince(version, "2.13")) expect(past.body).toMatchObject({ code: "invalid_api_key_expiration" });
    else expect(past.body).toEqual({ error: "API Key expiration time must be in the future" });
    expect((await session.post("/api/api-keys", { name: "never" })).status).toBe(400);
  });

  it("are the caller's own, for an administrator too", async () => {
    const { instance, session } = await playing();
    const ben = await signedInAs(instance, person(instance, "ben"));
    const made = await ben.post("/api/api-keys", { name: "ben's key", expiresAt });
    expect(column((await session.get("/api/api-keys")).body, "name")).not.toContain("ben's key");
    const id = textAt(made.body, "apiKey", "id");
    await session.delete(`/api/api-keys/${id}`);
    expect(instance.sandbox.state.apiKeys.has(id)).toBe(true);
    expect((await ben.delete(`/api/api-keys/${id}`)).status).toBe(204);
  });

  it("can delete themselves", async () => {
    const { instance } = await playing();
    expect((await instance.delete(`/api/api-keys/${keyCalled(instance, "Assistant")}`)).status).toBe(204);
    expect((await instance.get("/api/users/me")).status).toBe(401);
  });

  it("that are not there are deleted without a word, up to 2.12", async () => {
    const { session } = await playing();
    const reply = await session.delete(`/api/api-keys/${NOBODY}`);
    expect(reply.status).toBe(isSince(version, "2.13") ? 404 : 204);
  });

  it("get a new value when they are renewed, once they have expired; since 2.2", async () => {
    const { instance, session } = await playing();
    const renewed = await session.post(`/api/api-keys/${keyCalled(instance, "Backup script")}/renew`, { expiresAt });
    if (!isSince(version, "2.2")) {
      expect(renewed.body).toEqual({ error: "API endpoint not found" });
      return;
    }
    expect(renewed).toMatchObject({ status: 200, body: { apiKey: { name: "Backup script" } } });
    const fresh = instance.with({ "x-api-key": textAt(renewed.body, "token") });
    expect((await fresh.get("/api/users/me")).status).toBe(200);
    const tooEarly = await session.post(`/api/api-keys/${keyCalled(instance, "Backup script")}/renew`, { expiresAt });
    expect(tooEarly.status).toBe(isSince(version, "2.13") ? 409 : 400);
  });
});
