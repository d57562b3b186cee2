import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { addPasskey } from "./authenticator.ts";
import type { Json } from "./instance.ts";
import { ids, type Live, newClient, newUser, settled, signIn } from "./live.ts";

export function keysAudit({ ok, fails, pocketId, secrets }: Live): void {
  const { prefix, read, send, done, rows, atLeast } = pocketId;
  const works = async (key: string) => (await send("GET", "/api/users/me", { as: { key } })).status === 200;

  describe("API keys", () => {
    let made: Json;

    it("api_key_create makes a key that works, by one sign-in of its owner", async () => {
      const name = `${prefix} key`;
      const signIns = async () => (await rows("/api/audit-logs?filters[event]=TOKEN_SIGN_IN")).length;
      const before = await signIns();
      made = await ok("api_key_create", { name, description: "Of the live tests", expiresAt: "2d" });
      secrets.add(made.token);
      expect(await signIns()).toBe(before + 1);
      const held = (await rows("/api/api-keys")).find((key) => key.id === made.apiKey.id);
      expect(held).toMatchObject({ name, description: "Of the live tests" });
      expect(Math.abs(Date.parse(held.expiresAt) - Date.now() - 2 * 86_400_000)).toBeLessThan(60_000);
      const me = await send("GET", "/api/users/me", { as: { key: made.token } });
      expect(me).toMatchObject({ status: 200, body: { id: pocketId.owner.id } });
    });

    it("api_key_list shows the keys of the owner, and no value", async () => {
      const { apiKeys, totalItems } = await ok("api_key_list", { all: true, full: true });
      const held = await rows("/api/api-keys");
      expect(ids(apiKeys)).toEqual(ids(held));
      expect(totalItems).toBe(held.length);
      expect(apiKeys.find((key: Json) => key.id === made.apiKey.id)).toMatchObject({ name: made.apiKey.name });
    });

    it("api_key_current finds the key in use among them, unless another is in use as well", async () => {
      const session = await pocketId.signIn(pocketId.owner.id);
      const held = async (): Promise<Json[]> => (await send("GET", "/api/api-keys", { as: { session } })).body.data;
      const before = await held();
      await sleep(1_100);
      await works(pocketId.apiKey);
      const [used] = (await held()).filter(
        ({ id, lastUsedAt }) => before.find((key) => key.id === id)?.lastUsedAt !== lastUsedAt,
      );
      const answer = await ok("api_key_current");
      expect(answer).toMatchObject({ owner: { id: pocketId.owner.id }, static: false, certain: true, candidates: [] });
      expect(answer.apiKey).toMatchObject({ id: used.id, name: used.name });
      const busy = setInterval(() => works(made.token).catch(() => false), 300);
      const unsure = await ok("api_key_current");
      clearInterval(busy);
      expect(unsure).toMatchObject({ certain: false });
      expect(ids(unsure.candidates)).toEqual(ids([used, made.apiKey]));
    });

    it.runIf(atLeast("2.2.0"))("api_key_renew gives an expired key a new token", async () => {
      const session = await pocketId.signIn(pocketId.owner.id);
      const name = `${prefix} expiring`;
      const body = { name, expiresAt: new Date(Date.now() + 2_000).toISOString() };
      const { body: old, status } = await send("POST", "/api/api-keys", { as: { session }, body });
      expect(status).toBe(201);
      expect(await fails("api_key_renew", { apiKey: name, expiresAt: "1d" })).toMatch(
        /^Nothing was changed\..*expired/,
      );
      await sleep(3_500);
      expect(await works(old.token)).toBe(false);
      const renewed = await ok("api_key_renew", { apiKey: name, expiresAt: "1d" });
      secrets.add(renewed.token);
      expect(renewed.apiKey.id).toBe(old.apiKey.id);
      expect(await works(renewed.token)).toBe(true);
      expect(await works(old.token)).toBe(false);
    });
    it.runIf(!atLeast("2.2.0"))("api_key_renew says which version it needs, and changes nothing", async () => {
      const name = `${prefix} expiring`;
      await done("POST", "/api/api-keys", { name, expiresAt: new Date(Date.now() + 1_500).toISOString() });
      await sleep(3_000);
      const before = await rows("/api/api-keys");
      expect(await fails("api_key_renew", { apiKey: name, expiresAt: "1d" })).toMatch(/2\.2\.0/);
      const lasting = (keys: Json[]) => keys.map(({ lastUsedAt: _, ...key }) => key);
      expect(lasting(await rows("/api/api-keys"))).toEqual(lasting(before));
    });

    it("api_key_delete ends keys", async () => {
      expect(await works(made.token)).toBe(true);
      const answer = await ok("api_key_delete", { apiKeys: [made.apiKey.name] });
      expect(answer.apiKeys).toMatchObject([{ id: made.apiKey.id, deleted: true }]);
      expect(await works(made.token)).toBe(false);
      expect(ids(await rows("/api/api-keys"))).not.toContain(made.apiKey.id);
    });
  });

  describe("own passkeys", () => {
    let before: Json[];
    let added: Json[];
    const held = async (): Promise<Json[]> =>
      (await read("/api/webauthn/credentials")).map(({ credentialID: _, ...passkey }: Json) => passkey);
    beforeAll(async () => {
      before = await held();
      const session = await pocketId.signIn(pocketId.owner.id);
      added = [await addPasskey(pocketId, session), await addPasskey(pocketId, session)];
    });

    it("passkey_list shows those of the owner of the key, without the raw bytes", async () => {
      const { passkeys } = await ok("passkey_list");
      expect(settled(passkeys)).toEqual(settled(await held()));
      expect(ids(passkeys)).toEqual(ids([...before, ...added]));
    });

    it("passkey_rename gives one another name, and changes nothing else", async () => {
      const [first] = added;
      const expected = (await held()).map((one) => (one.id === first.id ? { ...one, name: `${prefix} phone` } : one));
      const answer = await ok("passkey_rename", { passkey: first.id, name: `${prefix} phone` });
      expect(answer).toMatchObject({ passkey: { id: first.id, name: `${prefix} phone` }, changed: ["name"] });
      expect(settled(await held())).toEqual(settled(expected));
      expect(await ok("passkey_rename", { passkey: `${prefix} phone`, name: `${prefix} phone` })).toMatchObject({
        changed: [],
      });
    });

    it("passkey_delete deletes by name and id", async () => {
      const answer = await ok("passkey_delete", { passkeys: [`${prefix} phone`, added[1].id] });
      expect(answer).toMatchObject({ passkeys: [{ deleted: true }, { deleted: true }], left: before.length });
      expect(ids(await held())).toEqual(ids(before));
    });

    it("passkey_delete leaves the last passkey of the only administrator", async () => {
      const administrators = await rows("/api/users?filters[isAdmin]=true");
      // Where there is another one, who may have a passkey, it may go. Those of the tests have none.
      if (administrators.some(({ id, username }) => id !== pocketId.owner.id && !username.startsWith(prefix))) return;
      const theirs = await held();
      expect(await fails("passkey_delete", { passkeys: ids(theirs) })).toMatch(
        /^Nothing was changed\. No administrator would have a passkey any more/,
      );
      expect(await held()).toEqual(theirs);
    });
  });

  describe("the key in use and its owner", () => {
    it("stay, whatever is asked for", async () => {
      const { owner } = pocketId;
      const current = await ok("api_key_current");
      if (current.certain)
        expect(await fails("api_key_delete", { apiKeys: [current.apiKey.id] })).toMatch(/is the API key in use/);
      for (const [tool, args] of [
        ["user_disable", { users: [owner.username] }],
        ["user_delete", { users: [owner.id] }],
        ["user_update", { user: owner.username, isAdmin: false }],
        ["user_update", { user: owner.id.toUpperCase(), disabled: true }],
      ] as const)
        expect(await fails(tool, args)).toMatch(
          /^Nothing was changed\. (?:.* owns the API key in use|user: there is no)/,
        );
      expect(await read("/api/users/me")).toMatchObject({ id: owner.id, isAdmin: true, disabled: false });
    });
  });

  describe("the audit log", () => {
    let user: Json;
    let client: Json;
    let since: string;
    beforeAll(async () => {
      since = new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString();
      user = await newUser(pocketId, "audited");
      client = await newClient(pocketId, "audited");
      const sessions = [await pocketId.signIn(user.id), await pocketId.signIn(user.id)];
      if (!pocketId.codeByApi) return;
      const { secret } = await done("POST", `/api/oidc/clients/${client.id}/secret`, {});
      for (const session of sessions) await signIn(pocketId, { client: client.id, secret, session });
    });
    const ofUser = () => rows(`/api/audit-logs/all?filters[userID]=${user.id}`);
    const events = (entries: Json[]) => entries.map(({ event }) => event).sort();
    const find = async (args: object) => (await ok("audit_log_list_all", { all: true, full: true, ...args })).auditLogs;

    it("audit_log_list shows what happened to the owner of the key, newest first", async () => {
      await pocketId.signIn(pocketId.owner.id);
      const query = "sort[column]=createdAt&sort[direction]=desc&pagination[limit]=50";
      for (const filter of [{}, { event: "TOKEN_SIGN_IN" }]) {
        const filters = Object.entries(filter).map(([field, value]) => `&filters[${field}]=${value}`);
        const { data, pagination } = await read(`/api/audit-logs?${query}${filters.join("")}`);
        const { auditLogs, totalItems } = await ok("audit_log_list", { ...filter, limit: 50, full: true });
        expect(ids(auditLogs)).toEqual(ids(data));
        expect(totalItems).toBe(pagination.totalItems);
      }
    });

    it("audit_log_list_all shows what happened to everybody, newest first", async () => {
      const held = await rows("/api/audit-logs/all");
      const found = await find({ since });
      expect(ids(found)).toEqual(ids(held.filter(({ createdAt }) => Date.parse(createdAt) >= Date.parse(since))));
      const times = found.map(({ createdAt }: Json) => Date.parse(createdAt));
      expect(times).toEqual([...times].sort((a, b) => b - a));
      expect(await ok("audit_log_list_all", { limit: 1 })).toMatchObject({ totalItems: held.length });
    });

    it("audit_log_list_all finds by user, event, client, time, address and place", async () => {
      const held = await ofUser();
      expect(events(held)).toContain("TOKEN_SIGN_IN");
      const byUser = await find({ user: user.username });
      expect(ids(byUser)).toEqual(ids(held));
      expect(events(await find({ user: user.id, event: "TOKEN_SIGN_IN" }))).toEqual(["TOKEN_SIGN_IN", "TOKEN_SIGN_IN"]);
      expect(ids(await find({ user: user.email, since }))).toEqual(ids(held));
      expect(await find({ user: user.id, until: since.replace(/^\d+/, "2020") })).toEqual([]);
      const { ipAddress, country } = held[0];
      expect(ids(await find({ user: user.id, ip: ipAddress, country }))).toEqual(ids(held));
      const external = country !== "Internal Network";
      expect(ids(await find({ user: user.id, external }))).toEqual(ids(held));
      expect(await find({ user: user.id, external: !external })).toEqual([]);
      if (!pocketId.codeByApi) return;
      expect(events(await find({ client: client.name }))).toEqual(["CLIENT_AUTHORIZATION", "NEW_CLIENT_AUTHORIZATION"]);
      expect(events(await find({ client: client.name, since }))).toHaveLength(2);
    });

    it("audit_log_list_all counts", async () => {
      const held = await ofUser();
      const { counts, totalItems } = await ok("audit_log_list_all", { user: user.username, groupBy: "event" });
      expect(totalItems).toBe(held.length);
      for (const { key, count } of counts) expect(count).toBe(held.filter(({ event }) => event === key).length);
      const byUser = await ok("audit_log_list_all", { since, groupBy: "user" });
      expect(byUser.counts.find(({ key }: Json) => key === user.username)?.count).toBe(held.length);
    });

    it("audit_event_types explains whatever stands in it, and knows what this version writes", async () => {
      const { events, version } = await ok("audit_event_types");
      const written = new Map(events.map((type: Json) => [type.event, type.written]));
      for (const { event } of await rows("/api/audit-logs/all")) expect(written.get(event), event).toBe(true);
      expect(written.get("REMOTE_SIGN_IN")).toBe(atLeast("2.12.0"));
      if (atLeast("2.3.0")) expect(version).toBe(pocketId.version);
    });

    it("audit_log_filter_users and audit_log_filter_clients show who and what stands in it", async () => {
      const held = await read("/api/audit-logs/filters/users");
      const { users } = await ok("audit_log_filter_users");
      expect(Object.fromEntries(users.map(({ id, username }: Json) => [id, username]))).toEqual(held);
      expect(held[user.id]).toBe(user.username);
      const { clients } = await ok("audit_log_filter_clients");
      expect([...clients].sort()).toEqual([...(await read("/api/audit-logs/filters/client-names"))].sort());
      if (pocketId.codeByApi) expect(clients).toContain(client.name);
    });
  });

  describe("the action log", () => {
    it("action_log_search finds what was changed, whichever server did it", async () => {
      const { apiKey, token } = await ok("api_key_create", { name: `${prefix} recorded`, expiresAt: "1d" });
      secrets.add(token);
      await ok("api_key_delete", { apiKeys: [apiKey.id] });
      const { actions, totalItems } = await ok("action_log_search", { target: apiKey.id });
      expect(actions).toMatchObject([{ tool: "api_key_delete", outcome: "ok", targets: [`apiKey:${apiKey.id}`] }]);
      expect(totalItems).toBe(1);
      const made = await ok("action_log_search", { tool: "api_key_create", limit: 1, full: true });
      expect(made.actions).toMatchObject([{ outcome: "ok", instance: new URL(pocketId.url).origin }]);
      const user = await newUser(pocketId, "recorded");
      await ok("user_disable", { users: [user.id] });
      expect((await ok("action_log_search", { target: user.id })).actions).toMatchObject([
        { changed: ["disabled"], values: { [`user:${user.id}`]: { disabled: { before: false, after: true } } } },
      ]);
    });

    it("action_log_verify finds it as the five servers wrote it", async () => {
      const { ok: holds, unfinished, last } = await ok("action_log_verify");
      expect([holds, unfinished.count]).toEqual([true, 0]);
      expect(await ok("action_log_verify", { expect: last.digest })).toMatchObject({ ok: true });
    });
  });
}
