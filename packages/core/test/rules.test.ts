import { describe, expect, it } from "vitest";
import { applyClaimsChange, checkClaimsChange } from "../src/pocket-id/custom-claims.ts";
import {
  durationInWords,
  parseDuration,
  parseExpiry,
  parsePast,
  parseTime,
  parseTokenLifetime,
} from "../src/pocket-id/duration.ts";
import { editDistance } from "../src/pocket-id/edit-distance.ts";
import { applySetChange, checkSetChange } from "../src/pocket-id/membership.ts";
import { closest } from "../src/pocket-id/reference.ts";
import { versionFromFingerprints } from "../src/pocket-id/version-detection.ts";
import { compareVersions, isAvailable } from "../src/pocket-id/versions.ts";

describe("a duration", () => {
  it.each([
    ["30s", 30],
    ["15m", 900],
    ["1h30m", 5_400],
    ["7d", 604_800],
    ["2w", 1_209_600],
    ["1y", 31_536_000],
    [" 12H ", 43_200],
  ])("%j has %i seconds", (text, seconds) => expect(parseDuration(text, "ttl")).toBe(seconds));

  it.each(["", "7", "d7", "1.5h", "-1h", "1 hour", "7 d", "1h 30"])("cannot be %j", (text) => {
    expect(() => parseDuration(text, "ttl")).toThrow(/ttl: .* is not a duration/);
  });

  it.each([
    [900, "15 minutes"],
    [60, "1 minute"],
    [5_400, "90 minutes"],
    [3_600, "1 hour"],
    [86_400, "1 day"],
    [604_800, "7 days"],
    [90, "90 seconds"],
    [2, "2 seconds"],
  ])("of %i seconds is %j in words", (seconds, words) => expect(durationInWords(seconds)).toBe(words));

  it("of a token is written without days, which Pocket ID does not know", () => {
    expect(parseTokenLifetime("7d")).toEqual({ ttl: "604800s", seconds: 604_800 });
    expect(parseTokenLifetime("31d").seconds).toBe(2_678_400);
  });

  it.each(["1s", "0s", "31d1s", "32d", "1y"])("of a token cannot be %s", (text) => {
    expect(() => parseTokenLifetime(text)).toThrow(/more than 1 second and at most 31 days/);
  });
});

describe("a point in time", () => {
  it.each(["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123+02:00", "2026-01-31", "2026-01-31T12:00Z"])(
    "can be %s",
    (text) => {
      expect(parseTime(text, "since")).toBeInstanceOf(Date);
    },
  );

  it.each(["yesterday", "2026-13-01", "2026-02-30", "2026-06-31T12:00:00Z", "31.1.2026", "1700000000", ""])(
    "cannot be %j",
    (text) => {
      expect(() => parseTime(text, "since")).toThrow(/since: /);
    },
  );

  it("to expire at is a moment or a duration, and lies ahead", () => {
    const now = Date.parse("2026-11-23T12:00:00Z");
    expect(parseExpiry("90d", now).toISOString()).toBe("2027-02-21T12:00:00.000Z");
    expect(parseExpiry("2027-01-01T00:00:00Z", now).toISOString()).toBe("2027-01-01T00:00:00.000Z");
    for (const past of ["2026-11-22T12:00:00Z", "0d"])
      expect(() => parseExpiry(past, now)).toThrow(/expiresAt: it has to lie in the future/);
    expect(() => parseExpiry("999999999999999y", now)).toThrow(/expiresAt: it lies beyond the calendar/);
    expect(() => parseExpiry("forever", now)).toThrow(/expiresAt: .* or a duration like/);
  });
});

describe("a point in time in the past", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  it.each([
    ["14d", "2026-11-09T12:00:00.000Z"],
    ["1h30m", "2026-11-23T10:30:00.000Z"],
    ["2026-01-31", "2026-01-31T00:00:00.000Z"],
    ["2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.000Z"],
  ])("can be %s", (text, expected) => expect(parsePast(text, "since", now).toISOString()).toBe(expected));

  it("is not anything else", () =>
    expect(() => parsePast("yesterday", "since", now)).toThrow(/since: .* like 2026-01-31/));
});

describe("a change of a set", () => {
  const of = (...ids: string[]) => ids.map((id) => ({ id }));
  const idsOf = (items: readonly { id: string }[]) => items.map(({ id }) => id);

  it.each([
    [{ add: of("c") }, ["a", "b", "c"], ["c"], []],
    [{ add: of("a") }, ["a", "b"], [], []],
    [{ remove: of("a") }, ["b"], [], ["a"]],
    [{ remove: of("x") }, ["a", "b"], [], []],
    [{ add: of("c", "c"), remove: of("b") }, ["a", "c"], ["c"], ["b"]],
    [{ replace: of("b", "c") }, ["b", "c"], ["c"], ["a"]],
    [{ replace: [] }, [], [], ["a", "b"]],
  ])("%j of a and b", (change, items, added, removed) => {
    const next = applySetChange(of("a", "b"), change);
    expect([idsOf(next.items), idsOf(next.added), idsOf(next.removed)]).toEqual([items, added, removed]);
  });

  it("cannot both bring and take", () =>
    expect(() => applySetChange(of("a"), { add: of("b"), remove: of("b") })).toThrow(/remove: b is in add, too/));

  it.each([[{}], [{ add: [] }], [{ add: [], remove: [] }]])("%j says nothing", (change) => {
    expect(() => checkSetChange(change)).toThrow(/nothing to change/);
  });

  it("says either the whole or a part", () =>
    expect(() => checkSetChange({ replace: [], add: ["a"] })).toThrow(/replace: it stands for the whole set/));
});

describe("a change of claims", () => {
  const claims = [
    { key: "a", value: "1" },
    { key: "b", value: "2" },
  ];

  it("keeps what it does not name, in its place", () => {
    expect(
      applyClaimsChange(claims, {
        set: [
          { key: "a", value: "9" },
          { key: "c", value: "3" },
        ],
        remove: ["b"],
      }),
    ).toEqual([
      { key: "a", value: "9" },
      { key: "c", value: "3" },
    ]);
    expect(applyClaimsChange(claims, { replace: [] })).toEqual([]);
  });

  it("refuses to remove what is not there", () =>
    expect(() => applyClaimsChange(claims, { remove: ["x"] })).toThrow(
      /remove\[0\]: there is no claim "x"\. There are: a, b/,
    ));

  it.each([
    [{ set: [{ key: "sub", value: "x" }] }, /set\[0\]: sub is reserved/],
    [{ replace: [{ key: "", value: "x" }] }, /replace\[0\]: key and value must not be empty/],
    [{ set: [{ key: "a", value: "" }] }, /must not be empty/],
    [
      {
        set: [
          { key: "a", value: "1" },
          { key: "a", value: "2" },
        ],
      },
      /set\[1\]: a is there twice/,
    ],
    [{ set: [{ key: "a", value: "1" }], remove: ["a"] }, /a is in remove, too/],
    [{}, /nothing to change/],
  ])("%j is refused", (change, message) => expect(() => checkClaimsChange(change)).toThrow(message));
});

describe("versions", () => {
  it.each([
    ["2.9.0", "2.10.0", -1],
    ["2.10.0", "2.9.0", 1],
    ["2.9", "2.9.0", 0],
    ["v2.9.0", "2.9.0", 0],
    ["2.9.0-rc.1", "2.9.0", 0],
    ["3.0.0", "2.14.0", 1],
  ])("%s against %s: %i", (a, b, expected) => expect(compareVersions(a, b)).toBe(expected));

  it("have what came before and has not gone", () => {
    expect(isAvailable({ since: "2.10.0" }, "2.9.0")).toBe(false);
    expect(isAvailable({ since: "2.10.0" }, "2.10.0")).toBe(true);
    expect(isAvailable({ until: "2.14.0" }, "2.13.5")).toBe(true);
    expect(isAvailable({ until: "2.14.0" }, "2.14.0")).toBe(false);
    expect(isAvailable({}, "1.16.0")).toBe(true);
  });

  it.each([
    ["1.16.0", {}],
    ["2.0.0", { scim: true }],
    ["2.2.0", { scim: true, configurationKeys: ["homePageUrl"] }],
    [
      "2.9.0",
      { scim: true, configurationKeys: ["homePageUrl"], discoveryKeys: ["pushed_authorization_request_endpoint"] },
    ],
    ["2.13.0", { requestId: true, discoveryKeys: ["pushed_authorization_request_endpoint"] }],
    ["2.14.0", { requestId: true, discoveryKeys: ["service_documentation"] }],
  ])(
    "can be told by what is there: %s",
    (version, {
      scim = false,
      requestId = false,
      configurationKeys = [],
      discoveryKeys = [],
    }: { scim?: boolean; requestId?: boolean; configurationKeys?: string[]; discoveryKeys?: string[] }) => {
      expect(
        versionFromFingerprints({
          scim,
          requestId,
          configurationKeys: new Set(configurationKeys),
          discoveryKeys: new Set(discoveryKeys),
        }),
      ).toBe(version);
    },
  );
});

describe("the distance between two names", () => {
  it.each([
    ["alice", "alice", 0],
    ["allice", "alice", 1],
    ["bob", "rob", 1],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
  ])("%j to %j: %i", (a, b, expected) => expect(editDistance(a, b)).toBe(expected));
});

describe("close ones to an unknown name", () => {
  const labels = ["alice (Alice Arden)", "Boat booking", "board (Board of the club)", "Grafana"];

  it.each([
    ["allice", ["alice (Alice Arden)"]],
    ["Boat bookng", ["Boat booking"]],
    ["Bord of the clubb", ["board (Board of the club)"]],
    ["Alise Ardn", ["alice (Alice Arden)"]],
    ["grafna", ["Grafana"]],
    ["Nextcloud", []],
  ])("%j: %j", (text, expected) => expect(closest(text, labels, (label) => label)).toEqual(expected));
});
