import { describe, expect, it } from "vitest";
import { changeOf, plainValue, setChangeOf } from "../src/pocket-id/change-record.ts";

describe("what can be told of a value", () => {
  it.each([
    ["disabled", true, true],
    ["sessionDuration", 60, 60],
    ["email", null, null],
    ["email", "", null],
    ["email", undefined, null],
    ["email", "alice@example.com", undefined],
    ["displayName", "5d1f6f0e-7c1b-4f43-9a5c-0a5f8a0f7c11", undefined],
    ["callbackURLs", ["https://a.example", "https://b.example"], 2],
    ["callbackURLs", [], 0],
    ["clientPermissionIds", ["p-1", "p-2"], ["p-1", "p-2"]],
    ["signupDefaultUserGroupIDs", ["g-1"], ["g-1"]],
    ["clientPermissionIds", Array(101).fill("p"), 101],
    ["credentials", { token: "x" }, undefined],
  ])("of %s, %j: %j", (field, value, expected) => expect(plainValue(field, value)).toEqual(expected));
});

describe("a change", () => {
  it("names every field, and gives values where both can be told", () => {
    const before = { disabled: false, email: "a@example.com", displayName: "", logins: null, tags: ["a"] };
    const after = { disabled: true, email: null, displayName: "Al", logins: 3, tags: [] };
    expect(changeOf("user:u-1", Object.keys(before), before, after)).toEqual({
      object: "user:u-1",
      fields: ["disabled", "email", "displayName", "logins", "tags"],
      values: {
        disabled: { before: false, after: true },
        logins: { before: null, after: 3 },
        tags: { before: 1, after: 0 },
      },
    });
  });

  it("of a set tells how many there are, and who came in and went out, if they are few", () => {
    const [one, two] = [{ id: "u-1" }, { id: "u-2" }];
    const change = { before: [one], after: [two], added: [two], removed: [one] };
    expect(setChangeOf("group:g-1", "users", change)).toEqual({
      object: "group:g-1",
      fields: ["users"],
      values: { users: { before: 1, after: 1, added: ["u-2"], removed: ["u-1"] } },
    });
    const many = Array.from({ length: 101 }, (_, index) => ({ id: `u-${index}` }));
    const all = { before: [], after: many, added: many, removed: [] };
    expect(setChangeOf("group:g-1", "users", all).values).toEqual({ users: { before: 0, after: 101 } });
  });
});
