import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Connected, type ConnectOptions, connect } from "../../../tests/support/connect.ts";
import { tools } from "../src/tools.ts";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const svg = Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h8v8z"/></svg>');
const ico = Buffer.from([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 0, 0, 0, 0, 22, 0, 0, 0]);
const jpg = Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex");
const gif = Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1");
const webp = Buffer.from("RIFF\x24\0\0\0WEBPVP8 ", "latin1");
const avif = Buffer.from("\0\0\0\x1cftypavif\0\0\0\0", "latin1");
const heic = Buffer.from("\0\0\0\x1cftypheic\0\0\0\0", "latin1");

let mcp: Connected;
let base: string;
let allowed: string;
let elsewhere: string;
beforeEach(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "pocketid-mcp-images-")));
  allowed = join(base, "allowed");
  elsewhere = join(base, "elsewhere");
  for (const folder of [allowed, elsewhere]) mkdirSync(folder);
  mcp = await connect(tools, { env: { POCKETID_FILES_DIR: allowed } });
});
afterEach(async () => {
  await mcp.close();
  await rm(base, { recursive: true });
});

async function reconnect(options: ConnectOptions) {
  await mcp.close();
  mcp = await connect(tools, options);
}

const images = () => mcp.sandbox.state.images;
const changingRequests = () => mcp.sandbox.requests.filter(({ method }) => method !== "GET");
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

function put(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe("app_image_update_logo", () => {
  it.each([
    [undefined, "logoLight", "logoDark"],
    ["light", "logoLight", "logoDark"],
    ["dark", "logoDark", "logoLight"],
  ])("stores a file as the logo for mode %s, and leaves the other one", async (mode, stored, other) => {
    const before = images().get(other);
    const answer = await mcp.ok("app_image_update_logo", {
      file: put(allowed, "boat.png", png),
      ...(mode === undefined ? {} : { mode }),
    });
    expect(answer).toEqual({ image: "logo", kind: "png", bytes: png.length, mode: mode ?? "light" });
    expect(images().get(stored)).toEqual({ extension: "png", bytes: png });
    expect(images().get(other)).toEqual(before);
  });

  it("takes base64, also as a data URL and over several lines", async () => {
    const data = `data:image/svg+xml;base64,${base64(svg).replace(/(.{20})/g, "$1\n")}`;
    await mcp.ok("app_image_update_logo", { data });
    expect(images().get("logoLight")).toEqual({ extension: "svg", bytes: svg });
  });

  it.each([
    ["png", png],
    ["svg", svg],
    ["ico", ico],
    ["jpg", jpg],
    ["gif", gif],
    ["webp", webp],
    ["avif", avif],
    ["heic", heic],
  ])("takes %s, and knows it by its bytes", async (kind, bytes) => {
    const answer = await mcp.ok("app_image_update_logo", { data: base64(bytes) });
    expect(answer).toMatchObject({ kind, bytes: bytes.length });
    expect(images().get("logoLight")).toEqual({ extension: kind, bytes });
  });

  it("says so if Pocket ID holds another image afterwards", async () => {
    mcp.sandbox.intercept = ({ method }, response) => {
      if (method !== "PUT") return false;
      response.writeHead(204).end();
      return true;
    };
    const { notes } = await mcp.ok("app_image_update_logo", { data: base64(png) });
    expect(notes).toEqual([expect.stringMatching(/Pocket ID holds another/)]);
  });

  it("shows nothing of the image in the answer", async () => {
    const answer = await mcp.ok("app_image_update_logo", { data: base64(png) });
    expect(JSON.stringify(answer)).not.toContain(base64(png).slice(0, 20));
  });
});

describe("app_image_update_favicon", () => {
  it.each([
    ["icon.ico", ico],
    ["icon.png", png],
    ["icon.svg", svg],
  ])("stores %s", async (name, bytes) => {
    const answer = await mcp.ok("app_image_update_favicon", { file: put(allowed, name, bytes) });
    const kind = name.split(".")[1];
    expect(answer).toEqual({ image: "favicon", kind, bytes: bytes.length });
    expect(images().get("favicon")).toEqual({ extension: kind, bytes });
  });

  it("sends nothing for a kind that browsers do not take as one", async () => {
    expect(await mcp.fails("app_image_update_favicon", { data: base64(jpg) })).toMatch(
      /file: it is jpg; what is taken here: svg, png, ico/,
    );
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it.each([
    ["svg", svg],
    ["png", png],
  ])("sends no change for a %s before 2.5, and takes an ico there", async (_kind, bytes) => {
    await reconnect({ version: "1.16" });
    expect(await mcp.fails("app_image_update_favicon", { data: base64(bytes) })).toMatch(
      /file: a favicon as (?:svg|png) needs Pocket ID 2\.5\.0 or later, and this one is 1\.16\.0\. Give it as ico, or update Pocket ID\./,
    );
    expect(changingRequests()).toEqual([]);
    await mcp.ok("app_image_update_favicon", { data: base64(ico) });
    expect(images().get("favicon")?.bytes).toEqual(ico);
  });
});

describe("app_image_update_background", () => {
  it.each(["2.14", "1.16"] as const)("stores a picture (%s)", async (version) => {
    await reconnect({ version, env: { POCKETID_FILES_DIR: allowed } });
    const answer = await mcp.ok("app_image_update_background", { file: put(allowed, "river.jpeg", jpg) });
    expect(answer).toEqual({ image: "background", kind: "jpg", bytes: jpg.length });
    expect(images().get("background")).toEqual({ extension: "jpg", bytes: jpg });
  });

  it("sends nothing without a picture", async () => {
    expect(await mcp.fails("app_image_update_background")).toMatch(/file: give either file, a path, or data/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("what is no image that Pocket ID takes", () => {
  const tooLarge = Buffer.concat([png, Buffer.alloc(5 * 1024 * 1024)]);

  it.each([
    ["a page that is called png", Buffer.from("<!doctype html><p>Hi"), "logo.png", /it is no such image; .* jpg, png/],
    ["a page that is called svg", Buffer.from("<html><svg/></html>"), "logo.svg", /it is no such image/],
    ["nothing at all", Buffer.alloc(0), "logo.png", /it is empty/],
    ["more than 5 MiB", tooLarge, "logo.png", /it has 5\.0 MiB; 5 MiB are the most/],
  ])("is refused before anything is sent, from a file and from base64: %s", async (_case, bytes, fileName, message) => {
    const file = put(allowed, fileName, bytes);
    expect(await mcp.fails("app_image_update_logo", { file })).toMatch(message);
    expect(await mcp.fails("app_image_update_logo", { data: base64(bytes) })).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  const inSvg = (content: string, attributes = "") =>
    `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`;
  it.each([
    ["a script", inSvg("<script>alert(1)</script>")],
    ["a script under another prefix", inSvg("<s:script>alert(1)</s:script>", 'xmlns:s="http://www.w3.org/2000/svg"')],
    ["a script under a prefix of any letters", inSvg("<é:script/>", 'xmlns:é="http://www.w3.org/2000/svg"')],
    ["a page under such a prefix", inSvg('<é:iframe src="x"/>', 'xmlns:é="http://www.w3.org/1999/xhtml"')],
    [
      "a link that its document type makes one",
      `<!DOCTYPE svg PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">${inSvg('<a href="javascript&colon;alert(1)"/>')}`,
    ],
    ["a handler", inSvg("", 'onload="alert(1)"')],
    ["a handler on a line of its own", inSvg('<path d="M0 0"\nonclick = "alert(1)"/>')],
    ["a link that is a script", inSvg('<a href="javascript:alert(1)"><path d="M0 0"/></a>')],
    ["a link over two lines", inSvg('<a href="java\nscript:alert(1)"><path d="M0 0"/></a>')],
    ["a link that hides that it is one", inSvg('<a href="java&#115;cript&#x3a;alert(1)"><path d="M0 0"/></a>')],
    ["a style sheet that can hold scripts", `<?xml-stylesheet type="text/xsl" href="data:,x"?>${inSvg("")}`],
    [
      "an attribute that its document type puts in",
      `<!DOCTYPE svg [<!-- ><svg --><!ATTLIST svg onload CDATA "alert(1)">]>${inSvg("")}`,
    ],
    [
      "an entity that its document type declares",
      `<!DOCTYPE svg [<!-- ><svg --><!ENTITY l "&#38;#60;">]>${inSvg("&l;script>alert(1)&l;/script>")}`,
    ],
    ["another encoding", `<?xml version="1.0" encoding="ISO-2022-JP"?>${inSvg("<scr\u001b(Bipt>alert(1)</script>")}`],
    ["a control character", inSvg("<path d='\u0001'/>")],
    ["a page in it", inSvg('<foreignObject><iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"/></foreignObject>')],
  ])("is an SVG with %s, because it would run on the address of the identity provider", async (_case, text) => {
    for (const tool of ["app_image_update_logo", "app_image_update_favicon", "app_image_update_background"])
      expect(await mcp.fails(tool, { data: base64(Buffer.from(text)) })).toMatch(/this SVG holds a script/);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("is not an SVG that only looks like it", async () => {
    const innocent = Buffer.from(
      inSvg('<title>Script &#38; song &amp; more</title><desc>description on = off</desc><path d="M0 0" opacity="1"/>'),
    );
    await mcp.ok("app_image_update_logo", { data: base64(innocent) });
    expect(images().get("logoLight")?.bytes).toEqual(innocent);
  });
});

describe("files", () => {
  it("are found by their name in any of several folders", async () => {
    await reconnect({ env: { POCKETID_FILES_DIR: [elsewhere, allowed].join(delimiter) } });
    put(allowed, "boat.png", png);
    await mcp.ok("app_image_update_logo", { file: "boat.png" });
    expect(images().get("logoLight")?.bytes).toEqual(png);
  });

  it("are found behind a link that stays inside", async () => {
    mkdirSync(join(allowed, "pictures"));
    symlinkSync(put(join(allowed, "pictures"), "boat.png", png), join(allowed, "link.png"));
    await mcp.ok("app_image_update_logo", { file: "link.png" });
    expect(images().get("logoLight")?.bytes).toEqual(png);
  });

  it("are read from the folder where the server was started, if none is named", async () => {
    await reconnect({});
    const [, started = ""] =
      /Files may be read from (\S+) \(/.exec(await mcp.fails("app_image_update_logo", { file: "x" })) ?? [];
    put(started, "boat.png", png);
    await mcp.ok("app_image_update_logo", { file: "boat.png" });
    expect(images().get("logoLight")?.bytes).toEqual(png);
  });

  it.each(["boat", "boat.pdf", "boat.svg", "boat.PNG"])(
    "are what they hold, whatever they are called: %s",
    async (name) => {
      expect(await mcp.ok("app_image_update_logo", { file: put(allowed, name, png) })).toMatchObject({ kind: "png" });
      expect(images().get("logoLight")).toEqual({ extension: "png", bytes: png });
    },
  );

  const outside: [string, () => string][] = [
    ["a path to elsewhere", () => put(elsewhere, "boat.png", png)],
    [
      "a way up",
      () => {
        put(elsewhere, "boat.png", png);
        return "../elsewhere/boat.png";
      },
    ],
    [
      "a folder whose name begins alike",
      () => {
        mkdirSync(join(base, "allowed-not"));
        return put(join(base, "allowed-not"), "boat.png", png);
      },
    ],
    [
      "a link that leads outside",
      () => {
        symlinkSync(put(elsewhere, "boat.png", png), join(allowed, "link.png"));
        return "link.png";
      },
    ],
    [
      "a folder that is a link to the outside",
      () => {
        put(elsewhere, "boat.png", png);
        symlinkSync(elsewhere, join(allowed, "pictures"));
        return "pictures/boat.png";
      },
    ],
    ["a file that is not there", () => "nothing.png"],
    ["the folder itself", () => "."],
    ["a path with a zero byte", () => "boat.png\0.txt"],
  ];
  it.each(outside)("are not read through %s", async (_case, prepare) => {
    expect(await mcp.fails("app_image_update_logo", { file: prepare() })).toMatch(
      /file: there is no such file that may be read\. Files may be read from .* \(POCKETID_FILES_DIR\)/,
    );
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("are not pipes, which would never end", async () => {
    execFileSync("mkfifo", [join(allowed, "logo.png")]);
    expect(await mcp.fails("app_image_update_logo", { file: "logo.png" })).toMatch(/file: this is not a file/);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("are not folders", async () => {
    mkdirSync(join(allowed, "logo.png"));
    expect(await mcp.fails("app_image_update_logo", { file: "logo.png" })).toMatch(/file: this is not a file/);
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it.each([
    ["a file and data", { file: "boat.png", data: base64(png) }, /either file.*or data/],
    ["neither", {}, /either file.*or data/],
    ["a name for it", { data: base64(png), fileName: "logo.png" }, /fileName: there is no such argument/],
    ["what is not base64", { data: "no, this is text" }, /data: this is not base64/],
    ["a mode that there is not", { data: base64(png), mode: "grey" }, /mode/],
  ])("send nothing for %s", async (_case, values, message) => {
    put(allowed, "boat.png", png);
    expect(await mcp.fails("app_image_update_logo", values)).toMatch(message);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("app_image_get", () => {
  it.each([
    ["logo", "logoLight", png, "png", "image/png"],
    ["favicon", "favicon", gif, "gif", "image/gif"],
    ["background", "background", webp, "webp", "image/webp"],
    ["email", "logoEmail", jpg, "jpeg", "image/jpeg"],
    ["default-profile-picture", "default-profile-picture", png, "png", "image/png"],
  ])("shows the %s, past every cache", async (image, stored, bytes, extension, mimeType) => {
    images().set(stored, { extension, bytes });
    const answer = await mcp.call("app_image_get", { image });
    expect(answer.image).toEqual({ data: base64(bytes), mimeType });
    expect(answer.content).toEqual({
      image,
      ...(image === "logo" ? { mode: "light" } : {}),
      isSet: true,
      mimeType,
      bytes: bytes.length,
    });
    expect(mcp.sandbox.requests.at(-1)?.query).toMatch(/\bskipCache=/);
    expect(changingRequests()).toEqual([]);
  });

  it("shows the logo for dark mode", async () => {
    images().set("logoLight", { extension: "png", bytes: png });
    images().set("logoDark", { extension: "gif", bytes: gif });
    const answer = await mcp.call("app_image_get", { image: "logo", mode: "dark" });
    expect(answer.image?.data).toBe(base64(gif));
    expect(answer.content).toMatchObject({ image: "logo", mode: "dark", isSet: true });
  });

  it.each([
    ["2.14", "logo", { mode: "light" }],
    ["2.14", "default-profile-picture", {}],
    ["1.16", "default-profile-picture", {}],
  ] as const)("says on %s that the %s is not set, which is no error", async (version, image, mode) => {
    await reconnect({ version });
    const answer = await mcp.call("app_image_get", { image });
    expect(answer.isError).toBe(false);
    expect(answer.image).toBeUndefined();
    expect(answer.content).toEqual({
      image,
      ...mode,
      isSet: false,
      mimeType: null,
      bytes: null,
      notes: ["This image is not set."],
    });
  });

  it("names an SVG, which models cannot look at, instead of showing it", async () => {
    images().set("logoLight", { extension: "svg", bytes: svg });
    const answer = await mcp.call("app_image_get", { image: "logo" });
    expect(answer.image).toBeUndefined();
    expect(answer.content).toMatchObject({ isSet: true, mimeType: "image/svg+xml", bytes: svg.length });
    expect(answer.content.notes).toEqual(["The image is not shown: it is image/svg+xml."]);
  });

  it("goes by what an image is: Pocket ID takes a jpg that is called .png for a png", async () => {
    mcp.sandbox.state.images.set("background", { extension: "png", bytes: jpg });
    const { content, image } = await mcp.call("app_image_get", { image: "background" });
    expect(image).toEqual({ data: jpg.toString("base64"), mimeType: "image/jpeg" });
    expect(content.notes).toEqual(["Pocket ID calls it image/png, but it is image/jpeg."]);
  });

  it.each([
    ["a web page", Buffer.from("<!doctype html><title>Not here</title>")],
    ["nothing", Buffer.alloc(0)],
  ])("shows nothing that is no image: %s", async (_what, bytes) => {
    mcp.sandbox.state.images.set("background", { extension: "png", bytes });
    const { content, image } = await mcp.call("app_image_get", { image: "background" });
    expect(image).toBeUndefined();
    expect(content).toMatchObject({ isSet: true, mimeType: "image/png", bytes: bytes.length });
    expect(content.notes).toEqual(["The image is not shown: Pocket ID calls it image/png, and it is no such image."]);
  });

  it("says which version the logo of mails needs", async () => {
    await reconnect({ version: "1.16" });
    expect(await mcp.fails("app_image_get", { image: "email" })).toMatch(/It came with 2\.0\.0/);
  });

  it.each([
    [{ image: "banner" }, /image: /],
    [{}, /image: /],
    [{ image: "favicon", mode: "dark" }, /mode: only the logo has one for each mode/],
  ])("sends nothing for %j", async (values, reason) => {
    expect(await mcp.fails("app_image_get", values)).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("app_image_update_email_logo", () => {
  it.each([
    ["mail.png", png, "png"],
    ["mail.jpeg", jpg, "jpg"],
    // Pocket ID takes no extension in upper case here.
    ["MAIL.PNG", png, "png"],
    ["Mail.JPG", jpg, "jpg"],
  ])("stores %s", async (name, bytes, kind) => {
    const answer = await mcp.ok("app_image_update_email_logo", { file: put(allowed, name, bytes) });
    expect(answer).toEqual({ image: "email", kind, bytes: bytes.length });
    expect(images().get("logoEmail")?.bytes).toEqual(bytes);
  });

  it("sends nothing for a kind that mail programs do not show", async () => {
    for (const [kind, bytes] of [
      ["svg", svg],
      ["webp", webp],
    ] as const)
      expect(await mcp.fails("app_image_update_email_logo", { data: base64(bytes) })).toContain(
        `it is ${kind}; what is taken here: png, jpg.`,
      );
    expect(mcp.sandbox.requests).toEqual([]);
  });

  it("says before 2.0 which version it needs", async () => {
    await reconnect({ version: "1.16" });
    expect(await mcp.fails("app_image_update_email_logo", { data: base64(png) })).toMatch(/It came with 2\.0\.0/);
    expect(changingRequests()).toEqual([]);
  });
});

describe("app_image_update_default_profile_picture", () => {
  it.each(["2.14", "1.16"] as const)("stores a picture (%s)", async (version) => {
    await reconnect({ version });
    const others = [...images()].filter(([name]) => name !== "default-profile-picture");
    const answer = await mcp.ok("app_image_update_default_profile_picture", { data: base64(png) });
    expect(answer).toEqual({ image: "default-profile-picture", kind: "png", bytes: png.length });
    const { "default-profile-picture": stored, ...rest } = Object.fromEntries(images());
    expect(stored).toEqual({ extension: "png", bytes: png });
    expect(Object.entries(rest)).toEqual(others);
  });

  it.each([
    ["svg", svg],
    ["ico", ico],
    ["avif", avif],
  ])("sends nothing for %s, which browsers do not show as the png that Pocket ID calls it", async (kind, bytes) => {
    expect(await mcp.fails("app_image_update_default_profile_picture", { data: base64(bytes) })).toContain(
      `it is ${kind}; what is taken here: png, jpg, gif, webp.`,
    );
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("app_image_delete_logo", () => {
  it.each([
    ["light", "logoLight", "logoDark"],
    ["dark", "logoDark", "logoLight"],
  ] as const)("deletes the one for %s mode, and leaves the other one", async (mode, gone, kept) => {
    for (const name of [gone, kept]) images().set(name, { extension: "png", bytes: png });
    expect(await mcp.ok("app_image_delete_logo", { mode })).toEqual({ image: "logo", mode, deleted: true });
    expect(images().has(gone)).toBe(false);
    expect(images().get(kept)?.bytes).toEqual(png);
  });

  it("says that there is none", async () => {
    expect(await mcp.fails("app_image_delete_logo", { mode: "dark" })).toMatch(
      /Image not found.*It is not set: there is nothing to delete\./,
    );
  });

  it("says before 2.14 which version it needs", async () => {
    await reconnect({ version: "2.13" });
    expect(await mcp.fails("app_image_delete_logo", { mode: "dark" })).toMatch(/It came with 2\.14\.0/);
    expect(changingRequests()).toEqual([]);
  });

  it("sends nothing without a mode", async () => {
    expect(await mcp.fails("app_image_delete_logo")).toMatch(/mode: this argument is needed: one of light, dark\./);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("app_image_delete_background", () => {
  it.each(["2.14", "2.7"] as const)("takes it away, and leaves the others (%s)", async (version) => {
    await reconnect({ version });
    const others = [...images().keys()].filter((name) => name !== "background");
    expect(await mcp.ok("app_image_delete_background")).toEqual({ image: "background", deleted: true });
    expect([...images().keys()]).toEqual(others);
  });

  it("says before 2.5 which version it needs", async () => {
    await reconnect({ version: "1.16" });
    expect(await mcp.fails("app_image_delete_background")).toMatch(/It came with 2\.5\.0/);
    expect(changingRequests()).toEqual([]);
  });
});

describe("app_image_delete_default_profile_picture", () => {
  it.each(["2.14", "1.16"] as const)("takes the picture away (%s)", async (version) => {
    await reconnect({ version });
    images().set("default-profile-picture", { extension: "png", bytes: png });
    const others = [...images().keys()].filter((name) => name !== "default-profile-picture");
    expect(await mcp.ok("app_image_delete_default_profile_picture")).toEqual({
      image: "default-profile-picture",
      deleted: true,
    });
    expect([...images().keys()]).toEqual(others);
  });

  it("says that there is none", async () => {
    expect(await mcp.fails("app_image_delete_default_profile_picture")).toMatch(
      /Image not found.*It is not set: there is nothing to delete\./,
    );
  });

  it("sends nothing for an argument that it does not have", async () => {
    expect(await mcp.fails("app_image_delete_default_profile_picture", { user: "alice" })).toMatch(/user/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
