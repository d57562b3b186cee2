import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, column, isSince, pocketId, query } from "./pocket-id.ts";

describe.each(sandboxVersions)("the club of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("has members of many kinds", async () => {
    const { state, adminId } = (await playing()).sandbox;
    const users = [...state.users.values()];
    expect(users).toHaveLength(12);
    expect(users.filter(({ isAdmin }) => isAdmin).map(({ id }) => id)).toEqual([adminId]);
    expect(users.filter(({ disabled }) => disabled).map(({ username }) => username)).toEqual(["dmitri", "jonas"]);
    expect(users.filter(({ userGroupIds }) => userGroupIds.length === 0)).toHaveLength(2);
    expect(users.filter(({ emailVerified }) => !emailVerified)).toHaveLength(1);
    expect(new Set(users.map(({ email }) => email?.split("@")[1]))).toHaveProperty("size", 2);
    expect(users.filter(({ ldapId }) => ldapId !== null)).toEqual([]);
    expect(users.filter(({ customClaims }) => customClaims.length > 0)).toHaveLength(2);
  });

  it("has clients for some, for everybody and for nobody", async () => {
    const { state } = (await playing()).sandbox;
    const clients = [...state.oidcClients.values()];
    expect(clients.map(({ id }) => id)).toEqual([
      ...["immich", "nextcloud", "grafana", "paperless", "gitea", "home-assistant"],
    ]);
    expect(clients.filter(({ isPublic }) => isPublic)).toHaveLength(1);
    expect(clients.filter(({ federatedIdentities }) => federatedIdentities.length > 0)).toHaveLength(1);
    if (isSince(version, "2.0")) {
      expect(clients.filter((client) => !client.isGroupRestricted).map(({ id }) => id)).toEqual(["gitea"]);
    }
  });

  it("has a month of history, of people who could have made it", async () => {
    const instance = await playing();
    const { auditLog } = instance.sandbox.state;
    expect(auditLog).toHaveLength(60);
    const ages = auditLog.map(({ createdAt }) => (Date.now() - Date.parse(createdAt)) / 86_400_000);
    expect(Math.max(...ages)).toBeLessThan(31);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0);
    expect(ages.toSorted((a, b) => b - a)).toEqual(ages);
    expect(new Set(auditLog.map(({ event }) => event))).toEqual(
      new Set(["SIGN_IN", "TOKEN_SIGN_IN", "NEW_CLIENT_AUTHORIZATION", "CLIENT_AUTHORIZATION"]),
    );
    expect(auditLog.some(({ country }) => country === "Internal Network")).toBe(true);
  });

  it("holds only what that version could have stored", async () => {
    const instance = await playing();
    const { scimProviders, apis, grants, oidcClients } = instance.sandbox.state;
    expect([scimProviders.size, apis.size, grants.length]).toEqual([
      isSince(version, "2.0") ? 1 : 0,
      isSince(version, "2.10") ? 1 : 0,
      isSince(version, "2.10") ? 1 : 0,
    ]);
    expect(oidcClients.get("gitea")?.secrets).toHaveLength(isSince(version, "2.14") ? 2 : 1);
    expect(oidcClients.get("immich")?.description !== "").toBe(isSince(version, "2.10"));
  });

  it("could have been stored through the API: everything can be sent back as it is", async () => {
    const instance = await playing();
    const users = (await instance.get("/api/users")).body;
    for (const [row, id] of column(users, "id").entries()) {
      expect((await instance.put(`/api/users/${id}`, at(users, "data", row))).status).toBe(200);
    }
    const clients = (await instance.get("/api/oidc/clients")).body;
    for (const [row, id] of column(clients, "id").entries()) {
      expect((await instance.put(`/api/oidc/clients/${id}`, at(clients, "data", row))).status).toBe(200);
    }
    const groups = (await instance.get("/api/user-groups")).body;
    for (const [row, id] of column(groups, "id").entries()) {
      expect((await instance.put(`/api/user-groups/${id}`, at(groups, "data", row))).status).toBe(200);
    }
  });

  it("is the same every time, but for the key", async () => {
    const [one, other] = [await playing(), await playing()];
    const ids = async (instance: typeof one) => [
      column((await instance.get("/api/users")).body, "id"),
      column((await instance.get(`/api/audit-logs/all${query({ "pagination[limit]": 100 })}`)).body, "id"),
      column((await instance.get("/api/audit-logs/all")).body, "event"),
    ];
    expect(await ids(one)).toEqual(await ids(other));
    expect(one.sandbox.apiKey).not.toBe(other.sandbox.apiKey);
  });
});

it("is a club that uses its mail server and keeps its password there", async () => {
  const { state } = (await pocketId()).sandbox;
  expect(state.configuration.get("smtpHost")).not.toBe("");
  expect(state.configuration.get("smtpPassword")).not.toBe("");
});

it.each(sandboxVersions)("empty: one administrator and the key of Pocket ID %s", async (version) => {
  const instance = await pocketId({ version, seed: "empty" });
  expect((await instance.get("/api/users")).body).toMatchObject({ pagination: { totalItems: 1 } });
  expect((await instance.get("/api/users/me")).body).toMatchObject({ isAdmin: true, email: "admin@example.com" });
  for (const path of ["/api/user-groups", "/api/oidc/clients", "/api/audit-logs/all", "/api/signup-tokens"]) {
    expect((await instance.get(path)).body).toMatchObject({ data: [] });
  }
  expect(column((await instance.get("/api/api-keys")).body, "name")).toEqual(["Assistant"]);
});
