import { checkFileArgument, defineTool, fileFields } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const output = { image: z.string(), kind: z.string(), bytes: z.int() };

export const appImageUpdateLogo = defineTool({
  name: "app_image_update_logo",
  title: "Replace the logo",
  description: "Logo of the instance: jpg, png, svg, ico, gif, webp, avif or heic.",
  risk: "write",
  input: { ...fileFields, mode: z.enum(["light", "dark"]).optional().describe("Default light") },
  output: { ...output, mode: z.string() },
  routes: ["PUT /api/application-images/logo"],
  check: checkFileArgument,
  async run({ mode = "light", ...argument }, { pocketId, readFile }) {
    const file = await readFile(argument);
    return {
      image: "logo",
      mode,
      kind: await pocketId.applicationImages.updateLogo(file, mode),
      bytes: file.bytes.length,
    };
  },
});

export const appImageUpdateFavicon = defineTool({
  name: "app_image_update_favicon",
  title: "Replace the favicon",
  description: "Icon in the browser's tab: svg, png or ico.",
  risk: "write",
  input: fileFields,
  output,
  routes: ["PUT /api/application-images/favicon"],
  check: checkFileArgument,
  async run(argument, { pocketId, readFile }) {
    const file = await readFile(argument);
    return { image: "favicon", kind: await pocketId.applicationImages.updateFavicon(file), bytes: file.bytes.length };
  },
});

export const appImageUpdateBackground = defineTool({
  name: "app_image_update_background",
  title: "Replace the background",
  description: "Picture behind the sign-in page.",
  risk: "write",
  input: fileFields,
  output,
  routes: ["PUT /api/application-images/background"],
  check: checkFileArgument,
  async run(argument, { pocketId, readFile }) {
    const file = await readFile(argument);
    return {
      image: "background",
      kind: await pocketId.applicationImages.updateBackground(file),
      bytes: file.bytes.length,
    };
  },
});

export const appImageDeleteDefaultProfilePicture = defineTool({
  name: "app_image_delete_default_profile_picture",
  title: "Delete the default profile picture",
  description: "People without a picture get their initials again.",
  risk: "danger",
  input: {},
  output: { deleted: z.boolean() },
  routes: ["DELETE /api/application-images/default-profile-picture"],
  async run(_values, { pocketId }) {
    await pocketId.applicationImages.deleteDefaultProfilePicture();
    return { deleted: true };
  },
});
