import { describe, expect, it } from "vitest";
import { contract, expectRefusal, inAnHour, members, nobody, unreadableBody } from "./pocket-id.ts";

contract("HTTP", (pocketId) => {
  const withKey = (headers: Record<string, string> = {}): Record<string, string> => ({
    "x-api-key": pocketId.apiKey,
    ...headers,
  });
  const unknownPath = pocketId.hasWebApp ? { error: "API endpoint not found" } : "404 page not found";

  it("GET /healthz says 204 to everybody", async () => {
    const { status, bytes } = await pocketId.get("/healthz", { as: "nobody" });
    expect([status, bytes.length]).toEqual([204, 0]);
  });

  it("an unknown path is a 404 (in JSON without a code, or in plain text where the web app is missing)", async () => {
    for (const path of ["/api/nothing-here", `/api/users/${nobody}/nothing`]) {
      const { status, body } = await pocketId.get(path);
      expect({ status, body }).toEqual({ status: 404, body: unknownPath });
    }
  });

  it("a wrong method is the same 404", async () => {
    for (const [method, path] of [
      ["PATCH", "/api/users"],
      ["PUT", "/api/users"],
      ["POST", `/api/users/${nobody}`],
      ["DELETE", "/api/application-configuration"],
    ] as const) {
      const { status, body } = await pocketId.send(method, path);
      expect({ method, status, body }).toEqual({ method, status: 404, body: unknownPath });
    }
  });

  it("an unknown path below /.well-known is a 404, but the web app until 2.7", async () => {
    const { status, headers, body } = await pocketId.get("/.well-known/nothing-here");
    if (pocketId.hasWebApp && !pocketId.since("2.8")) {
      expect([status, headers.get("content-type")]).toEqual([200, expect.stringMatching(/^text\/html/)]);
    } else expect({ status, body }).toEqual({ status: 404, body: unknownPath });
  });

  it("HEAD is answered as GET since 2.0, and not known before", async () => {
    const { status, bytes } = await pocketId.raw("HEAD", "/api/users", { headers: withKey() });
    expect([status, bytes.length]).toEqual([pocketId.since("2.0") ? 200 : 404, 0]);
  });

  it("a path with a slash at its end is redirected to the one without", async () => {
    const { status, headers } = await pocketId.get("/api/users/");
    expect([status, headers.get("location")]).toEqual([301, "/api/users"]);
  });

  it("answers stay out of caches and are for no other origin", async () => {
    const { headers } = await pocketId.raw("GET", "/api/users", {
      headers: withKey({ origin: "https://other.example" }),
    });
    expect(headers.get("cache-control")).toBe("private, no-store");
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("etag")).toBeNull();
    expect(headers.get("content-type")).toMatch(/^application\/json/);
  });

  it("every answer has a request id since 2.13, which nobody can choose and every error repeats", async () => {
    const ids: (string | null)[] = [];
    for (const path of ["/api/users", "/healthz", `/api/users/${nobody}`]) {
      const { headers, body } = await pocketId.raw("GET", path, { headers: withKey({ "x-request-id": "mine" }) });
      ids.push(headers.get("x-request-id"));
      if (path.endsWith(nobody) && pocketId.since("2.13")) expect(body.request_id).toBe(headers.get("x-request-id"));
    }
    if (!pocketId.since("2.13")) return expect(ids).toEqual([null, null, null]);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  describe("a body", () => {
    const post = (contentType: string, body: string) =>
      pocketId.raw("POST", "/api/user-groups", { headers: withKey({ "content-type": contentType }), body });
    const group = () => JSON.stringify({ name: pocketId.unique("group"), friendlyName: "Friends" });

    it("that is no JSON, is missing or has a wrong type is a 500, since 2.13 a 400", async () => {
      for (const body of ["{", "", '{"name":7,"friendlyName":"x"}', '["a"]'])
        expectRefusal(pocketId, await post("application/json", body), unreadableBody);
    });

    it("has to be called JSON since 2.13; before, any type would do", async () => {
      expect((await post("application/json; charset=utf-8", group())).status).toBe(201);
      expect((await post("application/scim+json", group())).status).toBe(201);
      const text = await post("text/plain", group());
      if (pocketId.since("2.13")) expectRefusal(pocketId, text, unreadableBody);
      else expect(text.status).toBe(201);
    });

    it("has its texts stored in Unicode's composed form (NFC) since 2.13, and as they were sent before", async () => {
      const [sent, stored] = ["e\u0301", pocketId.since("2.13") ? "\u00e9" : "e\u0301"];
      const of = (text: string) => `${pocketId.prefix} ${text}`;
      const made = await pocketId.post("/api/user-groups", { name: of(sent), friendlyName: sent.repeat(2) });
      expect(made.body).toMatchObject({ name: of(stored), friendlyName: stored.repeat(2) });
      const wiki = await pocketId.client({ name: of(sent), description: sent });
      expect(wiki.name).toBe(of(stored));
      if (pocketId.since("2.10")) expect(wiki.description).toBe(stored);
      const claims = await pocketId.put(`/api/custom-claims/user-group/${made.body.id}`, [{ key: sent, value: sent }]);
      expect(claims.body).toEqual([{ key: stored, value: stored }]);
      const as = await pocketId.sessionOf(pocketId.owner);
      const key = { name: of(sent), description: sent, expiresAt: inAnHour() };
      const { apiKey } = (await pocketId.post("/api/api-keys", key, { as })).body;
      expect(apiKey).toMatchObject({ name: of(stored), description: stored });
      const appName = await pocketId.whileConfigured({ appName: sent }, pocketId.configuration);
      expect(appName.appName).toBe(stored);
    });

    it("may have members that nobody knows", async () => {
      const fields = { name: pocketId.unique("group"), friendlyName: "Friends", colour: "red" };
      const { status, body } = await pocketId.post("/api/user-groups", fields);
      expect([status, body.colour]).toEqual([201, undefined]);
    });

    it("that breaks several rules is told all of them: in one text, since 2.13 also one by one", async () => {
      const { status, body } = await pocketId.post("/api/user-groups", { name: "x" });
      expect(status).toBe(400);
      if (!pocketId.since("2.13"))
        return expect(body).toEqual({ error: "FriendlyName is required, Name must be at least 2 characters long" });
      expect(body).toEqual({
        error: "FriendlyName is required, name must be at least 2 characters long",
        code: "validation_failed",
        details: {
          fields: [
            { field: "friendlyName", code: "required", message: "is required" },
            { field: "name", code: "too_short", message: "must be at least 2 characters long" },
          ],
        },
        request_id: expect.any(String),
      });
    });
  });

  it("an error without details has none (codes since 2.13)", async () => {
    const { body } = await pocketId.get(`/api/users/${nobody}`);
    expect(members(body)).toEqual(pocketId.since("2.13") ? ["code", "error", "request_id"] : ["error"]);
  });
});
