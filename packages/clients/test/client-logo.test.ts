import type { SandboxVersion } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { useServer } from "../../../tests/support/use-server.ts";
import { tools } from "../src/tools.ts";
import { holds } from "./holds.ts";

const mcp = useServer(tools);

const playing = async (version: SandboxVersion) => {
  await mcp.reconnect({ version });
};

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const gif = Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1");
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h8v8z"/></svg>');
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

const immich = { id: "immich", name: "Immich" };
const logos = () => {
  const { logo, darkLogo } = holds(mcp).client("immich");
  return { logo, darkLogo };
};
const stored = (bytes: Buffer, extension: string) => ({ extension, bytes });
const logoRequests = () =>
  mcp.sandbox.requests.filter(({ path }) => path.endsWith("/logo")).map(({ method, query }) => `${method} ${query}`);

describe("oidc_client_set_logo", () => {
  it.each([
    ["2.14", undefined],
    ["2.9", "light"],
    ["1.16", "dark"],
  ] as const)("stores a logo on %s for mode %s, and leaves the other one", async (version, mode) => {
    await playing(version);
    Object.assign(holds(mcp).client("immich"), { logo: stored(gif, "gif"), darkLogo: stored(gif, "gif") });
    const answer = await mcp.ok("oidc_client_set_logo", {
      client: "Immich",
      data: base64(png),
      ...(mode ? { mode } : {}),
    });
    expect(answer).toEqual({
      client: immich,
      mode: mode ?? "light",
      kind: "png",
      bytes: png.length,
      hasLogo: true,
      hasDarkLogo: true,
    });
    const [set, other] = mode === "dark" ? (["darkLogo", "logo"] as const) : (["logo", "darkLogo"] as const);
    expect(logos()[set]).toEqual(stored(png, "png"));
    expect(logos()[other]).toEqual(stored(gif, "gif"));
  });

  it("changes nothing else of the client", async () => {
    const { logo: _, ...before } = structuredClone(holds(mcp).client("nextcloud"));
    await mcp.ok("oidc_client_set_logo", { client: "nextcloud", data: base64(svg) });
    const { logo, ...now } = holds(mcp).client("nextcloud");
    expect(now).toEqual(before);
    expect(logo?.bytes).toEqual(svg);
  });

  it("takes nearly 2 MiB, and sends no change for more: Pocket ID counts the form around it, too", async () => {
    const padded = (size: number) => base64(Buffer.concat([gif, Buffer.alloc(size - gif.length)]));
    const most = 2046 * 1024;
    await mcp.ok("oidc_client_set_logo", { client: "immich", data: padded(most) });
    expect(logos().logo?.bytes).toHaveLength(most);
    mcp.sandbox.requests.length = 0;
    expect(await mcp.fails("oidc_client_set_logo", { client: "immich", data: padded(most + 1) })).toMatch(
      /^Nothing was changed\. file: it has 2047 KiB; 2046 KiB are the most for the logo of a client/,
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each([
    ["a page", Buffer.from("<!doctype html><p>Hi"), /file: it is no such image; what is taken here: jpg, png/],
    ["a script", Buffer.from("<svg><script>alert(1)</script></svg>"), /this SVG holds a script/],
  ])("sends no change for %s", async (_what, bytes, reason) => {
    expect(await mcp.fails("oidc_client_set_logo", { client: "immich", data: base64(bytes) })).toMatch(reason);
    expect(holds(mcp).changes()).toEqual([]);
  });

  it.each([
    [{}, /file: give either file, a path, or data/],
    [{ data: "eA==", fileName: "x.png" }, /fileName: there is no such argument/],
    [{ data: "eA==", mode: "grey" }, /mode/],
  ])("sends nothing for %j", async (more, reason) => {
    expect(await mcp.fails("oidc_client_set_logo", { client: "immich", ...more })).toMatch(reason);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("oidc_client_get_logo", () => {
  const show = (mode?: string) => mcp.call("oidc_client_get_logo", { client: "Immich", ...(mode ? { mode } : {}) });

  it("shows the logo of each mode, past every cache", async () => {
    Object.assign(holds(mcp).client("immich"), { logo: stored(png, "png"), darkLogo: stored(gif, "gif") });
    const light = await show();
    expect(light.image).toEqual({ data: base64(png), mimeType: "image/png" });
    expect(light.content).toEqual({
      client: immich,
      mode: "light",
      hasLogo: true,
      hasDarkLogo: true,
      shows: "light",
      mimeType: "image/png",
      bytes: png.length,
    });
    const dark = await show("dark");
    expect(dark.image).toEqual({ data: base64(gif), mimeType: "image/gif" });
    expect(dark.content).toMatchObject({ mode: "dark", shows: "dark", mimeType: "image/gif" });
    expect(logoRequests()).toEqual(["GET light=true&skipCache=true", "GET light=false&skipCache=true"]);
  });

  it("says that it is the light one where there is no dark one", async () => {
    holds(mcp).client("immich").logo = stored(png, "png");
    const { content, image } = await show("dark");
    expect(image?.data).toBe(base64(png));
    expect(content).toMatchObject({ mode: "dark", shows: "light", hasLogo: true, hasDarkLogo: false });
    expect(content.notes).toEqual(["There is no dark logo: in dark mode, too, people see the light one."]);
  });

  it.each([
    ["2.14", "light"],
    ["2.9", "light"],
    ["2.9", "dark"],
  ] as const)("says on %s that there is none for %s mode, without asking for it", async (version, mode) => {
    await playing(version);
    const { isError, content, image } = await show(mode);
    expect(isError).toBe(false);
    expect(image).toBeUndefined();
    expect(content).toEqual({
      client: immich,
      mode,
      hasLogo: false,
      hasDarkLogo: false,
      shows: null,
      mimeType: null,
      bytes: null,
      notes: [`Immich has no logo for ${mode} mode.`],
    });
    expect(logoRequests()).toEqual([]);
  });

  it("shows nobody the dark one in light mode, as Pocket ID does", async () => {
    holds(mcp).client("immich").darkLogo = stored(png, "png");
    const { content, image } = await show("light");
    expect(image).toBeUndefined();
    expect(content).toMatchObject({ shows: null, hasDarkLogo: true });
  });

  it("names an SVG, which models cannot look at, instead of showing it", async () => {
    holds(mcp).client("immich").logo = stored(svg, "svg");
    const { content, image } = await show();
    expect(image).toBeUndefined();
    expect(content).toMatchObject({ shows: "light", mimeType: "image/svg+xml", bytes: svg.length });
    expect(content.notes).toEqual(["The image is not shown: it is image/svg+xml."]);
  });

  it("sends nothing for a mode that there is not", async () => {
    expect(await mcp.fails("oidc_client_get_logo", { client: "immich", mode: "grey" })).toMatch(/mode/);
    expect(mcp.sandbox.requests).toEqual([]);
  });
});

describe("oidc_client_delete_logo", () => {
  it.each([
    ["2.14", "light"],
    ["2.9", "dark"],
    ["1.16", "light"],
  ] as const)("deletes on %s the one for %s mode, and leaves the other one", async (version, mode) => {
    await playing(version);
    Object.assign(holds(mcp).client("immich"), { logo: stored(png, "png"), darkLogo: stored(gif, "gif") });
    const { logo: _, darkLogo: __, ...before } = structuredClone(holds(mcp).client("immich"));
    expect(await mcp.ok("oidc_client_delete_logo", { client: "Immich", mode })).toEqual({
      client: immich,
      mode,
      deleted: true,
      hasLogo: mode === "dark",
      hasDarkLogo: mode === "light",
    });
    const { logo, darkLogo, ...now } = holds(mcp).client("immich");
    expect([logo, darkLogo]).toEqual(mode === "light" ? [null, stored(gif, "gif")] : [stored(png, "png"), null]);
    expect(now).toEqual(before);
  });

  it.each(["2.14", "2.9"] as const)("sends no change on %s where there is none for this mode", async (version) => {
    await playing(version);
    holds(mcp).client("immich").logo = stored(png, "png");
    expect(await mcp.fails("oidc_client_delete_logo", { client: "immich", mode: "dark" })).toBe(
      "Nothing was changed. Immich has no logo of its own for dark mode.",
    );
    expect(holds(mcp).changes()).toEqual([]);
  });

  it("sends nothing without a mode", async () => {
    expect(await mcp.fails("oidc_client_delete_logo", { client: "immich" })).toBe(
      "Nothing was changed. mode: this argument is needed: one of light, dark.",
    );
    expect(mcp.sandbox.requests).toEqual([]);
  });
});
