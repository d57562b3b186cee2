import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

const passkeys = () => mcp.sandbox.state.webauthnCredentials;
const own = () => [...passkeys().values()].filter(({ userId }) => userId === mcp.sandbox.adminId);
const others = () => structuredClone([...passkeys().values()].filter(({ userId }) => userId !== mcp.sandbox.adminId));
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");

/** A passkey more of the owner of the key, or of somebody else. */
function hold(digit: number, name: string, userId = mcp.sandbox.adminId) {
  const id = `${String(digit).repeat(8)}-1111-4111-8111-111111111111`;
  passkeys().set(id, {
    id,
    createdAt: `2026-0${digit}-01T00:00:00Z`,
    userId,
    name,
    credentialId: Buffer.from([0xff, 0xfe, digit]),
    attestationType: "none",
    transport: ["usb"],
    backupEligible: false,
    backupState: false,
  });
  return id;
}
const stored = (id: string) => {
  const passkey = passkeys().get(id);
  if (passkey === undefined) throw new Error(`the sandbox holds no passkey ${id}`);
  return passkey;
};
const versions = ["2.14", "2.9", "1.16"] as const;

describe("passkey_list", () => {
  it.each(versions)("shows the passkeys of the owner of the API key, and nobody else's (%s)", async (version) => {
    await mcp.reconnect({ version });
    hold(1, "Spare key");
    const answer = await mcp.ok("passkey_list");
    expect(answer.passkeys).toEqual(
      own().map(({ userId: _owner, credentialId: _bytes, ...passkey }) => ({ ...passkey })),
    );
    expect(JSON.stringify(answer)).not.toContain("credentialID");
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("passkey_list", { user: "ben" })).toMatch(/user: there is no such argument/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("passkey_rename", () => {
  it.each(versions)("gives a passkey another name, and changes nothing else (%s)", async (version) => {
    await mcp.reconnect({ version });
    const id = hold(1, "Spare key");
    const [before, theirs] = [structuredClone(stored(id)), others()];
    const { passkey, changed } = await mcp.ok("passkey_rename", { passkey: "spare key", name: "Key in the safe" });
    expect(changed).toEqual(["name"]);
    expect(passkey).toMatchObject({ id, name: "Key in the safe", transport: ["usb"] });
    expect(structuredClone(stored(id))).toEqual({ ...before, name: "Key in the safe" });
    expect(others()).toEqual(theirs);
    expect(changingRequests()).toMatchObject([{ method: "PATCH", body: { name: "Key in the safe" } }]);
  });

  it("is a change in the action log", async () => {
    const id = hold(1, "Spare key");
    await mcp.ok("passkey_rename", { passkey: id, name: "Key in the safe" });
    expect(mcp.actions()).toMatchObject([
      {
        tool: "passkey_rename",
        httpMethod: "PATCH",
        path: `/api/webauthn/credentials/${id}`,
        targets: [`passkey:${id}`],
        changed: ["name"],
      },
    ]);
    expect(JSON.stringify(mcp.actions())).not.toContain("safe");
  });

  it("is refused in read-only mode", async () => {
    await mcp.reconnect({ env: { POCKETID_READ_ONLY: "true" } });
    const [passkey] = own();
    expect(await mcp.fails("passkey_rename", { passkey: passkey?.id, name: "x" })).toMatch(/read-only/);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("sends no change where it is called so already", async () => {
    hold(1, "Spare key");
    expect((await mcp.ok("passkey_rename", { passkey: "Spare key", name: "Spare key" })).changed).toEqual([]);
    expect(changingRequests()).toEqual([]);
  });

  it("is not repeated when Pocket ID fails", async () => {
    const id = hold(1, "Spare key");
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method === "PATCH") response.writeHead(503).end();
      return method === "PATCH";
    };
    expect(await mcp.fails("passkey_rename", { passkey: id, name: "x" })).toMatch(/503/);
    expect(changingRequests()).toHaveLength(1);
  });

  it("does not guess which of two passkeys of the same name is meant", async () => {
    const twins = [hold(1, "iPhone"), hold(2, "iPhone")];
    const text = await mcp.fails("passkey_rename", { passkey: "iPhone", name: "Old iPhone" });
    expect(text).toMatch(/passkey: 2 of them are called "iPhone"/);
    for (const id of twins) expect(text).toContain(id);
    expect(changingRequests()).toEqual([]);
  });

  it("does not find the passkeys of others", async () => {
    const [theirs] = others();
    expect(await mcp.fails("passkey_rename", { passkey: theirs?.id, name: "x" })).toMatch(/there is no passkey/);
    expect(changingRequests()).toEqual([]);
  });

  it.each([
    [{ passkey: "Spare key" }, /name: this argument is needed/],
    [{ passkey: "Spare key", name: "" }, /name: /],
    [{ passkey: "Spare key", name: "x".repeat(51) }, /name: /],
    [{ passkey: "../users", name: "x" }, /passkey: .* is a path/],
    [{ name: "x" }, /passkey: this argument is needed/],
  ])("sends nothing for %j", async (values, message) => {
    expect(await mcp.fails("passkey_rename", values)).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("passkey_delete", () => {
  it.each(versions)("deletes several, with a result for each, and nobody else's (%s)", async (version) => {
    await mcp.reconnect({ version });
    const [kept, theirs] = [own(), others()];
    const [first, second] = [hold(1, "Old phone"), hold(2, "Lost key")];
    expect(await mcp.ok("passkey_delete", { passkeys: ["Old phone", second] })).toEqual({
      passkeys: [
        { id: first, name: "Old phone", deleted: true },
        { id: second, name: "Lost key", deleted: true },
      ],
      left: kept.length,
    });
    expect(own()).toEqual(kept);
    expect(others()).toEqual(theirs);
  });

  it("refuses the last one of the last administrator who has any", async () => {
    expect(await mcp.fails("passkey_delete", { passkeys: own().map(({ id }) => id) })).toBe(
      "Nothing was changed. No administrator would have a passkey any more, and nobody could sign in as one. " +
        "Let robin add another one first, in Pocket ID itself.",
    );
    expect(mcp.questions).toEqual([]);
    expect(changingRequests()).toEqual([]);
  });

  it("warns that the last one is gone", async () => {
    const [theirs] = others();
    for (const user of mcp.sandbox.state.users.values()) if (user.id === theirs?.userId) user.isAdmin = true;
    const { left, notes } = await mcp.ok("passkey_delete", { passkeys: own().map(({ id }) => id) });
    expect(left).toBe(0);
    expect(notes).toEqual([expect.stringMatching(/^The last passkey is gone: .*user_create_one_time_access_token/)]);
    expect(own()).toEqual([]);
  });

  it("deletes none when one of them is unknown, ambiguous, or somebody else's", async () => {
    const before = own().length + 3;
    for (const digit of [1, 2]) hold(digit, "iPhone");
    hold(3, "Old phone");
    const [theirs] = others();
    for (const unknown of ["Odl phone", theirs?.id, "iPhone"])
      expect(await mcp.fails("passkey_delete", { passkeys: ["Old phone", unknown] })).toMatch(
        /^Nothing was changed\. passkeys\[1\]: (there is no passkey|2 of them are called)/,
      );
    expect(changingRequests()).toEqual([]);
    expect(own()).toHaveLength(before);
  });

  it.each([{ passkeys: [] }, { passkeys: "iPhone" }, { passkeys: [".."] }, {}])(
    "sends nothing for %j",
    async (values) => {
      expect(await mcp.fails("passkey_delete", values)).toMatch(/passkeys(\[0\])?: /);
      expect(mcp.sandbox.requests).toEqual([]);
    },
  );
});
