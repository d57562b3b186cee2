import { type Answer, image, noContent } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import { uploadedFile } from "../http/multipart.ts";
import type { Route } from "../http/router.ts";
import { extensionOf, imageType } from "../images.ts";
import { fileTypeNotSupported, imageNotFound, internalError, wrongFileType } from "../refusals.ts";
import { isLight } from "./client-logos.ts";

type ImageName = (call: Call) => string;

const logo: ImageName = (call) => (isLight(call) ? "logoLight" : "logoDark");
const named =
  (name: string): ImageName =>
  () =>
    name;

const base = "/api/application-images";

export const applicationImageRoutes: Route[] = [
  { method: "GET", path: `${base}/logo`, access: "public", answer: (call) => getImage(call, logo) },
  { method: "PUT", path: `${base}/logo`, access: "admin", answer: (call) => putImage(call, logo) },
  { method: "DELETE", path: `${base}/logo`, access: "admin", since: "2.14", answer: (call) => deleteImage(call, logo) },
  {
    method: "GET",
    path: `${base}/background`,
    access: "public",
    answer: (call) => getImage(call, named("background")),
  },
  { method: "PUT", path: `${base}/background`, access: "admin", answer: (call) => putImage(call, named("background")) },
  {
    method: "DELETE",
    path: `${base}/background`,
    access: "admin",
    since: "2.5",
    answer: (call) => deleteImage(call, named("background")),
  },
  { method: "GET", path: `${base}/favicon`, access: "public", answer: (call) => getImage(call, named("favicon")) },
  { method: "PUT", path: `${base}/favicon`, access: "admin", answer: putFavicon },
  {
    method: "GET",
    path: `${base}/email`,
    access: "public",
    since: "2.0",
    answer: (call) => getImage(call, named("logoEmail")),
  },
  { method: "PUT", path: `${base}/email`, access: "admin", since: "2.0", answer: putEmailLogo },
  {
    method: "GET",
    path: `${base}/default-profile-picture`,
    access: "admin",
    answer: (call) => getImage(call, named("default-profile-picture")),
  },
  {
    method: "PUT",
    path: `${base}/default-profile-picture`,
    access: "admin",
    answer: (call) => putImage(call, named("default-profile-picture")),
  },
  {
    method: "DELETE",
    path: `${base}/default-profile-picture`,
    access: "admin",
    answer: (call) => deleteImage(call, named("default-profile-picture")),
  },
];

const ONE_DAY = 86_400;

function getImage(call: Call, name: ImageName): Answer {
  const stored = call.state.images.get(name(call));
  if (stored === undefined) throw imageNotFound();
  const type = imageType(stored.extension);
  if (type === undefined) throw internalError();
  return image(stored.bytes, type, call.query, ONE_DAY);
}

/** The type is that of the file's name; what is in the file is not looked at. */
function putImage(call: Call, name: ImageName): Answer {
  const file = uploadedFile(call);
  const extension = extensionOf(file.fileName).toLowerCase();
  if (imageType(extension) === undefined) throw fileTypeNotSupported();
  call.state.images.set(name(call), { extension, bytes: file.bytes });
  return noContent();
}

/** Pocket ID <= 2.4: .ico only, in lower case. */
function putFavicon(call: Call): Answer {
  const extension = extensionOf(uploadedFile(call).fileName);
  if (!call.has("faviconOfThreeTypes")) {
    if (extension !== "ico") throw wrongFileType("ICO", ".ico");
  } else if (!["svg", "png", "ico"].includes(extension.toLowerCase())) {
    throw wrongFileType("SVG, PNG, or ICO", ".svg or .png or .ico");
  }
  return putImage(call, named("favicon"));
}

/** The one image whose extension has to be in lower case. */
function putEmailLogo(call: Call): Answer {
  const extension = extensionOf(uploadedFile(call).fileName);
  if (!["png", "jpg", "jpeg"].includes(extension)) throw wrongFileType("PNG or JPEG", ".png or .jpg/jpeg");
  return putImage(call, named("logoEmail"));
}

function deleteImage(call: Call, name: ImageName): Answer {
  if (!call.state.images.delete(name(call))) throw imageNotFound();
  return noContent();
}
