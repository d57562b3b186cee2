import { expect, it } from "vitest";
import { contract, expectRefusal, type Json, nobody, notFound, userNotFound } from "./pocket-id.ts";

contract("custom claims", (pocketId) => {
  const owners = (): Promise<[path: string, read: string][]> =>
    Promise.all([pocketId.user(), pocketId.group()]).then(([ada, friends]) => [
      [`/api/custom-claims/user/${ada.id}`, `/api/users/${ada.id}`],
      [`/api/custom-claims/user-group/${friends.id}`, `/api/user-groups/${friends.id}`],
    ]);
  const sorted = (claims: Json[]): Json[] => claims.toSorted((a, b) => a.key.localeCompare(b.key));

  it("a PUT replaces all claims of a user or a group: those not named are deleted", async () => {
    for (const [path, read] of await owners()) {
      const first = [
        { key: "boat", value: "7" },
        { key: "team", value: "blue" },
      ];
      expect((await pocketId.put(path, first)).status).toBe(200);
      expect(sorted((await pocketId.read(read)).customClaims)).toEqual(first);
      const replaced = await pocketId.put(path, [{ key: "team", value: "red" }]);
      expect(replaced).toMatchObject({ status: 200, body: [{ key: "team", value: "red" }] });
      expect((await pocketId.read(read)).customClaims).toEqual([{ key: "team", value: "red" }]);
    }
  });

  it("an empty list and JSON null both delete all", async () => {
    for (const nothing of [[], null]) {
      for (const [path, read] of await owners()) {
        await pocketId.done("PUT", path, [{ key: "team", value: "red" }]);
        expect(await pocketId.put(path, nothing)).toMatchObject({ status: 200, body: [] });
        expect((await pocketId.read(read)).customClaims).toEqual([]);
      }
    }
  });

  it("a claim wants a key and a value", async () => {
    const [[path = ""] = []] = await owners();
    expectRefusal(pocketId, await pocketId.put(path, [{ key: "", value: "x" }]), {
      until212: [400, "Key is required"],
      since213: [400, "validation_failed", { fields: [{ field: "key", code: "required" }] }],
    });
    expectRefusal(pocketId, await pocketId.put(path, [{ key: "x", value: "" }]), {
      until212: [400, "Value is required"],
      since213: [400, "validation_failed", { fields: [{ field: "value", code: "required" }] }],
    });
  });

  it("a key can be there once", async () => {
    const [[path = ""] = []] = await owners();
    const twice = [
      { key: "team", value: "red" },
      { key: "team", value: "blue" },
    ];
    expectRefusal(pocketId, await pocketId.put(path, twice), {
      until212: [400, "Claim team is already defined"],
      since213: [400, "duplicate_claim"],
    });
  });

  it.each<[key: string, since?: string]>([
    ...["given_name", "family_name", "name", "email", "preferred_username", "display_name", "groups", "type"].map(
      (key): [string] => [key],
    ),
    ...["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "nbf", "jti"].map(
      (key): [string] => [key],
    ),
    ["email_verified", "2.8"],
    ["client_id", "2.13"],
  ])("the key %s is reserved", async (key, since = "1.0") => {
    const [[path = ""] = []] = await owners();
    const reply = await pocketId.put(path, [{ key, value: "mine" }]);
    if (!pocketId.since(since)) {
      expect(reply.status).toBe(200);
      return;
    }
    expectRefusal(pocketId, reply, {
      until212: [400, `Claim ${key} is reserved and can't be used`],
      since213: [400, "reserved_claim", { key }],
    });
  });

  it("claims of an owner who is not there are a 404 since 2.13; before, 500, or 200 when there are none", async () => {
    const claims = [{ key: "team", value: "red" }];
    for (const [kind, refusal] of Object.entries({ user: userNotFound, "user-group": notFound("User group") })) {
      const path = `/api/custom-claims/${kind}/${nobody}`;
      expectRefusal(pocketId, await pocketId.put(path, claims), { ...refusal, until212: [500] });
      expect((await pocketId.put(path, [])).status).toBe(pocketId.since("2.13") ? 404 : 200);
    }
  });

  it("suggestions are the keys in use", async () => {
    const key = pocketId.unique("claim");
    const [[path = ""] = []] = await owners();
    await pocketId.done("PUT", path, [{ key, value: "x" }]);
    const { body } = await pocketId.get("/api/custom-claims/suggestions");
    expect(body).toContain(key);
    await pocketId.done("PUT", path, []);
    expect((await pocketId.get("/api/custom-claims/suggestions")).body).not.toContain(key);
  });

  it("a user's own claim wins over the one of a group, and a value that is JSON is sent as what it is", async () => {
    const [ada, friends, wiki] = [await pocketId.user(), await pocketId.group(), await pocketId.client()];
    await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [friends.id] });
    await pocketId.done("PUT", `/api/custom-claims/user/${ada.id}`, [
      { key: "team", value: "mine" },
      { key: "level", value: "12" },
    ]);
    await pocketId.done("PUT", `/api/custom-claims/user-group/${friends.id}`, [
      { key: "team", value: "theirs" },
      { key: "roles", value: '["rower"]' },
    ]);
    const { body } = await pocketId.get(`/api/oidc/clients/${wiki.id}/preview/${ada.id}?scopes=openid%20profile`);
    expect(body.idToken).toMatchObject({ team: "mine", level: 12, roles: ["rower"] });
  });
});
