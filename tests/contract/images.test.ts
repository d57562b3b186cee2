import { describe, expect, it } from "vitest";
import {
  contract,
  expectRefusal,
  fileForm,
  type Json,
  nobody,
  somethingWentWrong,
  unreadableBody,
  userNotFound,
} from "./pocket-id.ts";

contract("images", (pocketId) => {
  const images = "/api/application-images";
  const shown = (path: string) => pocketId.get(`${path}${path.includes("?") ? "&" : "?"}skipCache=1`, { as: "nobody" });
  const unsupported = {
    until212: [400, "File type not supported"],
    since213: [415, "file_type_not_supported"],
  } as const;
  const wrongKind = (expected: string, text: string) =>
    ({
      until212: [400, `File must be of type ${text}`],
      since213: [415, "file_type_not_supported", { expected_file_type: expected }],
    }) as const;

  describe("of the application", () => {
    it("are there from the start: background, favicon and, since 2.0, an e-mail logo; a logo until 2.13", async () => {
      const status = async (name: string) => (await pocketId.get(`${images}/${name}`, { as: "nobody" })).status;
      expect(await status("background")).toBe(200);
      expect(await status("favicon")).toBe(200);
      expect(await status("logo")).toBe(pocketId.since("2.14") ? 404 : 200);
      expect(await status("email")).toBe(pocketId.since("2.0") ? 200 : 404);
    });

    it("are 404 when they are not there", async () => {
      const missing = await pocketId.get(`${images}/default-profile-picture`);
      expectRefusal(pocketId, missing, { until212: [404, "Image not found"], since213: [404, "image_not_found"] });
      expect((await pocketId.delete(`${images}/default-profile-picture`)).status).toBe(404);
    });

    it("go by the extension of the file's name, and nobody looks at what is in the file", async () => {
      for (const [name, type] of Object.entries({
        "logo.svg": /^image\/svg\+xml/,
        "LOGO.JPEG": /^image\/jpeg/,
        "logo.jpg": /^image\/jpeg/,
        "logo.png": /^image\/png/,
        "logo.gif": /^image\/gif/,
        "logo.webp": /^image\/webp/,
        "logo.avif": /^image\/avif/,
        "logo.heic": /^image\/heic/,
        "logo.ico": /^image\/(x-icon|vnd.microsoft.icon)/,
      })) {
        expect([name, (await pocketId.upload("PUT", `${images}/logo`, name, "anything")).status]).toEqual([name, 204]);
        const { headers, bytes } = await shown(`${images}/logo`);
        expect([headers.get("content-type"), bytes.toString()]).toEqual([expect.stringMatching(type), "anything"]);
      }
      for (const name of ["logo", "logo.tiff", "logo.png.txt"])
        expectRefusal(pocketId, await pocketId.upload("PUT", `${images}/logo`, name), unsupported);
    });

    it("have a light and a dark logo; a word that Go does not take for true means dark", async () => {
      await pocketId.upload("PUT", `${images}/logo`, "light.svg", "<svg>light</svg>");
      await pocketId.upload("PUT", `${images}/logo?light=no`, "dark.svg", "<svg>dark</svg>");
      const logo = async (light: string) => (await shown(`${images}/logo?light=${light}`)).bytes.toString("utf8");
      for (const light of ["true", "1"]) expect(await logo(light)).toContain("light");
      for (const dark of ["false", "yes"]) expect(await logo(dark)).toContain("dark");
    });

    it("have a favicon that is svg, png or ico, until 2.4 ico alone", async () => {
      const tried = (name: string) => pocketId.upload("PUT", `${images}/favicon`, name);
      expect((await tried("favicon.ico")).status).toBe(204);
      const refusal = pocketId.since("2.5")
        ? wrongKind("SVG, PNG, or ICO", ".svg or .png or .ico")
        : wrongKind("ICO", ".ico");
      expectRefusal(pocketId, await tried("favicon.gif"), refusal);
      if (pocketId.since("2.5")) expect((await tried("favicon.png")).status).toBe(204);
      else expectRefusal(pocketId, await tried("favicon.png"), refusal);
    });

    it.runIf(pocketId.since("2.0"))("have an e-mail logo that is png or jpeg, in lower case (since 2.0)", async () => {
      const tried = (name: string) => pocketId.upload("PUT", `${images}/email`, name);
      expect((await tried("logo.png")).status).toBe(204);
      for (const name of ["logo.PNG", "logo.svg"])
        expectRefusal(pocketId, await tried(name), wrongKind("PNG or JPEG", ".png or .jpg/jpeg"));
    });

    it("can be deleted: the background since 2.5, the logo since 2.14, a default picture always, a favicon never", async () => {
      await pocketId.upload("PUT", `${images}/logo`, "logo.svg", "<svg/>");
      await pocketId.upload("PUT", `${images}/background`, "background.png");
      await pocketId.upload("PUT", `${images}/default-profile-picture`, "everybody.png");
      const deleted = async (name: string) => (await pocketId.delete(`${images}/${name}`)).status;
      expect(await deleted("default-profile-picture")).toBe(204);
      expect(await deleted("favicon")).toBe(404);
      expect(await deleted("background")).toBe(pocketId.since("2.5") ? 204 : 404);
      expect(await deleted("logo")).toBe(pocketId.since("2.14") ? 204 : 404);
      expect((await shown(`${images}/background`)).status).toBe(pocketId.since("2.5") ? 404 : 200);
      expect((await shown(`${images}/logo`)).status).toBe(pocketId.since("2.14") ? 404 : 200);
    });

    it("are publicly cacheable, unless asked for with skipCache", async () => {
      const cached = await pocketId.get(`${images}/favicon`, { as: "nobody" });
      expect(cached.headers.get("cache-control")).toMatch(/^public, max-age=/);
      expect((await shown(`${images}/favicon`)).headers.get("cache-control")).not.toMatch(/^public/);
    });

    it("come in the field file of a form", async () => {
      const form = new FormData();
      form.set("picture", "x");
      expectRefusal(pocketId, await pocketId.send("PUT", `${images}/background`, { form }), {
        until212: [500],
        since213: [400, "validation_failed", { fields: [{ field: "file", code: "required" }] }],
      });
      expectRefusal(pocketId, await pocketId.put(`${images}/background`, { file: "x" }), unreadableBody);
    });

    it("may be larger than 2 MiB", async () => {
      const large = Buffer.alloc(3 * 1024 * 1024, "x");
      expect((await pocketId.upload("PUT", `${images}/background`, "background.gif", large)).status).toBe(204);
    });
  });

  describe("of a client", () => {
    const logo = ({ id }: Json) => `/api/oidc/clients/${id}/logo`;
    const read = ({ id }: Json) => pocketId.read(`/api/oidc/clients/${id}`);

    it("are uploaded with POST and told by hasLogo and hasDarkLogo; the dark one falls back to the light one", async () => {
      const wiki = await pocketId.client();
      expect((await pocketId.upload("PUT", logo(wiki), "logo.svg", "<svg/>")).status).toBe(404);
      expect((await pocketId.upload("POST", logo(wiki), "logo.svg", "<svg>light</svg>")).status).toBe(204);
      expect(await read(wiki)).toMatchObject({ hasLogo: true, hasDarkLogo: false });
      expect((await shown(`${logo(wiki)}?light=false`)).bytes.toString()).toContain("light");
      expect((await pocketId.upload("POST", `${logo(wiki)}?light=false`, "logo.svg", "<svg>dark</svg>")).status).toBe(
        204,
      );
      expect(await read(wiki)).toMatchObject({ hasLogo: true, hasDarkLogo: true });
      expect((await shown(`${logo(wiki)}?light=false`)).bytes.toString()).toContain("dark");
      expect((await shown(logo(wiki))).bytes.toString()).toContain("light");
    });

    it("can be deleted one by one; a missing one is a 404 (until 2.12 a 500)", async () => {
      const wiki = await pocketId.client();
      const missing = { until212: [500, somethingWentWrong], since213: [404, "image_not_found"] } as const;
      expectRefusal(pocketId, await shown(logo(wiki)), missing);
      await pocketId.upload("POST", logo(wiki), "logo.svg", "<svg/>");
      await pocketId.upload("POST", `${logo(wiki)}?light=false`, "logo.svg", "<svg/>");
      expect((await pocketId.delete(`${logo(wiki)}?light=false`)).status).toBe(204);
      expect(await read(wiki)).toMatchObject({ hasLogo: true, hasDarkLogo: false });
      expect((await pocketId.delete(logo(wiki))).status).toBe(204);
      expect(await read(wiki)).toMatchObject({ hasLogo: false, hasDarkLogo: false });
      expectRefusal(pocketId, await pocketId.delete(logo(wiki)), missing);
    });

    it("survive a PUT of the client", async () => {
      const wiki = await pocketId.client();
      await pocketId.upload("POST", logo(wiki), "logo.svg", "<svg/>");
      await pocketId.done("PUT", `/api/oidc/clients/${wiki.id}`, { ...wiki, hasLogo: false });
      expect(await read(wiki)).toMatchObject({ hasLogo: true });
    });

    it("fit, form and all, into 2 MiB", async () => {
      const wiki = await pocketId.client();
      const sized = (bytes: number) => pocketId.upload("POST", logo(wiki), "logo.gif", Buffer.alloc(bytes, "x"));
      expect((await sized(2 * 1024 * 1024 - 1024)).status).toBe(204);
      expectRefusal(pocketId, await sized(2 * 1024 * 1024), {
        until212: [413, "The file can't be larger than 2.00 MB"],
        since213: [413, "file_too_large", { max_size: "2.00 MB" }],
      });
    });

    it("have the extension of an image", async () => {
      const wiki = await pocketId.client();
      expectRefusal(pocketId, await pocketId.upload("POST", logo(wiki), "logo.exe"), unsupported);
    });
  });

  describe("of a user", () => {
    const picture = ({ id }: Json) => `/api/users/${id}/profile-picture`;

    it("are always there for everybody: initials until one is uploaded, 300 pixels wide", async () => {
      const ada = await pocketId.user();
      const initials = await shown(`${picture(ada)}.png`);
      expect([initials.status, initials.headers.get("content-type")]).toEqual([200, "image/png"]);
      expect((await pocketId.upload("PUT", picture(ada), "ada.png")).status).toBe(204);
      const uploaded = await shown(`${picture(ada)}.png`);
      expect(uploaded.bytes.equals(initials.bytes)).toBe(false);
      expect(uploaded.bytes.readUInt32BE(16)).toBe(300);
      expect((await pocketId.delete(picture(ada))).status).toBe(204);
      expect((await shown(`${picture(ada)}.png`)).bytes.equals(initials.bytes)).toBe(true);
    });

    it("have to be pictures, whatever the file is called; SVG is none (500, since 2.13 400)", async () => {
      const ada = await pocketId.user();
      for (const [name, content] of [
        ["ada.png", "no picture"],
        ["ada.svg", "<svg/>"],
      ] as const)
        expectRefusal(
          pocketId,
          await pocketId.send("PUT", picture(ada), { form: fileForm(name, Buffer.from(content)) }),
          {
            until212: [500],
            since213: [400, "invalid_image"],
          },
        );
    });

    it("are 400 for an id that is no UUID, 404 for one of nobody", async () => {
      expectRefusal(pocketId, await shown("/api/users/no-uuid/profile-picture.png"), {
        until212: [400, "Invalid UUID"],
        since213: [400, "validation_failed"],
      });
      expectRefusal(pocketId, await shown(`/api/users/${nobody}/profile-picture.png`), userNotFound);
    });
  });
});
