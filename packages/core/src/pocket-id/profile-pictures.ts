import type { Connection, Image } from "./connection.ts";
import { PocketIdError } from "./errors.ts";
import { userFinder } from "./finders.ts";
import { type ImageKind, imageFile, imageTypeOf } from "./image-file.ts";
import { idOf, type Reference } from "./reference.ts";

/** The pictures of people. */
export interface ProfilePictures {
  /** `GET /api/users/:id/profile-picture.png`: what others see, be it the person's own, the instance's default, or the initials. */
  get(user: Reference): Promise<Image>;
  /**
   * `PUT /api/users/:id/profile-picture`: a jpg, png, gif or webp, which Pocket ID cuts to a square of 300 pixels.
   * @throws {InputError} if it is no such image
   */
  set(user: Reference, bytes: Uint8Array): Promise<ImageKind>;
  /** `DELETE /api/users/:id/profile-picture`: back to the default, or the initials. */
  reset(user: Reference): Promise<void>;
}

/** What Pocket ID can decode, of the kinds that people have: it takes bmp and tiff as well, and neither svg, ico, avif nor heic. */
const decoded = ["jpg", "png", "gif", "webp"] as const satisfies readonly ImageKind[];

export function profilePicturesOf(connection: Connection): ProfilePictures {
  const find = (user: Reference) => idOf(userFinder, connection, user, "user");
  return {
    async get(user) {
      const { bytes, mimeType } = await connection.image("GET /api/users/:id/profile-picture.png", {
        params: { id: await find(user) },
        query: { skipCache: "1" },
        as: "nobody",
      });
      // Pocket ID calls it image/png whatever it is, also where the default picture is an SVG.
      return { bytes, mimeType: imageTypeOf(bytes) ?? mimeType };
    },

    async set(user, bytes) {
      const { kind, ...file } = imageFile(bytes, decoded);
      const params = { id: await find(user) };
      try {
        await connection.request("PUT /api/users/:id/profile-picture", { params, file });
        return kind;
      } catch (error) {
        // Pocket ID < 2.13 answers 500 to what it cannot decode, such as a lossless webp with an alpha channel in 2.2.
        if (!(error instanceof PocketIdError) || error.status !== 500 || !error.route.startsWith("PUT ")) throw error;
        throw new PocketIdError(error.message, { ...error, hint: unreadable }, { cause: error });
      }
    },

    async reset(user) {
      await connection.request("DELETE /api/users/:id/profile-picture", { params: { id: await find(user) } });
    },
  };
}

const unreadable =
  "Most likely it cannot decode this image: give it as png or jpg. Otherwise its log says what went wrong.";
