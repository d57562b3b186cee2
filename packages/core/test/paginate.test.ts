import { describe, expect, it } from "vitest";
import { type Page, walk } from "../src/pocket-id/paginate.ts";

interface Item {
  id: number;
}

/** A list of Pocket ID: a page past the end is the last one again. */
function listOf(items: () => readonly Item[], size: number) {
  const asked: number[] = [];
  let underWay = 0;
  let most = 0;
  const fetch = async (page: number): Promise<Page<Item>> => {
    asked.push(page);
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    const all = items();
    const totalPages = Math.max(1, Math.ceil(all.length / size));
    const shown = Math.min(page, totalPages);
    return { items: all.slice((shown - 1) * size, shown * size), page: shown, totalPages, totalItems: all.length };
  };
  return { fetch, asked, most: () => most };
}

const numbers = (length: number): Item[] => Array.from({ length }, (_, id) => ({ id }));
const id = (item: Item) => String(item.id);

async function gather(items: AsyncIterable<Item>): Promise<number[]> {
  const gathered: number[] = [];
  for await (const item of items) gathered.push(item.id);
  return gathered;
}

describe("walking over a list", () => {
  it.each([0, 1, 9, 10, 11, 25, 100, 101])(
    "of %i items brings each once and asks for each page once",
    async (length) => {
      const list = listOf(() => numbers(length), 10);
      expect(await gather(walk({ fetch: list.fetch, id }))).toEqual(numbers(length).map((item) => item.id));
      expect(list.asked).toEqual(Array.from({ length: Math.max(1, Math.ceil(length / 10)) }, (_, index) => index + 1));
    },
  );

  it("asks for no more pages at a time than it may", async () => {
    const list = listOf(() => numbers(250), 10);
    await gather(walk({ fetch: list.fetch, id, ahead: 3 }));
    expect(list.most()).toBe(3);
  });

  it("stops asking when nobody wants more", async () => {
    const list = listOf(() => numbers(1_000), 10);
    for await (const item of walk({ fetch: list.fetch, id })) if (item.id === 5) break;
    expect(list.asked.length).toBeLessThanOrEqual(4);
  });

  it("brings what stands on a page twice once", async () => {
    const items = [{ id: 0 }, { id: 1 }, { id: 0 }];
    const fetch = async (): Promise<Page<Item>> => ({ items, page: 1, totalPages: 1, totalItems: 2 });
    expect(await gather(walk({ fetch, id }))).toEqual([0, 1]);
  });

  it("leaves out what comes twice because something was added in front", async () => {
    let items = numbers(30);
    const list = listOf(() => items, 10);
    const seen: number[] = [];
    for await (const item of walk({ fetch: list.fetch, id, ahead: 1 })) {
      seen.push(item.id);
      if (item.id === 9) items = [{ id: 99 }, ...items];
    }
    expect(seen.length).toBe(new Set(seen).size);
    expect([...seen].sort((a, b) => a - b)).toEqual([...numbers(30).map((item) => item.id), 99]);
  });

  it("finds in a second round what moved to a page that it had already seen", async () => {
    let calls = 0;
    const pages = [
      { items: [{ id: 0 }, { id: 1 }], page: 1, totalPages: 2, totalItems: 4 },
      { items: [{ id: 1 }, { id: 3 }], page: 2, totalPages: 2, totalItems: 4 },
      { items: [{ id: 0 }, { id: 1 }], page: 1, totalPages: 2, totalItems: 4 },
      { items: [{ id: 2 }, { id: 3 }], page: 2, totalPages: 2, totalItems: 4 },
    ];
    const fetch = async (): Promise<Page<Item>> => pages[calls++] ?? Promise.reject(new Error("one page too many"));
    expect((await gather(walk({ fetch, id, ahead: 1 }))).sort()).toEqual([0, 1, 2, 3]);
    expect(calls).toBe(4);
  });

  it("goes by another order in its second round, since the first may have no order among equals", async () => {
    const asked: [number, number][] = [];
    const fetch = async (page: number, pass: number): Promise<Page<Item>> => {
      asked.push([page, pass]);
      return { items: pass === 1 ? [{ id: 0 }] : [{ id: page }], page, totalPages: 2, totalItems: 3 };
    };
    expect(await gather(walk({ fetch, id, ahead: 1 }))).toEqual([0, 1, 2]);
    expect(asked).toEqual([
      [1, 1],
      [2, 1],
      [1, 2],
      [2, 2],
    ]);
  });

  it("tells how far it is", async () => {
    const progress: [number, number][] = [];
    const list = listOf(() => numbers(25), 10);
    await gather(walk({ fetch: list.fetch, id, onProgress: (done, total) => progress.push([done, total]) }));
    expect(progress).toEqual([
      [10, 25],
      [20, 25],
      [25, 25],
    ]);
  });

  it("ends with the error of a page", async () => {
    const list = listOf(() => numbers(50), 10);
    const fetch = (page: number) => (page === 3 ? Promise.reject(new Error("page 3 failed")) : list.fetch(page));
    await expect(gather(walk({ fetch, id }))).rejects.toThrow("page 3 failed");
  });
});
