import { describe, expect, it } from "vitest";
import { column, contract, expectRefusal, nobody, query, sessionOf, unreadableBody } from "./pocket-id.ts";

contract("signing up", (pocketId) => {
  const newcomer = () => {
    const username = pocketId.unique("newcomer");
    return { username, email: `${username}@contract.example`, firstName: "Nia", lastName: "Owusu" };
  };
  const signUp = (fields: object) => pocketId.post("/api/signup", fields, { as: "nobody" });
  const make = (fields: object) => pocketId.post("/api/signup-tokens", fields);
  async function token(fields: object = {}) {
    const { body } = await make({ ttl: "1h", usageLimit: 1, ...fields });
    return body;
  }
  const deadToken = {
    until212: [pocketId.since("2.4") ? 401 : 400, "Token is invalid or expired"],
    since213: [401, "token_invalid_or_expired"],
  } as const;

  it("setting up is over once there is an administrator: 400, since 2.6 404, since 2.13 409", async () => {
    const again = await pocketId.post("/api/signup/setup", newcomer(), { as: "nobody" });
    expectRefusal(pocketId, again, {
      until212: pocketId.since("2.6") ? [404, "Not found"] : [400, "Setup already completed"],
      since213: [409, "setup_already_completed"],
    });
  });

  it.runIf(pocketId.since("2.6"))("GET /api/signup/setup says 404 then (since 2.6)", async () => {
    const { status, body } = await pocketId.get("/api/signup/setup", { as: "nobody" });
    expect([status, body.error]).toEqual([404, "Not found"]);
    if (pocketId.since("2.13")) expect(body.code).toBe("setup_not_available");
  });

  it("is off at first", async () => {
    expect((await pocketId.configuration()).allowUserSignups).toBe("disabled");
    expectRefusal(pocketId, await signUp(newcomer()), {
      until212: [403, "Open user signup is not enabled"],
      since213: [403, "open_signup_disabled"],
    });
  });

  it("works for everybody while it is open, is logged, and signs in", async () => {
    const signedUp = await pocketId.whileConfigured({ allowUserSignups: "open" }, () => signUp(newcomer()));
    expect(signedUp).toMatchObject({ status: 201, body: { isAdmin: false, displayName: "Nia Owusu" } });
    const as = { session: sessionOf(signedUp) };
    expect((await pocketId.get("/api/users/me", { as })).body.id).toBe(signedUp.body.id);
    const { data } = (await pocketId.get("/api/audit-logs", { as })).body;
    expect(data).toMatchObject([{ event: "ACCOUNT_CREATED", data: { method: "open_signup" } }]);
  });

  describe("with a token", () => {
    it("works as often as the token says, which stays readable in list and log", async () => {
      const made = await token();
      const tried = (token: string) => signUp({ ...newcomer(), token });
      const [first, second, unknown] = await pocketId.whileConfigured(
        { allowUserSignups: "withToken" },
        async () => [await tried(made.token), await tried(made.token), await tried("nonsense")] as const,
      );
      expect(first.status).toBe(201);
      expectRefusal(pocketId, second, deadToken);
      expectRefusal(pocketId, unknown, deadToken);
      const [listed] = (await pocketId.rows("/api/signup-tokens")).filter(({ id }) => id === made.id);
      expect(listed).toMatchObject({ token: made.token, usageLimit: 1, usageCount: 1 });
      const log = await pocketId.get(`/api/audit-logs/all${query({ "filters[userID]": first.body.id })}`);
      expect(log.body.data).toMatchObject([{ event: "ACCOUNT_CREATED", data: { signupToken: made.token } }]);
      await pocketId.delete(`/api/signup-tokens/${made.id}`);
    });

    it("works also while signing up is off: the token is all that counts", async () => {
      const made = await token();
      const { status } = await signUp({ ...newcomer(), token: made.token });
      await pocketId.delete(`/api/signup-tokens/${made.id}`);
      expect(status).toBe(201);
    });

    it.runIf(pocketId.since("2.0"))(
      "puts the account into the groups of the token; ids of nothing are dropped (since 2.0)",
      async () => {
        const friends = await pocketId.group();
        const made = await token({ userGroupIds: [friends.id, nobody] });
        expect(column(made.userGroups, "id")).toEqual([friends.id]);
        const { body } = await signUp({ ...newcomer(), token: made.token });
        await pocketId.delete(`/api/signup-tokens/${made.id}`);
        expect(column(body.userGroups, "id")).toEqual([friends.id]);
        expect(column((await pocketId.read(`/api/users/${body.id}`)).userGroups, "id")).toEqual([friends.id]);
      },
    );
  });

  describe("tokens", () => {
    it.each([
      [0, 400],
      [1, 201],
      [100, 201],
      [101, 400],
    ])("for %d uses are answered with %d", async (usageLimit, expected) => {
      const { status, body } = await make({ ttl: "1h", usageLimit });
      expect(status).toBe(expected);
      if (status === 201) await pocketId.delete(`/api/signup-tokens/${body.id}`);
    });

    it.each<[unknown, number | "refused" | "unreadable"]>([
      ["90m", 5400],
      ["1h30m", 5400],
      [7200, 7200],
      [undefined, 3600],
      [0, 3600],
      ["744h", 2_678_400],
      ["745h", "refused"],
      [1, "refused"],
      ["7d", "unreadable"],
    ])("of lifetime %j last %s seconds", async (ttl, expected) => {
      const reply = await make({ usageLimit: 1, ...(ttl !== undefined && { ttl }) });
      if (expected === "unreadable") return expectRefusal(pocketId, reply, unreadableBody);
      if (expected === "refused")
        return expectRefusal(pocketId, reply, {
          until212: [400, "TTL is invalid"],
          since213: [400, "validation_failed", { fields: [{ field: "ttl", code: "ttl" }] }],
        });
      await pocketId.delete(`/api/signup-tokens/${reply.body.id}`);
      const lifetime = (Date.parse(reply.body.expiresAt) - Date.now()) / 1000;
      expect(Math.abs(lifetime - expected)).toBeLessThan(10);
    });

    it("that have expired are gone from the list since 2.12, and good for nothing in any version", async () => {
      const made = await token({ ttl: 2 });
      await new Promise((resolve) => setTimeout(resolve, 3_100));
      const listed = column(await pocketId.rows("/api/signup-tokens"), "id").includes(made.id);
      const late = await signUp({ ...newcomer(), token: made.token });
      await pocketId.delete(`/api/signup-tokens/${made.id}`);
      expect(listed).toBe(!pocketId.since("2.12"));
      expectRefusal(pocketId, late, deadToken);
    });

    it("want to know how often", async () => {
      expectRefusal(pocketId, await make({ ttl: "1h" }), {
        until212: [400, "UsageLimit is required"],
        since213: [400, "validation_failed", { fields: [{ field: "usageLimit", code: "required" }] }],
      });
    });

    it("are deleted by id, not by token, and one that is not there as well", async () => {
      const made = await token();
      const listed = async () => column(await pocketId.rows("/api/signup-tokens"), "id").includes(made.id);
      expect((await pocketId.delete(`/api/signup-tokens/${nobody}`)).status).toBe(204);
      expect(await listed()).toBe(true);
      expect((await pocketId.delete(`/api/signup-tokens/${made.id}`)).status).toBe(204);
      expect(await listed()).toBe(false);
    });
  });
});
