import * as z from "zod";
import { collection } from "./collection.ts";
import { CustomClaim } from "./custom-claim.ts";

/** A group as it stands in other objects. Pocket ID sends more there, but does not load it. */
export const UserGroupReference = z.object({ id: z.string(), name: z.string(), friendlyName: z.string() });
export type UserGroupReference = z.output<typeof UserGroupReference>;

/** A group in the list of groups: the one place where Pocket ID fills `userCount`. */
export const UserGroupRow = z.object({
  ...UserGroupReference.shape,
  userCount: z.int(),
  customClaims: collection(CustomClaim),
  ldapId: z.string().nullish(),
  createdAt: z.string().optional(),
});
export type UserGroupRow = z.output<typeof UserGroupRow>;

/** A member as it stands in a group: Pocket ID loads neither groups nor claims there. */
export const UserGroupMember = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string().optional(),
  email: z.string().nullish(),
  disabled: z.boolean().optional(),
});
export type UserGroupMember = z.output<typeof UserGroupMember>;

/** One whole group. */
export const UserGroup = z.object({
  ...UserGroupReference.shape,
  customClaims: collection(CustomClaim),
  ldapId: z.string().nullish(),
  createdAt: z.string().optional(),
  users: collection(UserGroupMember),
  /** Pocket ID >= 2.0. */
  allowedOidcClients: collection(z.object({ id: z.string(), name: z.string() })).optional(),
});
export type UserGroup = z.output<typeof UserGroup>;

/** Fields of a group that can be written. */
export const userGroupFields = {
  name: z.string().min(2).max(255).describe("In the groups claim"),
  friendlyName: z.string().min(2).max(50).describe("For people"),
};

const UserGroupPatch = z.object(userGroupFields).partial();
export type UserGroupPatch = z.output<typeof UserGroupPatch>;
export type NewUserGroup = z.output<z.ZodObject<typeof userGroupFields>>;
