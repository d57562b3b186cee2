import { describe, expect, it } from "vitest";
import { contract, expectRefusal, type Json, nobody, sessionOf, unreadableBody } from "./pocket-id.ts";

contract("one-time access", (pocketId) => {
  /** Up to 2.3 the body says whose token it is. */
  const make = (user: Json, ttl?: unknown) =>
    pocketId.post(`/api/users/${user.id}/one-time-access-token`, {
      userId: user.id,
      ...(ttl !== undefined && { ttl }),
    });
  const redeem = (token: string) => pocketId.post(`/api/one-time-access-token/${token}`, undefined, { as: "nobody" });
  const deadToken = {
    until212: [pocketId.since("2.4") ? 401 : 400, "Token is invalid or expired"],
    since213: [401, "token_invalid_or_expired"],
  } as const;

  it("a token signs its user in, once", async () => {
    const [ada, friends] = [await pocketId.user(), await pocketId.group()];
    await pocketId.done("PUT", `/api/users/${ada.id}/user-groups`, { userGroupIds: [friends.id] });
    const made = await make(ada);
    expect(made.status).toBe(201);
    const redeemed = await redeem(made.body.token);
    // Groups and claims are not loaded here.
    expect(redeemed).toMatchObject({ status: 200, body: { id: ada.id, userGroups: [], customClaims: [] } });
    const as = { session: sessionOf(redeemed) };
    expect((await pocketId.get("/api/users/me", { as })).body.id).toBe(ada.id);
    expectRefusal(pocketId, await redeem(made.body.token), deadToken);
    expectRefusal(pocketId, await redeem("nonsense"), deadToken);
  });

  it("the session comes in a cookie that is Secure even over plain http, for as long as sessionDuration says", async () => {
    const { headers } = await redeem((await make(await pocketId.user())).body.token);
    const [cookie = ""] = headers.getSetCookie().filter((line) => line.includes("access_token="));
    const sameSite = pocketId.since("2.13") ? "; SameSite=Lax" : "";
    expect(cookie).toMatch(/^(__Host-)?access_token=[\w.-]+; Path=\/; Max-Age=3600; HttpOnly; Secure/);
    expect(cookie.split("; Secure")[1]).toBe(sameSite);
  });

  it("a session is found in the cookie and behind any word in Authorization", async () => {
    const { session } = await pocketId.sessionOf(await pocketId.user());
    const { headers } = await redeem((await make(await pocketId.user())).body.token);
    const name = headers.getSetCookie().join().includes("__Host-access_token") ? "__Host-access_token" : "access_token";
    for (const [header, value, status] of [
      ["authorization", `Bearer ${session}`, 200],
      ["authorization", `Anything ${session}`, 200],
      ["authorization", session, 401],
      ["cookie", `theme=dark; ${name}=${session}`, 200],
    ] as const)
      expect([value, (await pocketId.raw("GET", "/api/users/me", { headers: { [header]: value } })).status]).toEqual([
        value,
        status,
      ]);
  });

  it("the path says whose token it is since 2.4, the body until 2.3", async () => {
    const [ada, ben] = [await pocketId.user(), await pocketId.user()];
    const made = await pocketId.post(`/api/users/${ada.id}/one-time-access-token`, { userId: ben.id });
    expect((await redeem(made.body.token)).body.id).toBe((pocketId.since("2.4") ? ada : ben).id);
  });

  it("a body is needed, be it {} (500, since 2.13 400)", async () => {
    const ada = await pocketId.user();
    expectRefusal(pocketId, await pocketId.post(`/api/users/${ada.id}/one-time-access-token`), unreadableBody);
  });

  it("there is none for a user who is not there", async () => {
    const { status } = await make({ id: nobody });
    expect(status).toBe(pocketId.since("2.4") ? 404 : 500);
  });

  it("a token has 6 characters up to 15 minutes, then 16, since 2.14 12", async () => {
    const ada = await pocketId.user();
    const long = pocketId.since("2.14") ? 12 : 16;
    for (const [ttl, length] of [
      [undefined, 6],
      ["15m", 6],
      [900, 6],
      ["16m", long],
      ["744h", long],
    ] as const)
      expect([ttl, (await make(ada, ttl)).body.token.length]).toEqual([ttl, length]);
  });

  it("a token has no letters that look like digits since 2.0, and since 2.12 such letters are read as these", async () => {
    const ada = await pocketId.user();
    const tokens: string[] = [];
    for (let number = 0; number < 20; number++) tokens.push((await make(ada, "1h")).body.token);
    expect(/[iloILO]/.test(tokens.join(""))).toBe(!pocketId.since("2.0"));
    const withDigit = tokens.find((token) => /[01]/.test(token)) ?? "";
    const typed = withDigit.replaceAll("0", "O").replaceAll("1", "I");
    expect((await redeem(typed)).status === 200).toBe(pocketId.since("2.12"));
  });

  it.each<[unknown, "taken" | "refused" | "unreadable"]>([
    ["90m", "taken"],
    ["1h30m", "taken"],
    [3600, "taken"],
    [0, "taken"],
    ["744h", "taken"],
    ["745h", "refused"],
    ["1s", "refused"],
    [-5, "refused"],
    ["7d", "unreadable"],
    ["soon", "unreadable"],
    [true, "unreadable"],
  ])("the lifetime %j is %s: a Go duration or seconds, 31 days at most, no days", async (ttl, fate) => {
    const reply = await make(await pocketId.user(), ttl);
    if (fate === "taken") expect(reply.status).toBe(201);
    else if (fate === "unreadable") expectRefusal(pocketId, reply, unreadableBody);
    else
      expectRefusal(pocketId, reply, {
        until212: [400, "TTL is invalid"],
        since213: [400, "validation_failed", { fields: [{ field: "ttl", code: "ttl" }] }],
      });
  });

  it("a token may be made for a disabled user, who cannot use it: 403 since 2.12, before a session that is refused", async () => {
    const ada = await pocketId.user({ disabled: true });
    const redeemed = await redeem((await make(ada)).body.token);
    if (pocketId.since("2.12")) {
      expect([redeemed.status, redeemed.body.error]).toEqual([403, "User account is disabled"]);
      return;
    }
    expect(redeemed.status).toBe(200);
    const as = { session: sessionOf(redeemed) };
    expect((await pocketId.get("/api/users/me", { as })).status).toBe(403);
  });

  it("logging out takes the cookie of the session away", async () => {
    const as = await pocketId.sessionOf(await pocketId.user());
    const { status, headers } = await pocketId.post("/api/webauthn/logout", undefined, { as });
    expect(status).toBe(204);
    expect(headers.getSetCookie().join()).toMatch(/access_token=;/);
  });

  describe("by e-mail", () => {
    const disabled = {
      until212: [400, "One-time access is disabled"],
      since213: [403, "one_time_access_disabled"],
    } as const;

    it("is off at first, for administrators and for everybody (400, since 2.13 403)", async () => {
      const ada = await pocketId.user();
      expectRefusal(pocketId, await pocketId.post(`/api/users/${ada.id}/one-time-access-email`, {}), disabled);
      const asked = await pocketId.post("/api/one-time-access-email", { email: ada.email }, { as: "nobody" });
      expectRefusal(pocketId, asked, disabled);
    });

    it("says the same to an address that nobody has, and binds the code to the device that asked since 2.0", async () => {
      const asked = await pocketId.whileConfigured({ emailOneTimeAccessAsUnauthenticatedEnabled: "true" }, () =>
        pocketId.post("/api/one-time-access-email", { email: `${nobody}@contract.example` }, { as: "nobody" }),
      );
      expect(asked.status).toBe(204);
      expect(asked.headers.getSetCookie().join().includes("device_token")).toBe(pocketId.since("2.0"));
    });

    it("says 204 before anything is delivered, and 400, since 2.13 409, to a user without an address", async () => {
      const ada = await pocketId.user();
      const settings = { emailOneTimeAccessAsAdminEnabled: "true", requireUserEmail: "false", smtpHost: "" };
      const [sent, refused] = await pocketId.whileConfigured(settings, async () => {
        const without = await pocketId.user({ email: null });
        const mail = ({ id }: Json) => pocketId.post(`/api/users/${id}/one-time-access-email`, {});
        return [await mail(ada), await mail(without)] as const;
      });
      expect(sent.status).toBe(204);
      expectRefusal(pocketId, refused, {
        until212: [400, "The user does not have an email address set"],
        since213: [409, "user_email_not_set"],
      });
    });
  });
});
