import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import {
  at,
  isSince,
  members,
  type PocketId,
  person,
  pocketId,
  present,
  signedInAs,
  textAt,
  upload,
} from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";

const sent = (contentType: string, body: string): RequestInit => ({ body, headers: { "content-type": contentType } });

/** A situation, the status and text up to 2.12, the status and code since 2.13. */
const situations: [
  string,
  (instance: PocketId) => Promise<{ status: number; body: unknown }>,
  { status: number; error: string },
  { status: number; code: string },
][] = [
  [
    "malformed JSON",
    (instance) => instance.send("POST", "/api/users", sent("application/json", "{")),
    { status: 500, error: "Something went wrong" },
    { status: 400, code: "invalid_request_body" },
  ],
  [
    "a number where a text belongs",
    (instance) => instance.post("/api/users", { username: 7 }),
    { status: 500, error: "Something went wrong" },
    { status: 400, code: "invalid_request_body" },
  ],
  [
    "no body at all",
    (instance) => instance.post("/api/users"),
    { status: 500, error: "Something went wrong" },
    { status: 400, code: "invalid_request_body" },
  ],
  [
    "a username that is taken",
    (instance) =>
      instance.post("/api/users", { username: "ben", email: "b@example.com", firstName: "Ben", displayName: "Ben" }),
    { status: 400, error: "Username is already in use" },
    { status: 409, code: "already_in_use" },
  ],
  [
    "an e-mail address that is taken",
    (instance) =>
      instance.post("/api/users", {
        username: "ben2",
        email: "ben@riverside-rowing.example",
        firstName: "Ben",
        displayName: "Ben",
      }),
    { status: 400, error: "Email is already in use" },
    { status: 409, code: "already_in_use" },
  ],
  [
    "a group name that is taken",
    (instance) => instance.post("/api/user-groups", { name: "board", friendlyName: "Board" }),
    { status: 400, error: "Name is already in use" },
    { status: 409, code: "already_in_use" },
  ],
  [
    "a client id that is taken",
    (instance) => instance.post("/api/oidc/clients", { id: "gitea", name: "Gitea" }),
    { status: 400, error: "Client ID already in use" },
    { status: 409, code: "client_id_already_exists" },
  ],
  [
    "a user that is not there",
    (instance) => instance.get(`/api/users/${NOBODY}`),
    { status: 404, error: "Record not found" },
    { status: 404, code: "user_not_found" },
  ],
  [
    "a group that is not there",
    (instance) => instance.get(`/api/user-groups/${NOBODY}`),
    { status: 404, error: "Record not found" },
    { status: 404, code: "not_found" },
  ],
  [
    "a client that is not there",
    (instance) => instance.get("/api/oidc/clients/nothing"),
    { status: 404, error: "Record not found" },
    { status: 404, code: "not_found" },
  ],
  [
    "one-time access by e-mail while it is off",
    (instance) => {
      instance.sandbox.state.configuration.set("emailOneTimeAccessAsAdminEnabled", "false");
      return instance.post(`/api/users/${person(instance, "ben")}/one-time-access-email`, {});
    },
    { status: 400, error: "One-time access is disabled" },
    { status: 403, code: "one_time_access_disabled" },
  ],
  [
    "a mail to a user without an address",
    (instance) => {
      const ben = person(instance, "ben");
      present(instance.sandbox.state.users.get(ben)).email = null;
      return instance.post(`/api/users/${ben}/one-time-access-email`, {});
    },
    { status: 400, error: "The user does not have an email address set" },
    { status: 409, code: "user_email_not_set" },
  ],
  [
    "a file type that is not supported",
    (instance) => instance.send("PUT", "/api/application-images/logo", { body: upload("logo.exe") }),
    { status: 400, error: "File type not supported" },
    { status: 415, code: "file_type_not_supported" },
  ],
  [
    "a form without a file",
    (instance) => {
      const form = new FormData();
      form.set("picture", "x");
      return instance.send("PUT", "/api/application-images/logo", { body: form });
    },
    { status: 500, error: "Something went wrong" },
    { status: 400, code: "validation_failed" },
  ],
  [
    "LDAP sync while LDAP is off",
    (instance) => instance.post("/api/application-configuration/sync-ldap"),
    { status: 500, error: "Something went wrong" },
    { status: 409, code: "ldap_disabled" },
  ],
  [
    "a claim that is reserved",
    (instance) =>
      instance.put(`/api/custom-claims/user/${person(instance, "ben")}`, [{ key: "email", value: "other" }]),
    { status: 400, error: "Claim email is reserved and can't be used" },
    { status: 400, code: "reserved_claim" },
  ],
];

describe.each(sandboxVersions)("errors of Pocket ID %s", (version) => {
  it.each(situations)("%s", async (_situation, ask, before213, since213) => {
    const reply = await ask(await pocketId({ version }));
    if (isSince(version, "2.13")) {
      expect(reply).toMatchObject({ status: since213.status, body: { code: since213.code } });
    } else {
      expect(reply).toMatchObject({ status: before213.status, body: { error: before213.error } });
      expect(members(reply.body)).toEqual(["error"]);
    }
  });

  it("an API key that is not there, or not expired yet", async () => {
    const instance = await pocketId({ version });
    if (version === "1.16") return;
    const session = await signedInAs(instance, instance.sandbox.adminId);
    const key = present([...instance.sandbox.state.apiKeys.values()].find(({ name }) => name === "Assistant"));
    const expiresAt = "2040-01-01T00:00:00Z";
    const missing = await session.post(`/api/api-keys/${NOBODY}/renew`, { expiresAt });
    const early = await session.post(`/api/api-keys/${key.id}/renew`, { expiresAt });
    if (isSince(version, "2.13")) {
      expect(missing).toMatchObject({ status: 404, body: { code: "api_key_not_found" } });
      expect(early).toMatchObject({ status: 409, body: { code: "api_key_not_expired" } });
    } else {
      expect(missing).toMatchObject({ status: 401, body: { error: "API Key Not Found" } });
      expect(early).toMatchObject({ status: 400, body: { error: "API Key is not expired yet" } });
    }
  });

  it("deletes a client or a SCIM provider that is not there without a word, up to 2.12", async () => {
    const instance = await pocketId({ version });
    const expected = isSince(version, "2.13") ? 404 : 204;
    expect((await instance.delete("/api/oidc/clients/nothing")).status).toBe(expected);
    if (isSince(version, "2.0"))
      expect((await instance.delete(`/api/scim/service-provider/${NOBODY}`)).status).toBe(expected);
  });

  it("reads JSON of any type up to 2.12, later only what is called JSON", async () => {
    const instance = await pocketId({ version });
    const group = (name: string) => JSON.stringify({ name, friendlyName: name });
    const asText = await instance.send("POST", "/api/user-groups", sent("text/plain", group("one")));
    expect(asText.status).toBe(isSince(version, "2.13") ? 400 : 201);
    const asScim = await instance.send("POST", "/api/user-groups", sent("application/scim+json", group("two")));
    expect(asScim.status).toBe(201);
    const withCharset = sent("application/json; charset=utf-8", group("three"));
    expect((await instance.send("POST", "/api/user-groups", withCharset)).status).toBe(201);
  });

  it("joins all that is wrong with a body into one text", async () => {
    const instance = await pocketId({ version });
    const refused = await instance.post("/api/user-groups", { name: "x" });
    expect(refused.status).toBe(400);
    if (isSince(version, "2.13")) {
      expect(refused.body).toMatchObject({
        error: "FriendlyName is required, name must be at least 2 characters long",
        code: "validation_failed",
        details: {
          fields: [
            { field: "friendlyName", code: "required", message: "is required" },
            { field: "name", code: "too_short" },
          ],
        },
      });
    } else {
      expect(refused.body).toEqual({ error: "FriendlyName is required, Name must be at least 2 characters long" });
    }
  });

  it("ignores members that it does not know", async () => {
    const instance = await pocketId({ version });
    const made = await instance.post("/api/user-groups", { name: "new", friendlyName: "New", colour: "red" });
    expect(made.status).toBe(201);
    expect(at(made.body, "colour")).toBeUndefined();
  });

  it("gives every answer a request id, since 2.13, that a client cannot choose", async () => {
    const instance = await pocketId({ version });
    const ids = [];
    for (const path of ["/api/users", "/healthz", "/api/nothing-here", "/some/page"]) {
      const reply = await instance.send("GET", path, { headers: { "x-request-id": "mine" } });
      ids.push(reply.headers.get("x-request-id"));
    }
    if (isSince(version, "2.13")) {
      for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(new Set(ids).size).toBe(ids.length);
    } else {
      expect(ids).toEqual([null, null, null, null]);
    }
  });
});

describe("details since 2.13", () => {
  it("name the property that is taken", async () => {
    const instance = await pocketId();
    const refused = await instance.post("/api/users", { username: "BEN", email: "new@example.com" });
    expect(refused.body).toMatchObject({ details: { property: "username" } });
  });

  it.each([
    ["/api/user-groups/nothing", "User group"],
    ["/api/oidc/clients/nothing", "OIDC client"],
    ["/api/apis/nothing", "API"],
    ["/api/oidc/clients/gitea/scim-service-provider", "SCIM service provider"],
  ])("name what is missing at %s: %s", async (path, resource) => {
    const instance = await pocketId();
    const missing = await instance.get(path);
    expect(missing).toMatchObject({
      status: 404,
      body: { code: "not_found", error: `${resource} not found`, details: { resource } },
    });
  });

  it("are absent when there is nothing to say", async () => {
    const instance = await pocketId();
    const missing = await instance.get(`/api/users/${NOBODY}`);
    expect(members(missing.body)).toEqual(["error", "code", "request_id"]);
  });

  it("report the first bad element of a list only", async () => {
    const instance = await pocketId();
    const refused = await instance.put(`/api/custom-claims/user/${person(instance, "ben")}`, [
      { key: "fine", value: "fine" },
      { key: "", value: "x" },
      { key: "", value: "" },
    ]);
    expect(at(refused.body, "details", "fields")).toEqual([{ field: "key", code: "required", message: "is required" }]);
  });

  it("carry the request id of the header, so that it can be found in the log", async () => {
    const instance = await pocketId();
    const refused = await instance.post("/api/users", {});
    expect(textAt(refused.body, "request_id")).toBe(refused.headers.get("x-request-id"));
  });
});
