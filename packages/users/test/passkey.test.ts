import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

const stored = (username: string) => {
  const user = [...mcp.sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`the sandbox holds no ${username}`);
  return user;
};
const held = (username: string) =>
  [...mcp.sandbox.state.webauthnCredentials.values()].filter(({ userId }) => userId === stored(username).id);
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");

/** A passkey more. */
function hold(username: string, digit: number, name: string) {
  const id = `${String(digit).repeat(8)}-1111-4111-8111-111111111111`;
  mcp.sandbox.state.webauthnCredentials.set(id, {
    id,
    createdAt: `2026-0${digit}-01T00:00:00Z`,
    userId: stored(username).id,
    name,
    credentialId: Buffer.from([0xff, 0xfe, digit]),
    attestationType: "none",
    transport: ["usb"],
    backupEligible: false,
    backupState: false,
  });
  return id;
}
/** The owner of the key in use, and somebody else. */
const owner = "robin";
const other = "ben";

describe("user_passkey_list", () => {
  it.each(["2.14", "2.7"] as const)("shows the passkeys of anybody (%s)", async (version) => {
    await mcp.reconnect({ version });
    hold(other, 1, "Spare key");
    const { user, passkeys } = await mcp.ok("user_passkey_list", { user: other });
    expect(user).toEqual({ id: stored(other).id, username: other });
    expect(passkeys).toEqual(
      held(other).map(({ userId: _owner, credentialId: _bytes, ...passkey }) => ({ ...passkey })),
    );
    expect(passkeys.length).toBeGreaterThan(1);
  });

  it("leaves the raw bytes of the credential out", async () => {
    hold(other, 1, "Spare key");
    expect(JSON.stringify(await mcp.ok("user_passkey_list", { user: other }))).not.toContain("credentialID");
  });

  it("says how a person without any comes in", async () => {
    for (const { id } of held(other)) mcp.sandbox.state.webauthnCredentials.delete(id);
    expect(await mcp.ok("user_passkey_list", { user: other })).toMatchObject({
      passkeys: [],
      notes: [expect.stringMatching(/There is none: ben .*access link \(user_create_one_time_access_token\)/)],
    });
    expect(await mcp.ok("user_passkey_list", { user: owner })).not.toHaveProperty("notes");
  });

  it("shows the owner's own before 2.6, where Pocket ID shows no others", async () => {
    await mcp.reconnect({ version: "1.16" });
    const { passkeys } = await mcp.ok("user_passkey_list", { user: owner });
    expect(passkeys.map(({ id }: { id: string }) => id)).toEqual(held(owner).map(({ id }) => id));
    expect(await mcp.fails("user_passkey_list", { user: other })).toBe(
      "Nothing was changed. user: passkeys of others need Pocket ID 2.6.0 or later, and this one is 1.16.0. " +
        "Before that, only those of robin, who owns the API key, can be reached.",
    );
  });

  it.each([{}, { user: "../users" }, { user: "ben", passkeys: [] }])("sends nothing for %j", async (values) => {
    expect(await mcp.fails("user_passkey_list", values)).toMatch(/(user|passkeys): /);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_passkey_delete", () => {
  it.each(["2.14", "2.7"] as const)("deletes by id and name, with a result for each (%s)", async (version) => {
    await mcp.reconnect({ version });
    const [kept] = held(other);
    const [first, second] = [hold(other, 1, "Old phone"), hold(other, 2, "Lost key")];
    const answer = await mcp.ok("user_passkey_delete", { user: other, passkeys: [first, "lost key"] });
    expect(answer).toEqual({
      user: { id: stored(other).id, username: other },
      passkeys: [
        { id: first, name: "Old phone", deleted: true },
        { id: second, name: "Lost key", deleted: true },
      ],
      left: 1,
    });
    expect(held(other)).toEqual([kept]);
    expect(mcp.sandbox.state.auditLog.at(-1)).toMatchObject({ event: "PASSKEY_REMOVED", userId: stored(other).id });
  });

  it("says that the last one is gone, and how the person comes back", async () => {
    const passkeys = held(other).map(({ name }) => name);
    const { left, notes } = await mcp.ok("user_passkey_delete", { user: other, passkeys });
    expect(left).toBe(0);
    expect(notes).toEqual([
      "The last passkey is gone: ben can only come in with an access link (user_create_one_time_access_token), and add a passkey then.",
    ]);
    expect(held(other)).toEqual([]);
  });

  it("leaves the passkeys of everybody else", async () => {
    const before = mcp.sandbox.state.webauthnCredentials.size;
    const others = [...mcp.sandbox.state.webauthnCredentials.values()].filter(
      ({ userId }) => userId !== stored(other).id,
    );
    await mcp.ok("user_passkey_delete", { user: other, passkeys: held(other).map(({ id }) => id) });
    expect([...mcp.sandbox.state.webauthnCredentials.values()]).toEqual(others);
    expect(others.length).toBeLessThan(before);
  });

  it("does not guess which of two passkeys of the same name is meant", async () => {
    const twins = [hold(other, 1, "iPhone"), hold(other, 2, "iPhone")];
    const text = await mcp.fails("user_passkey_delete", { user: other, passkeys: ["iPhone"] });
    expect(text).toMatch(/^Nothing was changed\. passkeys\[0\]: 2 of them are called "iPhone"/);
    for (const [index, id] of twins.entries()) expect(text).toContain(`iPhone (since 2026-0${index + 1}-01), id ${id}`);
    expect(changingRequests()).toEqual([]);
  });

  it("takes the one that is called exactly so, where others differ in case", async () => {
    const [exact] = [hold(other, 1, "iPhone"), hold(other, 2, "IPHONE")];
    const { passkeys } = await mcp.ok("user_passkey_delete", { user: other, passkeys: ["iPhone"] });
    expect(passkeys).toEqual([{ id: exact, name: "iPhone", deleted: true }]);
  });

  it("deletes none when one of them is unknown, or somebody else's", async () => {
    const mine = hold(other, 1, "Old phone");
    const [foreign] = held(owner);
    for (const unknown of ["Odl phone", foreign?.id])
      expect(await mcp.fails("user_passkey_delete", { user: other, passkeys: ["Old phone", unknown] })).toMatch(
        /^Nothing was changed\. passkeys\[1\]: there is no passkey/,
      );
    expect(changingRequests()).toEqual([]);
    expect(mcp.sandbox.state.webauthnCredentials.has(mine)).toBe(true);
  });

  it("goes on after one that Pocket ID refuses, and says why", async () => {
    const [first, second] = [hold(other, 1, "Old phone"), hold(other, 2, "Lost key")];
    mcp.sandbox.intercept = ({ method, url }, response) => {
      if (method !== "DELETE" || !url?.endsWith(first)) return false;
      response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: "Something went wrong", code: "internal_error" }));
      return true;
    };
    const { passkeys } = await mcp.ok("user_passkey_delete", { user: other, passkeys: [first, second] });
    expect(passkeys).toEqual([
      { id: first, name: "Old phone", deleted: false, error: expect.stringMatching(/Something went wrong/) },
      { id: second, name: "Lost key", deleted: true },
    ]);
  });

  it("deletes the owner's own before 2.6, and says which version those of others need", async () => {
    await mcp.reconnect({ version: "1.16" });
    const passkey = hold(owner, 1, "Old phone");
    expect(await mcp.ok("user_passkey_delete", { user: owner, passkeys: ["Old phone"] })).toMatchObject({
      passkeys: [{ id: passkey, deleted: true }],
    });
    expect(mcp.sandbox.state.webauthnCredentials.has(passkey)).toBe(false);
    mcp.sandbox.requests.length = 0;
    const [theirs] = held(other);
    expect(await mcp.fails("user_passkey_delete", { user: other, passkeys: [theirs?.id] })).toMatch(
      /^Nothing was changed\. user: passkeys of others need Pocket ID 2\.6\.0/,
    );
    expect(changingRequests()).toEqual([]);
  });

  it.each([
    [{ user: "ben" }, /passkeys: this argument is needed/],
    [{ user: "ben", passkeys: [] }, /passkeys: it is empty\. Name what to delete/],
    [{ user: "ben", passkeys: "iPhone" }, /passkeys: /],
    [{ user: "ben", passkeys: ["a/../b"] }, /passkeys\[0\]: .* is a path/],
    [{ user: "ben", passkeys: ["x", " "] }, /passkeys\[1\]: it is empty/],
    [{ passkeys: ["iPhone"] }, /user: this argument is needed/],
  ])("sends nothing for %j", async (values, message) => {
    expect(await mcp.fails("user_passkey_delete", values)).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
