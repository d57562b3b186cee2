import { beforeAll, describe, expect, it } from "vitest";
import { addPasskey } from "./authenticator.ts";
import { type Json, sessionOf, signupUses } from "./instance.ts";
import { changesOnly, ids, type Live, mailSettings, newGroup, newUser, settled } from "./live.ts";

const day = 86_400_000;

/** One pixel in every kind that a profile picture can be, each of another colour; base64. */
const pictures = {
  png: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  jpg: Buffer.from(
    `ffd8ffdb004300${"01".repeat(64)}ffc0000b080001000101011100ffc400140001${"00".repeat(16)}ffc400141001${"00".repeat(16)}ffda0008010100003f003fffd9`,
    "hex",
  ).toString("base64"),
  gif: "R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==",
  webp: "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
};

export function users({ ok, shows, fails, pocketId, mail, secrets }: Live): void {
  const { prefix, read, send, done, rows, atLeast } = pocketId;
  const withEmailVerified = atLeast("2.2.0");

  describe("user_create", () => {
    it("needs a username alone, where Pocket ID asks for no e-mail address", async () => {
      await pocketId.configure({ requireUserEmail: "false" });
      const { user } = await ok("user_create", { username: `${prefix}-bare` });
      const held = await read(`/api/users/${user.id}`);
      expect(held).toMatchObject({ username: `${prefix}-bare`, email: null, isAdmin: false, disabled: false });
      expect(held).toMatchObject({ lastName: "", userGroups: [], customClaims: [] });
      await pocketId.configure({ requireUserEmail: "true" });
    });

    it("says that an e-mail address is missing, where Pocket ID asks for one", async () => {
      expect(await fails("user_create", { username: `${prefix}-mailless` })).toMatch(/e-?mail/i);
      expect(await rows(`/api/users?search=${prefix}-mailless`)).toEqual([]);
    });

    it("stores every field, and the groups", async () => {
      const group = await newGroup(pocketId, "newcomers");
      const fields = {
        username: `${prefix}-whole`,
        firstName: "Whole",
        lastName: "Person",
        displayName: "W. Person",
        email: `${prefix}-whole@live.example`,
        isAdmin: true,
        disabled: true,
        locale: "fr",
        ...(withEmailVerified ? { emailVerified: true } : {}),
      };
      const { user } = await ok("user_create", { ...fields, groups: [`${prefix}-newcomers`] });
      const held = await read(`/api/users/${user.id}`);
      expect(held).toMatchObject(fields);
      expect(ids(held.userGroups)).toEqual([group.id]);
    });

    it("makes the display name of the names, as a sign-up does", async () => {
      const { user } = await ok("user_create", {
        username: `${prefix}-named`,
        firstName: "Nora",
        lastName: "Lind",
        email: `${prefix}-named@live.example`,
      });
      expect(await read(`/api/users/${user.id}`)).toMatchObject({ displayName: "Nora Lind" });
    });

    it("gives a newcomer the groups and claims that everybody gets", async () => {
      const group = await newGroup(pocketId, "everybody");
      await pocketId.configure({
        signupDefaultUserGroupIDs: JSON.stringify([group.id]),
        signupDefaultCustomClaims: JSON.stringify([{ key: "tier", value: "new" }]),
      });
      const { user } = await ok("user_create", { username: `${prefix}-usual`, email: `${prefix}-usual@live.example` });
      const held = await read(`/api/users/${user.id}`);
      expect(user).toMatchObject({ userGroups: [{ id: group.id }], customClaims: [{ key: "tier", value: "new" }] });
      expect(ids(held.userGroups)).toEqual([group.id]);
      expect(held.customClaims).toEqual([{ key: "tier", value: "new" }]);
      await pocketId.configure({ signupDefaultUserGroupIDs: "[]", signupDefaultCustomClaims: "[]" });
    });

    it("refuses a username that is taken", async () => {
      const before = await rows("/api/users");
      const text = await fails("user_create", { username: `${prefix}-whole`, email: `${prefix}-other@live.example` });
      expect(text).toMatch(/already_in_use/);
      expect(ids(await rows("/api/users"))).toEqual(ids(before));
    });

    const id = crypto.randomUUID();
    it.runIf(atLeast("2.12.0"))("takes an id of one's own", async () => {
      const { user } = await ok("user_create", {
        username: `${prefix}-own-id`,
        email: `${prefix}-id@live.example`,
        id,
      });
      expect(user.id).toBe(id);
      expect(await read(`/api/users/${id}`)).toMatchObject({ username: `${prefix}-own-id` });
    });
    it.runIf(!atLeast("2.12.0"))("says which version an id of one's own needs", async () => {
      const args = { username: `${prefix}-own-id`, email: `${prefix}-id@live.example`, id };
      expect(await fails("user_create", args)).toMatch(/^Nothing was changed\. id: .*2\.12\.0/);
      expect(await rows(`/api/users?search=${prefix}-own-id`)).toEqual([]);
    });
    it.runIf(!withEmailVerified)("says which version emailVerified needs", async () => {
      const args = { username: `${prefix}-verified`, email: `${prefix}-v@live.example`, emailVerified: true };
      expect(await fails("user_create", args)).toMatch(/^Nothing was changed\. emailVerified: .*2\.2\.0/);
      expect(await rows(`/api/users?search=${prefix}-verified`)).toEqual([]);
    });
  });

  describe("user_get", () => {
    it("finds by username, e-mail address and id, and shows what Pocket ID holds", async () => {
      const user = await newUser(pocketId, "shown", { locale: "de" });
      const group = await newGroup(pocketId, "shown", [user]);
      await done("PUT", `/api/custom-claims/user/${user.id}`, [{ key: "desk", value: "4" }]);
      const held = await read(`/api/users/${user.id}`);
      for (const name of [user.username, user.username.toUpperCase(), user.email, user.id]) {
        const { user: shown } = await ok("user_get", { user: name });
        expect(shown).toEqual({
          ...held,
          userGroups: [{ id: group.id, name: group.name, friendlyName: group.friendlyName }],
          customClaims: [{ key: "desk", value: "4" }],
        });
      }
    });

    it("names close ones where there is none", async () => {
      expect(await fails("user_get", { user: `${prefix}-showm` })).toContain(`${prefix}-shown`);
    });
  });

  describe("user_get_current", () => {
    it("shows the owner of the API key, with groups and claims", async () => {
      const { userGroups, ...held } = await read("/api/users/me");
      const { user } = await ok("user_get_current");
      expect(user).toMatchObject(held);
      expect(ids(user.userGroups)).toEqual(ids(userGroups));
    });
  });

  describe("user_list", () => {
    let listed: Json[];
    let group: Json;
    beforeAll(async () => {
      listed = [
        await newUser(pocketId, "list-a", { isAdmin: true, email: `${prefix}-a@one.example` }),
        await newUser(pocketId, "list-b", { disabled: true, email: `${prefix}-b@one.example` }),
        await newUser(pocketId, "list-c", { email: `${prefix}-c@two.example`, emailVerified: true }),
      ];
      group = await newGroup(pocketId, "list", listed.slice(0, 2));
    });
    const search = `${prefix}-list`;
    const find = async (args: object) => ids((await ok("user_list", { search, ...args })).users);

    it("finds by what Pocket ID filters by", async () => {
      const [a, b, c] = listed;
      expect(await find({})).toEqual(ids(listed));
      expect(await find({ isAdmin: true })).toEqual([a.id]);
      expect(await find({ disabled: true })).toEqual([b.id]);
      expect(await find({ disabled: false })).toEqual(ids([a, c]));
    });

    it.runIf(withEmailVerified)("finds by verified e-mail addresses", async () => {
      expect(await find({ emailVerified: true })).toEqual([listed[2].id]);
    });
    it.runIf(!withEmailVerified)("says which version emailVerified needs, to filter and to sort by", async () => {
      expect(await fails("user_list", { emailVerified: true })).toMatch(/2\.2\.0/);
      expect(await fails("user_list", { sort: "emailVerified" })).toMatch(/2\.2\.0/);
    });

    it("finds by what Pocket ID cannot filter by", async () => {
      const [a, b, c] = listed;
      expect(await find({ emailDomain: "one.example" })).toEqual(ids([a, b]));
      expect(await find({ group: group.name })).toEqual(ids([a, b]));
      expect(await find({ notInGroup: group.name })).toEqual([c.id]);
      expect(await find({ ldap: true })).toEqual([]);
      expect(await find({ ldap: false })).toEqual(ids(listed));
    });

    it("sorts, pages and counts", async () => {
      const args = { search, sort: "username desc", limit: 2 };
      const first = await ok("user_list", args);
      expect(first).toMatchObject({ page: 1, totalItems: 3, hasMore: true });
      expect(first.users.map((user: Json) => user.id)).toEqual([listed[2].id, listed[1].id]);
      const second = await ok("user_list", { ...args, page: 2 });
      expect(second).toMatchObject({ page: 2, totalItems: 3, hasMore: false, users: [{ id: listed[0].id }] });
      expect(await ok("user_list", { ...args, page: 3 })).toMatchObject({ users: [], hasMore: false });
    });

    it.each(["username", "email", "firstName", "lastName", "displayName", "createdAt", "isAdmin", "disabled"])(
      "sorts by %s as Pocket ID itself does",
      async (sort) => {
        const usernames = async (direction: string) =>
          (await ok("user_list", { search, sort: `${sort} ${direction}` })).users.map((user: Json) => user.username);
        for (const direction of ["asc", "desc"]) {
          const query = `search=${search}&sort[column]=${sort}&sort[direction]=${direction}`;
          const { data } = await read(`/api/users?${query}`);
          expect(await usernames(direction)).toEqual(data.map((user: Json) => user.username));
        }
      },
    );

    it("shows all of them, each once, and counts everybody", async () => {
      const { users } = await ok("user_list", { search: prefix, all: true });
      expect(ids(users)).toEqual(ids(await rows(`/api/users?search=${prefix}`)));
      const { pagination } = await read("/api/users?pagination[limit]=1");
      expect(await ok("user_list", { limit: 1 })).toMatchObject({ totalItems: pagination.totalItems });
    });
  });

  describe("user_update", () => {
    let user: Json;
    beforeAll(async () => {
      user = await newUser(pocketId, "changed", { isAdmin: true, disabled: true, emailVerified: true, locale: "fr" });
      await newGroup(pocketId, "of-changed", [user]);
      await done("PUT", `/api/custom-claims/user/${user.id}`, [{ key: "desk", value: "7" }]);
    });

    it.each<[string, unknown]>([
      ["displayName", "Somebody Else"],
      ["firstName", "Some"],
      ["lastName", "Body"],
      ["lastName", null],
      ["email", `${prefix}-moved@live.example`],
      ...(withEmailVerified ? ([["emailVerified", false]] as [string, unknown][]) : []),
      ["isAdmin", false],
      ["disabled", false],
      ["locale", "de"],
      ["locale", null],
      ["username", `${prefix}-renamed`],
    ])("changes %s to %j, and nothing else", async (field, value) => {
      const stored = field === "lastName" ? (value ?? "") : value;
      const answer = await changesOnly(pocketId, `/api/users/${user.id}`, { [field]: stored }, () =>
        ok("user_update", { user: user.id, [field]: value }),
      );
      expect(answer).toMatchObject({ changed: [field], notApplied: [] });
      expect(answer.user[field]).toEqual(stored);
      expect(answer.user.userGroups).toHaveLength(1);
    });

    it("clears the e-mail address where Pocket ID asks for none, and keeps it cleared", async () => {
      const path = `/api/users/${user.id}`;
      await pocketId.configure({ requireUserEmail: "false" });
      await changesOnly(pocketId, path, { email: null }, () => ok("user_update", { user: user.id, email: null }));
      await changesOnly(pocketId, path, { locale: "it" }, () => ok("user_update", { user: user.id, locale: "it" }));
      await pocketId.configure({ requireUserEmail: "true" });
      await changesOnly(pocketId, path, {}, async () => {
        expect(await fails("user_update", { user: user.id, locale: "es" })).toMatch(/e-?mail/i);
      });
    });

    it.runIf(!withEmailVerified)("says which version emailVerified needs", async () => {
      await changesOnly(pocketId, `/api/users/${user.id}`, {}, async () => {
        expect(await fails("user_update", { user: user.id, emailVerified: true })).toMatch(/2\.2\.0/);
      });
    });
  });

  describe("user_disable and user_enable", () => {
    let user: Json;
    let session: string;
    beforeAll(async () => {
      const more = withEmailVerified ? { emailVerified: true } : {};
      user = await newUser(pocketId, "locked", { isAdmin: true, locale: "fr", ...more });
      await newGroup(pocketId, "of-locked", [user]);
      await done("PUT", `/api/custom-claims/user/${user.id}`, [{ key: "desk", value: "8" }]);
      session = await pocketId.signIn(user.id);
    });
    const status = async () => (await send("GET", "/api/users/me", { as: { session } })).status;

    it.each([
      ["user_disable", "disabled", true, 403],
      ["user_enable", "enabled", false, 200],
    ] as const)(
      "%s changes that and nothing else, at once, and says when it is so already",
      async (tool, state, disabled, then) => {
        const change = () => ok(tool, { users: [user.username] });
        const row = { id: user.id, name: user.username, [state]: true };
        expect(await changesOnly(pocketId, `/api/users/${user.id}`, { disabled }, change)).toEqual({ users: [row] });
        expect(await status()).toBe(then);
        expect(await changesOnly(pocketId, `/api/users/${user.id}`, {}, change)).toEqual({
          users: [{ ...row, already: true }],
        });
      },
    );

    it("change several, with a result for each", async () => {
      const others = [await newUser(pocketId, "locked-a"), await newUser(pocketId, "locked-b", { disabled: true })];
      const { users } = await ok("user_disable", { users: others.map(({ email }) => email) });
      expect(users).toMatchObject([{ disabled: true }, { disabled: true, already: true }]);
      for (const { id } of others) expect(await read(`/api/users/${id}`)).toMatchObject({ disabled: true });
    });

    it("go on after one whom Pocket ID refuses to change", async () => {
      const [bare, other] = [`${prefix}-locked-bare`, await newUser(pocketId, "locked-c")];
      await pocketId.configure({ requireUserEmail: "false" });
      const names = { firstName: "Bare", lastName: "", displayName: "Bare" };
      const { id } = await done("POST", "/api/users", { username: bare, email: null, ...names });
      await pocketId.configure({ requireUserEmail: "true" });
      const { users } = await ok("user_disable", { users: [bare, other.username] });
      expect(users).toMatchObject([
        { id, disabled: false, error: expect.stringMatching(/e-?mail/i) },
        { disabled: true },
      ]);
      expect(await read(`/api/users/${id}`)).toMatchObject({ disabled: false });
      expect(await read(`/api/users/${other.id}`)).toMatchObject({ disabled: true });
    });
  });

  describe("passkeys of a user", () => {
    // Before 2.6 an administrator can see no others: there, the owner of the key stands in for somebody.
    const withOthers = atLeast("2.6.0");
    let user: Json;
    let before: Json[];
    let added: Json[];
    const held = async (): Promise<Json[]> => {
      const path = withOthers ? `/api/users/${user.id}/webauthn-credentials` : "/api/webauthn/credentials";
      return (await read(path)).map(({ credentialID: _, ...passkey }: Json) => passkey);
    };
    beforeAll(async () => {
      user = withOthers ? await newUser(pocketId, "keyholder") : pocketId.owner;
      before = await held();
      const session = await pocketId.signIn(user.id);
      added = [await addPasskey(pocketId, session), await addPasskey(pocketId, session)];
    });

    it("user_passkey_list shows them as Pocket ID does, without the raw bytes", async () => {
      const { passkeys } = await ok("user_passkey_list", { user: user.username });
      expect(settled(passkeys)).toEqual(settled(await held()));
      expect(ids(passkeys)).toEqual(ids([...before, ...added]));
    });

    it("user_passkey_delete does not guess which of two of the same name is meant", async () => {
      expect(added[0].name).toBe(added[1].name);
      const text = await fails("user_passkey_delete", { user: user.id, passkeys: [added[0].name] });
      expect(text).toMatch(/^Nothing was changed\. passkeys\[0\]: /);
      for (const { id } of added) expect(text).toContain(id);
      expect(ids(await held())).toEqual(ids([...before, ...added]));
    });

    it("user_passkey_delete deletes by id and name, and says when the last one is gone", async () => {
      const first = await ok("user_passkey_delete", { user: user.username, passkeys: [added[0].id] });
      expect(first).toMatchObject({ passkeys: [{ id: added[0].id, deleted: true }], left: before.length + 1 });
      expect(first).not.toHaveProperty("notes");
      expect(ids(await held())).toEqual(ids([...before, added[1]]));
      // The owner of the key has another one of that name.
      const last = withOthers ? added[1].name : added[1].id;
      const second = await ok("user_passkey_delete", { user: user.username, passkeys: [last] });
      expect(second).toMatchObject({ passkeys: [{ id: added[1].id, deleted: true }], left: before.length });
      if (before.length === 0) expect(second.notes).toMatchObject([expect.stringMatching(/access link/)]);
      expect(ids(await held())).toEqual(ids(before));
      const removed = (
        await rows(`/api/audit-logs/all?filters[userID]=${user.id}&filters[event]=PASSKEY_REMOVED`)
      ).slice(-2);
      expect(removed.map(({ data }) => data.passkeyName)).toEqual(added.map(({ name }) => name));
    });

    it.runIf(!withOthers)("say which version those of others need", async () => {
      const other = await newUser(pocketId, "keyholder");
      expect(await fails("user_passkey_list", { user: other.username })).toMatch(/2\.6\.0.*2\.[0-5]|2\.6\.0.*1\.16/);
      const text = await fails("user_passkey_delete", { user: other.username, passkeys: ["x"] });
      expect(text).toMatch(/^Nothing was changed\. user: .*2\.6\.0/);
    });
  });

  describe("profile pictures", () => {
    let user: Json;
    beforeAll(async () => {
      user = await newUser(pocketId, "pictured");
    });
    const seen = async () =>
      (await send("GET", `/api/users/${user.id}/profile-picture.png?skipCache=1`, { as: "nobody" })).bytes;
    const set = (data: string) => ({ user: user.username, data });

    it("user_get_profile_picture shows what everybody sees", async () => {
      expect(await shows("user_get_profile_picture", { user: user.email })).toEqual(await seen());
    });

    it.each(Object.entries(pictures))(
      "user_set_profile_picture takes a %s, and shows what Pocket ID makes of it",
      async (_kind, data) => {
        const before = await seen();
        const shown = await shows("user_set_profile_picture", set(data));
        expect(shown).toEqual(await seen());
        expect(shown).not.toEqual(before);
        // 300 pixels each way, as the head of every png says.
        expect([shown.readUInt32BE(16), shown.readUInt32BE(20)]).toEqual([300, 300]);
      },
    );

    it("user_set_profile_picture says what to do about an image that cannot be decoded", async () => {
      const before = await seen();
      const broken = Buffer.from("RIFF\x24\0\0\0WEBPVP8 ", "latin1").toString("base64");
      expect(await fails("user_set_profile_picture", set(broken))).toMatch(/give it as png or jpg/);
      expect(await seen()).toEqual(before);
    });

    it("user_reset_profile_picture gives the initials back", async () => {
      const other = await newUser(pocketId, "pictured-not", { firstName: user.firstName, lastName: user.lastName });
      const shown = await shows("user_reset_profile_picture", { user: user.id });
      expect(shown).toEqual(await seen());
      const initials = await send("GET", `/api/users/${other.id}/profile-picture.png?skipCache=1`, { as: "nobody" });
      expect(shown).toEqual(initials.bytes);
    });
  });

  describe("user_groups and user_update_groups", () => {
    let user: Json;
    let groups: Json[];
    beforeAll(async () => {
      user = await newUser(pocketId, "joiner");
      groups = [
        await newGroup(pocketId, "join-a"),
        await newGroup(pocketId, "join-b"),
        await newGroup(pocketId, "join-c"),
      ];
    });
    const held = async () => ids((await read(`/api/users/${user.id}`)).userGroups);
    const change = (args: object) => ok("user_update_groups", { user: user.username, ...args });

    it("adds, removes and replaces", async () => {
      const [a, b, c] = groups;
      const joined = await change({ add: [a.name, b.friendlyName] });
      expect([ids(joined.added), joined.removed]).toEqual([ids([a, b]), []]);
      expect(await held()).toEqual(ids([a, b]));
      expect(await change({ add: [c.id], remove: [a.name] })).toMatchObject({
        added: [{ id: c.id }],
        removed: [{ id: a.id }],
      });
      expect(await held()).toEqual(ids([b, c]));
      expect(await change({ replace: [a.name] })).toMatchObject({ groups: [{ id: a.id }] });
      expect(await held()).toEqual([a.id]);
      await change({ replace: [] });
      expect(await held()).toEqual([]);
    });

    it("shows them as Pocket ID does", async () => {
      await change({ replace: [groups[0].name, groups[2].name] });
      const { groups: shown } = await ok("user_groups", { user: user.email });
      expect(ids(shown)).toEqual(ids(await read(`/api/users/${user.id}/groups`)));
      expect(ids(shown)).toEqual(ids([groups[0], groups[2]]));
    });

    it("changes nothing where one name is unknown", async () => {
      const before = await held();
      const text = await fails("user_update_groups", {
        user: user.username,
        replace: [groups[1].name, `${prefix}-nope`],
      });
      expect(text).toMatch(/^Nothing was changed\. replace\[1\]/);
      expect(await held()).toEqual(before);
    });
  });

  describe("user_create_one_time_access_token", () => {
    it.each([
      [undefined, 15 * 60_000],
      ["7d", 7 * day],
    ])("makes a link that signs in once (ttl %j)", async (ttl, lifetime) => {
      const user = await newUser(pocketId, `linked-${ttl ?? "default"}`);
      const made = await ok("user_create_one_time_access_token", { user: user.username, ...(ttl ? { ttl } : {}) });
      const { issuer } = await read("/.well-known/openid-configuration");
      expect(made.link).toBe(`${issuer}/lc/${made.token}`);
      expect(Math.abs(Date.parse(made.expiresAt) - Date.now() - lifetime)).toBeLessThan(60_000);
      const redeem = () => send("POST", `/api/one-time-access-token/${made.token}`, { as: "nobody" });
      const redeemed = await redeem();
      expect(redeemed).toMatchObject({ status: 200, body: { id: user.id } });
      const me = await send("GET", "/api/users/me", { as: { session: sessionOf(redeemed) } });
      expect(me.body).toMatchObject({ id: user.id });
      expect((await redeem()).status).toBeGreaterThanOrEqual(400);
    });
  });

  describe("user_send_access_email", () => {
    it("names every setting that is missing", async () => {
      const user = await newUser(pocketId, "mailed-not");
      await pocketId.configure({ smtpHost: "", emailOneTimeAccessAsAdminEnabled: "false" });
      const text = await fails("user_send_access_email", { user: user.username });
      expect(text).toContain("emailOneTimeAccessAsAdminEnabled");
      expect(text).toContain("smtpHost");
    });

    it("mails a link that signs in", async () => {
      const user = await newUser(pocketId, "mailed");
      await pocketId.configure({ ...mailSettings(mail), emailOneTimeAccessAsAdminEnabled: "true" });
      expect(await ok("user_send_access_email", { user: user.username, ttl: "1h" })).toMatchObject({
        email: user.email,
      });
      const { text } = await mail.receive(user.email);
      const token = /\/lc\/([A-Za-z0-9]+)/.exec(text)?.[1];
      const redeemed = await send("POST", `/api/one-time-access-token/${token}`, { as: "nobody" });
      expect(redeemed).toMatchObject({ status: 200, body: { id: user.id } });
    });
  });

  describe("signup tokens", () => {
    let made: Json;
    const held = async (id: string) => (await rows("/api/signup-tokens")).find((token) => token.id === id);
    const signUp = (name: string, token: string) =>
      send("POST", "/api/signup", {
        as: "nobody",
        body: {
          username: `${prefix}-${name}`,
          email: `${prefix}-${name}@live.example`,
          firstName: "Signed",
          lastName: "Up",
          token,
        },
      });
    const withGroups = atLeast("2.0.0");

    it("signup_token_create makes a token with which people sign up, into its groups", async () => {
      const group = await newGroup(pocketId, "signed-up");
      const groups = withGroups ? { groups: [group.name] } : {};
      await pocketId.configure({ allowUserSignups: "withToken" });
      made = await ok("signup_token_create", { ttl: "2d", usageLimit: signupUses, ...groups });
      secrets.add(made.token);
      const token = await held(made.signupToken.id);
      expect(token).toMatchObject({ token: made.token, usageLimit: signupUses, usageCount: 0 });
      expect(Math.abs(Date.parse(token.expiresAt) - Date.now() - 2 * day)).toBeLessThan(60_000);
      const { issuer } = await read("/.well-known/openid-configuration");
      expect(made.link).toBe(`${issuer}/st/${made.token}`);
      const { status, body } = await signUp("signed-up", made.token);
      expect(status, JSON.stringify(body)).toBe(201);
      if (withGroups) expect(ids((await read(`/api/users/${body.id}`)).userGroups)).toEqual([group.id]);
    });

    it.runIf(!withGroups)("signup_token_create says which version groups need", async () => {
      const before = ids(await rows("/api/signup-tokens"));
      const text = await fails("signup_token_create", { groups: [`${prefix}-signed-up`] });
      expect(text).toMatch(/^Nothing was changed\. groups: .*2\.0\.0/);
      expect(ids(await rows("/api/signup-tokens"))).toEqual(before);
    });

    it("signup_token_list shows them all, and no value", async () => {
      const { signupTokens, totalItems } = await ok("signup_token_list", { all: true, full: true });
      const tokens = await rows("/api/signup-tokens");
      expect(ids(signupTokens)).toEqual(ids(tokens));
      expect(totalItems).toBe(tokens.length);
      expect(signupTokens.find((token: Json) => token.id === made.signupToken.id)).toMatchObject({ usageCount: 1 });
    });

    it("signup_token_delete ends them", async () => {
      const { id } = made.signupToken;
      expect(await ok("signup_token_delete", { signupTokens: [id] })).toMatchObject({
        signupTokens: [{ id, deleted: true }],
      });
      expect(await held(id)).toBeUndefined();
      expect((await signUp("too-late", made.token)).status).toBeGreaterThanOrEqual(400);
    });
  });

  describe("custom claims of a user", () => {
    let user: Json;
    beforeAll(async () => {
      user = await newUser(pocketId, "claimant");
    });
    const claims = async () => (await read(`/api/users/${user.id}`)).customClaims;
    const change = (args: object) => ok("custom_claim_set_user", { user: user.username, ...args });

    it("custom_claim_set_user sets, removes and replaces, and leaves the rest of the user alone", async () => {
      const path = `/api/users/${user.id}`;
      const customClaims = [
        { key: `${prefix}-desk`, value: "4" },
        { key: `${prefix}-floor`, value: '["1","2"]' },
      ];
      await changesOnly(pocketId, path, { customClaims }, () =>
        change({ set: { [`${prefix}-desk`]: "4", [`${prefix}-floor`]: '["1","2"]' } }),
      );
      await change({ set: { [`${prefix}-desk`]: "5", [`${prefix}-car`]: "red" }, remove: [`${prefix}-floor`] });
      expect(await claims()).toHaveLength(2);
      expect(await claims()).toEqual(
        expect.arrayContaining([
          { key: `${prefix}-desk`, value: "5" },
          { key: `${prefix}-car`, value: "red" },
        ]),
      );
      await change({ replace: { [`${prefix}-desk`]: "6" } });
      expect(await claims()).toEqual([{ key: `${prefix}-desk`, value: "6" }]);
    });

    it("custom_claim_suggestions shows the keys in use", async () => {
      const { suggestions } = await ok("custom_claim_suggestions");
      expect([...suggestions].sort()).toEqual([...(await read("/api/custom-claims/suggestions"))].sort());
      expect(suggestions).toContain(`${prefix}-desk`);
    });

    it("custom_claim_set_user refuses a reserved key", async () => {
      const before = await claims();
      expect(await fails("custom_claim_set_user", { user: user.id, set: { sub: "x" } })).toMatch(/reserved/);
      expect(await claims()).toEqual(before);
    });
  });

  describe("user_delete", () => {
    it("deletes several at once", async () => {
      const doomed = [await newUser(pocketId, "doomed-a"), await newUser(pocketId, "doomed-b")];
      const answer = await ok("user_delete", { users: [doomed[0].username, doomed[1].email] });
      expect(answer.users).toMatchObject([{ deleted: true }, { deleted: true }]);
      for (const { id } of doomed) expect((await send("GET", `/api/users/${id}`)).status).toBe(404);
    });
  });
}
