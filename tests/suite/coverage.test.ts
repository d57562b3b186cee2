import type { Tool } from "@pocketid-mcp/core/runtime";
import { sandboxVersions } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  type Availability,
  isAvailable,
  otherOperations,
  type Route,
  routes,
} from "../../packages/core/src/pocket-id/versions.ts";
import { fullVersion } from "../../packages/sandbox/src/versions.ts";
import { sandboxOperations, unnamed } from "../../scripts/operations/body-fields.ts";
import { notServed } from "../../scripts/operations/not-served.ts";
import { type Served, served } from "../../scripts/operations/served.ts";
import { servers } from "../../scripts/servers.ts";

const tools = servers.flatMap((server) => server.tools);
const toolNamed = new Map(tools.map((tool) => [tool.name, tool]));
const operations: Readonly<Record<string, Availability>> = { ...routes, ...otherOperations };
const table = Object.entries(served) as [Route, Served][];

/** Operations that go through a browser, and that the sandbox leaves to it. */
const notInSandbox = /^(?:GET|POST) (?:\/authorize|\/internal\/|\/api\/oidc\/(?:authoriz|par-request-info))/;

/** The schema of one argument: `add[].key` is a member of the objects in the list `add`. */
function argumentOf(tool: Tool, path: string): unknown {
  const { properties = {} } = z.toJSONSchema(tool.input, { io: "input" });
  return path.split(/\.|(?=\[\])/).reduce<unknown>(
    (schema, step) => {
      const [own] = alternatives(schema).filter((one) => (step === "[]" ? "items" in one : "properties" in one));
      if (step === "[]") return own?.items;
      return (own?.properties as Record<string, unknown> | undefined)?.[step];
    },
    { properties },
  );
}

function alternatives(schema: unknown): Record<string, unknown>[] {
  if (typeof schema !== "object" || schema === null) return [];
  const one = { ...schema } as Record<string, unknown>;
  return [one, ...(Array.isArray(one.anyOf) ? one.anyOf.flatMap(alternatives) : [])];
}

describe("every operation", () => {
  it("stands once: with the tools that serve it, or with the reason why none does", () => {
    expect(Object.keys(served).sort()).toEqual(Object.keys(routes).sort());
    expect(Object.keys(notServed).sort()).toEqual(Object.keys(otherOperations).sort());
    expect(Object.keys(routes).filter((route) => route in otherOperations)).toEqual([]);
    for (const reason of Object.values(notServed)) expect(reason).toMatch(/\.$/);
  });

  it.each(sandboxVersions)(
    "that the sandbox answers as %s is there in that version, and the other way round",
    (version) => {
      const known = Object.entries(operations).filter(([, available]) => isAvailable(available, fullVersion(version)));
      const names = known.map(([operation]) => operation).filter((operation) => !notInSandbox.test(operation));
      expect([...sandboxOperations(version).keys()].sort()).toEqual(names.map(unnamed).sort());
    },
  );

  it("is declared by every tool that it names", () => {
    // What finds the running version may be sent by any tool.
    const mayCall = (name: string) => [...(toolNamed.get(name)?.routes ?? []), "GET /api/version/current"];
    for (const [operation, { tools: names }] of table)
      for (const name of names) expect(mayCall(name), name).toContain(operation);
  });

  it("that a tool declares is there", () => {
    for (const tool of tools) for (const route of tool.routes) expect(served, tool.name).toHaveProperty([route]);
  });

  it("names a tool, and every tool serves one", () => {
    const named = new Set(table.flatMap(([, { tools: names }]) => names));
    expect(tools.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([
      "audit_event_types",
      "action_log_search",
      "action_log_verify",
    ]);
  });
});

describe("every field of a body", () => {
  const checked = table.filter(([operation]) => !operation.startsWith("GET "));

  it("that Pocket ID reads in some version is there, and no other that an argument sets", () => {
    const everywhere = sandboxVersions.map(sandboxOperations);
    for (const [operation, { body = {} }] of checked) {
      const read = new Set(everywhere.flatMap((answered) => [...(answered.get(unnamed(operation))?.keys() ?? [])]));
      for (const field of read) expect(Object.keys(body), operation).toContain(field);
      for (const [field, source] of Object.entries(body))
        if (typeof source === "string") expect([...read], operation).toContain(field);
    }
  });

  it("is an argument of the tool, or left out for a reason", () => {
    for (const [
      operation,
      {
        tools: [name],
        body = {},
      },
    ] of checked)
      for (const [field, source] of Object.entries(body)) {
        const tool = toolNamed.get(name);
        if (typeof source !== "string") expect(source.reason, `${operation} ${field}`).toMatch(/\.$/);
        else expect(tool && argumentOf(tool, source), `${name}: ${source} for ${operation} ${field}`).toBeDefined();
      }
  });

  it("is a file that the tool takes by path or as data, where it is an upload", () => {
    for (const [
      operation,
      {
        tools: [name],
        upload,
      },
    ] of checked) {
      const input = Object.keys(toolNamed.get(name)?.input.shape ?? {});
      expect(
        ["file", "data"].every((argument) => input.includes(argument)),
        operation,
      ).toBe(upload ?? false);
    }
  });
});
