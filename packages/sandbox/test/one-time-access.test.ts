import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import {
  at,
  isSince,
  type PocketId,
  person,
  pocketId,
  present,
  sessionToken,
  signedInAs,
  textAt,
} from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";

describe.each(sandboxVersions)("one-time access to Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });
  const tokenFor = async (instance: PocketId, userId: string, ttl: unknown = undefined) =>
    textAt((await instance.post(`/api/users/${userId}/one-time-access-token`, { userId, ttl })).body, "token");
  const redeem = (instance: PocketId, token: string) => instance.anonymous.post(`/api/one-time-access-token/${token}`);

  it("signs its user in, once, and that is written down", async () => {
    const instance = await playing();
    const ben = person(instance, "ben");
    const before = instance.sandbox.state.auditLog.length;
    const token = await tokenFor(instance, ben);
    expect(instance.sandbox.state.auditLog).toHaveLength(before);
    const redeemed = await redeem(instance, token);
    expect(redeemed).toMatchObject({ status: 200, body: { username: "ben" } });
    expect(instance.sandbox.state.auditLog.at(-1)).toMatchObject({
      event: "TOKEN_SIGN_IN",
      userId: ben,
      country: "Internal Network",
      city: "LAN",
    });
    const again = await redeem(instance, token);
    expect(again).toMatchObject({
      status: isSince(version, "2.4") ? 401 : 400,
      body: { error: "Token is invalid or expired" },
    });
    const session = instance.with({ authorization: `Bearer ${sessionToken(redeemed)}` });
    expect((await session.get("/api/users/me")).body).toMatchObject({ username: "ben" });
    expect((await session.post("/api/webauthn/logout")).headers.get("set-cookie")).toMatch(/^access_token=;/);
  });

  it("takes its user from the address, or up to 2.3 from the body", async () => {
    const instance = await playing();
    const [alice, ben] = [person(instance, "alice"), person(instance, "ben")];
    const made = await instance.post(`/api/users/${alice}/one-time-access-token`, { userId: ben });
    const redeemed = await redeem(instance, textAt(made.body, "token"));
    expect(at(redeemed.body, "username")).toBe(isSince(version, "2.4") ? "alice" : "ben");
    const nobody = await instance.post(`/api/users/${NOBODY}/one-time-access-token`, { userId: NOBODY });
    expect(nobody.status).toBe(isSince(version, "2.4") ? 404 : 500);
  });

  it("uses short codes for a quarter of an hour and long ones for more", async () => {
    const instance = await playing();
    const ben = person(instance, "ben");
    const lengths = [];
    for (const ttl of [undefined, "15m", 900, "16m"]) lengths.push((await tokenFor(instance, ben, ttl)).length);
    expect(lengths).toEqual([6, 6, 6, isSince(version, "2.14") ? 12 : 16]);
    const codes = [...instance.sandbox.state.oneTimeAccessTokens.values()];
    const minutes = codes.map(({ expiresAt }) => Math.round((Date.parse(expiresAt) - Date.now()) / 60_000));
    expect(minutes).toEqual([15, 15, 15, 16]);
  });

  it("leaves out letters that look like digits, since 2.0", async () => {
    const instance = await playing();
    const codes = [];
    for (let time = 0; time < 40; time++) codes.push(await tokenFor(instance, person(instance, "ben"), "1h"));
    expect(/[iloILO]/.test(codes.join(""))).toBe(!isSince(version, "2.0"));
  });

  it("expires", async () => {
    const instance = await playing();
    const token = await tokenFor(instance, person(instance, "ben"));
    present(instance.sandbox.state.oneTimeAccessTokens.get(token)).expiresAt = "2020-01-01T00:00:00Z";
    expect((await redeem(instance, token)).status).toBe(isSince(version, "2.4") ? 401 : 400);
  });

  it("can be made for a disabled user, who cannot use it", async () => {
    const instance = await playing();
    const dmitri = person(instance, "dmitri");
    const redeemed = await redeem(instance, await tokenFor(instance, dmitri));
    if (isSince(version, "2.12")) {
      expect(redeemed).toMatchObject({ status: 403, body: { error: "User account is disabled" } });
      return;
    }
    expect(redeemed.status).toBe(200);
    const session = instance.with({ authorization: `Bearer ${sessionToken(redeemed)}` });
    expect((await session.get("/api/users/me")).status).toBe(403);
  });

  it("is mailed when the administrator may, with 204 before anything is delivered", async () => {
    const instance = await playing();
    const path = `/api/users/${person(instance, "ben")}/one-time-access-email`;
    expect((await instance.post(path, { ttl: "1h" })).status).toBe(204);
    const mail = present(instance.sandbox.state.mails.at(-1));
    expect(mail).toMatchObject({ kind: "one-time-access", to: "ben@riverside-rowing.example" });
    expect((await redeem(instance, present(mail.token))).status).toBe(200);
    instance.sandbox.state.configuration.set("smtpHost", "");
    expect((await instance.post(path, {})).status).toBe(204);
    expect(instance.sandbox.state.mails).toHaveLength(1);
  });

  it("is mailed to whoever asks, if switched on, and says nothing about who exists", async () => {
    const instance = await playing();
    instance.sandbox.state.configuration.set("emailOneTimeAccessAsUnauthenticatedEnabled", "true");
    const ask = (email: string) => instance.anonymous.post("/api/one-time-access-email", { email });
    const known = await ask("ben@riverside-rowing.example");
    const unknown = await ask("nobody@example.com");
    expect([known.status, unknown.status]).toEqual([204, 204]);
    expect(instance.sandbox.state.mails).toHaveLength(1);
    const code = present(instance.sandbox.state.mails[0]?.token);
    const elsewhere = await redeem(instance, code);
    if (!isSince(version, "2.0")) {
      expect(elsewhere.status).toBe(200);
      return;
    }
    expect(elsewhere.status).toBe(401);
    const [cookie = ""] = (known.headers.get("set-cookie") ?? "").split(";");
    const here = await instance.with({ cookie }).post(`/api/one-time-access-token/${code}`);
    expect(here.status).toBe(200);
  });

  it("was there for oneself up to 2.11", async () => {
    const instance = await playing();
    const ben = await signedInAs(instance, person(instance, "ben"));
    const made = await ben.post("/api/users/me/one-time-access-token", {});
    if (isSince(version, "2.12")) expect(made.status).toBe(403);
    else expect((await redeem(instance, textAt(made.body, "token"))).body).toMatchObject({ username: "ben" });
  });
});

it("reads letters for the digits that look like them, since 2.12", async () => {
  for (const version of ["2.14", "2.9"] as const) {
    const instance = await pocketId({ version });
    instance.sandbox.state.oneTimeAccessTokens.set("A0B1C2", {
      token: "A0B1C2",
      userId: person(instance, "ben"),
      deviceToken: null,
      expiresAt: "2040-01-01T00:00:00Z",
    });
    const { status } = await instance.anonymous.post("/api/one-time-access-token/AoBIC2");
    expect(status).toBe(version === "2.14" ? 200 : 401);
  }
});
