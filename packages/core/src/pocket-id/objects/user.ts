import * as z from "zod";
import { collection } from "./collection.ts";
import { CustomClaim } from "./custom-claim.ts";
import { UserGroupReference } from "./user-group.ts";

export const User = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string().optional(),
  firstName: z.string(),
  lastName: z.string().nullish(),
  email: z.string().nullish(),
  /** Pocket ID >= 2.2. */
  emailVerified: z.boolean().optional(),
  isAdmin: z.boolean(),
  disabled: z.boolean(),
  locale: z.string().nullish(),
  /** Not null: the account comes from LDAP. */
  ldapId: z.string().nullish(),
  userGroups: collection(UserGroupReference),
  customClaims: collection(CustomClaim),
});
export type User = z.output<typeof User>;

/** Fields of a user that can be written. Left out = unchanged, null = cleared. */
export const userFields = {
  displayName: z.string().max(100).nullable().optional().describe("Display name"),
  firstName: z.string().max(50).nullable().optional().describe("First name"),
  lastName: z.string().max(50).nullable().optional().describe("Last name"),
  email: z.email().nullable().optional().describe("Email"),
  emailVerified: z.boolean().optional().describe("Verified"),
  isAdmin: z.boolean().optional().describe("Administrator"),
  disabled: z.boolean().optional().describe("Cannot sign in"),
  locale: z.string().max(20).nullable().optional().describe("Language, like de"),
};

export const Username = z
  .string()
  .max(50)
  .regex(
    /^[a-zA-Z0-9](?:[a-zA-Z0-9_.@-]*[a-zA-Z0-9])?$/,
    "letters, digits and _ . @ - only, beginning and ending with a letter or digit",
  )
  .describe("Username");

const UserPatch = z.object({ username: Username.optional(), ...userFields });
export type UserPatch = z.output<typeof UserPatch>;
