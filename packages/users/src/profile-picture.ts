import { checkFileArgument, defineTool, fileFields, userRef } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const UserName = z.object({ id: z.string(), username: z.string() });

export const userGetProfilePicture = defineTool({
  name: "user_get_profile_picture",
  title: "Show a profile picture",
  description: "The picture of an account: its own, the default, or initials.",
  risk: "read",
  input: { user: userRef },
  output: { user: UserName, mimeType: z.string(), bytes: z.int() },
  routes: ["GET /api/users/:id/profile-picture.png"],
  async run({ user }, { pocketId }) {
    const picture = await pocketId.profilePictures.get(user);
    return { user, mimeType: picture.mimeType, bytes: picture.bytes.length, picture };
  },
});

export const userSetProfilePicture = defineTool({
  name: "user_set_profile_picture",
  title: "Replace a profile picture",
  description: "Set the picture of an account: jpg, png, gif or webp.",
  risk: "write",
  input: { user: userRef, ...fileFields },
  output: { user: UserName, kind: z.string(), bytes: z.int() },
  routes: ["PUT /api/users/:id/profile-picture", "GET /api/users/:id/profile-picture.png"],
  check: checkFileArgument,
  async run({ user, ...argument }, { pocketId, readFile }) {
    const image = await readFile(argument);
    const kind = await pocketId.profilePictures.set(user, image);
    return { user, kind, bytes: image.length, picture: await pocketId.profilePictures.get(user) };
  },
});

export const userResetProfilePicture = defineTool({
  name: "user_reset_profile_picture",
  title: "Delete a profile picture",
  description: "Back to the default picture, or initials.",
  // Nobody loses more than user_set_profile_picture takes, which replaces a picture as finally.
  risk: "write",
  input: { user: userRef },
  output: { user: UserName, reset: z.boolean() },
  routes: ["DELETE /api/users/:id/profile-picture", "GET /api/users/:id/profile-picture.png"],
  async run({ user }, { pocketId }) {
    await pocketId.profilePictures.reset(user);
    return { user, reset: true, picture: await pocketId.profilePictures.get(user) };
  },
});
