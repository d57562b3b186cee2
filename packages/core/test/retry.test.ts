import { describe, expect, it } from "vitest";
import { isTransient, mayRepeat, parseRetryAfter, retryDelay } from "../src/pocket-id/retry.ts";

describe("what may be repeated", () => {
  it.each([
    ["GET", true],
    ["PUT", true],
    ["DELETE", true],
    ["POST", false],
    ["PATCH", false],
  ])("%s: %s", (method, expected) => expect(mayRepeat(method)).toBe(expected));

  it.each([
    [429, true],
    [502, true],
    [503, true],
    [504, true],
    [500, false],
    [400, false],
    [401, false],
    [404, false],
    [409, false],
  ])("status %i passes by itself: %s", (status, expected) => expect(isTransient(status)).toBe(expected));
});

describe("Retry-After", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  it.each([
    [undefined, undefined],
    ["0", 0],
    ["7", 7_000],
    [" 12 ", 12_000],
    ["Mon, 23 Nov 2026 12:00:30 GMT", 30_000],
    ["Mon, 23 Nov 2026 11:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    ["-5", undefined],
  ])("%j is %j ms", (header, expected) => expect(parseRetryAfter(header, now)).toBe(expected));
});

describe("the wait before the next attempt", () => {
  it("is what the server asks for, and a little more", () => {
    expect(retryDelay(1, 429, 7_000, 0)).toBe(7_000);
    expect(retryDelay(3, 503, 7_000, 1)).toBe(7_100);
  });

  it.each([
    [1, 125, 250],
    [2, 250, 500],
    [3, 500, 1_000],
    [12, 10_000, 20_000],
  ])("after attempt %i lies between %i and %i ms", (attempt, least, most) => {
    expect(retryDelay(attempt, 503, undefined, 0)).toBe(least);
    expect(retryDelay(attempt, null, undefined, 1)).toBe(most);
  });

  it("is at least the second in which Pocket ID <= 2.9 lets the next request through", () => {
    expect(retryDelay(1, 429, undefined, 0)).toBe(1_000);
    expect(retryDelay(2, 429, undefined, 0)).toBe(2_000);
  });
});
