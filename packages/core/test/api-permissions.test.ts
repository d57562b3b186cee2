import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyPermissionsChange,
  checkNewPermissions,
  checkPermissionsChange,
} from "../src/pocket-id/api-permissions.ts";

const permission = (key: string, more: object = {}) => ({ id: `id of ${key}`, key, name: key.toUpperCase(), ...more });
const boats = {
  name: "Boats",
  permissions: [permission("read", { description: "Who has which" }), permission("book")],
};

describe("the permissions of a PUT", () => {
  const text = fc.string({ maxLength: 5 });
  const current = fc.uniqueArray(
    fc.record({ key: text, name: text, description: fc.option(text), allowedForCimdClients: fc.boolean() }),
    { selector: ({ key }) => key, maxLength: 8 },
  );

  it("hold every one that is not named, with everything it has, and of the others what was asked for", () => {
    fc.assert(
      fc.property(current, fc.nat(), fc.nat(), fc.record({ key: text, name: text }), (held, one, other, added) => {
        fc.pre(held.every(({ key }) => key !== added.key));
        const permissions = held.map((fields) => ({ id: `id of ${fields.key}`, since: "2.99", ...fields }));
        const removed = permissions[one % 9]?.key;
        const changed = permissions[other % 9]?.key;
        fc.pre(removed === undefined || removed !== changed);
        const body = applyPermissionsChange(
          { name: "x", permissions },
          {
            add: [added],
            change: changed === undefined ? [] : [{ key: changed, name: "new" }],
            remove: removed === undefined ? [] : [removed],
          },
        );
        const expected = permissions
          .filter(({ key }) => key !== removed)
          .map(({ key, name, description, since }) => ({
            key,
            name: key === changed ? "new" : name,
            description,
            since,
          }));
        expect(body).toEqual([...expected, added]);
      }),
    );
  });

  it("take a description away with null, and leave it where nothing is said", () => {
    const { permissions } = boats;
    const change = (patch: object) => applyPermissionsChange(boats, { change: [{ key: "read", ...patch }] })[0];
    expect(change({ description: null })).toEqual({ key: "read", name: "READ", description: null });
    expect(change({ name: "See", description: undefined })).toEqual({
      key: "read",
      name: "See",
      description: "Who has which",
    });
    expect(permissions[0]).toMatchObject({ name: "READ", description: "Who has which" });
  });

  it.each([
    [{ add: [{ key: "read", name: "x" }] }, /^add\[0\]\.key: Boats has read already\. Name it in change\./],
    [{ remove: ["book", "cancel"] }, /^remove\[1\]: Boats has no permission "cancel"\. It has: read, book\./],
    [{ change: [{ key: "cancel", name: "x" }] }, /^change\[0\]: .* It has: read, book\. A key cannot be renamed/],
  ])("cannot be made of %j", (change, reason) => {
    expect(() => applyPermissionsChange(boats, change)).toThrow(reason);
  });
});

describe("a change of permissions", () => {
  it.each([
    [{}, /^add: there is nothing to change/],
    [{ add: [], change: [], remove: [] }, /^add: there is nothing to change/],
    [{ change: [{ key: "read" }] }, /^change\[0\]: there is nothing to change.* cannot be renamed/],
    [
      {
        change: [
          { key: "read", name: "a" },
          { key: "read", name: "b" },
        ],
      },
      /^change\[1\]\.key: read is there twice/,
    ],
    [{ add: [{ key: "a", name: "a" }], remove: ["a"] }, /^remove\[0\]: a is in add or change, too/],
    [{ change: [{ key: "read", name: "a" }], remove: ["read"] }, /^remove\[0\]: read is in add or change, too/],
  ])("that says %j is refused", (change, reason) => {
    expect(() => checkPermissionsChange(change)).toThrow(reason);
  });

  it.each(["openid", "Groups", "OFFLINE_ACCESS", "email_verified"])(
    "cannot add %s, which is Pocket ID's own",
    (key) => {
      expect(() => checkNewPermissions([permission("a"), { key, name: "x" }], "add")).toThrow(
        /^add\[1\]\.key: .* is a scope of Pocket ID's own/,
      );
    },
  );
});
