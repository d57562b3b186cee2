import { type ColorMode, inMode, uncached } from "./color-mode.ts";
import type { Connection, Image } from "./connection.ts";
import { InputError, PocketIdError } from "./errors.ts";
import { type ImageKind, imageFile } from "./image-file.ts";
import { features } from "./versions.ts";

/** The images of the instance itself, by Pocket ID's own names. */
export const applicationImageNames = ["logo", "favicon", "background", "email", "default-profile-picture"] as const;
export type ApplicationImage = (typeof applicationImageNames)[number];

/** Those of them that can be taken away. */
export type DeletableImage = "logo" | "background" | "default-profile-picture";

/** Mode matters for the logo alone: there is one for light and one for dark mode. */
export interface ApplicationImages {
  /** `GET /api/application-images/…`. Undefined if it is not set. */
  get(image: ApplicationImage, mode?: ColorMode): Promise<Image | undefined>;
  /**
   * `PUT /api/application-images/…`, in the place of the one there is, and a `GET` to see what Pocket ID holds then.
   * @throws {InputError} if it is no image that Pocket ID takes here
   */
  update(image: ApplicationImage, bytes: Uint8Array, mode?: ColorMode): Promise<UpdatedImage>;
  /** `DELETE /api/application-images/…`: the logo since 2.14, the background since 2.5. @throws {PocketIdError} if it is not set */
  delete(image: DeletableImage, mode?: ColorMode): Promise<void>;
}

/** An image after another was put in its place. */
export interface UpdatedImage {
  readonly kind: ImageKind;
  /** False if Pocket ID holds another one, or none: somebody else replaced it meanwhile, or it never got there. */
  readonly held: boolean;
}

/** What an image has to be, where it cannot be of every kind. */
const kindsOf: Partial<Record<ApplicationImage, readonly ImageKind[]>> = {
  favicon: ["svg", "png", "ico"],
  email: ["png", "jpg"],
  // Pocket ID takes every kind, and shows each of them as image/png: these are the ones that browsers see through.
  "default-profile-picture": ["png", "jpg", "gif", "webp"],
};

export function applicationImagesOf(connection: Connection): ApplicationImages {
  const get = async (image: ApplicationImage, mode: ColorMode = "light"): Promise<Image | undefined> => {
    try {
      return await connection.image(`GET /api/application-images/${image}`, {
        query: { ...modeOf(image, mode), ...uncached },
      });
    } catch (error) {
      if (error instanceof PocketIdError && error.code === "image_not_found") return undefined;
      throw error;
    }
  };

  return {
    get,

    async update(image, bytes, mode = "light") {
      const { kind, ...file } = imageFile(bytes, kindsOf[image]);
      if (image === "favicon") await requireKindOfFavicon(connection, kind);
      await connection.request(`PUT /api/application-images/${image}`, { query: modeOf(image, mode), file });
      const stored = await get(image, mode);
      return { kind, held: stored !== undefined && Buffer.from(bytes).equals(stored.bytes) };
    },

    async delete(image, mode = "light") {
      await connection.request(`DELETE /api/application-images/${image}`, { query: modeOf(image, mode) });
    },
  };
}

/** Pocket ID < 2.5: only an .ico file is taken. */
async function requireKindOfFavicon(connection: Connection, kind: ImageKind): Promise<void> {
  if (kind === "ico" || (await connection.supports("image.faviconAsSvgOrPng"))) return;
  const { since } = features["image.faviconAsSvgOrPng"];
  const { version } = await connection.version();
  throw new InputError(
    "file",
    `a favicon as ${kind} needs Pocket ID ${since} or later, and this one is ${version}. Give it as ico, or update Pocket ID.`,
  );
}

const modeOf = (image: ApplicationImage, mode: ColorMode): Record<string, string> =>
  image === "logo" ? inMode(mode) : {};
