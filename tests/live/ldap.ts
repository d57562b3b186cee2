import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./instance.ts";
import { findSlapd, type LdapDirectory, startLdapDirectory } from "./ldap-directory.ts";
import { changesOnly, ids, type Live, newGroup } from "./live.ts";

/** Accounts and a group that come from a directory. */
export function ldap({ ok, fails, pocketId, secrets }: Live): void {
  const { prefix, read, send, done, rows, configuration } = pocketId;
  const slapd = findSlapd(process.env);
  if (slapd === undefined) console.info("LDAP is skipped: no slapd in the PATH, and POCKETID_LIVE_SLAPD names none.");

  describe.runIf(slapd !== undefined)("LDAP", () => {
    let directory: LdapDirectory;
    let before: Record<string, string>;
    const ann = { uid: `${prefix}-ldap-ann`, givenName: "Ann", sn: "Live" };
    const ben = { uid: `${prefix}-ldap-ben`, givenName: "Ben", sn: "Live" };
    const group = `${prefix}-ldap-crew`;
    const held = async (name: string): Promise<Json> => (await rows(`/api/users?search=${name}`))[0];
    const heldGroup = async (): Promise<Json> => {
      const [found] = await rows(`/api/user-groups?search=${group}`);
      return found && read(`/api/user-groups/${found.id}`);
    };

    beforeAll(async () => {
      before = await configuration();
      directory = await startLdapDirectory(slapd ?? "");
      secrets.add(directory.bindPassword);
      await directory.holds([ann, ben], group);
    });
    afterAll(async () => {
      await done("PUT", "/api/application-configuration", before);
      await directory.close();
    });

    it("app_config_update sets it up, with a password that no answer shows", async () => {
      const settings = {
        ldapEnabled: true,
        ldapUrl: directory.url,
        ldapBindDn: directory.bindDn,
        ldapBindPassword: directory.bindPassword,
        ldapBase: directory.base,
        ldapUserSearchFilter: "(objectClass=person)",
        ldapUserGroupSearchFilter: "(objectClass=groupOfNames)",
        ldapAttributeUserUniqueIdentifier: "uid",
        ldapAttributeUserUsername: "uid",
        ldapAttributeUserEmail: "mail",
        ldapAttributeUserFirstName: "givenName",
        ldapAttributeUserLastName: "sn",
        ldapAttributeUserDisplayName: "cn",
        ldapAttributeGroupMember: "member",
        ldapAttributeGroupUniqueIdentifier: "cn",
        ldapAttributeGroupName: "cn",
        ldapSoftDeleteUsers: true,
      };
      expect((await ok("app_config_update", settings)).notApplied).toEqual([]);
      const stored = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)]));
      expect(await configuration()).toEqual({ ...before, ...stored });
    });

    it("app_config_sync_ldap brings everybody who is in the directory", async () => {
      expect(await held(ann.uid)).toBeUndefined();
      expect(await ok("app_config_sync_ldap")).toEqual({ synced: true });
      for (const { uid, givenName, sn } of [ann, ben]) {
        const account = {
          username: uid,
          email: `${uid}@live.example`,
          firstName: givenName,
          lastName: sn,
          ldapId: uid,
        };
        expect(await held(uid)).toMatchObject({ ...account, displayName: `${givenName} ${sn}`, disabled: false });
      }
      expect(await heldGroup()).toMatchObject({ name: group, ldapId: group });
      expect(ids((await heldGroup()).users)).toEqual(ids([await held(ann.uid), await held(ben.uid)]));
      const { users } = await ok("user_list", { ldap: true, search: prefix });
      expect(ids(users)).toEqual(ids([await held(ann.uid), await held(ben.uid)]));
    });

    it("user_update says that an account is managed by LDAP, and changes nothing but its language", async () => {
      const { id } = await held(ann.uid);
      const answer = await changesOnly(pocketId, `/api/users/${id}`, { locale: "fr" }, () =>
        ok("user_update", { user: ann.uid, lastName: "Other", isAdmin: true, locale: "fr" }),
      );
      expect(answer.changed).toEqual(["locale"]);
      expect(answer.notApplied.map(({ field }: Json) => field).sort()).toEqual(["isAdmin", "lastName"]);
      for (const { reason } of answer.notApplied) expect(reason).toMatch(/managed by LDAP/);
    });

    it("user_disable says for each account whether it could", async () => {
      const local = await done("POST", "/api/users", {
        username: `${prefix}-local`,
        firstName: "Local",
        displayName: "Local",
        email: `${prefix}-local@live.example`,
      });
      const { users } = await ok("user_disable", { users: [ann.uid, local.username] });
      expect(users).toMatchObject([
        { name: ann.uid, disabled: false },
        { name: local.username, disabled: true },
      ]);
      expect(users[0].error).toMatch(/managed by LDAP/);
      expect((await held(ann.uid)).disabled).toBe(false);
      expect((await held(local.username)).disabled).toBe(true);
    });

    it("user_delete does not delete an account that is in the directory", async () => {
      expect(await fails("user_delete", { users: [ann.uid] })).toMatch(/comes from LDAP/);
      expect(await held(ann.uid)).toBeDefined();
    });

    it("a group of the directory is neither renamed nor deleted", async () => {
      const { id } = await heldGroup();
      await changesOnly(pocketId, `/api/user-groups/${id}`, {}, async () => {
        expect(await fails("user_group_update", { group, friendlyName: "Other" })).toMatch(/comes from LDAP/);
        expect(await fails("user_group_delete", { groups: [group] })).toMatch(/comes from LDAP/);
      });
    });

    it("custom claims and other groups are Pocket ID's own, and outlast a sync", async () => {
      const own = await newGroup(pocketId, "ldap-own");
      await ok("custom_claim_set_user", { user: ann.uid, set: { desk: "4" } });
      await ok("user_group_update_users", { group: own.name, add: [ann.uid] });
      await ok("app_config_sync_ldap");
      const account = await held(ann.uid);
      expect(account.customClaims).toEqual([{ key: "desk", value: "4" }]);
      expect(ids(account.userGroups)).toEqual(ids([own, await heldGroup()]));
    });

    it("app_config_sync_ldap disables who is gone from the directory, and brings back who returns", async () => {
      await directory.holds([ann], group);
      await ok("app_config_sync_ldap");
      expect(await held(ben.uid)).toMatchObject({ disabled: true });
      expect(ids((await heldGroup()).users)).toEqual(ids([await held(ann.uid)]));
      await directory.holds([ann, ben], group);
      await ok("app_config_sync_ldap");
      expect(await held(ben.uid)).toMatchObject({ disabled: false });
    });

    it("app_config_sync_ldap says that the directory is out of reach", async () => {
      await ok("app_config_update", { ldapUrl: "ldap://127.0.0.1:9" });
      expect(await fails("app_config_sync_ldap")).toMatch(/Pocket ID hides the reason/);
    });

    it("switched off, the accounts are ordinary ones", async () => {
      await ok("app_config_update", { ldapEnabled: false });
      expect(await fails("app_config_sync_ldap")).toMatch(/LDAP is switched off/);
      const { id } = await held(ann.uid);
      await changesOnly(pocketId, `/api/users/${id}`, { lastName: "Other" }, () =>
        ok("user_update", { user: ann.uid, lastName: "Other" }),
      );
      const { users } = await ok("user_delete", { users: [ann.uid, ben.uid] });
      expect(users).toMatchObject([{ deleted: true }, { deleted: true }]);
      const { groups } = await ok("user_group_delete", { groups: [group] });
      expect(groups).toMatchObject([{ deleted: true }]);
      expect(await heldGroup()).toBeUndefined();
      expect((await send("GET", `/api/users/${id}`)).status).toBe(404);
    });
  });
}
