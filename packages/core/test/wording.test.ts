import { describe, expect, it } from "vitest";
import {
  capital,
  counted,
  minutesText,
  peopleText,
  quoted,
  quotedPatterns,
  quotedSome,
  quotedUrl,
  quotedUrls,
} from "../src/runtime/index.ts";

const long = "a".repeat(80);

describe("a name in a question", () => {
  it("stands in quotes that it cannot end, on one line, without marks that hide or turn text, and is bounded", () => {
    expect(quoted("Wiki")).toBe('"Wiki"');
    expect(quoted('Wiki"? Yes. Delete "everything')).toBe("\"Wiki'? Yes. Delete 'everything\"");
    expect(quoted("“Wiki”\n\n\u202Ekiw\u200B")).toBe("\"'Wiki' kiw\"");
    expect(quoted(long)).toBe(`"${"a".repeat(64)}…"`);
  });

  it("is one of five at the most", () => {
    expect(quotedSome(["a", "b"])).toBe('"a", "b"');
    expect(quotedSome(["a", "b", "c", "d", "e", "f", "g"])).toBe('"a", "b", "c", "d", "e" and 2 more');
  });
});

describe("an address in a question", () => {
  it.each([
    ["https://app.example/callback", "https://app.example/callback"],
    ["https://*.app.example/**", "https://*.app.example/**"],
    ["app.immich:///oauth-callback", "app.immich:///oauth-callback"],
    [`https://app.example/${long}`, "https://app.example/…"],
    ["https://app.example@evil.example/", "https://evil.example/…"],
    [`https://app.example${long}@evil.example:8443/x`, "https://evil.example:8443/…"],
    ["https://evil.example\\@app.example/", "https://evil.example/…"],
    [`ldaps://user@directory.example/${long}`, "ldaps://directory.example/…"],
    // Of what is too long to be shown, the end of the host says whose it is.
    [`https://app.example.${long}.evil.example/`, `…${"a".repeat(50)}.evil.example`],
  ])("shows where it leads: %s", (url, shown) => {
    expect(quotedUrl(url)).toBe(`"${shown}"`);
  });

  it("is shown as a whole where it is a pattern that leads anywhere", () => {
    const anywhere = `https://evil.example(${long}|@app.example/)/callback`;
    expect(quotedPatterns([anywhere, "https://app.example\\.evil.example/", `https://*.app.example/${long}`])).toBe(
      `"${anywhere}", "https://app.example\\.evil.example/", "https://*.app.example/…"`,
    );
  });

  it("is bounded also where there is no host", () => {
    expect(quotedUrl("mailto:ann@example.com")).toBe('"mailto:ann@example.com"');
    expect(quotedUrl(`mailto:${long}@example.com`).length).toBeLessThan(70);
    expect(quotedUrls(["a:b", "c:d"])).toBe('"a:b", "c:d"');
  });
});

describe("a number in a question", () => {
  it("is said as people say it", () => {
    expect([0, 1, 14, undefined].map(peopleText)).toEqual([
      "nobody",
      "1 person",
      "14 people",
      "more people than can be counted here",
    ]);
    expect([0, 1, 2].map((count) => counted(count, "client"))).toEqual(["no client", "1 client", "2 clients"]);
    expect([1, 90, 120, 1_440, 43_200].map(minutesText)).toEqual([
      "1 minute",
      "90 minutes",
      "2 hours",
      "1 day",
      "30 days",
    ]);
    expect(capital(peopleText(0))).toBe("Nobody");
  });
});
