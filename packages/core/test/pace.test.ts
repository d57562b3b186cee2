import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { PocketIdError } from "../src/index.ts";
import { nextAtOnce } from "../src/pocket-id/pace.ts";
import { type Page, type WalkOptions, walk } from "../src/pocket-id/paginate.ts";
import { inVirtualTime } from "./support/virtual-time.ts";

interface ServerOptions {
  pages: number;
  /** Milliseconds to the server and back. */
  roundTripMs?: number;
  /** Milliseconds of work for a page. */
  workMs?: (page: number) => number;
  /** Pages that it can work on at the same time. */
  cores?: number;
  limit?: { perSecond: number; burst: number; retryAfter?: string };
}

/** A server in virtual time, with one item on each page. */
function serverOf({ pages, roundTripMs = 0, workMs = () => 10, cores = 1, limit }: ServerOptions) {
  const requests: { page: number; at: number; atOnce: number; status: number }[] = [];
  const waiting: (() => void)[] = [];
  let free = cores;
  let underWay = 0;
  let tokens = limit?.burst ?? 0;
  let filledAt = performance.now();

  const isRefused = (): boolean => {
    if (limit === undefined) return false;
    const now = performance.now();
    tokens = Math.min(limit.burst, tokens + ((now - filledAt) / 1_000) * limit.perSecond);
    filledAt = now;
    // What comes of fractions of a millisecond is none of our business.
    if (tokens < 0.999) return true;
    tokens -= 1;
    return false;
  };
  const fetch = async (page: number): Promise<Page<number>> => {
    underWay++;
    try {
      await sleep(roundTripMs / 2);
      const refused = isRefused();
      requests.push({ page, at: performance.now(), atOnce: underWay, status: refused ? 429 : 200 });
      if (refused) {
        const details = { status: 429, code: null, route: "GET /api/users", retryAfter: limit?.retryAfter ?? null };
        throw new PocketIdError("Too many requests", details);
      }
      if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      else free--;
      await sleep(workMs(page));
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
      await sleep(roundTripMs / 2);
      return { items: [page], page, totalPages: pages, totalItems: pages };
    } finally {
      underWay--;
    }
  };
  return { fetch, requests, refused: () => requests.filter(({ status }) => status === 429) };
}

type Server = ReturnType<typeof serverOf>;

interface Walked {
  items: number[];
  ms: number;
  progress: { done: number; at: number }[];
}

async function walked(server: Server, options: Partial<WalkOptions<number>> = {}): Promise<Walked> {
  const started = performance.now();
  const items: number[] = [];
  const progress: Walked["progress"] = [];
  const onProgress = (done: number) => progress.push({ done, at: performance.now() });
  for await (const item of walk({ fetch: server.fetch, id: String, onProgress, ...options })) items.push(item);
  return { items, progress, ms: performance.now() - started };
}

/** The same server and a walk over it, in virtual time. */
const walkOver = (options: ServerOptions, walking?: Partial<WalkOptions<number>>): Promise<Walked & Server> =>
  inVirtualTime(async () => {
    const server = serverOf(options);
    return { ...server, ...(await walked(server, walking)) };
  });

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);
const mostAtOnce = (requests: Server["requests"]): number => Math.max(...requests.map(({ atOnce }) => atOnce));

describe("how many requests follow an answer", () => {
  it.each([
    // The answer came as fast as ever: there is room for one more.
    [3, 20, 20, 4],
    [7, 23, 20, 8],
    [8, 20, 20, 8],
    [1, 90, 10, 2],
    // One or two wait for others.
    [3, 15, 10, 3],
    [2, 20, 10, 2],
    // More than two do.
    [4, 40, 10, 3],
    [8, 28, 20, 7],
  ])("%i at once, and it took %i instead of %i ms: %i", (atOnce, tookMs, fastestMs, expected) =>
    expect(nextAtOnce(atOnce, tookMs, fastestMs, 8)).toBe(expected),
  );
});

describe("a walk over a server", () => {
  it("that is far away asks for eight pages at once, and takes a fifth of the time", async () => {
    const { items, ms, requests } = await walkOver({ pages: 100, roundTripMs: 20, workMs: () => 2, cores: 2 });
    expect(items).toEqual(numbers(100));
    expect(mostAtOnce(requests)).toBe(8);
    expect(ms).toBeLessThan((100 * 22) / 5);
  });

  it("that has one core keeps it busy with three at the most, and is no slower than page after page", async () => {
    const { items, ms, requests } = await walkOver({ pages: 100 });
    expect(items).toEqual(numbers(100));
    expect(mostAtOnce(requests.slice(10))).toBeLessThanOrEqual(3);
    expect(ms).toBe(100 * 10);
  });

  it("that has two cores uses both", async () => {
    const { ms, requests } = await walkOver({ pages: 101, cores: 2 });
    expect(mostAtOnce(requests.slice(10))).toBeLessThanOrEqual(5);
    expect(ms).toBeLessThanOrEqual(51 * 10);
  });

  it("that becomes busy asks for less", async () => {
    const workMs = (page: number) => (page < 50 ? 2 : 60);
    const { requests } = await walkOver({ pages: 100, roundTripMs: 20, workMs, cores: 2 });
    expect(mostAtOnce(requests.slice(0, 50))).toBe(8);
    expect(mostAtOnce(requests.slice(70))).toBeLessThanOrEqual(4);
  });

  it("brings the items in their order, whichever page comes first, and holds eight pages at the most", async () => {
    const workMs = (page: number) => 20 + ((page * 37) % 11);
    const server = serverOf({ pages: 60, workMs, cores: 8 });
    const items: number[] = [];
    await inVirtualTime(async () => {
      for await (const item of walk({ fetch: server.fetch, id: String })) {
        items.push(item);
        await sleep(100);
        expect(server.requests.length - items.length).toBeLessThanOrEqual(8);
      }
    });
    expect(items).toEqual(numbers(60));
    expect(server.requests).toHaveLength(60);
  });
});

describe("a walk that is told there are too many requests", () => {
  it("waits as long as it is told to, and goes on", async () => {
    const limit = { perSecond: 100, burst: 30, retryAfter: "1" };
    const { items, requests, refused } = await walkOver({
      pages: 200,
      roundTripMs: 2,
      workMs: () => 1,
      cores: 8,
      limit,
    });
    expect(items).toEqual(numbers(200));
    expect(refused().length).toBeGreaterThan(0);
    for (const { at } of refused()) {
      const soon = requests.filter((request) => request.at > at + 10 && request.at < at + 999);
      expect(soon).toEqual([]);
    }
  });

  it.each(["0", "Mon, 01 Jan 2001 00:00:00 GMT"])(
    "waits a second where it is told to come back at once (%s)",
    async (retryAfter) => {
      const requests = await inVirtualTime(async () => {
        const server = serverOf({ pages: 9, limit: { perSecond: 0, burst: 5, retryAfter } });
        await expect(walked(server)).rejects.toMatchObject({ status: 429 });
        return server.requests;
      });
      expect(requests.length).toBeLessThanOrEqual(50 * 8);
    },
  );

  it("goes on with a page a second where it is not told how long (Pocket ID <= 2.9), and says how far it is", async () => {
    const limit = { perSecond: 1, burst: 40 };
    const { items, requests, refused, progress, ms } = await walkOver({ pages: 100, roundTripMs: 20, limit });
    expect(items).toEqual(numbers(100));
    expect(refused().length).toBeLessThanOrEqual(8);
    const slow = requests.slice(requests.findIndex(({ status }) => status === 429) + 8).map(({ at }) => at);
    for (const [index, at] of slow.slice(1).entries()) expect(at - (slow[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(ms).toBeLessThan(80_000);
    expect(progress.map(({ done }) => done)).toEqual(numbers(100));
    for (const [index, { at }] of progress.slice(1).entries())
      expect(at - (progress[index]?.at ?? 0)).toBeLessThan(5_000);
  });

  it("asks again for one page at a time, and not for all that were under way", async () => {
    const { refused, error } = await inVirtualTime(async () => {
      const server = serverOf({ pages: 100, roundTripMs: 20, limit: { perSecond: 0, burst: 20, retryAfter: "1" } });
      return { ...server, error: await walked(server).catch((caught: unknown) => caught) };
    });
    expect(error).toMatchObject({ status: 429 });
    expect(refused().length).toBeLessThanOrEqual(8 + 50);
  });

  it("shares what is let through with others who ask as much", async () => {
    const walks = await inVirtualTime(async () => {
      const server = serverOf({ pages: 30, limit: { perSecond: 1, burst: 20 } });
      return Promise.all(Array.from({ length: 5 }, () => walked(server)));
    });
    for (const { items } of walks) expect(items).toEqual(numbers(30));
  });

  it.each([
    ["at once, if that is longer than it may wait", "3600", 0],
    ["once it has waited long enough", "7", 50_000],
  ])("ends with what it was told %s", async (_, retryAfter, ms) => {
    const { begun, ended, error } = await inVirtualTime(async () => {
      const begun = performance.now();
      const server = serverOf({ pages: 9, limit: { perSecond: 0, burst: 1, retryAfter } });
      const error = await walked(server).catch((caught: unknown) => caught);
      return { begun, error, ended: performance.now() };
    });
    expect(error).toMatchObject({ status: 429 });
    expect(ended - begun).toBeGreaterThanOrEqual(ms - 8_000);
    expect(ended - begun).toBeLessThanOrEqual(ms + 100);
  });

  it("does not ask any more once nobody wants more", async () => {
    const server = serverOf({ pages: 9, limit: { perSecond: 1, burst: 2 } });
    await inVirtualTime(async () => {
      for await (const item of walk({ fetch: server.fetch, id: String })) if (item === 2) break;
      const asked = server.requests.length;
      await sleep(60_000);
      expect(server.requests).toHaveLength(asked);
    });
  });

  it("ends at once when it is cancelled", async () => {
    const controller = new AbortController();
    const ms = await inVirtualTime(async () => {
      const started = performance.now();
      const server = serverOf({ pages: 9, limit: { perSecond: 0, burst: 1, retryAfter: "30" } });
      setTimeout(() => controller.abort(), 100);
      await expect(walked(server, { signal: controller.signal })).rejects.toThrow(/abort/i);
      return performance.now() - started;
    });
    expect(ms).toBe(100);
  });
});
