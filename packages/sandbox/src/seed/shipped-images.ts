import { plainPng } from "../images.ts";
import type { SandboxState } from "../state.ts";
import type { Has } from "../versions.ts";

const WEBP = Buffer.from("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=", "base64");
const SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="3"/></svg>\n',
);

/** Stand-ins for the images that come with Pocket ID: small, and of the same types. */
export function shipImages({ images }: SandboxState, has: Has): void {
  images.set("background", { extension: "webp", bytes: WEBP });
  images.set("favicon", { extension: "ico", bytes: icoOf(plainPng(16, Buffer.of(30, 80, 160))) });
  if (has("emailLogoShipped"))
    images.set("logoEmail", { extension: "png", bytes: plainPng(64, Buffer.of(30, 80, 160)) });
  if (!has("logoShipped")) return;
  images.set("logoLight", { extension: "svg", bytes: SVG });
  images.set("logoDark", { extension: "svg", bytes: SVG });
}

function icoOf(png: Buffer): Buffer {
  const directory = Buffer.alloc(22);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(1, 4);
  directory.set([16, 16, 0, 0, 1, 0, 32, 0], 6);
  directory.writeUInt32LE(png.length, 14);
  directory.writeUInt32LE(directory.length, 18);
  return Buffer.concat([directory, png]);
}
