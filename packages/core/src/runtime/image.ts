import type { Image } from "../pocket-id/connection.ts";
import { imageTypeOf } from "../pocket-id/image-file.ts";

/** An image in an answer, as MCP carries it. */
export interface ShownImage {
  /** Base64. */
  readonly data: string;
  readonly mimeType: string;
}

/** Bytes of an image that is shown: clients and models refuse much larger ones. */
const maximumShown = 1024 * 1024;

/** What models can look at. */
const shownTypes: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/**
 * Puts an image into an answer, or says why it is not there. Its bytes decide what it is: Pocket ID goes by the extension that a file came
 * with, and a client that is given an image of another type than it is told, or none, may take no further answer.
 */
export function showImage(image: Image | undefined): { image?: ShownImage; notes: string[] } {
  if (image === undefined) return { notes: [] };
  const { bytes } = image;
  const named = image.mimeType.slice(0, 60);
  const found = imageTypeOf(bytes);
  if (found === undefined && shownTypes.has(named))
    return { notes: [`The image is not shown: Pocket ID calls it ${named}, and it is no such image.`] };
  const mimeType = found ?? named;
  if (!shownTypes.has(mimeType)) return { notes: [`The image is not shown: it is ${mimeType}.`] };
  if (bytes.length > maximumShown) return { notes: ["The image is not shown: it is larger than 1 MiB."] };
  const notes = mimeType === named ? [] : [`Pocket ID calls it ${named}, but it is ${mimeType}.`];
  return { image: { data: Buffer.from(bytes).toString("base64"), mimeType }, notes };
}
