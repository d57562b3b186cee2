import { type Answer, image, noContent } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import { uploadedLogo } from "../http/multipart.ts";
import type { Route } from "../http/router.ts";
import { extensionOf, imageType, isTrueParameter } from "../images.ts";
import { fileTypeNotSupported, internalError, missingLogo } from "../refusals.ts";
import { clientInPath } from "./oidc-clients.ts";

export const clientLogoRoutes: Route[] = [
  { method: "GET", path: "/api/oidc/clients/:id/logo", access: "public", answer: getLogo },
  { method: "POST", path: "/api/oidc/clients/:id/logo", access: "admin", answer: uploadLogo },
  {
    method: "DELETE",
    path: "/api/oidc/clients/:id/logo",
    // Pocket ID <= 2.2: anybody could delete a logo.
    access: (has) => (has("logoDeleteNeedsAdmin") ? "admin" : "public"),
    answer: deleteLogo,
  },
];

/** ?light= is true unless it says otherwise; a word that Go does not take for true, like "yes", means dark. */
export const isLight = (call: Call): boolean => isTrueParameter(call.query.get("light") ?? "true");

const TWELVE_HOURS = 43_200;

function getLogo(call: Call): Answer {
  const client = clientInPath(call);
  // The dark one falls back to the light one, never the other way round.
  const logo = (isLight(call) ? null : client.darkLogo) ?? client.logo;
  if (logo === null) throw missingLogo();
  const type = imageType(logo.extension);
  if (type === undefined) throw internalError();
  return image(logo.bytes, type, call.query, TWELVE_HOURS);
}

function uploadLogo(call: Call): Answer {
  const file = uploadedLogo(call);
  const extension = extensionOf(file.fileName).toLowerCase();
  if (imageType(extension) === undefined) throw fileTypeNotSupported();
  const client = clientInPath(call);
  client[isLight(call) ? "logo" : "darkLogo"] = { extension, bytes: file.bytes };
  return noContent();
}

function deleteLogo(call: Call): Answer {
  const client = clientInPath(call);
  const which = isLight(call) ? "logo" : "darkLogo";
  if (client[which] === null) throw missingLogo();
  client[which] = null;
  return noContent();
}
