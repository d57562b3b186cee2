import { readFileSync } from "node:fs";
import { PocketIdClient } from "@pocketid-mcp/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuiltServer } from "../support/built.ts";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.ts";
import { type Instance, type Json, openInstance } from "./instance.ts";
import { callbackURL, ids } from "./live.ts";
import { type Servers, startServers } from "./servers.ts";

// A large Pocket ID. It takes minutes to fill and to empty again, so it runs where POCKETID_LIVE_SCALE=1 asks for it; the instance must not limit
// the rate of requests (DISABLE_RATE_LIMITING=true).
const asked = process.env.POCKETID_LIVE_SCALE === "1";
const amounts = { users: 10_000, clients: 2_000, groups: 500 };
const minutes = 60_000;

describe.runIf(asked)("a large Pocket ID", { timeout: 15 * minutes }, () => {
  let pocketId: Instance;
  let proxy: CountingProxy;
  let servers: Servers;
  let users: Json[];
  let groups: Json[];
  let clients: Json[];
  const report: string[] = [];

  const number = (index: number): string => String(index).padStart(5, "0");

  beforeAll(async () => {
    pocketId = await openInstance(process.env);
    const started = performance.now();
    await fill();
    users = await pocketId.rows(`/api/users?search=${pocketId.prefix}`);
    groups = await pocketId.rows(`/api/user-groups?search=${pocketId.prefix}`);
    clients = await pocketId.rows(`/api/oidc/clients?search=${pocketId.prefix}`);
    report.push(`filled in ${Math.round((performance.now() - started) / 1_000)} s`);
    proxy = await startCountingProxy(pocketId.url);
    servers = await startServers({ POCKETID_URL: proxy.url, POCKETID_API_KEY: pocketId.apiKey });
  }, 30 * minutes);

  afterAll(async () => {
    await servers.close();
    await proxy.close();
    await empty();
    await pocketId.restore();
    console.info([`Pocket ID ${pocketId.version}, ${JSON.stringify(amounts)}`, ...report].join("\n"));
  }, 30 * minutes);

  /** One person in ten has another e-mail domain, one in twenty no group; of four clients, one is open, one closed, two have a group. */
  async function fill(): Promise<void> {
    const { done, prefix } = pocketId;
    const people = await inParallel(amounts.users, async (index) => {
      const username = `${prefix}-u${number(index)}`;
      const email = `${username}@${index % 10 === 0 ? "one" : "two"}.example`;
      const { id } = await done("POST", "/api/users", { username, email, firstName: "U", displayName: `U ${index}` });
      return id;
    });
    const crews = await inParallel(amounts.groups, async (index) => {
      const name = `${prefix}-g${number(index)}`;
      const { id } = await done("POST", "/api/user-groups", { name, friendlyName: `Group ${index} ${prefix}` });
      const userIds = people.filter((_, person) => person % amounts.groups === index && person % 20 !== 0);
      await done("PUT", `/api/user-groups/${id}/users`, { userIds });
      return id;
    });
    await inParallel(amounts.clients, async (index) => {
      const name = `${prefix} c${number(index)}`;
      const restricted = { callbackURLs: [callbackURL], isGroupRestricted: index % 4 !== 0 };
      const { id } = await done("POST", "/api/oidc/clients", { name, ...restricted });
      if (index % 4 < 2) return;
      const userGroupIds = [crews[index % amounts.groups]];
      await done("PUT", `/api/oidc/clients/${id}/allowed-user-groups`, { userGroupIds });
    });
  }

  async function empty(): Promise<void> {
    const paths = [
      ...clients.map(({ id }) => `/api/oidc/clients/${id}`),
      ...groups.map(({ id }) => `/api/user-groups/${id}`),
      ...users.map(({ id }) => `/api/users/${id}`),
    ];
    await inParallel(paths.length, async (index) => void (await pocketId.done("DELETE", paths[index] ?? "")));
  }

  /** Does something, checks that no more than eight pages are asked for at once, and notes what it took. */
  async function measured<T>(what: string, act: () => Promise<T>): Promise<T> {
    proxy.counted();
    const started = performance.now();
    const result = await act();
    const ms = Math.round(performance.now() - started);
    const { requests, atOnce, pagesAtOnce } = proxy.counted();
    expect(pagesAtOnce).toBeLessThanOrEqual(8);
    report.push(`${what}: ${ms} ms, ${requests} requests, ${atOnce} at once`);
    return result;
  }

  /** All rows that a list tool brings, page by page. */
  async function paged(tool: string, rows: string, args: Record<string, unknown>): Promise<Json[]> {
    const found: Json[] = [];
    for (let page = 1; ; page++) {
      const answer = await servers.ok(tool, { ...args, page, limit: 100 });
      found.push(...answer[rows]);
      if (!answer.hasMore) {
        expect(answer.totalItems).toBe(found.length);
        return found;
      }
    }
  }

  /** The same rows, each once. */
  function same(found: readonly Json[], expected: readonly Json[]): void {
    expect(found).toHaveLength(expected.length);
    expect(ids([...found])).toEqual(ids([...expected]));
    expect(new Set(ids([...found])).size).toBe(expected.length);
  }

  describe("lists", () => {
    it("is as large as it should be", () => {
      expect({ users: users.length, clients: clients.length, groups: groups.length }).toEqual(amounts);
    });

    it.each([
      ["user_list", "users", () => users],
      ["user_group_list", "groups", () => groups],
      ["oidc_client_list", "clients", () => clients],
    ] as const)(
      "%s gives every row once, page by page, and counts all of them at once",
      async (tool, rows, expected) => {
        const { prefix: search } = pocketId;
        const found = await measured(`${tool}, 100 at a time`, () => paged(tool, rows, { search }));
        same(found, expected());
        const answer = await measured(`${tool} all`, () => servers.ok(tool, { search, all: true }));
        expect(answer.totalItems).toBe(expected().length);
        if (answer.truncated)
          expect(answer).toMatchObject({ hasMore: true, notes: [expect.stringMatching(/page by page/)] });
        else same(answer[rows], expected());
        report.push(`  ${answer[rows].length} of them fit into the answer`);
      },
    );

    it("the library lists everything, each once", async () => {
      const library = new PocketIdClient({ url: proxy.url, apiKey: pocketId.apiKey });
      const all = async (list: AsyncIterable<{ id: string }>) => {
        const found: Json[] = [];
        for await (const item of list) found.push(item);
        return found;
      };
      const search = pocketId.prefix;
      const found = await measured("the library, all users", () => all(library.users.all()));
      same(found, await pocketId.rows("/api/users"));
      same(await measured("the library, all groups", () => all(library.userGroups.all({ search }))), groups);
      same(await measured("the library, all clients", () => all(library.oidcClients.all({ search }))), clients);
      await library.close();
    });

    it("says where it stopped, if there are more than 10,000", async () => {
      // The owner of the key is one more.
      const { pagination } = await pocketId.read("/api/users");
      expect(pagination.totalItems).toBeGreaterThan(10_000);
      const answer = await measured("user_list all, of more than 10,000", () => servers.ok("user_list", { all: true }));
      report.push(`  counts ${answer.totalItems} of ${pagination.totalItems}`);
      expect(answer.notes.join(" ")).toMatch(/Stopped after 10000 entries/);
    });
  });

  describe("names", () => {
    const places = [0, 0.5, 1];
    const at = (rows: Json[], key: string): Json[] => {
      const sorted = [...rows].sort((a, b) => (a[key] < b[key] ? -1 : 1));
      return places.map((place) => sorted[Math.round(place * (sorted.length - 1))]);
    };

    it.each([
      ["user_get", "user", ["id", "username", "email"], () => at(users, "username")],
      ["user_group_get", "group", ["id", "name", "friendlyName"], () => at(groups, "name")],
      ["oidc_client_get", "client", ["id", "name"], () => at(clients, "name")],
    ] as const)("%s finds the first, the one in the middle and the last", async (tool, kind, keys, wanted) => {
      for (const object of wanted()) {
        for (const key of keys) {
          const { [kind]: found } = await measured(`${tool} by ${key}`, () =>
            servers.ok(tool, { [kind]: object[key] }),
          );
          expect(found.id).toBe(object.id);
        }
      }
    });

    it.each([
      ["user_get", "user", () => at(users, "username").map(({ username }) => username)],
      ["user_group_get", "group", () => at(groups, "name").map(({ name }) => name)],
      ["oidc_client_get", "client", () => at(clients, "name").map(({ name }) => name)],
    ] as const)("%s refuses what is unknown, with close ones", async (tool, kind, names) => {
      for (const name of names()) {
        const text = await measured(`${tool} of an unknown name`, () => servers.fails(tool, { [kind]: `${name}x` }));
        expect(text).toMatch(
          new RegExp(`^Nothing was changed\\. ${kind}: there is no ${kind} .*Close ones: ${name.slice(0, 11)}`),
        );
      }
    });
  });

  describe("filters of ours", () => {
    const idsOf = (rows: Json[]): string[] => rows.map(({ id }) => id);
    const search = () => ({ search: pocketId.prefix });

    it("user_list knows domains and groups", async () => {
      const [group] = groups;
      const find = (args: object) =>
        measured(`user_list ${Object.keys(args)}`, () => paged("user_list", "users", { ...search(), ...args }));
      same(
        await find({ emailDomain: "one.example" }),
        users.filter(({ email }) => email.endsWith("@one.example")),
      );
      same(
        await find({ noGroup: true }),
        users.filter(({ userGroups }) => userGroups.length === 0),
      );
      const inside = (user: Json) => idsOf(user.userGroups).includes(group.id);
      same(await find({ group: group.name }), users.filter(inside));
      const { totalItems } = await servers.ok("user_list", { ...search(), notInGroup: group.id });
      expect(totalItems).toBe(users.filter((user) => !inside(user)).length);
    });

    it("oidc_client_list knows who may sign in", async () => {
      const find = (args: object) =>
        measured(`oidc_client_list ${Object.entries(args)}`, () =>
          paged("oidc_client_list", "clients", { ...search(), ...args }),
        );
      const open = clients.filter(({ isGroupRestricted }) => !isGroupRestricted);
      const some = clients.filter((client) => client.isGroupRestricted && client.allowedUserGroupsCount > 0);
      same(await find({ access: "everyone" }), open);
      same(await find({ access: "groups" }), some);
      same(
        await find({ access: "nobody" }),
        clients.filter((client) => !open.includes(client) && !some.includes(client)),
      );
      const [group] = [...groups].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(2);
      const whole = await inParallel(some.length, (index) => pocketId.read(`/api/oidc/clients/${some[index]?.id}`));
      same(
        await find({ group: group.name }),
        whole.filter((client) => idsOf(client.allowedUserGroups).includes(group.id)),
      );
    });
  });

  it("kept the servers small", () => {
    for (const [server, pid] of servers.pids) {
      const { now, most } = residentMegabytes(server, pid);
      report.push(`${server} server: ${now} MB, at the most ${most} MB`);
      expect(most).toBeLessThan(250);
    }
  });
});

function residentMegabytes(server: BuiltServer, pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name: string): number => {
    const kilobytes = new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`/proc does not say how large the ${server} server is`);
    return Math.round(Number(kilobytes) / 1_024);
  };
  return { now: of("VmRSS"), most: of("VmHWM") };
}

/** Does something so many times, eight at once. */
async function inParallel<T>(times: number, act: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) {
      const index = next++;
      results[index] = await act(index);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return results;
}
