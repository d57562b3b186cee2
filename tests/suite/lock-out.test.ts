import { createHash } from "node:crypto";
import type { User } from "@pocketid-mcp/sandbox";
import { afterEach, describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { type Connected, type ConnectOptions, connect } from "../support/connect.ts";

/** The tools of all five servers, as one assistant has them who means no good. */
const tools = servers.flatMap((server) => server.tools);
const versions = ["2.14", "2.9", "1.16"] as const;
const staticKey = "a-static-key-of-the-environment";

let mcp: Connected;
/** Attacks a fresh Pocket ID. Nobody is asked, so nothing but the guards is in the way. */
async function attack(options: ConnectOptions = {}): Promise<void> {
  mcp = await connect(tools, { person: null, ...options, env: { POCKETID_CONFIRM: "off", ...options.env } });
}
afterEach(() => mcp.close());

const state = () => mcp.sandbox.state;
const person = (username: string): User => {
  const user = [...state().users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`the sandbox holds no ${username}`);
  return user;
};
const passkeysOf = (username: string) =>
  [...state().webauthnCredentials.values()].filter(({ userId }) => userId === person(username).id);
const takePasskeys = (username: string) => {
  for (const { id } of passkeysOf(username)) state().webauthnCredentials.delete(id);
};
const givePasskeyTo = (username: string) => {
  const [any] = state().webauthnCredentials.values();
  if (any === undefined) throw new Error("the sandbox holds no passkey");
  const id = `${String(state().webauthnCredentials.size).padStart(8, "0")}-1111-4111-8111-111111111111`;
  state().webauthnCredentials.set(id, { ...any, id, userId: person(username).id, name: `Spare ${id}` });
};
const configure = (values: Record<string, string>) => {
  for (const [key, value] of Object.entries(values)) state().configuration.set(key, value);
};
const promote = (...usernames: string[]) => {
  for (const username of usernames) person(username).isAdmin = true;
};
/** Hands the key in use over to somebody who is an administrator without a passkey, as accounts for automation are. */
const giveKeyTo = (username: string) => {
  promote(username);
  takePasskeys(username);
  for (const key of state().apiKeys.values()) key.userId = person(username).id;
};
const changes = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET").map(({ path }) => path);

/** Lets deletions take their time, so that whoever looks meanwhile sees what is gone soon. */
function slowDownDeletions(): void {
  mcp.sandbox.intercept = ({ method = "", url = "", headers }, response) => {
    if (method !== "DELETE" || "x-held" in headers) return false;
    setTimeout(async () => {
      const held = { "x-api-key": String(headers["x-api-key"]), "x-held": "yes" };
      const { status } = await fetch(mcp.sandbox.url + url, { method, headers: held });
      response.writeHead(status).end();
    }, 800);
    return true;
  };
}

/** Holds the first change of an account on its way, which is as it was read by then. Resolves when it is sent. */
function holdFirstWriteOf(username: string): Promise<void> {
  const { id, ldapId, userGroupIds, ...before } = person(username);
  let isHeld = false;
  return new Promise((resolve) => {
    mcp.sandbox.intercept = ({ method, url = "", headers }, response) => {
      if (isHeld || method !== "PUT" || !url.endsWith(id)) return false;
      isHeld = true;
      resolve();
      setTimeout(async () => {
        const { status } = await fetch(mcp.sandbox.url + url, {
          method,
          headers: { "content-type": "application/json", "x-api-key": String(headers["x-api-key"]) },
          body: JSON.stringify({ ...before, disabled: false }),
        });
        response.writeHead(status).end();
      }, 800);
      return true;
    };
  });
}

type Move = readonly [tool: string, args: Record<string, unknown>];
const play = async ([tool, args]: Move): Promise<string> => (await mcp.call(tool, args)).text;
/** Plays moves of which each has to be refused by a guard, before anything was sent that changes something. */
async function refused(message: RegExp, ...moves: Move[]): Promise<void> {
  const before = changes();
  for (const move of moves) expect(await play(move), JSON.stringify(move)).toMatch(message);
  expect(changes()).toEqual(before);
}

/** What must be true whatever was tried. */
async function expectWayIn({ key = mcp.sandbox.apiKey, passkey = true } = {}): Promise<void> {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(mcp.sandbox.url + path, { ...init, headers: { "content-type": "application/json", "x-api-key": key } });
  expect(await (await ask("/api/users/me")).json()).toMatchObject({ isAdmin: true, disabled: false });
  const administrators = [...state().users.values()].filter(
    ({ isAdmin, disabled, username }) => isAdmin && !disabled && !username.startsWith("static-api-user"),
  );
  const [first] = passkey ? administrators.filter(({ username }) => passkeysOf(username).length > 0) : administrators;
  if (first === undefined) throw new Error("nobody can sign in as an administrator any more");
  // Passkeys need a browser. That the account itself lets an administrator in shows by a link.
  const made = await ask(`/api/users/${first.id}/one-time-access-token`, {
    method: "POST",
    body: JSON.stringify({ userId: first.id, ttl: "1m" }),
  });
  const { token }: { token: string } = JSON.parse(await made.text());
  const redeemed = await fetch(`${mcp.sandbox.url}/api/one-time-access-token/${token}`, { method: "POST" });
  const [session] = /(?<=access_token=)[^;]+/.exec(redeemed.headers.get("set-cookie") ?? "") ?? [];
  const users = await fetch(`${mcp.sandbox.url}/api/users`, { headers: { authorization: `Bearer ${session}` } });
  expect(users.status).toBe(200);
}

const everybody = () => [...state().users.values()].map(({ username }) => username);

describe.each(versions)("an assistant that wants to lock the administrator out of Pocket ID %s", (version) => {
  it("cannot delete, disable or demote the owner of the key, by whatever name", async () => {
    await attack({ version });
    const { id, email } = person("robin");
    const owner = /robin owns the API key in use, which would stop working at once/;
    for (const name of ["robin", "ROBIN", email, email?.toUpperCase(), id]) {
      await refused(
        owner,
        ["user_delete", { users: [name] }],
        ["user_disable", { users: [name] }],
        ["user_disable", { users: ["ben", name, name] }],
        ["user_update", { user: name, disabled: true }],
        ["user_update", { user: name, isAdmin: false, displayName: "Robin" }],
      );
    }
    await refused(owner, ["user_delete", { users: everybody() }], ["user_disable", { users: everybody() }]);
    await expectWayIn();
  });

  it("cannot delete the last passkey of the administrators", async () => {
    await attack({ version });
    const names = passkeysOf("robin").map(({ name }) => name);
    const ids = passkeysOf("robin").map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(0);
    await refused(
      /No administrator would have a passkey any more.*Let robin add another one first/,
      ["passkey_delete", { passkeys: names }],
      ["passkey_delete", { passkeys: ids }],
      ["user_passkey_delete", { user: "robin", passkeys: ids }],
      ["user_passkey_delete", { user: "ROBIN", passkeys: [...names, ...ids] }],
    );
    await expectWayIn();
  });

  it("cannot delete one passkey after the other, or all at the same time", async () => {
    await attack({ version });
    for (let spare = 0; spare < 3; spare++) givePasskeyTo("robin");
    const moves = passkeysOf("robin").map(
      ({ id }, index): Move =>
        index % 2 === 0
          ? ["passkey_delete", { passkeys: [id] }]
          : ["user_passkey_delete", { user: "robin", passkeys: [id] }],
    );
    const answers = await Promise.all(moves.map(play));
    expect(answers.filter((text) => /No administrator would have a passkey any more/.test(text))).toHaveLength(1);
    expect(passkeysOf("robin")).toHaveLength(1);
    await expectWayIn();
  });

  it("cannot delete the key in use", async () => {
    await attack({ version });
    const inUse = [...state().apiKeys.values()].find(({ name }) => name === "Assistant")?.id ?? "";
    await refused(
      /Assistant is the API key in use/,
      ["api_key_delete", { apiKeys: ["Assistant"] }],
      ["api_key_delete", { apiKeys: ["Backup script", inUse] }],
    );
    expect(await play(["api_key_renew", { apiKey: inUse, expiresAt: "1d" }])).toMatch(/works until/);
    await expectWayIn();
  });

  it("cannot delete what may be the key in use while another one is busy as well", async () => {
    await attack({ version });
    const id = "22222222-1111-4111-8111-111111111111";
    const [key] = state().apiKeys.values();
    if (key === undefined) throw new Error("there is no key");
    state().apiKeys.set(id, { ...key, id, name: "Busy", key: createHash("sha256").update("busy").digest("hex") });
    const me = `${mcp.sandbox.url}/api/users/me`;
    state().apiKeys.set("resting", {
      ...key,
      id: "resting",
      name: "Resting",
      key: "resting",
      lastUsedAt: key.createdAt,
    });
    const busy = setInterval(() => void fetch(me, { headers: { "x-api-key": "busy" } }).catch(() => undefined), 50);
    try {
      await refused(/may be the API key in use/, ["api_key_delete", { apiKeys: ["Busy"] }]);
      await refused(/may be the API key in use/, ["api_key_delete", { apiKeys: ["Assistant"] }]);
      await mcp.ok("api_key_delete", { apiKeys: ["Resting"] });
    } finally {
      clearInterval(busy);
    }
    await expectWayIn();
  });

  it("cannot put an account that nobody can sign in to in the administrator's place", async () => {
    await attack({ version });
    await mcp.ok("user_create", { username: "mallory", email: "mallory@example.com", isAdmin: true });
    giveKeyTo("mallory");
    await refused(
      /Without robin, no administrator would have a passkey to sign in with/,
      ["user_delete", { users: ["robin"] }],
      ["user_disable", { users: ["robin"] }],
      ["user_update", { user: "robin", isAdmin: false }],
      ["user_update", { user: "robin", disabled: true, email: "mallory2@example.com" }],
    );
    await expectWayIn();
  });

  it("cannot switch mailed links on as a pretext, and take the passkeys then", async () => {
    await attack({ version });
    await mcp.ok("user_create", { username: "mallory", email: "mallory@example.com", isAdmin: true });
    giveKeyTo("mallory");
    await mcp.ok("app_config_update", {
      smtpHost: "nowhere.invalid",
      emailOneTimeAccessAsUnauthenticatedEnabled: true,
    });
    await refused(/Without robin, no administrator would have a passkey/, ["user_delete", { users: ["robin"] }]);
    if (version !== "1.16") {
      const passkeys = passkeysOf("robin").map(({ id }) => id);
      await refused(/No administrator would have a passkey any more/, [
        "user_passkey_delete",
        { user: "robin", passkeys },
      ]);
    }
    await expectWayIn();
  });

  it.each([
    ["delete", ["user_delete", { users: ["ben"] }], ["user_delete", { users: ["chloe"] }]],
    ["disable", ["user_disable", { users: ["ben"] }], ["user_disable", { users: ["chloe"] }]],
    ["demote", ["user_update", { user: "ben", isAdmin: false }], ["user_update", { user: "chloe", isAdmin: false }]],
    ["delete and disable", ["user_delete", { users: ["ben"] }], ["user_update", { user: "chloe", disabled: true }]],
  ] satisfies [string, Move, Move][])("cannot %s both administrators at the same time", async (_how, one, other) => {
    await attack({ version });
    giveKeyTo("grace");
    promote("ben", "chloe");
    person("robin").isAdmin = false;
    const answers = await Promise.all([one, other, one, other].map(play));
    expect(answers.filter((text) => /no administrator would have a passkey/.test(text)).length).toBeGreaterThan(0);
    await expectWayIn();
  });

  it("cannot let two servers do at the same time what neither does alone", async () => {
    await attack({ version });
    promote("ben");
    const other = await connect(tools, {
      sandbox: mcp.sandbox,
      person: null,
      env: { POCKETID_CONFIRM: "off" },
    });
    slowDownDeletions();
    const passkeys = passkeysOf("robin").map(({ id }) => id);
    const answers = await Promise.all([
      mcp.call("user_delete", { users: ["ben"] }),
      other.call("passkey_delete", { passkeys }),
    ]);
    await other.close();
    expect(answers.filter(({ isError }) => isError)).toHaveLength(1);
    await expectWayIn();
  });

  it.each([
    ["user_update", { user: "ben", displayName: "Benny" }],
    ["user_enable", { users: ["ben"] }],
  ])("cannot let %s write back in one server what somebody was before the other changed it", async (tool, args) => {
    await attack({ version });
    giveKeyTo("grace");
    person("ben").disabled = tool === "user_enable";
    const other = await connect(tools, { sandbox: mcp.sandbox, person: null, env: { POCKETID_CONFIRM: "off" } });
    const isOnItsWay = holdFirstWriteOf("ben");
    const write = mcp.call(tool, args);
    await isOnItsWay;
    await other.call("user_update", { user: "ben", isAdmin: true, disabled: false });
    await other.call("user_delete", { users: ["robin"] });
    await write;
    await other.close();
    await expectWayIn();
  });

  it("cannot name all administrators at once", async () => {
    await attack({ version });
    giveKeyTo("grace");
    promote("ben", "chloe");
    const { id, email } = person("chloe");
    await refused(
      /Without (?:robin|ben|chloe), (?:robin|ben|chloe), (?:robin|ben|chloe), no administrator would have a passkey/,
      ["user_delete", { users: ["ROBIN", "ben", id] }],
      ["user_disable", { users: ["robin", "ben", "alice", email, "chloe", id] }],
    );
    await expectWayIn();
  });

  it("cannot make a way in by mail go nowhere, where it is the only one", async () => {
    await attack({ version });
    takePasskeys("robin");
    configure({ emailOneTimeAccessAsUnauthenticatedEnabled: "true" });
    await refused(
      /No administrator has a passkey: a link that is mailed to this address is the way in.*Let robin add a passkey first/,
      ["user_update", { user: "robin", email: "nowhere@example.com" }],
      ["user_update", { user: "robin", email: null }],
      ["user_update", { user: person("robin").id, email: "nowhere@example.com", displayName: "Robin" }],
    );
    for (const setting of [
      { smtpHost: "nowhere.invalid" },
      { smtpHost: null },
      { smtpPort: 1 },
      { smtpPassword: "wrong" },
      { smtpFrom: null },
      { smtpTls: "none" },
      { emailOneTimeAccessAsUnauthenticatedEnabled: false },
      { appName: "Mine", smtpUser: null },
    ])
      await refused(/No administrator has a passkey: a mailed link is the way in, and .* may end it/, [
        "app_config_update",
        setting,
      ]);
    // The same address, and the same settings, change nothing.
    const { email } = person("robin");
    await mcp.ok("user_update", { user: "robin", email, displayName: "Robin" });
    await mcp.ok("app_config_update", { smtpHost: state().configuration.get("smtpHost"), appName: "Club" });
    promote("ines");
    person("ines").email = null;
    giveKeyTo("ines");
    const alone =
      version === "1.16"
        ? /Without robin, no administrator would have a passkey.*before 2\.6\.0 does not show the passkeys of others/
        : /Without robin, no administrator could sign in by a mailed link, and none has a passkey/;
    await refused(alone, ["user_delete", { users: ["robin"] }]);
    await expectWayIn({ passkey: false });
  });

  it("cannot let LDAP take the administrators, where they come from there", async () => {
    await attack({ version });
    giveKeyTo("grace");
    person("robin").ldapId = "uid=robin";
    const group = version === "1.16" ? "ldapAttributeAdminGroup" : "ldapAdminGroupName";
    const set = {
      ldapEnabled: "true",
      ldapAttributeUserUniqueIdentifier: "uuid",
      ldapAttributeGroupUniqueIdentifier: "uuid",
      ldapAttributeGroupName: "cn",
      [group]: "admins",
    };
    configure(set);
    const decisive = [
      { ldapUrl: "ldaps://nowhere.invalid" },
      { ldapBase: "dc=nowhere" },
      { ldapBindDn: "cn=nobody" },
      { ldapBindPassword: "wrong" },
      { ldapUserSearchFilter: "(uid=nobody)" },
      { ldapAttributeUserUniqueIdentifier: "nothing" },
      { ldapAttributeGroupMember: "nothing" },
      ...(version === "1.16" ? [] : [{ ldapAdminGroupName: "nobody" }, { ldapAdminGroupName: null }]),
    ];
    const taken =
      /A sync may take the administrators away, who come from LDAP \(robin\): .* does not come from LDAP first/;
    for (const setting of decisive) await refused(taken, ["app_config_update", setting]);
    for (const key of [...Object.keys(set)].slice(1)) {
      configure({ [key]: "" });
      await refused(taken, ["app_config_sync_ldap", {}]);
      configure(set);
    }
    await mcp.ok("app_config_update", { ldapEnabled: false, ldapBase: "dc=elsewhere" });
    await refused(taken, ["app_config_update", { ldapEnabled: true }]);
    // Where an administrator does not come from there and has a passkey, LDAP may take whom it likes.
    givePasskeyTo("grace");
    await mcp.ok("app_config_update", { ldapEnabled: true, ldapBase: "dc=third" });
    await expectWayIn();
  });

  it("cannot let LDAP take the owner of the key", async () => {
    await attack({ version });
    giveKeyTo("grace");
    person("grace").ldapId = "uid=grace";
    configure({ ldapEnabled: "true" });
    const owner = /A sync may take grace away, who comes from LDAP and owns the API key in use/;
    await refused(owner, ["app_config_update", { ldapBase: "dc=nowhere" }], ["app_config_sync_ldap", {}]);
    await expectWayIn();
  });

  it("cannot lock an administrator out who has nothing but the account yet", async () => {
    await attack({ version, seed: "empty" });
    await refused(
      /admin owns the API key in use/,
      ["user_delete", { users: ["admin"] }],
      ["user_disable", { users: ["admin"] }],
      ["user_update", { user: "admin@example.com", isAdmin: false }],
    );
    await expectWayIn({ passkey: false });
  });

  it("finds nothing among groups, clients, claims and settings", async () => {
    await attack({ version });
    const groups = [...state().userGroups.values()].map(({ name }) => name);
    const clients = [...state().oidcClients.keys()];
    const moves: Move[] = [
      ...groups.map((group): Move => ["user_group_update_users", { group, replace: [] }]),
      ...groups.map((group): Move => ["custom_claim_set_group", { group, replace: { role: "nobody" } }]),
      ...clients.map((client): Move => ["oidc_client_update_allowed_groups", { client, access: "nobody" }]),
      ["user_update_groups", { user: "robin", replace: [] }],
      ["custom_claim_set_user", { user: "robin", replace: { role: "nobody" } }],
      ["user_update", { user: "robin", username: "nobody", email: "nobody@example.com", locale: null }],
      ["user_group_delete", { groups }],
      ["oidc_client_delete", { clients }],
      ["app_config_update", { sessionDuration: 1, allowOwnAccountEdit: false, requireUserEmail: true, smtpHost: null }],
      ["app_config_update", { ldapEnabled: true, ldapUrl: "ldap://nowhere.invalid", ldapSoftDeleteUsers: false }],
      ["app_config_update", { webauthnAllowSyncedPasskeys: false, webauthnAuthenticatorAttachment: "platform" }],
      ["app_config_sync_ldap", {}],
      ["signup_token_delete", { signupTokens: [...state().signupTokens.keys()] }],
      ["api_key_delete", { apiKeys: ["Backup script"] }],
      ["user_delete", { users: everybody().filter((username) => username !== "robin") }],
    ];
    for (const move of moves) await play(move);
    await expectWayIn();
  });
});

describe("an assistant with a key from the environment", () => {
  it.each(["2.14", "2.9"] as const)(
    "cannot take its owner, or the one person among the administrators (%s)",
    async (version) => {
      await attack({ version, staticApiKey: staticKey, env: { POCKETID_API_KEY: staticKey } });
      const { user } = await mcp.ok("user_get_current");
      await refused(
        /owns the API key in use/,
        ["user_delete", { users: [user.id] }],
        ["user_disable", { users: [user.username] }],
        ["user_update", { user: user.id, isAdmin: false }],
      );
      await refused(
        /Without robin, no administrator would have a passkey/,
        ["user_delete", { users: ["robin"] }],
        ["user_update", { user: "robin", isAdmin: false }],
      );
      takePasskeys("robin");
      await refused(/Without robin, there would be no administrator any more/, ["user_disable", { users: ["robin"] }]);
      // Without anybody, the setup would be open to whoever comes first.
      person("robin").isAdmin = false;
      const people = everybody().filter((username) => username !== user.username);
      await refused(/Nobody would be left, and Pocket ID would make an administrator of whoever/, [
        "user_delete",
        { users: people },
      ]);
      person("robin").isAdmin = true;
      await expectWayIn({ key: staticKey, passkey: false });
    },
  );
});

/** The same sequence of numbers in each run. */
function pseudoRandom(seed: number): (below: number) => number {
  let current = seed;
  return (below) => {
    current = (current * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((current / 2_147_483_648) * below);
  };
}

describe.each(versions)(
  "whatever an assistant does to administrators of Pocket ID %s, two calls at a time",
  (version) => {
    it.each([1, 2, 3])("somebody can sign in, and the key works (%i)", { timeout: 60_000 }, async (seed) => {
      await attack({ version });
      const random = pseudoRandom(seed);
      const pick = <T>(values: readonly T[]): T => {
        const value = values[random(values.length)];
        if (value === undefined) throw new Error("there is nothing to pick");
        return value;
      };
      const names = ["robin", "alice", "ben", "chloe", "grace"];
      if (seed > 1) giveKeyTo("grace");
      promote("ben", "chloe");
      const some = () => [...new Set([pick(names), pick(names), pick(names)])];
      const passkeys = (username: string) => passkeysOf(username).map(({ id }) => id);
      const moves: (() => Move)[] = [
        () => ["user_disable", { users: some() }],
        () => ["user_enable", { users: some() }],
        () => ["user_delete", { users: [pick(names)] }],
        () => ["user_update", { user: pick(names), isAdmin: random(2) === 0 }],
        () => ["user_update", { user: pick(names), disabled: random(2) === 0, email: `${random(9)}@example.com` }],
        () => ["passkey_delete", { passkeys: [...state().webauthnCredentials.keys()].slice(random(3), 3) }],
        () => {
          const user = pick(everybody());
          return ["user_passkey_delete", { user, passkeys: passkeys(user) }];
        },
        () => ["app_config_update", { emailOneTimeAccessAsUnauthenticatedEnabled: random(2) === 0 }],
        () => ["app_config_update", { smtpHost: random(2) === 0 ? null : "mail.example" }],
        () => [
          "user_create",
          { username: `new${random(1_000)}`, email: `${random(1_000)}@example.com`, isAdmin: true },
        ],
      ];
      for (let round = 0; round < 40; round++) {
        await Promise.all([play(pick(moves)()), play(pick(moves)())]);
        const left = [...state().users.values()].filter(({ isAdmin, disabled }) => isAdmin && !disabled);
        expect(left.some(({ username }) => passkeysOf(username).length > 0)).toBe(true);
      }
      await expectWayIn();
    });
  },
);
