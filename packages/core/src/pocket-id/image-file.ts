import { InputError } from "./errors.ts";
import type { UploadFile } from "./multipart.ts";

/** Kinds of images that Pocket ID takes, by the extension that it knows each by. */
const imageKinds = ["jpg", "png", "svg", "ico", "gif", "webp", "avif", "heic"] as const;

export type ImageKind = (typeof imageKinds)[number];

/** An image to send, and what it is. */
export interface ImageFile extends UploadFile {
  readonly kind: ImageKind;
}

/** Bytes that an image may have: Pocket ID takes more for its own, but shows it on every sign-in page. */
export const maximumImageSize = 5 * 1024 * 1024;

/**
 * Checks an image before it is sent, and names it by what it is: Pocket ID goes by the extension of the name alone, in lower case where it is
 * the logo of mails (before 2.5 also the favicon), and would store anything under it.
 * @param kinds the kinds that are allowed here
 * @throws {InputError}
 */
export function imageFile(bytes: Uint8Array, kinds: readonly ImageKind[] = imageKinds): ImageFile {
  if (bytes.length === 0) throw new InputError("file", "it is empty.");
  if (bytes.length > maximumImageSize) {
    throw new InputError(
      "file",
      `it has ${(bytes.length / 1024 / 1024).toFixed(1)} MiB; ${maximumImageSize / 1024 / 1024} MiB are the most. Make it smaller.`,
    );
  }
  const found = imageKindOf(bytes);
  if (found === undefined || !kinds.includes(found)) {
    throw new InputError("file", `it is ${found ?? "no such image"}; what is taken here: ${kinds.join(", ")}.`);
  }
  if (found === "svg" && !isPlainSvg(bytes)) {
    throw new InputError(
      "file",
      "this SVG holds a script, or what can hide one, which would run on the address of the identity provider. Give one without, or a PNG.",
    );
  }
  return { kind: found, fileName: `image.${found}`, bytes };
}

/** Says whether an SVG is what a browser reads it as, and nothing in it can run. */
function isPlainSvg(bytes: Uint8Array): boolean {
  let svg: string;
  try {
    svg = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return false;
  }
  const encoding = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)/i.exec(svg)?.[1] ?? "utf-8";
  // Declarations of a document type can put in what is not to be seen here; so can another encoding, and pages inside of it.
  return (
    /^utf-?8$/i.test(encoding) &&
    !/[^\P{Cc}\t\r\n]/u.test(svg) &&
    !/<!(?:ENTITY|ATTLIST|ELEMENT|NOTATION)\b|<(?:[^\s<>/:]+:)?(?:foreignObject|iframe|embed|object)\b/i.test(svg) &&
    // Browsers know others by the document type, such as &colon; in XHTML.
    !/&(?!(?:amp|lt|gt|quot|apos);)[^\s#&;<]+;/.test(svg) &&
    !holdsScript(svg)
  );
}

/** Says whether an SVG can run something: a script under any prefix, a handler, a link that is one, a style sheet or a page that holds one. */
function holdsScript(svg: string): boolean {
  const plain = svg
    .replace(/&#(?:x0*([\da-f]{1,6})|0*(\d{1,7}));/gi, (_, hex?: string, decimal?: string) => characterOf(hex, decimal))
    .replace(/&lt;/gi, "<");
  return (
    /<(?:[^\s<>/:]+:)?script\b|[\s/"']on\w+\s*=|<\?xml-stylesheet\b/i.test(plain) ||
    // Browsers leave line breaks and tabs out of an address.
    /javascript:/i.test(plain.replace(/[\t\r\n]+/g, ""))
  );
}

function characterOf(hex: string | undefined, decimal: string | undefined): string {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "";
}

/** The kind of an image, by its first bytes. */
export function imageKindOf(bytes: Uint8Array): ImageKind | undefined {
  const head = Buffer.from(bytes.subarray(0, 1_024));
  const latin = head.toString("latin1");
  if (latin.startsWith("\xff\xd8\xff")) return "jpg";
  if (latin.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (/^GIF8[79]a/.test(latin)) return "gif";
  if (latin.startsWith("\0\0\x01\0")) return "ico";
  if (latin.startsWith("RIFF") && latin.slice(8, 12) === "WEBP") return "webp";
  if (latin.slice(4, 8) === "ftyp") {
    const brand = latin.slice(8, 12);
    if (/^avi[fs]$/.test(brand)) return "avif";
    if (/^(?:heic|heix|heim|heis|hevc|mif1|msf1)$/.test(brand)) return "heic";
  }
  return /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE[^>]*>\s*)?<svg[\s>]/i.test(
    head.toString("utf8"),
  )
    ? "svg"
    : undefined;
}

/** The media type of an image, by its first bytes. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  const kind = imageKindOf(bytes);
  return kind && (mediaTypes[kind] ?? `image/${kind}`);
}

const mediaTypes: { readonly [K in ImageKind]?: string } = {
  jpg: "image/jpeg",
  svg: "image/svg+xml",
  ico: "image/x-icon",
};
