import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, group, isSince, person, pocketId } from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";

const RESERVED: [key: string, since: string][] = [
  ...["given_name", "family_name", "name", "email", "preferred_username", "display_name", "groups", "type"],
  ...["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "nbf", "jti"],
].map((key) => [key, "1.0"]);
RESERVED.push(["email_verified", "2.8"], ["client_id", "2.13"]);

describe.each(sandboxVersions)("custom claims of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("are replaced as a whole, of users and of groups", async () => {
    const instance = await playing();
    for (const [path, owner] of [
      [`/api/custom-claims/user/${person(instance, "alice")}`, `/api/users/${person(instance, "alice")}`],
      [`/api/custom-claims/user-group/${group(instance, "board")}`, `/api/user-groups/${group(instance, "board")}`],
    ] as const) {
      const claims = [
        { key: "shell", value: "/bin/zsh" },
        { key: "boathouse", value: "north" },
      ];
      expect(await instance.put(path, claims)).toMatchObject({ status: 200, body: claims });
      expect(at((await instance.get(owner)).body, "customClaims")).toEqual(claims);
      expect(await instance.put(path, [])).toMatchObject({ status: 200, body: [] });
      expect(at((await instance.get(owner)).body, "customClaims")).toEqual([]);
    }
  });

  it("need a key and a value", async () => {
    const instance = await playing();
    const path = `/api/custom-claims/user/${person(instance, "alice")}`;
    for (const claims of [[{ key: "", value: "x" }], [{ key: "x", value: "" }], [{ key: "x" }]]) {
      expect((await instance.put(path, claims)).status).toBe(400);
    }
    expect((await instance.put(path, { key: "x", value: "y" })).status).toBe(isSince(version, "2.13") ? 400 : 500);
  });

  it("come once each", async () => {
    const instance = await playing();
    const claim = { key: "shell", value: "/bin/zsh" };
    const refused = await instance.put(`/api/custom-claims/user/${person(instance, "alice")}`, [claim, claim]);
    expect(refused).toMatchObject({ status: 400, body: { error: "Claim shell is already defined" } });
    if (isSince(version, "2.13")) expect(refused.body).toMatchObject({ code: "duplicate_claim" });
  });

  it("are suggested by how often they are used", async () => {
    const instance = await playing();
    const suggestions = await instance.get("/api/custom-claims/suggestions");
    expect(suggestions.body).toEqual(expect.arrayContaining(["role", "nextcloud_quota", "locker", "boats"]));
    expect(at(suggestions.body, 0)).toBe("role");
  });

  it("of an owner who does not exist", async () => {
    const instance = await playing();
    for (const kind of ["user", "user-group"]) {
      const path = `/api/custom-claims/${kind}/${NOBODY}`;
      const [none, one] = [await instance.put(path, []), await instance.put(path, [{ key: "a", value: "b" }])];
      expect([none.status, one.status]).toEqual(isSince(version, "2.13") ? [404, 404] : [200, 500]);
    }
  });
});

describe.each(RESERVED)("the claim %s", (key, since) => {
  it.each(sandboxVersions)(`is reserved since ${since}: %s`, async (version) => {
    const instance = await pocketId({ version });
    const reply = await instance.put(`/api/custom-claims/user/${person(instance, "ben")}`, [{ key, value: "x" }]);
    if (!isSince(version, since)) expect(reply.status).toBe(200);
    else if (!isSince(version, "2.13")) expect(reply.status).toBe(400);
    else expect(reply).toMatchObject({ status: 400, body: { code: "reserved_claim", details: { key } } });
  });
});
