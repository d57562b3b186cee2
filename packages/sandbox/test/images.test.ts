import { describe, expect, it } from "vitest";
import { sandboxVersions } from "../src/index.ts";
import { isSince, PNG, type PocketId, pocketId, query, signedInAs, upload } from "./pocket-id.ts";

const send = (instance: PocketId, method: string, path: string, form: FormData) =>
  instance.send(method, path, { body: form });

describe.each(sandboxVersions)("application images of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });
  const images = "/api/application-images";

  it("are there from the start, but for the logo since 2.14", async () => {
    const instance = await playing();
    const status = async (name: string) => (await instance.anonymous.get(`${images}/${name}`)).status;
    expect(await status("background")).toBe(200);
    expect(await status("favicon")).toBe(200);
    expect(await status("logo")).toBe(isSince(version, "2.14") ? 404 : 200);
    expect(await status("email")).toBe(isSince(version, "2.0") ? 200 : 404);
    expect((await instance.get(`${images}/default-profile-picture`)).status).toBe(404);
    expect(await status("default-profile-picture")).toBe(401);
  });

  it("are cached by everybody, unless asked for fresh", async () => {
    const instance = await playing();
    const cached = await instance.anonymous.get(`${images}/background`);
    expect(cached.headers.get("cache-control")).toMatch(/^public, max-age=/);
    const fresh = await instance.anonymous.get(`${images}/background${query({ skipCache: 1 })}`);
    expect(fresh.headers.get("cache-control")).not.toMatch(/^public/);
  });

  it("are what the file's name says, whatever is in the file", async () => {
    const instance = await playing();
    for (const [fileName, type] of [
      ["logo.svg", "image/svg+xml"],
      ["LOGO.JPEG", "image/jpeg"],
      ["logo.webp", "image/webp"],
      ["logo.avif", "image/avif"],
      ["logo.ico", "image/x-icon"],
    ] as const) {
      expect((await send(instance, "PUT", `${images}/logo`, upload(fileName, "anything"))).status).toBe(204);
      const shown = await instance.anonymous.get(`${images}/logo`);
      expect([shown.headers.get("content-type"), shown.body]).toEqual([type, "anything"]);
    }
    for (const fileName of ["logo", "logo.tiff", "logo.png.txt"]) {
      const refused = await send(instance, "PUT", `${images}/logo`, upload(fileName));
      expect(refused.status).toBe(isSince(version, "2.13") ? 415 : 400);
    }
  });

  it("have a light and a dark logo", async () => {
    const instance = await playing();
    await send(instance, "PUT", `${images}/logo${query({ light: "false" })}`, upload("dark.svg", "dark"));
    await send(instance, "PUT", `${images}/logo`, upload("light.svg", "light"));
    const shown = async (light: string) => (await instance.anonymous.get(`${images}/logo${query({ light })}`)).body;
    expect([await shown("true"), await shown("1"), await shown("false"), await shown("yes")]).toEqual([
      ...["light", "light", "dark", "dark"],
    ]);
  });

  it("can be deleted: the background since 2.5, the logo since 2.14", async () => {
    const instance = await playing();
    await send(instance, "PUT", `${images}/logo`, upload("logo.png"));
    const deleted = async (name: string) => (await instance.delete(`${images}/${name}`)).status;
    expect(await deleted("logo")).toBe(isSince(version, "2.14") ? 204 : 404);
    expect(await deleted("background")).toBe(isSince(version, "2.5") ? 204 : 404);
    const background = await instance.anonymous.get(`${images}/background`);
    expect(background.status).toBe(isSince(version, "2.5") ? 404 : 200);
    expect(await deleted("favicon")).toBe(404);
  });

  it("want a favicon of three types, or of one before 2.5", async () => {
    const instance = await playing();
    const tried = async (fileName: string) =>
      (await send(instance, "PUT", `${images}/favicon`, upload(fileName))).status;
    const refused = isSince(version, "2.13") ? 415 : 400;
    expect(await tried("favicon.ico")).toBe(204);
    expect(await tried("favicon.png")).toBe(isSince(version, "2.5") ? 204 : refused);
    expect(await tried("favicon.gif")).toBe(refused);
  });

  it("want an e-mail logo with an extension in lower case", async () => {
    const instance = await playing();
    const tried = async (fileName: string) => (await send(instance, "PUT", `${images}/email`, upload(fileName))).status;
    if (!isSince(version, "2.0")) {
      expect(await tried("logo.png")).toBe(404);
      return;
    }
    expect(await tried("logo.png")).toBe(204);
    expect(await tried("logo.PNG")).toBe(isSince(version, "2.13") ? 415 : 400);
    expect(await tried("logo.svg")).toBe(isSince(version, "2.13") ? 415 : 400);
  });

  it("include a picture for users who have none", async () => {
    const instance = await playing();
    const path = `${images}/default-profile-picture`;
    expect((await send(instance, "PUT", path, upload("everybody.png", PNG))).status).toBe(204);
    expect((await instance.get(path)).status).toBe(200);
    expect((await instance.delete(path)).status).toBe(204);
    expect((await instance.get(path)).status).toBe(404);
  });

  it("can be changed by administrators only, also when the configuration cannot", async () => {
    const instance = await pocketId({ version, uiConfigDisabled: true });
    expect((await send(instance, "PUT", `${images}/background`, upload("b.png"))).status).toBe(204);
    const ben = [...instance.sandbox.state.users.values()].find(({ username }) => username === "ben");
    const session = await signedInAs(instance, ben?.id ?? "");
    expect((await session.send("PUT", `${images}/background`, { body: upload("b.png") })).status).toBe(403);
  });
});

describe.each(sandboxVersions)("client logos of Pocket ID %s", (version) => {
  const playing = () => pocketId({ version });
  const path = "/api/oidc/clients/gitea/logo";

  it("are uploaded with POST; the dark one falls back to the light one", async () => {
    const instance = await playing();
    const missing = await instance.anonymous.get(path);
    expect(missing.status).toBe(isSince(version, "2.13") ? 404 : 500);
    expect((await send(instance, "PUT", path, upload("logo.svg", "light"))).status).toBe(404);
    expect((await send(instance, "POST", path, upload("logo.svg", "light"))).status).toBe(204);
    expect((await instance.get("/api/oidc/clients/gitea")).body).toMatchObject({ hasLogo: true, hasDarkLogo: false });
    expect((await instance.anonymous.get(`${path}?light=false`)).body).toBe("light");
    expect((await send(instance, "POST", `${path}?light=yes`, upload("logo.svg", "dark"))).status).toBe(204);
    expect((await instance.anonymous.get(`${path}?light=false`)).body).toBe("dark");
    expect((await instance.anonymous.get(path)).body).toBe("light");
    expect((await instance.delete(`${path}?light=false`)).status).toBe(204);
    expect((await instance.get("/api/oidc/clients/gitea")).body).toMatchObject({ hasLogo: true, hasDarkLogo: false });
  });

  it("fit, form and all, into two mebibytes", async () => {
    const instance = await playing();
    const fits = new Uint8Array(2 * 1024 * 1024 - 1024);
    expect((await send(instance, "POST", path, upload("logo.png", fits))).status).toBe(204);
    const tooLarge = await send(instance, "POST", path, upload("logo.png", new Uint8Array(2 * 1024 * 1024)));
    expect(tooLarge.status).toBe(413);
    if (isSince(version, "2.13")) {
      expect(tooLarge.body).toMatchObject({ code: "file_too_large", details: { max_size: "2.00 MB" } });
    }
  });

  it("have no such limit among application images", async () => {
    const instance = await playing();
    const large = upload("background.png", new Uint8Array(3 * 1024 * 1024));
    expect((await send(instance, "PUT", "/api/application-images/background", large)).status).toBe(204);
  });

  it("come as a form", async () => {
    const instance = await playing();
    const refused = await instance.send("PUT", "/api/application-images/logo", { body: PNG });
    if (isSince(version, "2.13"))
      expect(refused).toMatchObject({ status: 400, body: { code: "invalid_request_body" } });
    else expect(refused.status).toBe(500);
  });
});
