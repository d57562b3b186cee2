import { describe, expect, it } from "vitest";
import { defineTool } from "../src/runtime/index.ts";

const asks = { when: "always", question: async () => ({ text: "Really?", about: null }) };

/** Declares a tool as plain JavaScript could, where no type stands in the way. */
function declare(more: object) {
  const definition = {
    name: "user_delete",
    title: "Delete users",
    description: "Delete users.",
    input: {},
    output: {},
    routes: ["DELETE /api/users/:id"],
    run: async () => ({}),
    ...more,
  };
  return () => Reflect.apply(defineTool, undefined, [definition]);
}

describe("the declaration of a tool", () => {
  it("is taken if it does not contradict itself", () => {
    expect(declare({ risk: "danger", asks })).not.toThrow();
    expect(declare({ risk: "write" })).not.toThrow();
    expect(declare({ risk: "read", routes: ["GET /api/users/:id"] })).not.toThrow();
  });

  it.each([
    [{ risk: "danger" }, "user_delete is declared as danger, but asks nobody."],
    [{ risk: "write", asks }, "user_delete is declared as write, but asks a person."],
    [{ risk: "read", asks, routes: ["GET /api/users/:id"] }, "user_delete is declared as read, but asks a person."],
    [{ risk: "read" }, "user_delete is declared as read, but may call DELETE /api/users/:id."],
    [
      { risk: "read", routes: ["GET /api/users/:id"], reveals: ["secret"] },
      "user_delete is declared as read, but makes secret.",
    ],
    [{ risk: "write", routes: ["GET /api/users/:id"] }, "user_delete is declared as write, but can change nothing."],
  ])("throws at %j", (more, message) => {
    expect(declare(more)).toThrow(message);
  });
});
