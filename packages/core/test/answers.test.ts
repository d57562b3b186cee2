import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanText, isPlain } from "../src/pocket-id/clean-text.ts";
import { Secrets, secretsIn, withoutSecrets } from "../src/pocket-id/secrets.ts";
import { redact, redactToJson, safeText } from "../src/runtime/redact.ts";
import { bound, maximumAnswer } from "../src/runtime/shape.ts";

const none = new Secrets();

describe("redaction", () => {
  it("takes secrets out by the name of their field, wherever they stand", () => {
    const answer = {
      user: "a",
      nested: [{ token: "abc", smtpPassword: "pw", data: { signupToken: "t" } }],
      ldapBindPassword: "",
      hasToken: true,
    };
    expect(redact(answer, none)).toEqual({
      user: "a",
      nested: [{ token: "[redacted]", smtpPassword: "[redacted]", data: { signupToken: "[redacted]" } }],
      ldapBindPassword: "",
      hasToken: true,
    });
  });

  it("leaves what is shown once on purpose, at the top alone", () => {
    const answer = { secret: "shown", inner: { secret: "hidden" } };
    expect(redact(answer, none, new Set(["secret"]))).toEqual({ secret: "shown", inner: { secret: "[redacted]" } });
  });

  it("takes known values out of every text", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]{8,40}$/), fc.string(), fc.string(), (secret, before, after) => {
        const answer = { a: `${before}${secret}${after}`, b: [secret], c: { d: { e: secret } }, [secret]: 1 };
        expect(JSON.stringify(redact(answer, new Secrets([secret])))).not.toContain(secret);
        expect(withoutSecrets(`${before}${secret}${after}`, [secret])).not.toContain(secret);
      }),
    );
  });

  it("does not take single letters for a secret", () => expect(withoutSecrets("a b c", ["a"])).toBe("a b c"));

  it.each([
    ["as it is", 'pa"ss <word>\\ & more', 'pa"ss <word>\\ & more'],
    ["in JSON", 'pa"ss <word>\\ & more', JSON.stringify('pa"ss <word>\\ & more')],
    ["in JSON of Go", 'pa"ss <word>\\ & more', 'pa\\"ss \\u003cword\\u003e\\\\ \\u0026 more'],
    ["in an address", "pass word/ü&=", "pass%20word%2F%C3%BC%26%3D"],
    ["in a form", "pass word/ü&=", "pass+word%2F%C3%BC%26%3D"],
    ["in an address of Go", "pass!(word)*'", "pass%21%28word%29%2A%27"],
    ["with half a pair in it", "pass\uD83Dword", "pass\uD83Dword"],
    ["where another one begins it", "secret-longer", "secret-longer"],
  ])("takes a secret out that stands there %s", (_case, secret, text) => {
    const said = withoutSecrets(`<${text}>`, ["secret", secret]);
    expect(said).toContain("[redacted]");
    expect(said).not.toMatch(/more|word|longer/);
  });

  it("takes the password out of an address that nobody knows", () => {
    expect(withoutSecrets("see https://scim:hunter2@app.example/v2 and ldap://:x@host", [])).toBe(
      "see https://scim:[redacted]@app.example/v2 and ldap://:[redacted]@host",
    );
    expect(withoutSecrets("https://a@b.example:hunter2@host or https://u:hunt@er2@host/x", [])).toBe(
      "https://a@b.example:[redacted]@host or https://u:[redacted]@host/x",
    );
    const harmless = 'https://app.example:8443/v2?to=a@b.example and {"a":"http://x:","b":"c@d"}';
    expect(withoutSecrets(harmless, [])).toBe(harmless);
  });

  it("takes out long ones and many", () => {
    const long = Array.from({ length: 50 }, (_, nth) => `${nth}-${"<secret>".repeat(1_000)}`);
    expect(withoutSecrets(long.join(" and "), [...long, "x".repeat(1_000_000)])).not.toContain("secret");
  });

  it("takes what stands for a secret for none", () => {
    const secrets = new Secrets(["[redacted]", "XXXXXXXXXX"]);
    expect(secrets.remove("[redacted] and XXXXXXXXXX")).toBe("[redacted] and XXXXXXXXXX");
  });

  it("is done before a text is cleaned and after it, and before it is cut", () => {
    const secrets = new Secrets(["one\ttwo\tthree", "hidden-secret"]);
    expect(safeText("a one\ttwo\tthree b", secrets)).toBe("a [redacted] b");
    expect(safeText("a hid\u200Bden-secret b", secrets)).toBe("a [redacted] b");
    expect(safeText(`${"x".repeat(3_995)}hidden-secret`, secrets)).not.toContain("hid");
  });

  it("finds the secrets of a body by the names of their fields", () => {
    const body = {
      token: "t-1",
      name: "n",
      list: [{ secret: "s-1" }, { smtpPassword: "p-1", password: 7 }],
      apiKey: {},
    };
    expect(secretsIn(body)).toEqual(["t-1", "s-1", "p-1"]);
    expect(secretsIn(Array.from({ length: 5_000 }, (_, id) => ({ token: `token-${id}` })))).toHaveLength(200);
  });
});

describe("texts from others", () => {
  it.each([
    ["line\nbreak\r\n\ttab", "line break tab"],
    ["a\u202Egpj.exe", "agpj.exe"],
    ["zero\u200Bwidth\uFEFF", "zerowidth"],
    ["bell\u0007\u001B[31m", "bell[31m"],
    ["tag\u{E0041}s", "tags"],
    ["se\u{E0100}\u{E01EF}lectors\uFE01", "selectors"],
    ["fill\u3164\u115F\uFFA0er\u034F", "filler"],
    ["for\u206Amat\uFFF9\u{1D173}", "format"],
    ["Ünïcödé 日本 🎉", "Ünïcödé 日本 🎉"],
  ])("%j are shown as %j", (text, shown) => expect(cleanText(text)).toBe(shown));

  it("are cut where they are endless", () => expect(safeText("x".repeat(1_000_000), none).length).toBeLessThan(5_000));

  it("are cleaned everywhere, also as names", () => {
    expect(redact({ "a\u200B": ["b\u0000", { c: "d\u202E" }], n: 1, t: true, z: null }, none)).toEqual({
      a: ["b", { c: "d" }],
      n: 1,
      t: true,
      z: null,
    });
  });
});

describe("the bound of an answer", () => {
  const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id, text: "x".repeat(100) }));

  it("leaves alone what fits", () => {
    const answer = { users: rows(10) };
    expect(bound(answer)).toEqual({ answer, json: JSON.stringify(answer), cuts: [], fits: true });
  });

  it("cuts the longest list and says how much of it is shown", () => {
    const { answer, cuts } = bound({ group: { name: "g", users: rows(5_000), claims: rows(3) } });
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(maximumAnswer);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeGreaterThan(maximumAnswer * 0.9);
    expect(cuts).toEqual([{ path: "group.users", shown: expect.any(Number), total: 5_000 }]);
  });

  it("cuts a record of many fields rather than a short list beside it", () => {
    const claims = Object.fromEntries(Array.from({ length: 150 }, (_, key) => [`claim${key}`, "x".repeat(4_000)]));
    const { answer, cuts, fits } = bound({
      idToken: { ...claims, groups: ["board"] },
      userInfo: { groups: ["board"] },
    });
    expect(fits).toBe(true);
    expect(answer).toMatchObject({ userInfo: { groups: ["board"] } });
    expect(cuts).toEqual([{ path: "idToken", shown: expect.any(Number), total: 151 }]);
  });

  it("cuts the list of an object and not its fields", () => {
    const fields = Object.fromEntries(Array.from({ length: 40 }, (_, key) => [`field${key}`, key]));
    const { answer, cuts } = bound({ client: { ...fields, groups: rows(2_000) } });
    expect(answer).toMatchObject({ client: fields });
    expect(cuts).toMatchObject([{ path: "client.groups" }]);
  });

  it("says where nothing can be cut", () => {
    expect(bound({ text: "x".repeat(maximumAnswer) }).fits).toBe(false);
  });

  it("holds for whatever lists there are", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { minLength: 1, maxLength: 4 }), (counts) => {
        const lists = Object.fromEntries(counts.map((count, index) => [`list${index}`, rows(count)]));
        const { answer, cuts } = bound(lists);
        expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(maximumAnswer);
        for (const { path, total } of cuts) expect(total).toBe(lists[path]?.length);
        expect(new Set(cuts.map(({ path }) => path)).size).toBe(cuts.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe("an answer that is made safe by its JSON", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      'a "quoted" text',
      "back\\slash",
      "line\nbreak",
      "soft\u00ADhyphen",
      "joined\u034F",
      "hid\u200Bden",
      "Ünïcödé Ωмегα",
      "https://app.example/cb",
      "https://user:hunter2@host",
      "a@b.example",
      "the-secret-value",
      'the "quoted" secret',
      "the\tsecret\tof tabs",
      'the \\"quoted\\" secret',
      "x".repeat(4_001),
      `${"x".repeat(3_000)}"${"y".repeat(3_000)}`,
    ),
  );
  const key = fc.oneof(fc.constantFrom("token", "secret", "name", "apiKey", "smtpPassword"), text);
  const secrets = new Secrets(["the-secret-value", 'the "quoted" secret', "the\tsecret\tof tabs"]);
  const answers = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.boolean(), fc.constant(null), tie("list"), tie("object")),
    list: fc.array(tie("value"), { maxLength: 4 }),
    object: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  })).object;

  it("is what it would be if each of its texts were looked at", () => {
    fc.assert(
      fc.property(answers, fc.constantFrom(new Set<string>(), new Set(["secret"])), (answer, reveals) => {
        const expected = redact(answer, secrets, reveals);
        const { answer: safe, json } = redactToJson(answer, secrets, reveals);
        expect(safe).toEqual(expected);
        expect(json).toBe(JSON.stringify(expected));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is not looked at text by text where there is nothing to take out", () => {
    const secrets = new Secrets(["the-secret-value"]);
    let looks = 0;
    secrets.clean = (said) => {
      looks++;
      return said;
    };
    const rows = Array.from({ length: 100 }, (_, id) => ({
      id,
      name: "Zoë",
      note: 'so "called"',
      url: "https://a.example",
    }));
    redactToJson({ rows }, secrets, new Set());
    expect(looks).toBe(0);
    redactToJson({ rows: [...rows, { name: "a\u200Bb" }] }, secrets, new Set());
    expect(looks).toBeGreaterThan(0);
  });

  it("knows a plain text by a look that takes nothing for plain that has to be changed", () => {
    const odd = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\uFFFC]/u;
    for (let code = 0; code <= 0xffff; code++) {
      const sign = String.fromCharCode(code);
      if (isPlain(sign)) expect(odd.test(sign), code.toString(16)).toBe(false);
    }
    expect(isPlain("Zoë Ωмегα ~")).toBe(true);
  });
});
