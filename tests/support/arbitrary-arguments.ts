import fc from "fast-check";

/** As much of JSON Schema as tools are listed with. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** What people and things are called in the sandbox, so that many calls get as far as Pocket ID. */
const names = [
  ...["alice", "ben@riverside-rowing.example", "dmitri", "admin", "robin"],
  ...["board", "members", "website", "Juniors"],
  ...["Immich", "Grafana", "gitea", "Boat booking", "Nextcloud"],
  ...["Backup script", "1Password"],
];

/** What has got the better of other servers. */
const hostile = [
  ...[
    "",
    " ",
    "..",
    "../users",
    "%2e%2e",
    "a/b",
    "a\\b",
    "\u0000",
    "\u202Eecila",
    "a\u200Bb",
    "<script>",
    "'; --",

    "{{x}}",
  ],
  ...[
    "https://[",
    "https://x@y",
    "javascript:alert(1)",
    "http://*",
    "file:///etc/passwd",
    "/etc/passwd",
    "~root",
    "NUL",
    "-1",
    "1e999",
    "9".repeat(40),
  ],
  ...["__proto__", "constructor", "toString", "x".repeat(400), "é".repeat(5_000), "💥", "\uD800", "XXXXXXXXXX"],
  ...["2026-02-30T00:00:00Z", "0000-00-00", "P1D", "15m", "99999d", "-5m", "NaN", "null", "[]", '{"a":1}'],
];

const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...names) },
  { weight: 2, arbitrary: fc.constantFrom(...hostile) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uuid() },
);
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), text, fc.constantFrom(null, 0, -1, 1e308, true, [], {}));

/** Arguments for a tool with this input schema: some that fit it, some that nearly do, some that are anything. */
export const argumentsFor = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: objectOf(schema, 9) }, { weight: 1, arbitrary: anything });

function objectOf({ properties = {} }: Schema, fitting: number): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, nearly(field, fitting)]));
  const known = fc.record(fields, { requiredKeys: [] });
  return fc.oneof(
    { weight: 8, arbitrary: known },
    {
      weight: 1,
      arbitrary: fc
        .tuple(known, fc.dictionary(fc.constantFrom(...hostile, "user", "id"), anything))
        .map(([some, more]) => ({ ...more, ...some })),
    },
  );
}

function nearly(schema: Schema, fitting: number): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: fitting, arbitrary: fittingValue(schema) }, { weight: 1, arbitrary: anything });
}

function fittingValue(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fittingValue));
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => fittingValue({ ...schema, type })));
  const { type } = schema;
  if (type === "boolean") return fc.boolean();
  if (type === "integer") return fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer());
  if (type === "number") return fc.double();
  if (type === "array") return fc.array(nearly(schema.items ?? {}, 20), { maxLength: 3 });
  if (type === "object") return objectOf(schema, 9);
  return type === "null" ? fc.constant(null) : text;
}
