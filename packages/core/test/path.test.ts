import { describe, expect, it } from "vitest";
import { InputError } from "../src/pocket-id/errors.ts";
import { parseOrigin } from "../src/pocket-id/origin.ts";
import { expandPath } from "../src/pocket-id/path.ts";
import { checkReference } from "../src/pocket-id/reference.ts";

describe("a path", () => {
  it("takes its parameters", () => {
    expect(expandPath("/api/oidc/clients/:id/preview/:userId", { id: "immich", userId: "u-1" })).toBe(
      "/api/oidc/clients/immich/preview/u-1",
    );
  });

  it("takes the https URL of a CIMD client as ~base64url", () => {
    const id = "https://app.example/client.json?a=b";
    const path = expandPath("/api/oidc/clients/:id", { id });
    expect(path).toMatch(/^\/api\/oidc\/clients\/~[A-Za-z0-9_-]+$/);
    expect(Buffer.from(path.split("~")[1] ?? "", "base64url").toString()).toBe(id);
  });

  it.each(["..", ".", "", "../user-groups/x", "a/b", "a\\b", "a?b", "a#b", "a%2f", "a b", "ä", "a\u0000", "http://x"])(
    "refuses %j",
    (id) => {
      expect(() => expandPath("/api/users/:id", { id })).toThrow(InputError);
    },
  );

  it("refuses a parameter that is not given", () => expect(() => expandPath("/api/users/:id")).toThrow(/id: the path/));
});

describe("a reference", () => {
  it.each(["..", ".", "../user-groups/x", "a/../b", "..\\x", "", "  "])("cannot be %j", (text) => {
    expect(() => checkReference(text, "user")).toThrow(InputError);
  });

  it.each(["alice", "alice@example.com", "CI/CD", "a..b", "v1.2", "Grafana (prod)"])("can be %j", (text) => {
    expect(() => checkReference(text, "user")).not.toThrow();
  });
});

describe("an origin", () => {
  it.each([
    "https://id.example.com",
    "https://id.example.com/",
    "https://id.example.com:8443",
    "http://localhost:1411",
    "http://127.0.0.1:1",
    "http://[::1]:1411",
  ])("can be %s", (url) => expect(parseOrigin(url).pathname).toBe("/"));

  it.each([
    ["id.example.com", /not an http or https address/],
    ["ftp://id.example.com", /not an http or https address/],
    ["https://id.example.com/api", /leave out what follows the host/],
    ["https://id.example.com/?a=b", /leave out what follows the host/],
    ["https://user:secret@id.example.com", /user name or password/],
    ["http://id.example.com", /plain http to id\.example\.com .* clear text/],
    ["http://127.0.0.1.example.com", /plain http/],
    ["", /not an http or https address/],
  ])("cannot be %s", (url, message) => expect(() => parseOrigin(url)).toThrow(message));

  it("can be plain http elsewhere if the operator allows it", () => {
    expect(parseOrigin("http://id.internal", { allowHttp: true }).origin).toBe("http://id.internal");
  });
});
