import { request } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../src/index.ts";
import { person, pocketId, present, upload } from "./pocket-id.ts";

describe("starting", () => {
  it("listens on a free port of this machine alone, as 2.14 with the club", async () => {
    const { sandbox } = await pocketId();
    expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(sandbox.version).toBe("2.14.0");
    expect(sandbox.state.users.get(sandbox.adminId)).toMatchObject({ username: "robin", isAdmin: true });
  });

  it("takes a version with and without its patch", async () => {
    expect((await pocketId({ version: "2.9" })).sandbox.version).toBe("2.9.0");
    expect((await pocketId({ version: "2.9.0" })).sandbox.version).toBe("2.9.0");
  });

  it("takes the API key that it is given", async () => {
    const instance = await pocketId({ apiKey: "0123456789abcdef0123456789abcdef" });
    expect(instance.sandbox.apiKey).toBe("0123456789abcdef0123456789abcdef");
    expect((await instance.get("/api/users/me")).status).toBe(200);
  });

  it("fails when the port is taken", async () => {
    const { sandbox } = await pocketId();
    const port = Number(new URL(sandbox.url).port);
    await expect(startSandbox({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("runs many at once that know nothing of each other", async () => {
    const [one, other] = [await pocketId(), await pocketId()];
    expect((await one.delete(`/api/users/${person(one, "ben")}`)).status).toBe(204);
    expect((await other.get(`/api/users/${person(other, "ben")}`)).status).toBe(200);
  });
});

describe("state", () => {
  it("can be changed from outside, and is what the next answer shows", async () => {
    const instance = await pocketId();
    present(instance.sandbox.state.users.get(person(instance, "ben"))).displayName = "Benjamin";
    expect((await instance.get(`/api/users/${person(instance, "ben")}`)).body).toMatchObject({
      displayName: "Benjamin",
    });
  });
});

describe("requests", () => {
  it("are kept as they came in, in order", async () => {
    const instance = await pocketId();
    await instance.get("/api/users?search=a%20b&pagination%5Blimit%5D=1");
    await instance.post("/api/user-groups", { name: "new", friendlyName: "New" });
    await instance.send("PUT", "/api/application-images/background", { body: upload("b.png", "12345") });
    await instance.get("/api/oidc/clients/a%2Fb");
    await instance.post("/api/oidc/token", new URLSearchParams({ grant_type: "client_credentials" }));
    expect(instance.sandbox.requests).toMatchObject([
      {
        method: "GET",
        path: "/api/users",
        query: "search=a%20b&pagination%5Blimit%5D=1",
        body: null,
        status: 200,
        headers: { "x-api-key": instance.sandbox.apiKey },
      },
      { method: "POST", path: "/api/user-groups", body: { name: "new", friendlyName: "New" }, status: 201 },
      { method: "PUT", body: { fields: {}, files: [{ field: "file", fileName: "b.png", size: 5 }] }, status: 204 },
      { method: "GET", path: "/api/oidc/clients/a%2Fb", status: 404 },
      { method: "POST", body: { grant_type: "client_credentials" } },
    ]);
    for (const { startedAt, endedAt } of instance.sandbox.requests) {
      expect(endedAt).toBeGreaterThanOrEqual(startedAt);
      expect(Date.now() - startedAt).toBeLessThan(5000);
    }
    instance.sandbox.requests.length = 0;
    await instance.get("/healthz");
    expect(instance.sandbox.requests).toMatchObject([{ path: "/healthz", status: 204 }]);
  });

  it("show when they overlapped", async () => {
    const instance = await pocketId();
    const waiting: (() => void)[] = [];
    instance.sandbox.intercept = (_request, response) => {
      waiting.push(() => response.end());
      if (waiting.length === 2) for (const answer of waiting) answer();
      return true;
    };
    await Promise.all([instance.get("/one"), instance.get("/two")]);
    const [one, two] = instance.sandbox.requests;
    expect(present(two).startedAt).toBeLessThanOrEqual(present(one).endedAt);
  });
});

describe("intercept", () => {
  it("answers in place of Pocket ID, as long as it is there", async () => {
    const instance = await pocketId();
    let failures = 2;
    instance.sandbox.intercept = (_request, response) => {
      if (failures-- <= 0) return false;
      response.writeHead(503, { "content-type": "text/html", "retry-after": "1" }).end("<h1>Back soon</h1>");
      return true;
    };
    const statuses = [];
    for (let time = 0; time < 3; time++) statuses.push((await instance.get("/api/users/me")).status);
    expect(statuses).toEqual([503, 503, 200]);
    expect(instance.sandbox.requests.map(({ status }) => status)).toEqual([503, 503, 200]);
    failures = 1;
    instance.sandbox.intercept = undefined;
    expect((await instance.get("/api/users/me")).status).toBe(200);
  });

  it("can cut the connection", async () => {
    const instance = await pocketId();
    instance.sandbox.intercept = (incoming) => {
      incoming.socket.destroy();
      return true;
    };
    await expect(instance.get("/api/users/me")).rejects.toThrow();
    expect(instance.sandbox.requests[0]?.status).toBe(0);
  });
});

describe("closing", () => {
  it("cuts connections that are open", async () => {
    const { sandbox } = await pocketId();
    const { port } = new URL(sandbox.url);
    const socket = connect(Number(port), "127.0.0.1");
    await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    socket.write("GET /api/users HTTP/1.1\r\nhost: sandbox\r\ncontent-length: 10\r\n\r\n");
    const cut = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    await sandbox.close();
    await cut;
    await expect(fetch(`${sandbox.url}/healthz`)).rejects.toThrow();
  });

  it("can be asked for twice", async () => {
    const { sandbox } = await pocketId();
    await sandbox.close();
    await sandbox.close();
  });
});

it("answers HEAD like GET without the body, since 2.0", async () => {
  for (const [version, status] of [
    ["2.14", 200],
    ["1.16", 404],
  ] as const) {
    const instance = await pocketId({ version });
    expect(await instance.send("HEAD", "/api/users")).toMatchObject({ status, body: null });
  }
});

it("survives what is no address", async () => {
  const instance = await pocketId();
  const { port } = new URL(instance.url);
  const status = await new Promise<number | undefined>((resolve) => {
    request({ host: "127.0.0.1", port, path: "/api/users/%zz" }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
  expect(status).toBe(400);
  expect((await instance.get("/healthz")).status).toBe(204);
});
