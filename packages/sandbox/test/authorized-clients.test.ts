import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, column, isSince, person, pocketId, query, signedInAs } from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";

describe.each(sandboxVersions)("authorised clients of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("are listed for an administrator, with scope and last use", async () => {
    const instance = await playing();
    const id = person(instance, "alice");
    const list = await instance.get(`/api/oidc/users/${id}/authorized-clients`);
    expect(list.status).toBe(200);
    expect(column(list.body, "client", "id").length).toBeGreaterThan(1);
    for (const lastUsedAt of column(list.body, "lastUsedAt")) expect(lastUsedAt).toMatch(/^\d{4}-.*Z$/);
    const scope = isSince(version, "2.10") ? '["openid","profile","email","groups"]' : "openid profile email groups";
    expect(new Set(column(list.body, "scope"))).toEqual(new Set([scope]));
    expect(at(list.body, "data", 0, "client", "callbackURLs")).toBeUndefined();
  });

  it("are sorted by last use", async () => {
    const instance = await playing();
    const path = `/api/oidc/users/${person(instance, "alice")}/authorized-clients`;
    const list = await instance.get(path + query({ "sort[column]": "lastUsedAt", "sort[direction]": "desc" }));
    const times = column(list.body, "lastUsedAt").map(String);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it("of a user who is not there: none up to 2.12, an error later", async () => {
    const instance = await playing();
    const list = await instance.get(`/api/oidc/users/${NOBODY}/authorized-clients`);
    if (isSince(version, "2.13")) expect(list).toMatchObject({ status: 404, body: { code: "user_not_found" } });
    else expect(list).toMatchObject({ status: 200, body: { data: [] } });
  });

  it("can be revoked by their user, and by nobody else", async () => {
    const instance = await playing();
    const alice = await signedInAs(instance, person(instance, "alice"));
    const mine = "/api/oidc/users/me/authorized-clients";
    const [first] = column((await alice.get(mine)).body, "client", "id");
    expect((await alice.delete(`${mine}/${first}`)).status).toBe(204);
    expect(column((await alice.get(mine)).body, "client", "id")).not.toContain(first);
    expect((await alice.delete(`${mine}/${first}`)).status).toBe(404);
    const other = await instance.delete(`/api/oidc/users/${person(instance, "alice")}/authorized-clients/${first}`);
    expect(other.body).toEqual({ error: "API endpoint not found" });
  });

  it("know a filter for launch URLs since 2.14", async () => {
    const instance = await playing();
    const userId = person(instance, "ines");
    for (const clientId of ["gitea", "grafana"]) {
      const lastUsedAt = "2026-01-01T00:00:00Z";
      instance.sandbox.state.authorizedClients.push({ userId, clientId, scopes: ["openid"], lastUsedAt });
    }
    const filtered = async (wanted: boolean) => {
      const path = `/api/oidc/users/${userId}/authorized-clients${query({ "filters[hasLaunchURL]": String(wanted) })}`;
      return new Set(column((await instance.get(path)).body, "client", "id"));
    };
    const known = isSince(version, "2.14");
    expect((await filtered(true)).has("grafana")).toBe(!known);
    expect((await filtered(false)).has("gitea")).toBe(!known);
    expect(await filtered(false)).toContain("grafana");
  });
});

describe("clients that a user can open", () => {
  it("go by the flag since 2.12, by the groups alone before", async () => {
    for (const version of sandboxVersions) {
      const instance = await pocketId({ version });
      const ines = await signedInAs(instance, person(instance, "ines"));
      const list = await ines.get("/api/oidc/users/me/clients");
      expect(column(list.body, "id")).toEqual(isSince(version, "2.12") ? ["gitea"] : ["paperless", "gitea"]);
    }
  });

  it("tell the last use, or null, and leave out that they ask to sign in again", async () => {
    const instance = await pocketId();
    const list = await instance.get(
      `/api/oidc/users/me/clients${query({ "sort[column]": "name", "sort[direction]": "asc" })}`,
    );
    expect(column(list.body, "id")).toEqual(["gitea", "grafana", "immich", "nextcloud"]);
    expect(new Set(column(list.body, "requiresReauthentication"))).toEqual(new Set([false]));
    for (const lastUsedAt of column(list.body, "lastUsedAt")) {
      if (lastUsedAt !== null) expect(lastUsedAt).toMatch(/Z$/);
    }
  });
});
