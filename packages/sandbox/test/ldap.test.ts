import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { group, type PocketId, person, pocketId, present, signedInAs } from "./pocket-id.ts";

/** A club whose members come from a directory: ben and the coaches do, alice does not. */
async function directory(instance: PocketId, enabled = true): Promise<void> {
  const { state } = instance.sandbox;
  state.configuration.set("ldapEnabled", String(enabled));
  present(state.users.get(person(instance, "ben"))).ldapId = "uid=ben";
  present(state.userGroups.get(group(instance, "coaches"))).ldapId = "cn=coaches";
}

const change = { username: "benjamin", email: "b@example.com", firstName: "B", displayName: "B", disabled: true };

describe.each(sandboxVersions)("what comes from LDAP in Pocket ID %s", (version) => {
  it("is left as it is by a PUT that answers 200; only the locale is stored", async () => {
    const instance = await pocketId({ version });
    await directory(instance);
    const path = `/api/users/${person(instance, "ben")}`;
    const quiet = await instance.put(path, { ...change, locale: "nl" });
    expect(quiet).toMatchObject({
      status: 200,
      body: { username: "ben", firstName: "Ben", disabled: false, ldapId: "uid=ben", locale: "nl" },
    });
    expect((await instance.put(path, change)).body).toMatchObject({ locale: null });
  });

  it("is left as it is by its owner as well", async () => {
    const instance = await pocketId({ version });
    await directory(instance);
    const ben = await signedInAs(instance, person(instance, "ben"));
    expect(await ben.put("/api/users/me", change)).toMatchObject({ status: 200, body: { username: "ben" } });
  });

  it("cannot be deleted unless it is disabled", async () => {
    const instance = await pocketId({ version });
    await directory(instance);
    const ben = person(instance, "ben");
    expect(await instance.delete(`/api/users/${ben}`)).toMatchObject({
      status: 403,
      body: { error: "LDAP users can't be updated" },
    });
    present(instance.sandbox.state.users.get(ben)).disabled = true;
    expect((await instance.delete(`/api/users/${ben}`)).status).toBe(204);
  });

  it("refuses changes to its groups, but not to who is in them", async () => {
    const instance = await pocketId({ version });
    await directory(instance);
    const path = `/api/user-groups/${group(instance, "coaches")}`;
    const refused = [await instance.put(path, { name: "c2", friendlyName: "C2" }), await instance.delete(path)];
    for (const reply of refused) {
      expect(reply).toMatchObject({ status: 403, body: { error: "LDAP user groups can't be updated" } });
    }
    expect((await instance.put(`${path}/users`, { userIds: [] })).status).toBe(200);
    expect((await instance.put(`/api/users/${person(instance, "ben")}/user-groups`, { userGroupIds: [] })).status).toBe(
      200,
    );
  });

  it("takes claims and one-time access", async () => {
    const instance = await pocketId({ version });
    await directory(instance);
    const ben = person(instance, "ben");
    const claims = await instance.put(`/api/custom-claims/user/${ben}`, [{ key: "locker", value: "4" }]);
    expect(claims.status).toBe(200);
    expect((await instance.post(`/api/users/${ben}/one-time-access-token`, { userId: ben })).status).toBe(201);
  });

  it("is ordinary while LDAP is off", async () => {
    const instance = await pocketId({ version });
    await directory(instance, false);
    const ben = await instance.put(`/api/users/${person(instance, "ben")}`, change);
    expect(ben.body).toMatchObject({ username: "benjamin", disabled: true });
    const coaches = `/api/user-groups/${group(instance, "coaches")}`;
    expect((await instance.put(coaches, { name: "c2", friendlyName: "C2" })).status).toBe(200);
    expect((await instance.delete(coaches)).status).toBe(204);
  });

  it("cannot be synchronised without a directory", async () => {
    const instance = await pocketId({ version });
    await directory(instance);
    expect((await instance.post("/api/application-configuration/sync-ldap")).status).toBe(500);
  });
});
