import { afterEach, describe, expect, it } from "vitest";
import { type Connected, connect } from "../../../tests/support/connect.ts";
import { tools } from "../src/tools.ts";

let mcp: Connected;
afterEach(() => mcp.close());

describe.each(["2.14", "1.16"] as const)("on Pocket ID %s", (version) => {
  it.each([
    ["oidc_discovery", "discovery", "/.well-known/openid-configuration"],
    ["oidc_jwks", "jwks", "/.well-known/jwks.json"],
  ])("%s shows what Pocket ID publishes", async (tool, field, path) => {
    mcp = await connect(tools, { version });
    const published = await (await fetch(mcp.sandbox.url + path)).json();
    expect((await mcp.ok(tool))[field]).toEqual(published);
  });
});

describe("oidc_discovery", () => {
  it("shows the issuer that Pocket ID believes in, not the address that it is asked at", async () => {
    mcp = await connect(tools, { issuer: "https://id.riverside-rowing.example" });
    const { discovery } = await mcp.ok("oidc_discovery");
    expect(discovery.issuer).toBe("https://id.riverside-rowing.example");
    expect(discovery.token_endpoint).toBe("https://id.riverside-rowing.example/api/oidc/token");
  });
});

describe("oidc_jwks", () => {
  it("shows public keys alone", async () => {
    mcp = await connect(tools);
    const { jwks } = await mcp.ok("oidc_jwks");
    expect(jwks.keys.length).toBeGreaterThan(0);
    for (const key of jwks.keys) expect(key).not.toHaveProperty("d");
  });
});
