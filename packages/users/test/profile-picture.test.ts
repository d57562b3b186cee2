import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";

const mcp = useServer(tools);

const stored = (username: string) => {
  const user = [...mcp.sandbox.state.users.values()].find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`the sandbox holds no ${username}`);
  return user;
};
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
/** The picture as everybody sees it. */
const seen = async (username: string) => {
  const response = await fetch(`${mcp.sandbox.url}/api/users/${stored(username).id}/profile-picture.png?skipCache`);
  return Buffer.from(await response.arrayBuffer()).toString("base64");
};

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const jpg = Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex");
const gif = Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1");
const webp = Buffer.from("RIFF\x24\0\0\0WEBPVP8 ", "latin1");
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h8v8z"/></svg>');
const ico = Buffer.from([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 0, 0, 0, 0, 22, 0, 0, 0]);
const avif = Buffer.from("\0\0\0\x1cftypavif\0\0\0\0", "latin1");
const heic = Buffer.from("\0\0\0\x1cftypheic\0\0\0\0", "latin1");

describe("user_get_profile_picture", () => {
  it.each(["2.14", "2.9", "1.16"] as const)("shows the picture, past every cache (%s)", async (version) => {
    await mcp.reconnect({ version });
    const { content, image } = await mcp.call("user_get_profile_picture", { user: "ben" });
    expect(image).toEqual({ data: await seen("ben"), mimeType: "image/png" });
    expect(content).toEqual({
      user: { id: stored("ben").id, username: "ben" },
      mimeType: "image/png",
      bytes: Buffer.from(image?.data ?? "", "base64").length,
    });
    expect(mcp.sandbox.requests.at(-2)).toMatchObject({ query: "skipCache=1" });
  });

  it("says what the default picture really is, which Pocket ID calls a png", async () => {
    mcp.sandbox.state.images.set("default-profile-picture", { extension: "svg", bytes: svg });
    const { content, image } = await mcp.call("user_get_profile_picture", { user: "ben" });
    expect(content).toMatchObject({ mimeType: "image/svg+xml", bytes: svg.length });
    expect(content.notes).toEqual(["The image is not shown: it is image/svg+xml."]);
    expect(image).toBeUndefined();
  });

  it("sends nothing without a user", async () => {
    expect(await mcp.fails("user_get_profile_picture")).toMatch(/user: this argument is needed/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_set_profile_picture", () => {
  it.each([
    ["png", png],
    ["jpg", jpg],
    ["gif", gif],
    ["webp", webp],
  ])("takes a %s, and shows what Pocket ID made of it", async (kind, bytes) => {
    const before = await seen("ben");
    const { content, image } = await mcp.call("user_set_profile_picture", {
      user: "ben",
      data: base64(bytes),
    });
    expect(content).toEqual({ user: { id: stored("ben").id, username: "ben" }, kind, bytes: bytes.length });
    expect(image).toEqual({ data: await seen("ben"), mimeType: "image/png" });
    expect(image?.data).not.toBe(before);
  });

  it.each(["2.14", "2.9", "1.16"] as const)("changes nothing else of anybody (%s)", async (version) => {
    await mcp.reconnect({ version });
    const before = structuredClone([...mcp.sandbox.state.users.values()]);
    await mcp.ok("user_set_profile_picture", { user: "ben", data: base64(png) });
    expect(stored("ben").profilePicture).not.toBeNull();
    stored("ben").profilePicture = null;
    expect([...mcp.sandbox.state.users.values()]).toEqual(before);
  });

  it("reads a file from the folder where the server was started", async () => {
    const text = await mcp.fails("user_set_profile_picture", { user: "ben", file: "ben.png" });
    const [, folder = ""] = /Files may be read from (\S+) \(/.exec(text) ?? [];
    writeFileSync(join(folder, "ben.png"), png);
    await mcp.ok("user_set_profile_picture", { user: "ben", file: "ben.png" });
    expect(stored("ben").profilePicture).not.toBeNull();
  });

  it.each([
    ["svg", svg],
    ["ico", ico],
    ["avif", avif],
    ["heic", heic],
    ["no such image", Buffer.from("x")],
  ])("refuses what is %s, which Pocket ID cannot decode", async (kind, bytes) => {
    const text = await mcp.fails("user_set_profile_picture", { user: "ben", data: base64(bytes) });
    expect(text).toContain(`Nothing was changed. file: it is ${kind}; what is taken here: jpg, png, gif, webp.`);
    expect(changingRequests()).toEqual([]);
  });

  it.each([
    ["2.14", 400, { error: "File is not a valid image", code: "invalid_image" }],
    ["2.9", 500, { error: "Something went wrong" }],
  ] as const)("says what to do about an image that Pocket ID cannot decode (%s)", async (version, status, body) => {
    await mcp.reconnect({ version });
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method === "PUT")
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      return method === "PUT";
    };
    const args = { user: "ben", data: base64(webp) };
    expect(await mcp.fails("user_set_profile_picture", args)).toMatch(
      /cannot decode this image: give it as png or jpg/,
    );
  });

  it("does not blame the image for another request that failed", async () => {
    mcp.sandbox.intercept = ({ url }, response) => {
      if (url !== "/api/version/current") return false;
      response.writeHead(500, { "content-type": "application/json" }).end('{"error":"Something went wrong"}');
      return true;
    };
    const args = { user: "ben", data: base64(png) };
    const text = await mcp.fails("user_set_profile_picture", args);
    expect(text).toMatch(/GET \/api\/version\/current: Something went wrong/);
    expect(text).not.toMatch(/image/);
    expect(changingRequests()).toEqual([]);
  });

  it("says that nobody is called so, and sends no picture", async () => {
    const args = { user: "bem", data: base64(png) };
    expect(await mcp.fails("user_set_profile_picture", args)).toMatch(/user: there is no user "bem"\. Close ones: ben/);
    expect(changingRequests()).toEqual([]);
  });

  it.each([
    [{ user: "ben" }, /file: give either file, a path, or data/],
    [{ user: "ben", data: base64(png), fileName: "a.png" }, /fileName: there is no such argument/],
    [{ data: base64(png) }, /user: this argument is needed/],
  ])("sends nothing for %j", async (values, message) => {
    expect(await mcp.fails("user_set_profile_picture", values)).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("user_reset_profile_picture", () => {
  it.each(["2.14", "2.9", "1.16"] as const)("gives the initials back, and shows them (%s)", async (version) => {
    await mcp.reconnect({ version });
    const initials = await seen("ben");
    stored("ben").profilePicture = png;
    const { content, image } = await mcp.call("user_reset_profile_picture", { user: "ben" });
    expect(content).toEqual({ user: { id: stored("ben").id, username: "ben" }, reset: true });
    expect(stored("ben").profilePicture).toBeNull();
    expect(image?.data).toBe(initials);
  });

  it("sends nothing without a user", async () => {
    expect(await mcp.fails("user_reset_profile_picture", { users: ["ben"] })).toMatch(/users?: /);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
