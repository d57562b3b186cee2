import type { Image } from "../pocket-id/connection.ts";

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

/** Puts an image into an answer, or says why it is not there. */
export function showImage(image: Image | undefined): { image?: ShownImage; notes: string[] } {
  if (image === undefined) return { notes: [] };
  const { bytes, mimeType } = image;
  if (!shownTypes.has(mimeType)) return { notes: [`The image is not shown: it is ${mimeType.slice(0, 60)}.`] };
  if (bytes.length > maximumShown) return { notes: ["The image is not shown: it is larger than 1 MiB."] };
  return { image: { data: Buffer.from(bytes).toString("base64"), mimeType }, notes: [] };
}
