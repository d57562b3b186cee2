import { beforeEach, describe, expect, it, vi } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { isSince, type PocketId, pocketId, type Reply } from "./pocket-id.ts";

/** The buckets fill up as this clock says, however long the test takes. */
let now = 1000;
const pass = (seconds: number) => {
  now += seconds * 1000;
};
beforeEach(() => {
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  return () => clock.mockRestore();
});

const manyTimes = (times: number, ask: () => Promise<Reply>): Promise<Reply[]> =>
  Promise.all(Array.from({ length: times }, ask));

const refusals = (replies: Reply[]): Reply[] => replies.filter(({ status }) => status === 429);

const meta = (instance: PocketId) => () => instance.anonymous.get("/api/oidc/clients/gitea/meta");

describe.each(sandboxVersions)("the rate limit of Pocket ID %s", (version) => {
  const since = (first: string) => isSince(version, first);

  it("is off unless asked for", async () => {
    const instance = await pocketId({ version });
    expect(refusals(await manyTimes(320, meta(instance)))).toEqual([]);
  });

  it("is the one of that version", async () => {
    const instance = await pocketId({ version, rateLimit: true });
    const burst = since("2.10") ? 300 : since("2.3") ? 100 : 60;
    const refused = refusals(await manyTimes(burst + 3, meta(instance)));
    expect(refused).toHaveLength(3);
    expect(refused[0]?.headers.get("retry-after")).toBe(since("2.10") ? "1" : null);
    if (since("2.13")) expect(refused[0]?.body).toMatchObject({ code: "rate_limited" });
    else expect(refused[0]?.body).toEqual({ error: "Too many requests" });
    pass(1);
    expect(refusals(await manyTimes(5, meta(instance)))).toHaveLength(since("2.10") ? 0 : 4);
  });

  it("does not count what is not the API", async () => {
    const instance = await pocketId({ version, rateLimit: { perSecond: 1, burst: 1 } });
    expect([(await meta(instance)()).status, (await meta(instance)()).status]).toEqual([200, 429]);
    expect((await instance.anonymous.get("/healthz")).status).toBe(204);
    expect((await instance.anonymous.get("/settings")).status).toBe(200);
    expect((await instance.anonymous.get("/.well-known/openid-configuration")).status).toBe(429);
  });

  it("is tighter where people could guess", async () => {
    const instance = await pocketId({ version, rateLimit: true });
    const replies = await manyTimes(6, () => instance.anonymous.post("/api/one-time-access-token/ABCDEF"));
    const refused = refusals(replies);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.headers.get("retry-after")).toBe(since("2.10") ? "10" : null);
    expect((await meta(instance)()).status).toBe(200);
  });
});

it("can be set to anything, and fills up again", async () => {
  const instance = await pocketId({ rateLimit: { perSecond: 0.1, burst: 2 } });
  const refused = refusals(await manyTimes(3, meta(instance)));
  expect(refused.map(({ headers }) => headers.get("retry-after"))).toEqual(["10"]);
  pass(7);
  expect((await meta(instance)()).headers.get("retry-after")).toBe("3");
  pass(3);
  expect((await meta(instance)()).status).toBe(200);
});
