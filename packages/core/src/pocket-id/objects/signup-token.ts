import * as z from "zod";
import { collection } from "./collection.ts";
import { UserGroupReference } from "./user-group.ts";

/** A signup token as Pocket ID sends it: with its value in clear text, also in the list. */
export const SignupToken = z.object({
  id: z.string(),
  token: z.string(),
  expiresAt: z.string(),
  usageLimit: z.int(),
  usageCount: z.int(),
  /** Pocket ID >= 2.0. */
  userGroups: collection(UserGroupReference).optional(),
  createdAt: z.string(),
});
export type SignupToken = z.output<typeof SignupToken>;
