import { type Answer, image, noContent } from "../http/answer.ts";
import { type Call, param, signedIn } from "../http/call.ts";
import { uploadedFile } from "../http/multipart.ts";
import type { Route } from "../http/router.ts";
import { isUuid } from "../http/rules.ts";
import { initialsPicture, isPicture, profilePictureOf } from "../images.ts";
import { invalidImage, invalidUserId, userNotFound } from "../refusals.ts";
import type { User } from "../state.ts";
import { initialsOf } from "../users.ts";

export const profilePictureRoutes: Route[] = [
  { method: "GET", path: "/api/users/:id/profile-picture.png", access: "public", answer: getPicture },
  {
    method: "PUT",
    path: "/api/users/me/profile-picture",
    access: "user",
    answer: (call) => putPicture(call, signedIn(call).id),
  },
  {
    method: "PUT",
    path: "/api/users/:id/profile-picture",
    access: "admin",
    answer: (call) => putPicture(call, param(call, "id")),
  },
  {
    method: "DELETE",
    path: "/api/users/me/profile-picture",
    access: "user",
    answer: (call) => resetPicture(call, signedIn(call).id),
  },
  {
    method: "DELETE",
    path: "/api/users/:id/profile-picture",
    access: "admin",
    answer: (call) => resetPicture(call, param(call, "id")),
  },
];

const ONE_HOUR = 3600;

/** Always a picture: the user's own, the default of the instance, or the initials. */
function getPicture(call: Call): Answer {
  const user = userOfPicture(call, param(call, "id"));
  if (user === undefined) throw userNotFound();
  const standard = call.state.images.get("default-profile-picture");
  const bytes = user.profilePicture ?? standard?.bytes ?? initialsPicture(initialsOf(user));
  return image(bytes, "image/png", call.query, ONE_HOUR);
}

function putPicture(call: Call, userId: string): Answer {
  const file = uploadedFile(call);
  const user = userOfPicture(call, userId);
  // Pocket ID <= 2.12 does not look whether the user is there.
  if (user === undefined && call.has("missingRecordsReported")) throw userNotFound();
  if (!isPicture(file.bytes)) throw invalidImage();
  if (user !== undefined) user.profilePicture = profilePictureOf(file.bytes);
  return noContent();
}

function resetPicture(call: Call, userId: string): Answer {
  const user = userOfPicture(call, userId);
  if (user === undefined && call.has("missingRecordsReported")) throw userNotFound();
  if (user !== undefined) user.profilePicture = null;
  return noContent();
}

function userOfPicture(call: Call, id: string): User | undefined {
  if (!isUuid(id)) throw invalidUserId();
  return call.state.users.get(id);
}
