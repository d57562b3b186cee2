import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { at, column, isSince, type PocketId, person, pocketId, query } from "./pocket-id.ts";

const usernames = async (instance: PocketId, parameters: Record<string, string | number> = {}) =>
  column((await instance.get(`/api/users${query(parameters)}`)).body, "username");

const everyone = ["robin", "alice", "ben", "chloe", "dmitri", "elif", "femi", "grace", "hugo", "ines", "jonas", "zoe"];

describe.each(sandboxVersions)("lists of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });

  it("come with the values that were really used", async () => {
    const instance = await playing();
    const reply = await instance.get("/api/users");
    expect(reply.body).toMatchObject({
      pagination: { totalPages: 1, totalItems: 12, currentPage: 1, itemsPerPage: 20 },
    });
  });

  it("have one page when there is nothing", async () => {
    const instance = await playing();
    const reply = await instance.get(`/api/users${query({ search: "nobody of that name" })}`);
    expect(reply.body).toEqual({
      data: [],
      pagination: { totalPages: 1, totalItems: 0, currentPage: 1, itemsPerPage: 20 },
    });
  });

  it.each([
    [500, 100],
    [101, 100],
    [100, 100],
    [7, 7],
    [0, 20],
    [-3, 20],
  ])("asked for %d a page give %d", async (limit, given) => {
    const instance = await playing();
    const reply = await instance.get(`/api/users${query({ "pagination[limit]": limit })}`);
    expect(at(reply.body, "pagination", "itemsPerPage")).toBe(given);
  });

  it.each([
    [0, 1],
    [-1, 1],
    [3, 3],
    [4, 3],
    [4000, 3],
  ])("asked for page %d of three give page %d", async (page, given) => {
    const instance = await playing();
    const reply = await instance.get(`/api/users${query({ "pagination[limit]": 5, "pagination[page]": page })}`);
    expect(reply.body).toMatchObject({ pagination: { currentPage: given, totalPages: 3 } });
    expect(column(reply.body, "username")).toEqual(everyone.slice((given - 1) * 5, given * 5));
  });

  it("read brackets that are percent-encoded and such that are not", async () => {
    const instance = await playing();
    for (const search of ["?pagination[limit]=3", "?pagination%5Blimit%5D=3"]) {
      expect(column((await instance.get(`/api/users${search}`)).body, "username")).toHaveLength(3);
    }
  });

  it("keep the order of creation without a sort", async () => {
    expect(await usernames(await playing())).toEqual(everyone);
  });

  it("sort up unless told otherwise, and ignore a direction that is none", async () => {
    const instance = await playing();
    const sorted = (direction: string) =>
      usernames(instance, { "sort[column]": "email", ...(direction && { "sort[direction]": direction }) });
    const up = await sorted("");
    expect(up[0]).toBe("alice");
    expect(await sorted("upwards")).toEqual(up);
    expect(await sorted("desc")).toEqual(up.toReversed());
  });

  it.each(["locale", "ldapId", "id", "userGroups", "created_at", "nonsense"])(
    "ignore a sort by %s, which is no sortable column",
    async (name) => {
      const instance = await playing();
      expect(await usernames(instance, { "sort[column]": name, "sort[direction]": "desc" })).toEqual(everyone);
    },
  );

  it("filter booleans, with several values as alternatives and several fields together", async () => {
    const instance = await playing();
    expect(await usernames(instance, { "filters[disabled]": "true" })).toEqual(["dmitri", "jonas"]);
    expect(await usernames(instance, { "filters[isAdmin][0]": "true" })).toEqual(["robin"]);
    expect(await usernames(instance, { "filters[isAdmin][]": "true" })).toEqual(["robin"]);
    expect(await usernames(instance, { "filters[isAdmin]": "true", "filters[disabled]": "true" })).toEqual([]);
    const both = await instance.get("/api/users?filters[disabled][0]=true&filters[disabled][1]=false");
    expect(column(both.body, "username")).toEqual(everyone);
    const repeated = await instance.get("/api/users?filters[disabled]=true&filters[disabled]=false");
    expect(column(repeated.body, "username")).toEqual(everyone);
  });

  it("take 1 and 0 for true and false", async () => {
    const instance = await playing();
    expect(await usernames(instance, { "filters[disabled]": "1" })).toEqual(["dmitri", "jonas"]);
  });

  it("know a filter for verified addresses as soon as there is such a thing", async () => {
    const instance = await playing();
    const unverified = await usernames(instance, { "filters[emailVerified]": "false" });
    expect(unverified).toEqual(isSince(version, "2.2") ? ["elif"] : everyone);
  });

  it.each(["username", "email", "displayName", "isadmin", "nonsense"])(
    "ignore a filter on %s, so that everything seems to match",
    async (field) => {
      const instance = await playing();
      expect(await usernames(instance, { [`filters[${field}]`]: "no-such-value" })).toEqual(everyone);
    },
  );

  it("drop filters, sort and page when the page is no number", async () => {
    const instance = await playing();
    const reply = await instance.get(
      `/api/users${query({
        "pagination[page]": "two",
        "pagination[limit]": 5,
        "sort[column]": "email",
        "filters[isAdmin]": "true",
      })}`,
    );
    expect(column(reply.body, "username")).toEqual(everyone);
    expect(at(reply.body, "pagination")).toEqual({ totalPages: 1, totalItems: 12, currentPage: 1, itemsPerPage: 20 });
  });

  it("drop filters and sort when the limit is no number, and still search", async () => {
    const instance = await playing();
    const found = await usernames(instance, {
      "pagination[limit]": "all",
      "filters[isAdmin]": "true",
      search: "riverside",
    });
    expect(found).toEqual(["robin", "alice", "ben", "chloe", "dmitri", "grace", "ines", "zoe"]);
  });

  it("search users in names and addresses, not in what they are called on screen", async () => {
    const instance = await playing();
    expect(await usernames(instance, { search: "mailbox.example" })).toEqual(["elif", "femi", "hugo", "jonas"]);
    expect(await usernames(instance, { search: "nakamura" })).toEqual(["chloe"]);
    expect(await usernames(instance, { search: "trial month" })).toEqual([]);
  });

  it("ignore the case of plain letters only, as SQLite does", async () => {
    const instance = await playing();
    expect(await usernames(instance, { search: "ZOë" })).toEqual(["zoe"]);
    expect(await usernames(instance, { search: "ZOË" })).toEqual([]);
  });

  it("take % and _ in a search for wildcards", async () => {
    const instance = await playing();
    expect(await usernames(instance, { search: "h%o.l" })).toEqual(["hugo"]);
    expect(await usernames(instance, { search: "c_loe" })).toEqual(["chloe"]);
  });

  it("search groups by name, not by friendly name", async () => {
    const instance = await playing();
    const named = await instance.get(`/api/user-groups${query({ search: "regatta-" })}`);
    const friendly = await instance.get(`/api/user-groups${query({ search: "Regatta 2027" })}`);
    expect([column(named.body, "name"), column(friendly.body, "name")]).toEqual([["regatta-2027"], []]);
  });

  it("ignore a search where there is none", async () => {
    const instance = await playing();
    const keys = await instance.get(`/api/api-keys${query({ search: "no such key" })}`);
    expect(column(keys.body, "name").toSorted()).toEqual(["Assistant", "Backup script"]);
  });

  it("sort groups by the number of members when the direction is given", async () => {
    const instance = await playing();
    const groups = await instance.get(
      `/api/user-groups${query({ "sort[column]": "userCount", "sort[direction]": "desc" })}`,
    );
    expect(column(groups.body, "userCount")).toEqual([8, 3, 2, 2, 0]);
  });

  it("filter audit entries by userID, and ignore userId", async () => {
    const instance = await playing();
    const alice = person(instance, "alice");
    const right = await instance.get(
      `/api/audit-logs/all${query({ "filters[userID]": alice, "pagination[limit]": 100 })}`,
    );
    const wrong = await instance.get(
      `/api/audit-logs/all${query({ "filters[userId]": alice, "pagination[limit]": 100 })}`,
    );
    expect(new Set(column(right.body, "userID"))).toEqual(new Set([alice]));
    expect(column(wrong.body, "userID")).toHaveLength(60);
  });
});

describe("lists of clients", () => {
  const names = async (instance: PocketId, parameters: Record<string, string | number>) =>
    column((await instance.get(`/api/oidc/clients${query(parameters)}`)).body, "id");

  it.each(["2.14", "2.13", "2.12", "2.9", "2.7"] as const)("filter by the switches of %s", async (version) => {
    const instance = await pocketId({ version });
    expect(await names(instance, { "filters[isGroupRestricted]": "false" })).toEqual(["gitea"]);
    expect(await names(instance, { "filters[pkceEnabled]": "true" })).toEqual(["nextcloud", "home-assistant"]);
    expect(await names(instance, { "filters[requiresReauthentication]": "true" })).toEqual(["grafana"]);
  });

  it("know the type of a client since 2.13", async () => {
    for (const version of ["2.14", "2.12"] as const) {
      const found = await names(await pocketId({ version }), { "filters[clientType]": "cimd" });
      expect(found).toHaveLength(version === "2.14" ? 0 : 6);
    }
  });

  it.each(sandboxVersions)("ignore filters when sorted by allowedUserGroupsCount on %s", async (version) => {
    const instance = await pocketId({ version });
    const sorted = await names(instance, {
      "sort[column]": "allowedUserGroupsCount",
      "sort[direction]": "desc",
      "filters[pkceEnabled]": "true",
    });
    expect(sorted).toHaveLength(6);
    expect(sorted.slice(0, 2).toSorted()).toEqual(["immich", "nextcloud"]);
  });

  it("search by name", async () => {
    const instance = await pocketId();
    expect(await names(instance, { search: "paper" })).toEqual(["paperless"]);
    expect(await names(instance, { search: "boathouse" })).toEqual([]);
  });
});
