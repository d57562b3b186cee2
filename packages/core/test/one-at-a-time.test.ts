import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { oneAtATime } from "../src/runtime/one-at-a-time.ts";

const folder = () => join(mkdtempSync(join(tmpdir(), "one-at-a-time-")), "state");
const instance = "https://id.example.com";
const warnings: string[] = [];
const warn = (message: string) => void warnings.push(message);

/** Work that tells how much of it was under way at once. */
function counted() {
  let underWay = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++underWay);
    await sleep(20);
    underWay--;
  };
  return { work, most: () => most };
}

describe("guarded calls", () => {
  it("of two servers are kept apart, as those of one are", async () => {
    const state = folder();
    const [one, other] = [oneAtATime(state, instance, warn), oneAtATime(state, instance, warn)];
    const { work, most } = counted();
    await Promise.all([one(work), other(work), one(work), other(work)]);
    expect(most()).toBe(1);
    expect(readdirSync(state)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("on different instances are not", async () => {
    const state = folder();
    const { work, most } = counted();
    await Promise.all([oneAtATime(state, instance, warn)(work), oneAtATime(state, "https://b.example", warn)(work)]);
    expect(most()).toBe(2);
  });

  it("that fail let the next one go", async () => {
    const state = folder();
    const [one, other] = [oneAtATime(state, instance, warn), oneAtATime(state, instance, warn)];
    await expect(one(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await other(async () => "done")).toBe("done");
  });

  it("do not wait for ever", async () => {
    const state = folder();
    const [one, other] = [oneAtATime(state, instance, warn), oneAtATime(state, instance, warn, 50)];
    const first = one(() => sleep(300));
    await sleep(20);
    await expect(other(async () => "done")).rejects.toThrow(/Another call that has to be alone.*still under way/);
    await first;
    expect(await other(async () => "done")).toBe("done");
  });

  it("take turns within a server where no lock can be made, and the operator is told once", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "one-at-a-time-")), "file");
    writeFileSync(file, "");
    const one = oneAtATime(join(file, "state"), instance, warn);
    const { work, most } = counted();
    await Promise.all([one(work), one(work)]);
    expect(most()).toBe(1);
    expect(warnings).toEqual([expect.stringMatching(/^no lock can be made in .* \(\w+\): the servers cannot wait/)]);
  });
});
