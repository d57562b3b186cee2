import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tools as groupTools } from "../../packages/groups/src/tools.ts";
import { tools as userTools } from "../../packages/users/src/tools.ts";
import { type Connected, connect } from "../support/connect.ts";

let mcp: Connected;
beforeEach(async () => {
  mcp = await connect([...userTools, ...groupTools], { seed: "empty" });
  addUsers(249);
});
afterEach(() => mcp.close());

function addUsers(count: number) {
  const [admin] = mcp.sandbox.state.users.values();
  if (admin === undefined) throw new Error("the sandbox has no administrator");
  const before = mcp.sandbox.state.users.size;
  for (let index = before; index < before + count; index++) {
    const id = randomUUID();
    mcp.sandbox.state.users.set(id, {
      ...structuredClone(admin),
      id,
      username: `user${index}`,
      email: `user${index}@example.com`,
      isAdmin: false,
    });
  }
}

async function addGroups(count: number) {
  const { group } = await mcp.ok("user_group_create", { name: "pattern", friendlyName: "Pattern" });
  const pattern = mcp.sandbox.state.userGroups.get(group.id);
  if (pattern === undefined) throw new Error("there is no such group");
  for (let index = 1; index < count; index++) {
    const id = randomUUID();
    const name = `group${String(index).padStart(5, "0")}`;
    mcp.sandbox.state.userGroups.set(id, { ...structuredClone(pattern), id, name, friendlyName: `Friends ${index}` });
  }
}

const pagesAsked = () =>
  mcp.sandbox.requests.map(({ query }) => Number(new URLSearchParams(query).get("pagination[page]")));

describe("an instance with 250 users", () => {
  it("is listed whole, each user once, and never past the last page", async () => {
    mcp.sandbox.requests.length = 0;
    const { users, totalItems, hasMore } = await mcp.ok("user_list", { all: true });
    expect(users).toHaveLength(250);
    expect(new Set(users.map(({ id }: { id: string }) => id)).size).toBe(250);
    expect({ totalItems, hasMore }).toEqual({ totalItems: 250, hasMore: false });
    expect(pagesAsked()).toEqual([1, 2, 3]);
    const { requests } = mcp.sandbox;
    const atOnce = requests.map(
      ({ startedAt }) => requests.filter((other) => other.startedAt <= startedAt && other.endedAt > startedAt).length,
    );
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(3);
  });

  it("tells how far it is, to a client that asks", async () => {
    const progress: number[] = [];
    await mcp.client.callTool(
      { name: "user_list", arguments: { all: true } },
      { onprogress: ({ progress: done }) => progress.push(done) },
    );
    expect(progress).toEqual([100, 200, 250]);
  });

  it("is walked over at the pace that Pocket ID 2.9 lets through, which says how far it is", async () => {
    await mcp.close();
    mcp = await connect(userTools, { seed: "empty", version: "2.9", rateLimit: { perSecond: 1, burst: 1 } });
    addUsers(249);
    const progress: number[] = [];
    const { structuredContent } = await mcp.client.callTool(
      { name: "user_list", arguments: { all: true } },
      { onprogress: ({ progress: done }) => progress.push(done) },
    );
    expect(structuredContent).toMatchObject({ totalItems: 250, hasMore: false });
    expect(progress).toEqual([100, 200, 250]);
    // Page 1 is let through, 2 and 3 are not; from then on, one after the other.
    const [, , , ...later] = mcp.sandbox.requests;
    for (const [index, { startedAt }] of later.slice(1).entries())
      expect(startedAt - (later[index]?.startedAt ?? 0)).toBeGreaterThan(1_000);
    expect(later.length).toBeLessThanOrEqual(4);
  });

  it("is no longer walked over once the call is cancelled", async () => {
    const controller = new AbortController();
    mcp.sandbox.requests.length = 0;
    mcp.sandbox.intercept = (request) => {
      if (request.url?.includes("page%5D=2")) controller.abort();
      return false;
    };
    await expect(
      mcp.client.callTool({ name: "user_list", arguments: { all: true } }, { signal: controller.signal }),
    ).rejects.toThrow();
    expect(Math.max(...pagesAsked())).toBeLessThanOrEqual(3);
  });

  it("is found in by a filter of ours, counted in one small answer", async () => {
    const { users, totalItems } = await mcp.ok("user_list", { emailDomain: "example.com", limit: 1 });
    expect(users).toHaveLength(1);
    expect(totalItems).toBeGreaterThanOrEqual(249);
  });

  it("fits into an answer, which says what was cut and how to get the rest", async () => {
    const answer = await mcp.ok("user_list", { all: true, full: true });
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(64 * 1024);
    expect(answer).toMatchObject({ truncated: true, hasMore: true, totalItems: 250 });
    expect(answer.users.length).toBeLessThan(250);
    expect(answer.notes[0]).toMatch(new RegExp(`users was cut to ${answer.users.length} of 250.*page and limit`));
  });
});

describe("an instance with thousands", () => {
  it("is counted by Pocket ID beyond what a walk looks at", async () => {
    addUsers(9_850);
    const { users, totalItems, hasMore } = await mcp.ok("user_list", { all: true });
    expect({ totalItems, hasMore }).toEqual({ totalItems: 10_100, hasMore: true });
    expect(users.length).toBeLessThan(1_000);
  });

  it("is searched to its end for a name that Pocket ID does not search, each page once", async () => {
    await addGroups(2_200);
    mcp.sandbox.requests.length = 0;
    expect((await mcp.ok("user_group_get", { group: "Friends 2199" })).group.name).toBe("group02199");
    expect(await mcp.fails("user_group_get", { group: "Fiends 2199" })).toMatch(/Close ones: group02199/);
    const walked = pagesAsked().filter((page) => page > 1);
    expect(walked).toHaveLength(2 * 21);
  });
});
