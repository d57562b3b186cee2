import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { PocketIdError } from "../src/index.ts";
import { type Cancellation, Canceller } from "../src/pocket-id/cancellation.ts";
import { type Connection, openConnection } from "../src/pocket-id/connection.ts";
import type { RequestRecord } from "../src/pocket-id/request-record.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

let server: Server;
let connection: Connection;
let url: string;
let handle: Handler;
/** What is told of the version, besides what is received; undefined: whoever asks is handled as any other. */
let told: string | undefined;
let received: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[];

const cancellers = [
  ["an AbortController", () => new AbortController()],
  ["a Canceller", () => new Canceller()],
] as const;

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

beforeEach(async () => {
  received = [];
  told = "2.14.0";
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      if (told !== undefined && request.url === "/api/version/current") {
        json(response, 200, { currentVersion: told });
        return;
      }
      received.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
      handle(request, response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  connection = openConnection({ url, apiKey: "the-api-key", timeoutMs: 2_000 });
});

afterEach(async () => {
  await connection.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const failure = async (work: Promise<unknown>): Promise<PocketIdError> => {
  const error = await work.then(
    () => new Error("it did not fail"),
    (caught: unknown) => caught,
  );
  if (!(error instanceof PocketIdError)) throw error;
  return error;
};

describe("an error", () => {
  const key = "the-api-key";
  const long = "x".repeat(300);
  it.each<[string, Record<string, string>, number, unknown]>([
    ["its words", {}, 400, { error: `${long}${"y".repeat(93)}${key}` }],
    ["its code and fields", {}, 400, { error: "no", code: key, details: { fields: [{ field: key, message: key }] } }],
    ["the id of the request", { "x-request-id": `${"r".repeat(73)}${key}` }, 500, {}],
    ["where it leads", { location: `https://${key}.example/` }, 302, {}],
    ["its type", { "content-type": `text/${"x".repeat(48)}${key}` }, 502, {}],
    ["the type of what is no error", { "content-type": `text/${"x".repeat(48)}${key}` }, 200, {}],
    ["something invisible in it", {}, 400, { error: `${"y".repeat(385)}${[...key].join("\u200B")}` }],
  ])(
    "holds no secret that the request carried, nor a part of one, where %s repeat it",
    async (_case, headers, status, body) => {
      handle = (_request, response) => json(response, status, body, headers);
      const error = await failure(connection.request("POST /api/users", { body: {} }));
      const { message, code, requestId, fields, hint } = error;
      expect(JSON.stringify({ message, code, requestId, fields, hint })).not.toMatch(/the-(?:ap|\u200B)/);
    },
  );
});

describe("a request", () => {
  it("carries the key, JSON, and the query", async () => {
    handle = (_request, response) => json(response, 200, { id: "1" });
    await connection.request("PUT /api/users/:id", {
      params: { id: "u-1" },
      body: { a: 1 },
      query: { "pagination[page]": "2" },
    });
    expect(received[0]).toMatchObject({ method: "PUT", url: "/api/users/u-1?pagination%5Bpage%5D=2", body: '{"a":1}' });
    expect(received[0]?.headers).toMatchObject({ "x-api-key": "the-api-key", "content-type": "application/json" });
  });

  it("goes without the key as nobody, and with a session alone as somebody", async () => {
    handle = (_request, response) => response.writeHead(204).end();
    await connection.request("GET /healthz", { as: "nobody" });
    await connection.request("POST /api/webauthn/logout", { as: { session: "jwt" } });
    expect(received[0]?.headers["x-api-key"]).toBeUndefined();
    expect(received[1]?.headers["x-api-key"]).toBeUndefined();
    expect(received[1]?.headers.authorization).toBe("Bearer jwt");
  });

  it("keeps its connections for the next ones", async () => {
    const sockets = new Set();
    handle = (request, response) => {
      sockets.add(request.socket);
      json(response, 200, {});
    };
    for (let index = 0; index < 20; index++) await connection.request("GET /api/users/me");
    // The pool may open a second one before it learns that the first is free again.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  describe("among many", () => {
    const waiting: ServerResponse[] = [];
    const answerAll = (): void => {
      for (const response of waiting.splice(0)) json(response, 200, {});
    };
    beforeEach(() => {
      waiting.length = 0;
      handle = (_request, response) => void waiting.push(response);
    });
    const ask = (signal?: Cancellation): Promise<unknown> => connection.within({ signal }).request("GET /api/users/me");
    /** As many as have a connection, and wait for two minutes. */
    const fill = (): Promise<unknown> =>
      Promise.allSettled(Array.from({ length: 16 }, () => connection.request("GET /api/users/me", { slow: true })));

    it("waits for its turn, so that Pocket ID has 16 at the same time", async () => {
      const all = Promise.all(Array.from({ length: 40 }, () => ask()));
      for (const soFar of [16, 32, 40]) {
        await vi.waitFor(() => expect(received).toHaveLength(soFar));
        await sleep(30);
        expect(received).toHaveLength(soFar);
        answerAll();
      }
      expect(await all).toHaveLength(40);
    });

    it("that has no turn in time was never sent, and changed nothing", async () => {
      connection = openConnection({ url, apiKey: "k", timeoutMs: 150 });
      await connection.version();
      const first = fill();
      await vi.waitFor(() => expect(received).toHaveLength(16));
      expect(await failure(connection.request("POST /api/users", { body: {} }))).toMatchObject({
        code: "not_sent",
        message: "POST /api/users was not sent: no connection to Pocket ID was free or could be made in time.",
        hint: expect.stringContaining("POCKETID_TIMEOUT"),
      });
      answerAll();
      await first;
      await connection.request("GET /api/users").catch(() => undefined);
      expect(received.map(({ method }) => method)).not.toContain("POST");
    });

    it("has all of its time from when it is sent", async () => {
      connection = openConnection({ url, apiKey: "k", timeoutMs: 300 });
      await connection.version();
      const first = fill();
      await vi.waitFor(() => expect(received).toHaveLength(16));
      const last = connection.request("POST /api/users", { body: {} });
      await sleep(200);
      answerAll();
      await first;
      await vi.waitFor(() => expect(received).toHaveLength(17));
      await sleep(200);
      answerAll();
      expect((await last).status).toBe(200);
    });

    it.each(cancellers)("is never sent when %s cancels it before its turn", async (_name, cancels) => {
      const first = Promise.all(Array.from({ length: 16 }, () => ask()));
      await vi.waitFor(() => expect(received).toHaveLength(16));
      const controller = cancels();
      const cancelled = expect(ask(controller.signal)).rejects.toThrow(/abort/i);
      const last = ask();
      controller.abort();
      await cancelled;
      answerAll();
      await first;
      await vi.waitFor(() => expect(received).toHaveLength(17));
      answerAll();
      await last;
      expect(received).toHaveLength(17);
    });

    it("ends with the connection, whether sent or not", async () => {
      const all = Promise.allSettled(Array.from({ length: 20 }, () => ask()));
      await vi.waitFor(() => expect(received).toHaveLength(16));
      await connection.close();
      expect((await all).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => "rejected"));
      expect(received).toHaveLength(16);
    });
  });

  it("is refused before the network where its operation was not declared", async () => {
    handle = (_request, response) => json(response, 200, {});
    const narrow = connection.within({ routes: new Set(["GET /api/users/me"] as const) });
    await narrow.request("GET /api/users/me");
    expect(await failure(narrow.request("DELETE /api/users/:id", { params: { id: "x" } }))).toMatchObject({
      code: "route_not_declared",
    });
    expect(received).toHaveLength(1);
  });

  it("is told about when it has ended, without parameters that are secrets", async () => {
    const records: RequestRecord[] = [];
    handle = (_request, response) => json(response, 200, {}, { "x-request-id": "r-7" });
    const observed = connection.within({ observe: (record) => records.push(record) });
    await observed.request("POST /api/one-time-access-token/:token", { params: { token: "s3cret" }, as: "nobody" });
    await observed.request("PUT /api/users/:id", { params: { id: "u-1" }, body: {} });
    const [version, redeemed, updated] = records;
    expect(version).toMatchObject({ path: "/api/version/current", method: "GET", status: 200 });
    expect(redeemed).toMatchObject({
      path: "/api/one-time-access-token/:token",
      method: "POST",
      status: 200,
      requestId: "r-7",
    });
    expect(updated).toMatchObject({ path: "/api/users/u-1", resourceId: "u-1" });
    expect(JSON.stringify(records)).not.toContain("s3cret");
  });
});

describe("a redirect", () => {
  it.each([301, 302, 307, 308])("with %i is not followed, so the key goes nowhere else", async (status) => {
    const elsewhere: string[] = [];
    const other = createServer((request, response) => {
      elsewhere.push(String(request.headers["x-api-key"]));
      response.end("{}");
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const target = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    handle = (_request, response) => response.writeHead(status, { location: `${target}/api/users/me` }).end();
    const error = await failure(connection.request("GET /api/users/me"));
    await new Promise((resolve) => other.close(resolve));
    expect(error).toMatchObject({ status, code: "redirect_refused" });
    expect(error.message).toContain(target);
    expect(elsewhere).toEqual([]);
  });

  it("is not told of where it holds the key, which in the name of a host would be in lower case", async () => {
    handle = ({ headers }, response) =>
      response.writeHead(302, { location: `https://${headers["x-api-key"]}.example/` }).end();
    const apiKey = "Key-With-Capitals";
    const error = await failure(openConnection({ url: connection.origin, apiKey }).request("GET /api/users/me"));
    expect(error).toMatchObject({ code: "redirect_refused" });
    expect(error.message.toLowerCase()).not.toContain(apiKey.toLowerCase());
  });
});

describe("an error", () => {
  it("of a page of 1 MB is less than 1 kB", async () => {
    handle = (_request, response) =>
      response.writeHead(500, { "content-type": "text/html" }).end(`<html>${"x".repeat(1_000_000)}</html>`);
    const error = await failure(connection.request("GET /api/users/me"));
    expect(`${error.message}${error.hint}`.length).toBeLessThan(1_000);
    expect(error.message).not.toContain("xxx");
  });

  it("keeps status, code, fields and request id, and says what to do next", async () => {
    const fields = [{ field: "email", code: "required", message: "is required" }];
    handle = (_request, response) =>
      json(response, 400, {
        error: "Email is required",
        code: "validation_failed",
        details: { fields },
        request_id: "r-1",
      });
    expect(await failure(connection.request("POST /api/users", { body: {} }))).toMatchObject({
      status: 400,
      code: "validation_failed",
      fields,
      requestId: "r-1",
      route: "POST /api/users",
    });
    handle = (_request, response) => json(response, 401, { error: "You are not signed in" });
    expect((await failure(connection.request("GET /api/users/me"))).hint).toMatch(/POCKETID_API_KEY/);
  });

  it("of a page that says 200 names the setting that is wrong", async () => {
    handle = (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html></html>");
    const error = await failure(connection.request("GET /api/users/me"));
    expect(error).toMatchObject({ code: "not_pocket_id", hint: expect.stringMatching(/POCKETID_URL/) });
  });

  it("of an answer that is not as expected says where", async () => {
    handle = (_request, response) => json(response, 200, { id: 7 });
    const error = await failure(connection.json("GET /api/users/me", z.object({ id: z.string() })));
    expect(error).toMatchObject({ code: "unexpected_answer", message: expect.stringMatching(/at id/) });
  });

  it("of an unreachable instance says so", async () => {
    const nowhere = openConnection({ url: "http://127.0.0.1:1", apiKey: "k", deadlineMs: 0, timeoutMs: 200 });
    const error = await failure(nowhere.request("POST /api/users", { body: {} }));
    expect(error).toMatchObject({
      status: null,
      code: "connection_failed",
      message: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  it("of a silent instance says how long it waited, and that a change may have been made", async () => {
    connection = openConnection({ url, apiKey: "k", timeoutMs: 100 });
    handle = () => undefined;
    const error = await failure(connection.request("POST /api/users", { body: {} }));
    expect(error).toMatchObject({ code: "timeout", message: expect.stringMatching(/within 0\.1 s.*unknown/) });
    expect(received).toHaveLength(1);
  });
});

describe("a retry", () => {
  it.each(["GET /api/users/me", "PUT /api/users/:id", "DELETE /api/users/:id"] as const)(
    "of %s goes on until it works",
    async (route) => {
      handle = (_request, response, count) =>
        count < 3 ? json(response, 503, { error: "busy" }, { "retry-after": "0" }) : json(response, 200, {});
      await connection.request(route, { params: { id: "u" }, ...(route.startsWith("PUT") ? { body: {} } : {}) });
      expect(received).toHaveLength(3);
    },
  );

  it("ends after three", async () => {
    handle = (_request, response) => json(response, 503, { error: "busy" }, { "retry-after": "0" });
    expect(await failure(connection.request("GET /api/users/me"))).toMatchObject({ status: 503 });
    expect(received).toHaveLength(4);
  });

  it.each([429, 502, 503, 504])("never comes after a POST, whatever it was answered (%i)", async (status) => {
    handle = (_request, response) => json(response, status, { error: "busy" }, { "retry-after": "0" });
    await failure(connection.request("POST /api/users", { body: {} }));
    expect(received).toHaveLength(1);
  });

  it("never comes after a POST whose connection broke", async () => {
    handle = (request) => request.socket.destroy();
    expect(await failure(connection.request("POST /api/users", { body: {} }))).toMatchObject({
      code: "connection_failed",
    });
    expect(received).toHaveLength(1);
  });

  it("comes after a broken connection where a repeat is safe", async () => {
    handle = (request, response, count) => (count === 1 ? request.socket.destroy() : json(response, 200, {}));
    await connection.request("GET /api/users/me");
    expect(received).toHaveLength(2);
  });

  it("does not come for what will not pass", async () => {
    for (const status of [400, 401, 403, 404, 409, 500]) {
      received = [];
      handle = (_request, response) => json(response, status, { error: "no" });
      await failure(connection.request("GET /api/users/me"));
      expect(received).toHaveLength(1);
    }
  });

  it("waits as long as it is told to", async () => {
    const times: number[] = [];
    handle = (_request, response, count) => {
      times.push(performance.now());
      if (count === 1) json(response, 429, { error: "slow" }, { "retry-after": "1" });
      else json(response, 200, {});
    };
    await connection.request("GET /api/users/me");
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it("is left to those who slow down themselves, where there are too many requests", async () => {
    handle = (_request, response, count) => json(response, count === 1 ? 503 : 429, { error: "slow" });
    expect(await failure(connection.request("GET /api/users", { paced: true }))).toMatchObject({ status: 429 });
    expect(received).toHaveLength(2);
  });

  it("does not wait beyond the deadline", async () => {
    const hasty = openConnection({ url, apiKey: "k", timeoutMs: 500, deadlineMs: 500 });
    handle = (_request, response) => json(response, 429, { error: "slow" }, { "retry-after": "3600" });
    expect(await failure(hasty.request("GET /api/users/me"))).toMatchObject({
      status: 429,
      hint: expect.stringMatching(/Wait/),
    });
    expect(received).toHaveLength(1);
    await hasty.close();
  });

  it("of a DELETE that finds nothing any more has done what was asked", async () => {
    handle = (_request, response, count) =>
      count === 1
        ? json(response, 503, { error: "busy" }, { "retry-after": "0" })
        : json(response, 404, { error: "Record not found" });
    expect((await connection.request("DELETE /api/users/:id", { params: { id: "u" } })).status).toBe(204);
    received = [];
    handle = (_request, response) => json(response, 404, { error: "Record not found" });
    expect(await failure(connection.request("DELETE /api/users/:id", { params: { id: "u" } }))).toMatchObject({
      status: 404,
    });
  });

  it.each(cancellers)("ends when the call is cancelled by %s, also while waiting", async (_name, cancels) => {
    const controller = cancels();
    handle = (_request, response) => {
      json(response, 503, { error: "busy" }, { "retry-after": "60" });
      setImmediate(() => controller.abort());
    };
    await expect(connection.within({ signal: controller.signal }).request("GET /api/users/me")).rejects.toThrow(
      /abort/i,
    );
    expect(received).toHaveLength(1);
  });
});

describe("the version", () => {
  beforeEach(() => {
    told = undefined;
  });

  it("is asked for once", async () => {
    handle = (_request, response) => json(response, 200, { currentVersion: "2.9.0" });
    expect(await connection.version()).toEqual({ version: "2.9.0", exact: true });
    expect(await connection.within({ routes: new Set() }).version()).toEqual({ version: "2.9.0", exact: true });
    expect(received).toHaveLength(1);
  });

  it("is told by what is there, also to a key that may not ask for everything", async () => {
    const answers: Record<string, [number, unknown]> = {
      "/api/version/current": [404, { error: "API endpoint not found" }],
      "/api/application-configuration": [200, [{ key: "homePageUrl", value: "/" }]],
      "/.well-known/openid-configuration": [200, { issuer: "x" }],
    };
    handle = (request, response) => {
      const [status, body] = answers[request.url ?? ""] ?? [
        403,
        { error: "You don't have permission to perform this action" },
      ];
      json(response, status, body);
    };
    expect(await connection.version()).toEqual({ version: "2.2.0", exact: false });
    answers["/api/application-configuration"] = [200, []];
    await connection.close();
    connection = openConnection({ url, apiKey: "k" });
    expect(await connection.version()).toEqual({ version: "2.0.0", exact: false });
  });

  it("is asked for again after it could not be found", async () => {
    handle = (_request, response) => json(response, 401, { error: "You are not signed in" });
    await failure(connection.version());
    handle = (_request, response) => json(response, 200, { currentVersion: "2.9.0" });
    expect((await connection.version()).version).toBe("2.9.0");
  });

  it("is asked for before the first change, and not again", async () => {
    handle = (_request, response) => json(response, 200, { currentVersion: "2.15.0" });
    const change = () => connection.request("PUT /api/users/:id", { params: { id: "u-1" }, body: {} });
    await change();
    await change();
    expect(received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /api/version/current",
      "PUT /api/users/u-1",
      "PUT /api/users/u-1",
    ]);
  });

  it("lets a change go where nobody tells it: it is no later one, or a build of somebody's own", async () => {
    const answers: [number, unknown][] = [
      [404, { error: "API endpoint not found" }],
      [200, { currentVersion: "unknown" }],
      [200, { currentVersion: "dev" }],
      [403, { error: "You don't have permission to perform this action" }],
    ];
    for (const [status, body] of answers) {
      received = [];
      handle = ({ method }, response) => (method === "GET" ? json(response, status, body) : json(response, 200, {}));
      const fresh = openConnection({ url, apiKey: "k" });
      await fresh.request("PUT /api/users/:id", { params: { id: "u-1" }, body: {} });
      await fresh.close();
      expect(received.map(({ method }) => method)).toEqual(["GET", "PUT"]);
    }
  });

  it("keeps a change back where it could not be found", async () => {
    handle = (_request, response) => json(response, 500, { error: "Something went wrong" });
    const error = await failure(connection.request("PUT /api/users/:id", { params: { id: "u-1" }, body: {} }));
    expect(error.route).toBe("GET /api/version/current");
    expect(received.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("decides whether an operation is sent at all", async () => {
    handle = (_request, response) => json(response, 200, { currentVersion: "2.13.0" });
    const error = await failure(
      connection.request("POST /api/oidc/clients/:id/secrets", { params: { id: "x" }, body: {} }),
    );
    expect(error.message).toMatch(/Pocket ID 2\.13\.0 has no operation .* came with 2\.14\.0/);
    expect(received.map(({ method }) => method)).toEqual(["GET"]);
  });
});

describe("a proxy", () => {
  let proxy: TcpServer;
  let asked: number;
  let onConnect: (socket: Socket) => void;
  beforeEach(async () => {
    asked = 0;
    proxy = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        asked++;
        onConnect(socket);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await new Promise((resolve) => proxy.close(resolve));
  });
  const far = (timeoutMs: number) =>
    openConnection({ url: "https://id.example.com", apiKey: "the-api-key", timeoutMs });

  it("that closes the connection is asked a few times, and not without end", async () => {
    onConnect = (socket) => void socket.destroy();
    const connection = far(2_000);
    expect(await failure(connection.request("GET /api/users"))).toMatchObject({ code: "connection_failed" });
    expect(asked).toBeLessThanOrEqual(4);
    await connection.close();
  });

  it("that is no address is an error of each call, and of nothing else", async () => {
    vi.stubEnv("HTTPS_PROXY", "no address");
    const connection = far(300);
    for (const _ of [1, 2])
      await expect(connection.request("GET /api/users")).rejects.toThrow(
        /a proxy that is no address: check HTTPS_PROXY/,
      );
    await connection.close();
  });

  it("that stays silent is waited for as long as for an answer", async () => {
    const sockets: Socket[] = [];
    onConnect = (socket) => void sockets.push(socket);
    const connection = far(300);
    const started = performance.now();
    expect(await failure(connection.request("POST /api/users", { body: {} }))).toMatchObject({
      code: "not_sent",
      message: expect.not.stringMatching(/unknown/),
    });
    expect(performance.now() - started).toBeLessThan(2_000);
    await connection.close();
    for (const socket of sockets) socket.destroy();
  });

  it.each(cancellers)("does not keep a call that %s cancels", async (_name, cancels) => {
    const sockets: Socket[] = [];
    onConnect = (socket) => void sockets.push(socket);
    const connection = far(30_000);
    const controller = cancels();
    const call = connection.within({ signal: controller.signal }).request("GET /api/users");
    setTimeout(() => controller.abort(), 100);
    await expect(call).rejects.toThrow(/abort/i);
    await connection.close();
    for (const socket of sockets) socket.destroy();
  });
});

describe("a secret that was sent", () => {
  it("is not repeated by an error, however Pocket ID quotes it", async () => {
    handle = (_request, response) =>
      json(response, 400, {
        error: `${"x".repeat(385)} the-api-key 'pass"word-1'`,
        code: "validation_failed",
        details: { fields: [{ field: "smtpPassword", message: 'got pass"word-1' }] },
        request_id: "r-the-api-key",
      });
    const error = await failure(
      connection.request("PUT /api/application-configuration", { body: { smtpPassword: 'pass"word-1' } }),
    );
    const said = JSON.stringify([error.message, error.fields, error.requestId]);
    expect(said).not.toMatch(/the-api|word-1/);
    expect(error.fields).toEqual([expect.objectContaining({ message: "got [redacted]" })]);
  });

  it("in a path is not repeated either", async () => {
    handle = (request, response) => json(response, 400, { error: `cannot read ${request.url}` });
    const { message } = await failure(
      connection.request("POST /api/one-time-access-token/:token", { params: { token: "OneTime7" }, as: "nobody" }),
    );
    expect(message).not.toContain("OneTime7");
  });
});
