import { beforeAll, describe, expect, it } from "vitest";
import { column, contract, type Json, query } from "./pocket-id.ts";

contract("lists", (pocketId) => {
  /** Five users whom a search for the prefix finds, and nobody else. */
  let people: Json[];
  let word: string;
  beforeAll(async () => {
    word = pocketId.unique("people");
    people = [];
    for (const [name, more] of Object.entries({
      anna: { disabled: true, firstName: "Zelda" },
      ben: { isAdmin: true, firstName: "Yves" },
      carl: { firstName: "Xenia", lastName: "Quark" },
      dora: { firstName: "Walter", displayName: "Dora Displayed" },
      emil: { firstName: "Émile", disabled: true },
    })) {
      const username = `${word}-${name}`;
      people.push(await pocketId.user({ username, email: `${username}@contract.example`, ...more }));
    }
  });

  const page = async (parameters: Parameters<typeof query>[0] = {}): Promise<Json> =>
    (await pocketId.get(`/api/users${query({ search: word, ...parameters })}`)).body;
  const found = async (parameters: Parameters<typeof query>[0] = {}): Promise<string[]> =>
    column((await page(parameters)).data, "username")
      .map((username) => username.split("-").at(-1))
      .sort();
  const inOrder = async (parameters: Parameters<typeof query>[0]): Promise<string[]> =>
    column((await page(parameters)).data, "username").map((username) => username.split("-").at(-1));
  const everyone = ["anna", "ben", "carl", "dora", "emil"];

  describe("pages", () => {
    it("have 20 rows unless asked for another number, and say how many there are", async () => {
      expect((await page()).pagination).toEqual({ totalPages: 1, totalItems: 5, currentPage: 1, itemsPerPage: 20 });
    });

    it("are one when there is nothing", async () => {
      expect(await page({ search: `${word}-nobody` })).toEqual({
        data: [],
        pagination: { totalPages: 1, totalItems: 0, currentPage: 1, itemsPerPage: 20 },
      });
    });

    it.each([
      [2, 2],
      [100, 100],
      [101, 100],
      [1000, 100],
      [0, 20],
      [-3, 20],
    ])("asked for %d rows have %d: 100 at most", async (limit, given) => {
      expect((await page({ "pagination[limit]": limit })).pagination.itemsPerPage).toBe(given);
    });

    it.each([
      [0, 1],
      [-1, 1],
      [3, 3],
      [4, 3],
      [4000, 3],
    ])(
      "asked for number %d of three are number %d: after the last one comes the last one again",
      async (asked, given) => {
        const by = { "sort[column]": "username", "pagination[limit]": 2 };
        const { data, pagination } = await page({ ...by, "pagination[page]": asked });
        expect(pagination).toEqual({ totalPages: 3, totalItems: 5, currentPage: given, itemsPerPage: 2 });
        expect(data).toEqual((await page({ ...by, "pagination[page]": given })).data);
      },
    );

    it("know brackets that are percent-encoded and such that are not", async () => {
      const encoded = await pocketId.get(`/api/users?pagination%5Blimit%5D=3&search=${word}`);
      expect(encoded.body.data).toHaveLength(3);
    });

    it("whose number or size is no number are the first, and all filters are dropped without a word", async () => {
      for (const bad of ["pagination[page]", "pagination[limit]"]) {
        const { data, pagination } = await page({ [bad]: "abc", "filters[disabled]": "true" });
        expect(pagination).toEqual({ totalPages: 1, totalItems: 5, currentPage: 1, itemsPerPage: 20 });
        expect(data).toHaveLength(5);
      }
    });
  });

  describe("sorting", () => {
    it("goes up unless told otherwise, also where the direction is none", async () => {
      const up = await inOrder({ "sort[column]": "username" });
      expect(up).toEqual(everyone);
      expect(await inOrder({ "sort[column]": "username", "sort[direction]": "upwards" })).toEqual(up);
      expect(await inOrder({ "sort[column]": "username", "sort[direction]": "desc" })).toEqual(up.toReversed());
    });

    it.each(["ldapId", "locale", "customClaims", "created_at", "nonsense"])(
      "by %s, which is no column of it, is left out without a word",
      async (name) => {
        expect(await found({ "sort[column]": name })).toEqual(everyone);
      },
    );
  });

  describe("filters", () => {
    it("take several values of a field as alternatives, and fields together", async () => {
      expect(await found({ "filters[disabled]": "true" })).toEqual(["anna", "emil"]);
      expect(await found({ "filters[disabled][0]": "true", "filters[disabled][1]": "false" })).toEqual(everyone);
      expect(await found({ "filters[disabled]": ["true", "false"] })).toEqual(everyone);
      expect(await found({ "filters[disabled][]": ["true"] })).toEqual(["anna", "emil"]);
      expect(await found({ "filters[isAdmin]": "true" })).toEqual(["ben"]);
      expect(await found({ "filters[isAdmin]": "true", "filters[disabled]": "true" })).toEqual([]);
    });

    it.each(["username", "email", "firstName", "locale", "isadmin", "nonsense"])(
      "of %s, which has none, are left out without a word, so that everything matches",
      async (field) => {
        expect(await found({ [`filters[${field}]`]: "no-such-value" })).toEqual(everyone);
      },
    );

    it("of emailVerified are there since 2.2", async () => {
      const expected = pocketId.since("2.2") ? [] : everyone;
      expect(await found({ "filters[emailVerified]": "true" })).toEqual(expected);
    });

    it("of clients are the switches", async () => {
      const word = pocketId.unique("switches");
      const plain = await pocketId.client({ name: `${word} a` });
      const others = {
        pkceEnabled: await pocketId.client({ name: `${word} b`, pkceEnabled: true }),
        requiresReauthentication: await pocketId.client({ name: `${word} c`, requiresReauthentication: true }),
        ...(pocketId.since("2.0") && {
          isGroupRestricted: await pocketId.client({ name: `${word} d`, isGroupRestricted: true }),
        }),
        ...(pocketId.since("2.9") && {
          requiresPushedAuthorizationRequests: await pocketId.client({
            name: `${word} e`,
            requiresPushedAuthorizationRequests: true,
          }),
        }),
        ...(pocketId.since("2.10") && { skipConsent: await pocketId.client({ name: `${word} f`, skipConsent: true }) }),
      };
      for (const [field, { id }] of Object.entries(others)) {
        const listed = async (value: string): Promise<string[]> =>
          column(
            (await pocketId.get(`/api/oidc/clients${query({ search: word, [`filters[${field}]`]: value })}`)).body.data,
            "id",
          );
        expect([field, await listed("true")]).toEqual([field, [id]]);
        expect([field, (await listed("false")).includes(plain.id)]).toEqual([field, true]);
      }
    });

    it("of clients by pkceSupported, which is false until an application has used PKCE, are there since 2.10", async () => {
      const { id, name } = await pocketId.client();
      const supported = query({ search: name, "filters[pkceSupported]": "true" });
      const { data } = (await pocketId.get(`/api/oidc/clients${supported}`)).body;
      expect(column(data, "id")).toEqual(pocketId.since("2.10") ? [] : [id]);
    });

    it("of clients by clientType are there since 2.13", async () => {
      const { id, name } = await pocketId.client();
      const of = async (type: string): Promise<string[]> =>
        column(
          (await pocketId.get(`/api/oidc/clients${query({ search: name, "filters[clientType]": type })}`)).body.data,
          "id",
        );
      expect(await of("standard")).toEqual([id]);
      expect(await of("cimd")).toEqual(pocketId.since("2.13") ? [] : [id]);
    });

    it("of clients are left out when they are sorted by allowedUserGroupsCount", async () => {
      const word = pocketId.unique("counted");
      await pocketId.client({ name: word });
      const by = { search: word, "filters[pkceEnabled]": "true" };
      const counted = { ...by, "sort[column]": "allowedUserGroupsCount", "sort[direction]": "desc" };
      expect((await pocketId.get(`/api/oidc/clients${query(by)}`)).body.data).toEqual([]);
      expect((await pocketId.get(`/api/oidc/clients${query(counted)}`)).body.data).toHaveLength(1);
    });

    it("of groups there are none", async () => {
      const friends = await pocketId.group();
      const { data } = (await pocketId.get(`/api/user-groups${query({ search: friends.name, "filters[name]": "x" })}`))
        .body;
      expect(column(data, "id")).toEqual([friends.id]);
    });
  });

  describe("searching", () => {
    it("looks for users in username, e-mail address, first and last name", async () => {
      expect(await found({ search: `${word}-carl` })).toEqual(["carl"]);
      expect(await found({ search: `${word}-ben@contract` })).toEqual(["ben"]);
      const first = await pocketId.user({ firstName: word.toUpperCase() });
      const last = await pocketId.user({ lastName: word.toUpperCase() });
      const ids = column((await page({ search: word.toUpperCase() })).data, "id");
      expect(ids).toEqual(expect.arrayContaining([first.id, last.id]));
    });

    it("does not look for users in their display names", async () => {
      const named = await pocketId.user({ displayName: pocketId.unique("Displayed") });
      expect((await page({ search: named.displayName })).data).toEqual([]);
    });

    it("looks for groups in the name alone, not in the friendly name", async () => {
      const friends = await pocketId.group({ friendlyName: pocketId.unique("Friendly") });
      const groups = async (search: string): Promise<string[]> =>
        column((await pocketId.get(`/api/user-groups${query({ search })}`)).body.data, "id");
      expect(await groups(friends.name)).toEqual([friends.id]);
      expect(await groups(friends.friendlyName)).toEqual([]);
    });

    it("looks for clients in the name alone, not in the id", async () => {
      const wiki = await pocketId.client({ id: pocketId.unique("id") });
      const clients = async (search: string): Promise<string[]> =>
        column((await pocketId.get(`/api/oidc/clients${query({ search })}`)).body.data, "id");
      expect(await clients(wiki.name)).toEqual([wiki.id]);
      expect(await clients(wiki.id)).toEqual([]);
    });

    it("is left out where there is none", async () => {
      expect((await pocketId.get(`/api/api-keys${query({ search: "no such key" })}`)).body.data).not.toEqual([]);
      expect((await pocketId.get(`/api/audit-logs${query({ search: "no such entry" })}`)).status).toBe(200);
    });

    it("does not mind the case of plain letters on SQLite, and does on PostgreSQL but in usernames", async () => {
      const ada = await pocketId.user({ firstName: pocketId.unique("Case"), lastName: "É" });
      const ids = async (search: string): Promise<string[]> => column((await page({ search })).data, "id");
      const isSqlite = pocketId.database === "sqlite";
      expect(await ids(ada.firstName)).toEqual([ada.id]);
      expect(await ids(ada.firstName.toUpperCase())).toEqual(isSqlite ? [ada.id] : []);
      expect(await ids(ada.username.toUpperCase())).toEqual([ada.id]);
    });

    it("minds the case of letters beyond ASCII everywhere", async () => {
      const word = pocketId.unique("x");
      const emile = await pocketId.user({ firstName: `É${word}` });
      const ids = async (search: string): Promise<string[]> => column((await page({ search })).data, "id");
      expect(await ids(`É${word}`)).toEqual([emile.id]);
      expect(await ids(`é${word}`)).toEqual([]);
    });

    it("looks for what it is given, in the Unicode form that it is given: NFC is what is stored since 2.13, and before whatever was sent", async () => {
      const word = pocketId.unique("x");
      const [composed, decomposed] = [`Zo\u00eb ${word}`, `Zoe\u0308 ${word}`];
      const zoe = await pocketId.user({ firstName: decomposed });
      const ids = async (search: string): Promise<string[]> => column((await page({ search })).data, "id");
      const stored = pocketId.since("2.13") ? composed : decomposed;
      expect(zoe.firstName).toBe(stored);
      expect(await ids(stored)).toEqual([zoe.id]);
      expect(await ids(stored === composed ? decomposed : composed)).toEqual([]);
    });

    it("takes % and _ for wildcards", async () => {
      expect(await found({ search: `${word}-c%l` })).toEqual(["carl"]);
      expect(await found({ search: `${word}-c_rl` })).toEqual(["carl"]);
    });

    it("goes on when filters are dropped because of a bad number", async () => {
      expect(await found({ search: `${word}-anna`, "pagination[limit]": "all" })).toEqual(["anna"]);
    });
  });
});
