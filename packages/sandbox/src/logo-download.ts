import { lookup } from "node:dns/promises";
import { BlockList, isIPv6 } from "node:net";
import { extensionOf, extensionOfType, imageType } from "./images.ts";
import { invalidLogoUrl, logoDownloadFailed, logoTooLarge, logoTypeNotSupported } from "./refusals.ts";
import type { StoredImage } from "./state.ts";

const LARGEST = 2 * 1024 * 1024;
const PATIENCE_MS = 15_000;

/** As Pocket ID does it: only from public addresses, at most 2 MiB, within 15 seconds. */
export async function downloadLogo(text: string): Promise<StoredImage> {
  const url = webAddress(text);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  await refusePrivate(url);
  const response = await fetch(url, { redirect: "error", signal, headers: { accept: "image/*" } }).catch(() => {
    throw logoDownloadFailed();
  });
  if (response.status !== 200) throw logoDownloadFailed();
  const extension = extensionFor(url, response.headers.get("content-type"));
  const bytes = Buffer.from(await response.arrayBuffer());
  if (bytes.length > LARGEST) throw logoTooLarge();
  return { extension, bytes };
}

function webAddress(text: string): URL {
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) throw invalidLogoUrl();
  return new URL(text);
}

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv4");
}
PRIVATE.addAddress("::1", "ipv6");
PRIVATE.addAddress("::", "ipv6");
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addSubnet("fe80::", 10, "ipv6");

async function refusePrivate(url: URL): Promise<void> {
  const addresses = await lookup(url.hostname.replace(/^\[|\]$/g, ""), { all: true }).catch(() => {
    throw logoDownloadFailed();
  });
  if (addresses.some(({ address }) => PRIVATE.check(address, isIPv6(address) ? "ipv6" : "ipv4")))
    throw invalidLogoUrl();
}

/** The extension of the path if it is one of an image, otherwise what the server says. */
function extensionFor(url: URL, contentType: string | null): string {
  const extension = extensionOf(url.pathname);
  if (imageType(extension) !== undefined) return extension;
  const byType = extensionOfType(contentType);
  if (byType === undefined) throw logoTypeNotSupported();
  return byType;
}
