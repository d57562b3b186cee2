import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { newestKnownVersion } from "../../packages/core/src/pocket-id/versions.ts";
import { compare, type Difference, type OurOperation } from "../../scripts/drift/compare.ts";
import { fetchDescription, readDescription } from "../../scripts/drift/description.ts";
import { knownMistakes, withoutMistakes } from "../../scripts/drift/known.ts";
import { ourOperations } from "../../scripts/drift/ours.ts";
import { report } from "../../scripts/drift/report.ts";

/** A made-up description of two operations. */
const boats = {
  swagger: "2.0",
  basePath: "/api",
  paths: {
    "/boats": {
      get: {
        parameters: [
          { name: "search", in: "query", type: "string" },
          { name: "X-Trace", in: "header", type: "string" },
        ],
      },
    },
    "/boats/{boatId}": {
      parameters: [{ name: "boatId", in: "path", type: "string", required: true }],
      put: { parameters: [{ name: "boat", in: "body", schema: { $ref: "#/definitions/Boat" } }] },
    },
  },
  definitions: {
    Boat: {
      required: ["name"],
      properties: {
        name: { type: "string" },
        seats: { type: "integer" },
        home: { allOf: [{ $ref: "#/definitions/Place" }] },
        oars: { type: "array", items: { $ref: "#/definitions/Oar" } },
        tender: { $ref: "#/definitions/Boat" },
      },
    },
    Place: { type: "object", required: ["city"], properties: { city: { type: "string" } } },
    Oar: { type: "object", properties: { length: { type: "integer" } } },
  },
};

/** Definitions, each of which holds all of them. */
const knotted = Object.fromEntries(
  ["Boat", "Place", "Oar", ..."abcd"].map((name, _index, all) => [
    name,
    { properties: Object.fromEntries(all.map((other) => [other, { $ref: `#/definitions/${other}` }])) },
  ]),
);

const optional = (type: string) => ({ type, required: false });
const required = (type: string) => ({ type, required: true });

/** The same two as we know them; a field that is undefined is one that we do not know. */
const known = (changes: { query?: object; body?: object; leftAside?: string[] } = {}) => {
  const query = { search: optional("string"), ...changes.query };
  const body = {
    name: required("string"),
    seats: optional("integer"),
    "home.city": required("string"),
    oars: optional("array"),
    "oars[].length": optional("integer"),
    tender: optional("object"),
    ...changes.body,
  };
  const given = (fields: object) => new Map(Object.entries(fields).filter(([, field]) => field !== undefined));
  return new Map<string, OurOperation>([
    ["GET /api/boats", { name: "GET /api/boats", takes: { query: given(query), body: new Map(), leftAside: [] } }],
    [
      "PUT /api/boats/{}",
      {
        name: "PUT /api/boats/:id",
        takes: { query: new Map(), body: given(body), leftAside: changes.leftAside ?? [] },
      },
    ],
  ]);
};

const differences = (ours: ReadonlyMap<string, OurOperation>, description: object = boats) =>
  compare(ours, readDescription(JSON.stringify(description)));

describe("a description", () => {
  it("that says what we know differs in nothing, as JSON and as YAML, with the paths whole or after a base path", () => {
    expect(differences(known())).toEqual([]);
    expect(compare(known(), readDescription(stringify(boats)))).toEqual([]);
    const paths = Object.fromEntries(Object.entries(boats.paths).map(([path, items]) => [`/api${path}`, items]));
    expect(differences(known(), { ...boats, basePath: undefined, paths })).toEqual([]);
    expect(differences(known(), { ...boats, basePath: "/", paths })).toEqual([]);
  });

  it("shows an operation that was added, and one that was removed", () => {
    const { "/boats": list, "/boats/{boatId}": one } = boats.paths;
    expect(differences(known(), { ...boats, paths: { "/boats/{id}": one, "/boats/{id}/crew": list } })).toEqual([
      { operation: "GET /api/boats", change: "removed" },
      { operation: "GET /api/boats/{}/crew", change: "added" },
    ]);
  });

  it.each<[string, Parameters<typeof known>[0], string, string]>([
    ["a parameter that was added", { query: { search: undefined } }, "query search", "added (string)"],
    ["a parameter that was removed", { query: { light: optional("boolean") } }, "query light", "removed"],
    ["a parameter of another type", { query: { search: optional("integer") } }, "query search", "integer → string"],
    ["a parameter that is optional now", { query: { search: required("string") } }, "query search", "now optional"],
    ["a field that was added", { body: { seats: undefined } }, "body seats", "added (integer)"],
    ["a field that was removed", { body: { colour: optional("string") } }, "body colour", "removed"],
    ["a field of another type", { body: { name: required("array") } }, "body name", "array → string"],
    ["a field that is required now", { body: { name: optional("string") } }, "body name", "now required"],
    ["a member of an object", { body: { "home.city": optional("string") } }, "body home.city", "now required"],
    [
      "a member of what is in a list",
      { body: { "oars[].length": undefined } },
      "body oars[].length",
      "added (integer)",
    ],
  ])("shows %s", (_what, changes, field, change) => {
    const operation = field.startsWith("query") ? "GET /api/boats" : "PUT /api/boats/:id";
    expect(differences(known(changes))).toEqual([{ operation, field, change }]);
  });

  it.each<[string, object, string[]]>([
    ["that has to be there", { home: { type: "object", properties: { city: { type: "string" } } } }, ["home"]],
    ["that has no members", { home: { type: "object", properties: {} } }, []],
  ])("shows an object %s, besides what is in it", (_what, properties, needed) => {
    const schema = { properties, required: needed };
    const paths = { "/boats": { put: { parameters: [{ name: "boat", in: "body", schema }] } } };
    const city = new Map([["home.city", optional("string")]]);
    const takes = { query: new Map(), body: needed.length > 0 ? city : new Map(), leftAside: [] };
    expect(differences(new Map([["PUT /api/boats", { name: "PUT /api/boats", takes }]]), { ...boats, paths })).toEqual([
      { operation: "PUT /api/boats", field: "body home", change: "added (object)" },
    ]);
  });

  it("shows what nothing is made of, once it has to be there", () => {
    const ours = known({ body: { name: undefined, seats: undefined }, leftAside: ["name", "seats"] });
    expect(differences(ours)).toEqual([
      { operation: "PUT /api/boats/:id", field: "body name", change: "now required" },
    ]);
  });

  it("leaves aside what nothing is made of, with all that is in it, and what no tool calls but for its being there", () => {
    const body = { oars: undefined, "oars[].length": undefined };
    expect(differences(known({ body })).map(({ field }) => field)).toEqual(["body oars", "body oars[].length"]);
    expect(differences(known({ body, leftAside: ["oars"] }))).toEqual([]);
    const ours = new Map([...known()].map(([key, { name }]) => [key, { name }]));
    expect(differences(ours)).toEqual([]);
  });

  it.each([
    ["a web page", "<!doctype html><title>Not here</title>"],
    ["OpenAPI 3", JSON.stringify({ ...boats, swagger: undefined, openapi: "3.0.0" })],
    ["nothing", ""],
    ["no operation", JSON.stringify({ ...boats, paths: {} })],
    ["a definition that is not there", JSON.stringify({ ...boats, definitions: {} })],
    ["broken JSON", JSON.stringify(boats).slice(0, -40)],
    ["definitions that hold each other without end", JSON.stringify({ ...boats, definitions: knotted })],
  ])("is refused if it is %s", (_what, text) => {
    expect(() => readDescription(text)).toThrow("This is no Swagger 2 description");
  });
});

/** A description of all that we know, as upstream would give it without a mistake. */
function ourDescription() {
  const paths: Record<string, Record<string, { parameters: object[] }>> = {};
  for (const [key, { takes }] of ourOperations()) {
    const [method = "", path = ""] = key.split(" ");
    const query = [...(takes?.query ?? [])].map(([name, field]) => ({ name, in: "query", ...field }));
    const file = takes?.body.has("file") ? [{ name: "file", in: "formData", type: "file", required: true }] : [];
    const body = [...(takes?.body ?? [])].filter(([name]) => name !== "file");
    const schema = body.reduce(put, { type: "object", properties: {}, required: [] } as Schema);
    const bodies = body.length > 0 ? [{ name: "body", in: "body", schema }] : [];
    paths[path.replaceAll("{}", "{id}")] ??= {};
    Object.assign(paths[path.replaceAll("{}", "{id}")] ?? {}, {
      [method.toLowerCase()]: { parameters: [...query, ...file, ...bodies] },
    });
  }
  return { swagger: "2.0", paths };
}

interface Schema {
  type: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

/** Puts `a.b` and `a[].b` where they belong. */
function put(
  schema: Schema,
  [name, { type, required: needed }]: [string, { type: string; required: boolean }],
): Schema {
  let at = schema;
  const steps = name.split(".");
  for (const step of steps.slice(0, -1)) {
    const member = step.replace("[]", "");
    at.properties ??= {};
    at.properties[member] ??= { type: "object" };
    at = at.properties[member];
    if (step.endsWith("[]")) at = at.items ??= { type: "object" };
  }
  const last = steps.at(-1) ?? "";
  at.properties = { ...at.properties, [last]: { type } };
  if (needed) at.required = [...(at.required ?? []), last];
  return schema;
}

describe("what we know", () => {
  it("is the newest version, with the fields of every operation that a tool serves", () => {
    const ours = ourOperations();
    expect([...ours.keys()]).toContain("GET /api/oidc/clients/{}/secrets");
    expect([...ours.keys()]).not.toContain("POST /api/oidc/clients/{}/secret");
    expect(ours.get("PUT /api/user-groups/{}")?.takes?.body).toEqual(
      new Map([
        ["friendlyName", required("string")],
        ["name", required("string")],
      ]),
    );
    expect(ours.get("PUT /api/users/me")?.takes).toBeUndefined();
    expect(compare(ours, readDescription(JSON.stringify(ourDescription())))).toEqual([]);
  });

  it("does not count known mistakes of the description, and says when one has been corrected", () => {
    const mistakes: Difference[] = knownMistakes.map(({ reason: _, ...mistake }) => mistake);
    const [first, ...others] = mistakes;
    expect(withoutMistakes(mistakes)).toEqual({ differences: [], corrected: [] });
    expect(withoutMistakes(others).corrected).toMatchObject([{ ...first }]);
    const other = { operation: "GET /api/oidc/clients/:id/preview/:userId", field: "query scopes", change: "removed" };
    expect(withoutMistakes([...mistakes, other]).differences).toEqual([other]);
  });

  it("holds no known mistake about something that is not there", () => {
    const ours = new Map([...ourOperations().values()].map((operation) => [operation.name, operation.takes]));
    for (const { operation, field } of knownMistakes) {
      expect(ours.has(operation), operation).toBe(true);
      const [place, name] = field?.split(" ") ?? [];
      if (place === "query" || place === "body")
        expect([...(ours.get(operation)?.[place].keys() ?? [])]).toContain(name);
    }
  });
});

describe("the report", () => {
  it("is bounded, and lets nothing of the description be Markdown", () => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      operation: `GET /x/${index}${"y".repeat(500)}`,
      change: "added",
    }));
    const long = report(many, many, "boats.json", "2.14.0");
    expect(long.split("\n").filter((line) => line.includes("GET /x"))).toHaveLength(300);
    expect(long).toContain("… and 350 more");
    expect(long.length).toBeLessThan(60_000);
    const hostile = { operation: "GET /`@everyone` | [x](https://evil.example)\n# Title", change: "x".repeat(1_000) };
    const text = report([hostile], [], "boats.json", "2.14.0");
    expect(text).toContain("| `GET /?@everyone? ? [x](https://evil.example)?# Title` |  | `xxx");
    expect(text.length).toBeLessThan(700);
  });
});

describe("npm run drift", () => {
  const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-drift-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const node = ["--conditions=@pocketid-mcp/source", "--import", "tsx", "scripts/drift.ts"];
  const run = (...args: string[]): Promise<{ code: unknown; out: string; err: string }> =>
    new Promise((resolve) =>
      execFile(process.execPath, [...node, ...args], { cwd: root }, (error, out, err) =>
        resolve({ code: error?.code ?? 0, out, err }),
      ),
    );

  it("ends with 0 where nothing differs, 1 where something does, and 2 where it cannot tell", {
    timeout: 60_000,
  }, async () => {
    const description = ourDescription();
    const same = file("same.json", JSON.stringify(description));
    Object.assign(description.paths, { "/api/boats": { get: { parameters: [] } } });
    const [equal, different, missing, broken, none] = await Promise.all([
      run(same),
      run(file("different.yaml", stringify(description))),
      run(join(folder, "missing.json")),
      run(file("broken.json", "{")),
      run(),
    ]);
    expect(equal).toMatchObject({
      code: 0,
      out: expect.stringContaining(`# The API of Pocket ID is as ${newestKnownVersion} has it`),
    });
    expect(different).toMatchObject({ code: 1, out: expect.stringContaining("| `GET /api/boats` |  | `added` |") });
    expect(missing).toMatchObject({ code: 2, out: "", err: expect.stringContaining("cannot be read: ENOENT") });
    expect(broken).toMatchObject({ code: 2, out: "", err: expect.stringContaining("no Swagger 2 description") });
    expect(none).toMatchObject({ code: 2, out: "", err: expect.stringContaining("npm run drift -- swagger.json") });
  });

  it("reads an address, and says what it answers if that is no description", async () => {
    const server = createServer(({ url }, response) => {
      if (url === "/swagger.json") response.end(JSON.stringify(boats));
      else if (url === "/endless.json") {
        const more = (error?: Error | null) => error || response.write(Buffer.alloc(1024 * 1024, " "), more);
        more();
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(compare(known(), readDescription(await fetchDescription(`${origin}/swagger.json`)))).toEqual([]);
    await expect(fetchDescription(`${origin}/gone.json`)).rejects.toThrow("the answer is 404");
    await expect(fetchDescription(`${origin}/endless.json`)).rejects.toThrow("it has more than 8388608 bytes");
    server.close();
    server.closeAllConnections();
    await expect(fetchDescription(`${origin}/swagger.json`)).rejects.toThrow("cannot be read");
  });
});
