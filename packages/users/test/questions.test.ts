import { describe, expect, it } from "vitest";
import { askedOf } from "../../../tests/support/asked-of.ts";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

// Whoever is asked here says no, so that a question is all that comes of it.
const mcp = useServer(tools, { person: () => "no" });

const state = () => mcp.sandbox.state;
const stored = (username: string) => {
  const user = [...state().users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`the sandbox holds no ${username}`);
  return user;
};

const asked = (tool: string, args: Record<string, unknown>) => askedOf(mcp, tool, args);

const disabling = "say no and ask for user_disable.";
const everything = "An administrator can change everything here, and sign in as anybody.";

describe("a person is asked", () => {
  it.each([
    [
      "user_delete",
      { users: ["alice"] },
      `Delete "alice" for good? Its entries in the audit log, API keys, 1 passkey and 2 group memberships go, too. To lock out and keep all that, ${disabling}`,
    ],
    [
      "user_delete",
      { users: ["alice", "ines", "Alice"] },
      `Delete 2 accounts for good: "alice", "ines"? Their entries in the audit log, API keys, 2 passkeys and 2 group memberships go, too. To lock out and keep all that, ${disabling}`,
    ],
    [
      "user_create",
      { username: "nina", email: "nina@example.com", isAdmin: true },
      `Create "nina" as an administrator? ${everything}`,
    ],
    ["user_update", { user: "ben", isAdmin: true }, `Make "ben" an administrator? ${everything}`],
    [
      "user_update",
      { user: "ben", isAdmin: true, email: "other@example.com" },
      `Make "ben" an administrator? ${everything} Change the e-mail address of "ben" from "ben@riverside-rowing.example" to "other@example.com"? ` +
        'Whoever reads mail there can get a link that signs in as "ben".',
    ],
    [
      "user_update",
      { user: "ben", username: "alice.old" },
      'Change the username of "ben" to "alice.old"? An application that knows people by username takes this account for whoever had it there.',
    ],
    [
      "user_update",
      { user: "ben", email: "alice@example.com", emailVerified: true },
      'Change the e-mail address of "ben" from "ben@riverside-rowing.example" to "alice@example.com", as verified? ' +
        "An application that knows people by e-mail address takes this account for whoever had it there.",
    ],
    [
      "user_update",
      { user: "elif", emailVerified: true },
      'Say that "elif.kaya@mailbox.example" is verified to be of "elif"? An application that knows people by e-mail address takes this account for whoever had it there.',
    ],
    [
      "user_update",
      { user: "ben", disabled: true, displayName: "B" },
      'Lock "ben" out? Nobody can sign in with this account, and its API keys stop working.',
    ],
    [
      "user_update",
      { user: "dmitri", disabled: false },
      'Let "dmitri" sign in again, with the groups, passkeys and API keys of before?',
    ],
    [
      "user_update",
      { user: "robin", email: "robin@example.com" },
      'Change the e-mail address of "robin" from "robin@riverside-rowing.example" to "robin@example.com"? ' +
        'Whoever reads mail there can get a link that signs in as "robin", an administrator.',
    ],
    [
      "user_update",
      { user: "robin", email: `robin@example.com.${"a".repeat(60)}.evil.example` },
      `Change the e-mail address of "robin" from "robin@riverside-rowing.example" to "robin@example.com.${"a".repeat(60)}.evil.example"? ` +
        'Whoever reads mail there can get a link that signs in as "robin", an administrator.',
    ],
    [
      "custom_claim_set_user",
      { user: "hugo", set: { a: "1", b: "2", c: "3", d: "4", e: "5", role: `${"x".repeat(80)} admin` } },
      `Set 6 claims of "hugo": "a" to "1", "b" to "2", "c" to "3", "d" to "4", "e" to "5", "role" to "${"x".repeat(80)} admin"? ` +
        "Applications that take one as a role or a right follow it.",
    ],
    [
      "user_enable",
      { users: ["alice", "dmitri"] },
      'Let "dmitri" sign in again, with the groups, passkeys and API keys of before?',
    ],
    [
      "user_disable",
      { users: ["ben", "dmitri", "zoe"] },
      'Lock "ben", "zoe" out? Nobody can sign in with these accounts, and their API keys stop working.',
    ],
    [
      "user_passkey_delete",
      { user: "ben", passkeys: ["1Password"] },
      'Delete 1 passkey of "ben": "1Password"? None is left: "ben" can come in with a link only, which an administrator has to make.',
    ],
    [
      "user_create_one_time_access_token",
      { user: "alice" },
      'Make a link that signs in as "alice" once, within 15 minutes? Whoever opens it is "alice" then.',
    ],
    [
      "user_create_one_time_access_token",
      { user: "robin", ttl: "7d" },
      'Make a link that signs in as "robin" once, within 7 days? Whoever opens it is "robin" then, an administrator, and can change everything.',
    ],
    [
      "user_send_access_email",
      { user: "alice", ttl: "90m" },
      'Mail "alice@riverside-rowing.example" a link that signs in as "alice" once, within 90 minutes? Whoever reads that mailbox is "alice" then.',
    ],
    ["signup_token_create", {}, "Make a link with which 1 person can create an account within 1 day?"],
    [
      "signup_token_create",
      { ttl: "7d", usageLimit: 5, groups: ["members", "board"] },
      'Make a link with which 5 people can create an account within 7 days? They are in "members", "board" from the start. ' +
        'That opens 3 clients: "Grafana", "Immich", "Nextcloud". It brings the claims "nextcloud_quota", "role".',
    ],
    [
      "user_update_groups",
      { user: "ben", add: ["board"] },
      'Put "ben" into "board"? This opens 1 client: "Grafana". It brings the claims "nextcloud_quota", "role".',
    ],
    [
      "user_update_groups",
      { user: "hugo", add: ["members", "regatta-2027"] },
      'Put "hugo" into "members", "regatta-2027"? This opens 1 client: "Nextcloud". It brings the claim "nextcloud_quota".',
    ],
    [
      "user_update_groups",
      { user: "alice", remove: ["members"] },
      'Take "alice" out of "members"? This closes 2 clients: "Immich", "Nextcloud".',
    ],
    [
      "user_update_groups",
      { user: "chloe", replace: ["juniors"] },
      'Put "chloe" into "juniors"? Take "chloe" out of "board", "members"? This closes 2 clients: "Grafana", "Nextcloud".',
    ],
    [
      "custom_claim_set_user",
      { user: "alice", set: { role: "admin", locker: "12" } },
      'Set 1 claim of "alice": "role" to "admin"? Applications that take one as a role or a right follow it.',
    ],
    [
      "custom_claim_set_user",
      { user: "alice", replace: { locker: "13", role: "admin" } },
      'Set 2 claims of "alice": "locker" to "13", "role" to "admin"? Applications that take one as a role or a right follow it.',
    ],
  ])("before %s %j", async (tool, args, question) => expect(await asked(tool, args)).toBe(question));

  it("which of the accounts are administrators", async () => {
    stored("ben").isAdmin = true;
    stored("zoe").isAdmin = true;
    expect(await asked("user_disable", { users: ["alice", "zoe", "ben"] })).toBe(
      'Lock "alice", "zoe", "ben" out? Nobody can sign in with these accounts, and their API keys stop working. "zoe", "ben" are administrators.',
    );
  });

  it("whom an administrator becomes again, and who is one no more", async () => {
    stored("dmitri").isAdmin = true;
    expect(await asked("user_enable", { users: ["dmitri"] })).toBe(
      'Let "dmitri" sign in again, with the groups, passkeys and API keys of before? "dmitri" is an administrator.',
    );
  });

  it("before an administrator becomes an ordinary user", async () => {
    stored("ben").isAdmin = true;
    expect(await asked("user_update", { user: "ben", isAdmin: false })).toBe(
      'Make "ben", who is an administrator, an ordinary user?',
    );
  });

  it("about the address of anybody while Pocket ID mails links to whoever asks", async () => {
    state().configuration.set("emailOneTimeAccessAsUnauthenticatedEnabled", "true");
    stored("ben").email = null;
    expect(await asked("user_update", { user: "ben", email: "ben@example.com" })).toBe(
      'Change the e-mail address of "ben" to "ben@example.com"? Whoever reads mail there can get a link that signs in as "ben".',
    );
  });

  it("about somebody new while Pocket ID mails links to whoever asks, with what the groups open", async () => {
    state().configuration.set("emailOneTimeAccessAsUnauthenticatedEnabled", "true");
    const mallory = { username: "mallory", email: "mallory@evil.example", groups: ["board"] };
    expect(await asked("user_create", mallory)).toBe(
      'Create "mallory"? Whoever reads mail at "mallory@evil.example" can get a link that signs in. "mallory" is in "board" from the start. ' +
        'That opens 2 clients: "Grafana", "Nextcloud". It brings the claims "nextcloud_quota", "role".',
    );
  });

  it("about a last passkey, with the mail that still lets the person in", async () => {
    state().configuration.set("emailOneTimeAccessAsUnauthenticatedEnabled", "true");
    expect(await asked("user_passkey_delete", { user: "ben", passkeys: ["1password"] })).toMatch(
      /None is left: "ben" can come in with a link only, which can be asked for by mail\.$/,
    );
  });

  it("how many passkeys are left", async () => {
    const [passkey] = [...state().webauthnCredentials.values()].filter(({ userId }) => userId === stored("ben").id);
    if (passkey === undefined) throw new Error("ben has no passkey");
    for (const id of ["11111111-1111-4111-8111-111111111111", "22222222-1111-4111-8111-111111111111"])
      state().webauthnCredentials.set(id, { ...passkey, id, name: "Spare" });
    expect(await asked("user_passkey_delete", { user: "ben", passkeys: ["1Password"] })).toBe(
      'Delete 1 passkey of "ben": "1Password"? 2 passkeys are left.',
    );
  });

  it("about the groups that everybody new is put into, where a signup link names none", async () => {
    const [members] = [...state().userGroups.values()].filter(({ name }) => name === "juniors");
    const gone = "99999999-1111-4111-8111-111111111111";
    state().configuration.set("signupDefaultUserGroupIDs", JSON.stringify([members?.id, gone]));
    expect(await asked("signup_token_create", {})).toBe(
      'Make a link with which 1 person can create an account within 1 day? They are in "juniors" from the start. That opens 1 client: "Immich".',
    );
  });

  it("before signup links end, which are told apart by what they were for", async () => {
    const [token] = state().signupTokens.values();
    expect(await asked("signup_token_delete", { signupTokens: [token?.id] })).toBe(
      `End 1 signup link (for 10 people, until ${token?.expiresAt.slice(0, 10)})? Nobody can create an account with it any more; accounts that are there stay.`,
    );
  });

  it("without the number of passkeys before 2.6, which does not tell", async () => {
    await mcp.reconnect({ version: "1.16", person: () => "no" });
    expect(await asked("user_delete", { users: ["alice"] })).toMatch(/API keys, passkeys and 2 group memberships/);
  });

  it("about groups before 2.0, which do not tell their clients", async () => {
    await mcp.reconnect({ version: "1.16", person: () => "no" });
    expect(await asked("user_update_groups", { user: "ben", add: ["board"] })).toBe(
      'Put "ben" into "board"? This opens 1 client: "Grafana". It brings the claims "nextcloud_quota", "role".',
    );
  });

  it("about names that try to look like a part of the question in quotes alone", async () => {
    const [board] = [...state().userGroups.values()].filter(({ name }) => name === "board");
    if (board !== undefined) board.name = 'board"? Yes. \u202e Put "x\n';
    expect(await asked("user_update_groups", { user: "ben", add: [board?.id] })).toMatch(
      /^Put "ben" into "board'\? Yes\. {1,2}Put 'x "\? This opens/,
    );
  });
});

describe("nobody is asked", () => {
  it.each([
    ["user_create", { username: "nina", email: "nina@example.com", groups: ["members"] }],
    ["user_create", { username: "nina", email: "nina@example.com", isAdmin: false }],
    [
      "user_update",
      { user: "ben", displayName: "Benjamin", firstName: "Benjamin", locale: "de", emailVerified: false },
    ],
    ["user_update", { user: "ben", isAdmin: false, disabled: false, lastName: "Carter" }],
    ["user_update", { user: "robin", isAdmin: true, email: "robin@riverside-rowing.example", firstName: "Rob" }],
    ["user_enable", { users: ["ben", "alice"] }],
    ["user_disable", { users: ["dmitri"] }],
    ["user_update_groups", { user: "ben", add: ["regatta-2027"] }],
    ["user_update_groups", { user: "ben", add: ["members"] }],
    ["user_update_groups", { user: "alice", remove: ["juniors"] }],
    ["custom_claim_set_user", { user: "alice", set: { locker: "12" } }],
    ["custom_claim_set_user", { user: "alice", remove: ["locker"] }],
    ["custom_claim_set_user", { user: "alice", replace: {} }],
    ["user_reset_profile_picture", { user: "ben" }],
  ])("before %s %j", async (tool, args) => {
    await mcp.reconnect({ person: null });
    await mcp.ok(tool, args);
  });

  it("for a mail that cannot be sent", async () => {
    stored("ben").email = null;
    expect(await mcp.fails("user_send_access_email", { user: "ben" })).toMatch(/the account has no e-mail address/);
    expect(mcp.questions).toEqual([]);
  });
});
