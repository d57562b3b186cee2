import { type Sandbox, type SandboxVersion, startSandbox } from "@pocketid-mcp/sandbox";
import { afterEach, describe, expect, it } from "vitest";
import { type Access, PocketIdClient } from "../src/index.ts";

let sandbox: Sandbox;
let pocketId: PocketIdClient;

async function open(version: SandboxVersion = "2.14") {
  sandbox = await startSandbox({ version });
  pocketId = new PocketIdClient({ url: sandbox.url, apiKey: sandbox.apiKey });
}
afterEach(async () => {
  await pocketId.close();
  await sandbox.close();
});

const everyone: Access = { access: "everyone", groups: [] };
const nobody: Access = { access: "nobody", groups: [] };
const group = (name: string) => {
  const found = [...sandbox.state.userGroups.values()].find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the sandbox holds no group ${name}`);
  return found;
};
const groups = (...names: string[]): Access => ({ access: "groups", groups: names.map(group) });

/** The same from the state of the sandbox. */
const enabled = (...names: string[]) =>
  [...sandbox.state.users.values()].filter(
    ({ disabled, userGroupIds }) =>
      !disabled && (names.length === 0 || names.some((name) => userGroupIds.includes(group(name).id))),
  ).length;
const asked = (path: RegExp) => sandbox.requests.filter((request) => path.test(request.path)).length;

describe("how many people can sign in", () => {
  it.each(["2.14", "2.9", "1.16"] as const)("is counted on %s: each once, and no disabled account", async (version) => {
    await open(version);
    const { people } = pocketId;
    expect(await people.withAccess(everyone)).toBe(10);
    expect(await people.withAccess(nobody)).toBe(0);
    expect(await people.withAccess(groups("board"))).toBe(3);
    // Dmitri is a member, and disabled.
    expect(await people.withAccess(groups("members"))).toBe(7);
    // Chloe, Grace and Robin are in both.
    expect(await people.withAccess(groups("members", "board"))).toBe(7);
    expect(await people.withAccess(groups("members", "juniors"))).toBe(9);
    expect(await people.withAccess(groups("regatta-2027"))).toBe(0);
    expect([enabled(), enabled("members", "board"), enabled("members", "juniors")]).toEqual([10, 7, 9]);
  });

  it("takes one row for everyone, and one request for each group", async () => {
    await open();
    await pocketId.people.withAccess(everyone);
    expect(asked(/^\/api\/users$/)).toBe(1);
    await pocketId.people.compare(groups("members", "board"), groups("board", "coaches"));
    expect(asked(/^\/api\/user-groups\//)).toBe(3);
  });

  it("is not counted where there are more than 50 groups, and nothing is asked then", async () => {
    await open();
    const many: Access = { access: "groups", groups: Array.from({ length: 51 }, () => group("board")) };
    expect(await pocketId.people.withAccess(many)).toBeUndefined();
    expect(await pocketId.people.compare(many, groups("board"))).toEqual({
      before: undefined,
      after: 3,
      gain: undefined,
      lose: undefined,
    });
    expect(await pocketId.people.compare(many, everyone)).toMatchObject({ before: undefined, after: 10, lose: 0 });
    expect(asked(/^\/api\/user-groups\//)).toBe(1);
  });
});

describe("a change of who can sign in", () => {
  it.each<[string, () => [Access, Access], object]>([
    ["opens", () => [groups("board"), everyone], { before: 3, after: 10, gain: 7, lose: 0 }],
    ["closes", () => [everyone, nobody], { before: 10, after: 0, gain: 0, lose: 10 }],
    ["restricts", () => [everyone, groups("members")], { before: 10, after: 7, gain: 0, lose: 3 }],
    ["leaves everyone", () => [everyone, everyone], { before: 10, after: 10, gain: 0, lose: 0 }],
    // Femi and Alice are coaches and members; Robin, Chloe and Grace are on the board.
    ["exchanges", () => [groups("board"), groups("coaches")], { before: 3, after: 2, gain: 2, lose: 3 }],
    [
      "keeps those of both",
      () => [groups("members"), groups("board", "juniors")],
      { before: 7, after: 5, gain: 2, lose: 4 },
    ],
  ])("%s, in people", async (_case, accesses, expected) => {
    await open();
    expect(await pocketId.people.compare(...accesses())).toEqual(expected);
  });
});

describe("several clients together", () => {
  it.each(["2.14", "1.16"] as const)("let in on %s whoever at least one of them lets in", async (version) => {
    await open(version);
    const clients = (...ids: string[]) => ids.map((id) => ({ id, name: id }));
    const { people } = pocketId;
    expect(await people.withAccessToAny(clients("grafana"))).toBe(3);
    expect(await people.withAccessToAny(clients("grafana", "home-assistant"))).toBe(5);
    expect(await people.withAccessToAny(clients("grafana", "gitea"))).toBe(10);
    // Restricted to no group: before 2.0 that is open to everyone.
    expect(await people.withAccessToAny(clients("paperless"))).toBe(version === "2.14" ? 0 : 10);
    expect(await people.withAccessToAny(clients(...Array.from({ length: 51 }, () => "gitea")))).toBeUndefined();
  });
});

describe("what a SCIM sync brings", () => {
  it("are all members of the groups, also disabled ones, or every account and group", async () => {
    await open();
    const { people } = pocketId;
    expect(await people.provisioned(groups("members", "board"))).toEqual({ accounts: 8, groups: 2 });
    expect(await people.provisioned(everyone)).toEqual({ accounts: 12, groups: 5 });
    expect(await people.provisioned(nobody)).toEqual({ accounts: 0, groups: 0 });
  });
});

describe("accounts of a kind", () => {
  it("are counted: administrators that are enabled, and those that come from LDAP", async () => {
    await open();
    const users = [...sandbox.state.users.values()];
    for (const user of users) user.isAdmin = ["robin", "dmitri", "ben"].includes(user.username);
    for (const user of users.slice(0, 4)) user.ldapId = `ldap ${user.id}`;
    // Dmitri is disabled.
    expect(await pocketId.people.administrators()).toBe(2);
    expect(await pocketId.people.enabled()).toBe(10);
    expect(await pocketId.people.fromLdap()).toBe(4);
  });

  it("are not counted where 2,000 accounts would have to be looked at", async () => {
    await open();
    const [somebody] = sandbox.state.users.values();
    if (somebody === undefined) throw new Error("the sandbox holds nobody");
    for (let number = 0; number < 2_000; number++) {
      const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
      sandbox.state.users.set(id, { ...somebody, id, username: `user${number}`, email: `user${number}@example.com` });
    }
    expect(await pocketId.people.fromLdap()).toBeUndefined();
    expect(asked(/^\/api\/users$/)).toBeLessThan(25);
  });
});
