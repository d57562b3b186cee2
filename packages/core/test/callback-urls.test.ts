import { describe, expect, it } from "vitest";
import { newCallbackUrls } from "../src/pocket-id/callback-urls.ts";

const before = ["https://app.example/callback", "app.immich:///oauth-callback"];
const harmless = { wildcards: [], plainHttp: [], elsewhere: [] };

describe("a callback URL that is added", () => {
  it.each([
    "https://app.example/callback",
    "https://app.example/another",
    "HTTPS://APP.example/another",
    "app.immich:/elsewhere",
  ])("is nothing to speak of if it leads where another does: %s", (url) => {
    expect(newCallbackUrls(before, [...before, url])).toEqual(harmless);
  });

  it.each([
    "*",
    "https://*.app.example/callback",
    "https://app.example/*",
    "https://app.example/**",
    "http://*.app.example:*/",
    "https://app.example\\.evil.example/callback",
    "https://evil.example(|@app.example/callback)/callback",
    "https://app.example{.evil.example}/callback",
    "https://app.example/:page",
    "http://app.example\\@localhost/callback",
    "http:app.example/callback",
  ])("is a wildcard: %s", (url) => {
    expect(newCallbackUrls(before, [...before, url])).toEqual({ ...harmless, wildcards: [url] });
  });

  it.each([
    "http://app.example/callback",
    "HTTP://app.example:8080/callback",
    "http://localhost.app.example/callback",
    "http://localhost@app.example/callback",
    "http://127.0.0.1.app.example/",
    "http://192.168.1.10/callback",
    "http://[2001:db8::1]/callback",
  ])("crosses the network in clear text: %s", (url) => {
    expect(newCallbackUrls(before, [...before, url])).toEqual({ ...harmless, plainHttp: [url] });
  });

  it.each([
    "https://app.example:8443/callback",
    "https://app.example.evil.example/callback",
    "https://app.example@evil.example/callback",
    "http://localhost:3000/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:8080/callback",
    "com.evil.app:/callback",
  ])("leads to where none did before: %s", (url) => {
    expect(newCallbackUrls(before, [...before, url])).toEqual({ ...harmless, elsewhere: [url] });
  });

  it("counts once, and those that were there before do not", () => {
    expect(newCallbackUrls(["http://a.example/", "https://*/"], ["http://a.example/", "https://*/"])).toEqual(harmless);
    expect(newCallbackUrls([], ["http://*/"])).toEqual({ ...harmless, wildcards: ["http://*/"] });
  });
});
