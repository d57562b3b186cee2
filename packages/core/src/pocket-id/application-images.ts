import type { Connection } from "./connection.ts";
import { checkImage, type ImageKind } from "./image-file.ts";
import type { UploadFile } from "./multipart.ts";
import { requireFeature } from "./requirements.ts";

/** Which of two images: the one for light or for dark mode. */
export type ColorMode = "light" | "dark";

/** The images of the instance itself. */
export interface ApplicationImages {
  /** `PUT /api/application-images/logo`. @throws {InputError} if it is no image that Pocket ID takes */
  updateLogo(file: UploadFile, mode?: ColorMode): Promise<ImageKind>;
  /** `PUT /api/application-images/favicon`: svg, png or ico (before 2.5: ico). */
  updateFavicon(file: UploadFile): Promise<ImageKind>;
  /** `PUT /api/application-images/background`. */
  updateBackground(file: UploadFile): Promise<ImageKind>;
  /** `DELETE /api/application-images/default-profile-picture`. */
  deleteDefaultProfilePicture(): Promise<void>;
}

export function applicationImagesOf(connection: Connection): ApplicationImages {
  return {
    async updateLogo(file, mode = "light") {
      const kind = checkImage(file);
      await connection.request("PUT /api/application-images/logo", {
        file,
        query: { light: String(mode === "light") },
      });
      return kind;
    },
    async updateFavicon(file) {
      const kind = checkImage(file, ["svg", "png", "ico"]);
      if (kind !== "ico") await requireFeature(connection, "image.faviconAsSvgOrPng", "file");
      await connection.request("PUT /api/application-images/favicon", { file });
      return kind;
    },
    async updateBackground(file) {
      const kind = checkImage(file);
      await connection.request("PUT /api/application-images/background", { file });
      return kind;
    },
    async deleteDefaultProfilePicture() {
      await connection.request("DELETE /api/application-images/default-profile-picture");
    },
  };
}
