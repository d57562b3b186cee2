import { describe, expect, it, vi } from "vitest";
import { abortSignalOf, Canceller, pause } from "../src/pocket-id/cancellation.ts";

/** Whatever cancels a call has to do so in the same way. */
const kinds = [
  ["an AbortController", () => new AbortController()],
  ["a Canceller", () => new Canceller()],
] as const;

describe.each(kinds)("%s", (_name, make) => {
  it("lets everything go on until it is asked to end it", () => {
    const { signal } = make();
    expect(signal.aborted).toBe(false);
    expect(signal.reason).toBeUndefined();
    expect(() => signal.throwIfAborted()).not.toThrow();
  });

  it("gives its reason, the first one", () => {
    const canceller = make();
    canceller.abort("not needed");
    canceller.abort("never mind");
    expect(canceller.signal).toMatchObject({ aborted: true, reason: "not needed" });
    expect(() => canceller.signal.throwIfAborted()).toThrow("not needed");
  });

  it("says AbortError where it is given no reason", () => {
    const canceller = make();
    canceller.abort();
    expect(canceller.signal.reason).toBeInstanceOf(DOMException);
    expect(canceller.signal.reason).toMatchObject({ name: "AbortError", message: "This operation was aborted" });
  });

  it("tells each who listens, once, and nobody who does so no more", () => {
    const canceller = make();
    const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()];
    for (const listener of [first, second, third]) canceller.signal.addEventListener("abort", listener);
    canceller.signal.removeEventListener("abort", second);
    canceller.signal.removeEventListener("abort", second);
    canceller.abort();
    canceller.abort();
    expect([first, second, third].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 1]);
  });

  it("tells all who listened when it began, even where one leaves", () => {
    const canceller = make();
    const second = vi.fn();
    const first = vi.fn(() => canceller.signal.removeEventListener("abort", first));
    canceller.signal.addEventListener("abort", first);
    canceller.signal.addEventListener("abort", second);
    canceller.abort();
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
  });

  it("tells nobody who came while it was telling", () => {
    const canceller = make();
    const late = vi.fn();
    canceller.signal.addEventListener("abort", () => canceller.signal.addEventListener("abort", late));
    canceller.abort();
    expect(late).not.toHaveBeenCalled();
  });

  it("is an AbortSignal for what takes no other, before and after", () => {
    const canceller = make();
    const early = abortSignalOf(canceller.signal);
    expect(early).toBeInstanceOf(AbortSignal);
    const any = AbortSignal.any([early, new AbortController().signal]);
    canceller.abort("not needed");
    for (const signal of [early, any, abortSignalOf(canceller.signal)])
      expect(signal).toMatchObject({ aborted: true, reason: "not needed" });
  });

  it("ends a pause", async () => {
    const canceller = make();
    const waiting = pause(60_000, canceller.signal);
    canceller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    await expect(pause(60_000, canceller.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});

it("pauses without anything that could end it", async () => {
  const started = performance.now();
  await pause(20, undefined);
  expect(performance.now() - started).toBeGreaterThan(15);
});
