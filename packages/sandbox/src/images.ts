import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  svg: "image/svg+xml",
  ico: "image/x-icon",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  heic: "image/heic",
};

/** Pocket ID looks at the name of a file and nothing else. */
export const imageType = (extension: string): string | undefined => TYPES[extension];

/** A name without a dot is its own extension. */
export function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf(".");
  return dot < 0 ? fileName : fileName.slice(dot + 1);
}

export function extensionOfType(contentType: string | null): string | undefined {
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase();
  if (type === "image/vnd.microsoft.icon") return "ico";
  if (type === "image/heif") return "heic";
  return Object.entries(TYPES).find(([, value]) => value === type)?.[0];
}

/** Goes by what Go's ParseBool takes for true; whatever it refuses counts as false. */
export const isTrueParameter = (text: string): boolean => /^(1|t|T|TRUE|true|True)$/.test(text);

/** How the formats begin that Pocket ID can decode to make a profile picture: SVG is not among them. */
const PICTURES: readonly string[] = ["\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF87a", "GIF89a", "BM", "II*\0", "MM\0*"];

export function isPicture(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 12).toString("latin1");
  return PICTURES.some((beginning) => head.startsWith(beginning)) || (head.startsWith("RIFF") && head.endsWith("WEBP"));
}

const SIDE = 300;

/** The sandbox decodes nothing: instead of a cropped picture it keeps a plain square whose colour tells pictures apart. */
export const profilePictureOf = (bytes: Buffer): Buffer => plainPng(SIDE, colourOf(bytes));

/** Stands for the picture with initials that Pocket ID draws. */
export const initialsPicture = (initials: string): Buffer => plainPng(SIDE, colourOf(Buffer.from(initials)));

const colourOf = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest().subarray(0, 3);

export function plainPng(side: number, colour: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.of(0), ...Array.from({ length: side }, () => colour)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}
