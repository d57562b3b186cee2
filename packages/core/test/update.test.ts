import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedFields, sameValue } from "../src/pocket-id/compare.ts";
import { openConnection } from "../src/pocket-id/connection.ts";
import { PocketIdError } from "../src/pocket-id/errors.ts";
import { mergeFields, updateFields } from "../src/pocket-id/update.ts";

describe("the body of a PUT", () => {
  it("holds every field of the object but the read-only ones, with the patch on top", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (current, patch) => {
          const body = mergeFields(current, patch, new Set(["id"]));
          for (const [field, value] of Object.entries(patch)) expect(body[field]).toEqual(value);
          for (const [field, value] of Object.entries(current)) {
            if (field !== "id" && !(field in patch)) expect(body[field]).toEqual(value);
          }
          if (!("id" in patch)) expect("id" in body).toBe(false);
        },
      ),
    );
  });

  it("takes a field that is left out, or undefined, from the object", () => {
    expect(mergeFields({ a: 1, b: 2 }, { b: undefined }, new Set())).toEqual({ a: 1, b: 2 });
  });
});

describe("comparing values", () => {
  it.each([
    [null, undefined, true],
    ["", null, true],
    [[], undefined, true],
    ["", [], true],
    [false, null, false],
    [0, null, false],
    ["é", "é", true],
    ["a", "A", false],
    [["a", "b"], ["b", "a"], false],
    [{ a: 1 }, { a: 1, b: null }, true],
    [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }, false],
    ["1", 1, false],
  ])("%j and %j: %s", (a, b, expected) => {
    expect(sameValue(a, b)).toBe(expected);
    expect(sameValue(b, a)).toBe(expected);
  });

  it("names the fields that differ", () => {
    expect(changedFields({ a: 1, b: "x", c: null }, { a: 1, b: "y", d: true })).toEqual(["b", "d"]);
  });
});

describe("an update", () => {
  const connection = Object.assign(openConnection({ url: "http://127.0.0.1:1", apiKey: "key" }), {
    requireKnownVersion: async () => undefined,
  });
  const updating = (
    stored: Record<string, unknown>,
    take: (body: Readonly<Record<string, unknown>>) => Record<string, unknown>,
  ) => {
    const written: unknown[] = [];
    let now = stored;
    return {
      written,
      steps: {
        read: async () => now,
        write: async (body: Readonly<Record<string, unknown>>) => {
          written.push(body);
          now = { ...now, ...take(body) };
          return [];
        },
        key: "it",
        whole: { route: "GET /api/users/:id" as const, fields: ["name"] },
        readOnly: new Set(["id"]),
        reason: (_object: unknown, field: string) => `no ${field}`,
      },
    };
  };

  it("writes the whole object and reads back what changed", async () => {
    const { written, steps } = updating({ id: "1", name: "a", unknown: "kept" }, (body) => ({ ...body }));
    const { changed, notApplied } = await updateFields(connection, { ...steps, patch: () => ({ name: "b" }) });
    expect(written).toEqual([{ name: "b", unknown: "kept" }]);
    expect(changed).toEqual(["name"]);
    expect(notApplied).toEqual([]);
  });

  it("writes nothing where nothing would change", async () => {
    const { written, steps } = updating({ name: "a" }, (body) => ({ ...body }));
    expect((await updateFields(connection, { ...steps, patch: () => ({ name: "a" }) })).changed).toEqual([]);
    expect(written).toEqual([]);
  });

  it("reports a field that was accepted and not stored", async () => {
    const { steps } = updating({ name: "a", locale: "en" }, ({ locale }) => ({ locale }));
    const { changed, notApplied } = await updateFields(connection, {
      ...steps,
      patch: () => ({ name: "b", locale: "de" }),
    });
    expect(changed).toEqual(["locale"]);
    expect(notApplied).toEqual([{ field: "name", reason: "no name" }]);
  });

  it("says that the change was sent where what holds now cannot be read", async () => {
    const { written, steps } = updating({ name: "a" }, (body) => ({ ...body }));
    const refused = new PocketIdError("Pocket ID refused it", { status: 403, code: "user_disabled", route: "GET /x" });
    const read = async () => (written.length === 0 ? steps.read() : Promise.reject(refused));
    await expect(updateFields(connection, { ...steps, read, patch: () => ({ name: "b" }) })).rejects.toThrow(
      "The change was sent. But then: Pocket ID refused it",
    );
  });

  it("counts a field that no answer shows as changed, unless the write says otherwise", async () => {
    const { steps } = updating({ name: "a" }, () => ({}));
    const unseen = { patch: () => ({ logoUrl: "x" }), writeOnly: new Set(["logoUrl"]) };
    expect((await updateFields(connection, { ...steps, ...unseen })).changed).toEqual(["logoUrl"]);
    const refused = await updateFields(connection, {
      ...steps,
      ...unseen,
      write: async () => [{ field: "logoUrl", reason: "gone" }],
    });
    expect(refused).toMatchObject({ changed: [], notApplied: [{ field: "logoUrl", reason: "gone" }] });
  });

  it("does not write back what was read without a field that the write would reset", async () => {
    const { written, steps } = updating({ id: "1", locale: "en" }, (body) => ({ ...body }));
    await expect(updateFields(connection, { ...steps, patch: () => ({ locale: "de" }) })).rejects.toThrow(
      /answer to GET \/api\/users\/:id is not as expected at name/,
    );
    expect(written).toEqual([]);
  });

  it("waits for another one of the same object, so that neither is lost", async () => {
    const { steps } = updating({ name: "a", locale: "en" }, (body) => ({ ...body }));
    const slowly = { ...steps, write: (body: Readonly<Record<string, unknown>>) => later(() => steps.write(body)) };
    await Promise.all([
      updateFields(connection, { ...slowly, patch: () => ({ name: "b" }) }),
      updateFields(connection, { ...slowly, patch: () => ({ locale: "de" }) }),
    ]);
    expect(await steps.read()).toEqual({ name: "b", locale: "de" });
  });

  it("does not wait for one that failed", async () => {
    const { steps } = updating({ name: "a" }, (body) => ({ ...body }));
    const failing = updateFields(connection, {
      ...steps,
      patch: () => ({ name: "b" }),
      write: () => Promise.reject(new Error("no")),
    });
    const { changed } = await updateFields(connection, { ...steps, patch: () => ({ name: "c" }) });
    expect(changed).toEqual(["name"]);
    await expect(failing).rejects.toThrow("no");
  });

  const busy = () =>
    Promise.reject(new PocketIdError("busy", { status: 503, code: null, route: "PUT /api/users/:id" }));

  it("reads again before it repeats a write, and keeps what somebody else changed meanwhile", async () => {
    const { written, steps } = updating({ name: "a", locale: "en" }, (body) => ({ ...body }));
    let attempts = 0;
    const { changed, kept } = await updateFields(connection, {
      ...steps,
      patch: () => ({ name: "b" }),
      write(body) {
        if (++attempts > 1) return steps.write(body);
        steps.write({ name: "a", locale: "fr" });
        return busy();
      },
    });
    expect(written.at(-1)).toEqual({ name: "b", locale: "fr" });
    expect({ changed, kept }).toEqual({ changed: ["name"], kept: ["locale"] });
  });

  it("does not repeat a write that was carried out although its answer was lost", async () => {
    const { written, steps } = updating({ name: "a" }, (body) => ({ ...body }));
    const { changed } = await updateFields(connection, {
      ...steps,
      patch: () => ({ name: "b" }),
      write: (body) => steps.write(body).then(busy),
    });
    expect(written).toHaveLength(1);
    expect(changed).toEqual(["name"]);
  });
});

const later = <T>(work: () => Promise<T>): Promise<T> =>
  new Promise<void>((resolve) => setTimeout(resolve, 30)).then(work);
