import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, group, isSince, type PocketId, person, pocketId, present, query, signedInAs } from "./pocket-id.ts";

const previewOf = (instance: PocketId, username: string, scopes: string, clientId = "gitea") =>
  instance.get(`/api/oidc/clients/${clientId}/preview/${person(instance, username)}${query({ scopes })}`);

describe.each(sandboxVersions)("the claims preview of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("shows what each scope adds", async () => {
    const instance = await playing();
    const id = person(instance, "alice");
    const userInfo = async (scopes: string) => {
      const { body } = await previewOf(instance, "alice", scopes);
      return at(body, "userInfo");
    };
    const always = { sub: id, ...(isSince(version, "2.10") && { type: "id-token" }) };
    expect(await userInfo("openid")).toEqual(always);
    expect(await userInfo("openid groups")).toEqual({ ...always, groups: ["members", "coaches"] });
    expect(await userInfo("openid email")).toEqual({
      ...always,
      email: "alice@riverside-rowing.example",
      email_verified: isSince(version, "2.2"),
    });
    expect(await userInfo("openid profile")).toMatchObject({
      sub: id,
      given_name: "Alice",
      family_name: "Moreau",
      name: "Alice Moreau",
      display_name: "Alice Moreau",
      preferred_username: "alice",
      picture: `${instance.url}/api/users/${id}/profile-picture.png`,
      locker: 12,
      boats: ["single", "quad"],
      role: "coach",
      nextcloud_quota: "10 GB",
    });
  });

  it("lets a user's own claim win over one of a group", async () => {
    const instance = await playing();
    const chloe = await previewOf(instance, "chloe", "openid profile");
    expect(at(chloe.body, "idToken", "role")).toBe("treasurer");
    const grace = await previewOf(instance, "grace", "openid profile");
    expect(at(grace.body, "idToken", "role")).toBe("board");
  });

  it("shows tokens as the client will get them", async () => {
    const instance = await playing();
    const { body } = await previewOf(instance, "alice", "openid email");
    expect(at(body, "idToken")).toMatchObject({ iss: instance.url, aud: ["gitea"], type: "id-token" });
    expect(at(body, "accessToken")).toMatchObject({ iss: instance.url, sub: person(instance, "alice") });
    expect(at(body, "idToken", "iat")).toMatch(/^\d{4}-\d{2}-\d{2}T/);
    expect(at(body, "accessToken", "jti") !== undefined).toBe(isSince(version, "2.3"));
    if (isSince(version, "2.10")) {
      expect(at(body, "accessToken")).toMatchObject({
        aud: ["gitea", instance.url],
        client_id: "gitea",
        scope: "openid email",
        scp: ["openid", "email"],
      });
    } else {
      expect(at(body, "accessToken")).toMatchObject({ aud: ["gitea"], type: "oauth-access-token" });
    }
  });

  it("calls a user without a name by the display name, since 2.4", async () => {
    const instance = await playing();
    const ben = present(instance.sandbox.state.users.get(person(instance, "ben")));
    Object.assign(ben, { firstName: "", lastName: "", displayName: "Big Ben" });
    const { body } = await previewOf(instance, "ben", "openid profile");
    expect(at(body, "userInfo", "name")).toBe(isSince(version, "2.4") ? "Big Ben" : " ");
  });

  it("drops words that are no scope", async () => {
    const instance = await playing();
    const { status, body } = await previewOf(instance, "alice", "openid nonsense email");
    expect(status).toBe(200);
    expect(at(body, "userInfo", "email")).toBe("alice@riverside-rowing.example");
  });

  it("wants scopes", async () => {
    const instance = await playing();
    const refused = await instance.get(`/api/oidc/clients/gitea/preview/${person(instance, "alice")}`);
    expect(refused.status).toBe(400);
    if (!isSince(version, "2.13")) expect(refused.body).toEqual({ error: "Scopes are required" });
  });

  it("is refused for whom the client is closed, and missing for whom or what is not there", async () => {
    const instance = await playing();
    const refused = await previewOf(instance, "alice", "openid", "grafana");
    expect(refused).toMatchObject({
      status: 403,
      body: { error: "You're not allowed to access this service" },
    });
    expect((await previewOf(instance, "alice", "openid", "nothing")).status).toBe(404);
    expect((await instance.get("/api/oidc/clients/gitea/preview/nobody?scopes=openid")).status).toBe(404);
  });

  it("says how the administrator who looks signed in, since 2.6, if in a session", async () => {
    const instance = await playing();
    const path = `/api/oidc/clients/gitea/preview/${person(instance, "ben")}?scopes=openid`;
    const withKey = await instance.get(path);
    expect(at(withKey.body, "idToken", "amr")).toBeUndefined();
    const session = await signedInAs(instance, instance.sandbox.adminId);
    const inSession = await session.get(path);
    expect(at(inSession.body, "idToken", "amr")).toEqual(isSince(version, "2.6") ? ["otp"] : undefined);
  });
});

it("has no claims about an address that is not there, since 2.10", async () => {
  for (const version of ["2.14", "2.9"] as const) {
    const instance = await pocketId({ version });
    present(instance.sandbox.state.users.get(person(instance, "ben"))).email = null;
    const { body } = await previewOf(instance, "ben", "openid email");
    expect(at(body, "userInfo", "email_verified")).toBe(version === "2.14" ? undefined : true);
  }
});

it("follows a change of groups at once", async () => {
  const instance = await pocketId();
  expect((await previewOf(instance, "ines", "openid", "grafana")).status).toBe(403);
  await instance.put(`/api/users/${person(instance, "ines")}/user-groups`, {
    userGroupIds: [group(instance, "board")],
  });
  expect((await previewOf(instance, "ines", "openid", "grafana")).status).toBe(200);
});
