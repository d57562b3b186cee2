import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, column, isSince, members, person, pocketId, signedInAs } from "./pocket-id.ts";

describe.each(sandboxVersions)("passkeys of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("are listed to their owner", async () => {
    const instance = await playing();
    const ben = await signedInAs(instance, person(instance, "ben"));
    const own = await ben.get("/api/webauthn/credentials");
    expect(own.status).toBe(200);
    expect(members(at(own.body, 0))).toEqual([
      ...["id", "name", "credentialID", "attestationType", "transport", "backupEligible", "backupState", "createdAt"],
    ]);
  });

  it("are listed and removed by administrators since 2.6, and that is written down", async () => {
    const instance = await playing();
    const ben = person(instance, "ben");
    const path = `/api/users/${ben}/webauthn-credentials`;
    const list = await instance.get(path);
    if (!isSince(version, "2.6")) {
      expect(list.body).toEqual({ error: "API endpoint not found" });
      return;
    }
    const [id] = column(list.body, "id");
    expect((await instance.delete(`${path}/${id}`)).status).toBe(204);
    expect((await instance.get(path)).body).not.toContainEqual(expect.objectContaining({ id }));
    expect(instance.sandbox.state.auditLog.at(-1)).toMatchObject({
      event: "PASSKEY_REMOVED",
      userId: ben,
      data: { passkeyName: at(list.body, 0, "name"), actorUsername: "robin", actorUserID: instance.sandbox.adminId },
    });
    expect((await instance.delete(`${path}/${id}`)).status).toBe(404);
    const all = await instance.get("/api/audit-logs/all?pagination[limit]=100");
    expect(at(all.body, "data", 60)).toMatchObject({ username: "ben", actorUsername: "robin" });
  });

  it("are renamed by their owner, who is the only one to find them", async () => {
    const instance = await playing();
    const ben = await signedInAs(instance, person(instance, "ben"));
    const [id] = column((await ben.get("/api/webauthn/credentials")).body, "id");
    const renamed = await ben.patch(`/api/webauthn/credentials/${id}`, { name: "Phone" });
    expect(renamed).toMatchObject({ status: 200, body: { id, name: "Phone" } });
    expect((await ben.patch(`/api/webauthn/credentials/${id}`, { name: "" })).status).toBe(400);
    expect((await instance.patch(`/api/webauthn/credentials/${id}`, { name: "Mine" })).status).toBe(404);
  });

  it("can all be removed by their owner, the last one too", async () => {
    const instance = await playing();
    const ben = await signedInAs(instance, person(instance, "ben"));
    for (const id of column((await ben.get("/api/webauthn/credentials")).body, "id")) {
      expect((await ben.delete(`/api/webauthn/credentials/${id}`)).status).toBe(204);
    }
    expect((await ben.get("/api/webauthn/credentials")).body).toEqual([]);
    expect(instance.sandbox.state.auditLog.at(-1)?.data).not.toHaveProperty("actorUsername");
  });
});
