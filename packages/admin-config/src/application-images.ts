import {
  type ApplicationImage,
  applicationImageNames,
  type ColorMode,
  colorModes,
  type DeletableImage,
  InputError,
} from "@pocketid-mcp/core";
import {
  checkFileArgument,
  defineTool,
  type FileArgument,
  fileFields,
  type ToolContext,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const Mode = z.enum(colorModes);
const Image = z.enum(applicationImageNames);

/** Which image it is about; the mode for the logo alone. */
const which = { image: Image, mode: Mode.optional() };

export const appImageGet = defineTool({
  name: "app_image_get",
  title: "Show an image",
  description: "An image of the instance.",
  risk: "read",
  input: { image: Image.describe("Which"), mode: Mode.optional().describe("Of the logo, default light") },
  output: { ...which, isSet: z.boolean(), mimeType: z.string().nullable(), bytes: z.int().nullable() },
  routes: applicationImageNames.map((image) => `GET /api/application-images/${image}` as const),
  check({ image, mode }) {
    if (mode !== undefined && image !== "logo") throw new InputError("mode", "only the logo has one for each mode.");
  },
  async run({ image, mode }, { pocketId }) {
    const picture = await pocketId.applicationImages.get(image, mode);
    const about = { image, ...modeOf(image, mode) };
    if (picture === undefined)
      return { ...about, isSet: false, mimeType: null, bytes: null, notes: ["This image is not set."] };
    return { ...about, isSet: true, mimeType: picture.mimeType, bytes: picture.bytes.length, picture };
  },
});

export const appImageUpdateLogo = defineTool({
  name: "app_image_update_logo",
  title: "Replace the logo",
  description: "Logo of the instance.",
  input: { ...fileFields, mode: Mode.optional().describe("Default light") },
  ...updating("logo"),
});

export const appImageUpdateFavicon = defineTool({
  name: "app_image_update_favicon",
  title: "Replace the favicon",
  description: "Icon in the browser's tab: svg, png or ico.",
  input: fileFields,
  ...updating("favicon"),
});

export const appImageUpdateBackground = defineTool({
  name: "app_image_update_background",
  title: "Replace the background",
  description: "Picture behind the sign-in page.",
  input: fileFields,
  ...updating("background"),
});

export const appImageUpdateEmailLogo = defineTool({
  name: "app_image_update_email_logo",
  title: "Replace the logo of mails",
  description: "Logo in Pocket ID's mails: png or jpg.",
  input: fileFields,
  ...updating("email"),
});

export const appImageUpdateDefaultProfilePicture = defineTool({
  name: "app_image_update_default_profile_picture",
  title: "Replace the default profile picture",
  description: "For people without a picture, instead of initials: png, jpg, gif or webp.",
  input: fileFields,
  ...updating("default-profile-picture"),
});

export const appImageDeleteLogo = defineTool({
  name: "app_image_delete_logo",
  title: "Delete the logo",
  description: "Delete the logo for one mode.",
  input: { mode: Mode.describe("Which one") },
  ...deleting("logo"),
});

export const appImageDeleteBackground = defineTool({
  name: "app_image_delete_background",
  title: "Delete the background",
  description: "Delete the picture behind the sign-in page.",
  input: {},
  ...deleting("background"),
});

export const appImageDeleteDefaultProfilePicture = defineTool({
  name: "app_image_delete_default_profile_picture",
  title: "Delete the default profile picture",
  description: "People without a picture get their initials again.",
  input: {},
  ...deleting("default-profile-picture"),
});

interface InMode {
  mode?: ColorMode | undefined;
}

/** What makes a tool put a file in the place of an image. */
function updating(image: ApplicationImage) {
  return {
    risk: "write" as const,
    output: { ...which, kind: z.string(), bytes: z.int() },
    routes: [`PUT /api/application-images/${image}` as const, `GET /api/application-images/${image}` as const],
    check: checkFileArgument,
    async run({ mode, ...argument }: FileArgument & InMode, { pocketId, readFile }: ToolContext) {
      const file = await readFile(argument);
      const { kind, held } = await pocketId.applicationImages.update(image, file, mode);
      const about = { image, ...modeOf(image, mode), kind, bytes: file.length };
      return held
        ? about
        : {
            ...about,
            notes: [
              "The image was sent, and Pocket ID holds another: somebody else replaced it meanwhile, or it did not get there. Look with app_image_get.",
            ],
          };
    },
  };
}

/** What makes a tool take an image away: as harmless as to replace it, and whoever has the image can put it back. */
function deleting(image: DeletableImage) {
  return {
    risk: "write" as const,
    output: { ...which, deleted: z.boolean() },
    routes: [`DELETE /api/application-images/${image}` as const],
    async run({ mode }: InMode, { pocketId }: ToolContext) {
      await pocketId.applicationImages.delete(image, mode);
      return { image, ...modeOf(image, mode), deleted: true };
    },
  };
}

function modeOf(image: ApplicationImage, mode: ColorMode = "light"): InMode {
  return image === "logo" ? { mode } : {};
}
