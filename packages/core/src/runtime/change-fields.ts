import * as z from "zod";
import { claimMap } from "../pocket-id/claim-map.ts";
import type { Remarks } from "./define-tool.ts";

/** Arguments that change a set: some in, some out, or exactly these. */
export const setChangeFields = <T extends z.ZodType>(references: T) => ({
  add: references.optional().describe("To add"),
  remove: references.optional().describe("To remove"),
  replace: references.optional().describe("The whole set"),
});

/** Arguments that change custom claims. */
export const claimsChangeFields = {
  set: claimMap.optional().describe("To add or change"),
  remove: z.array(z.string()).max(200).optional().describe("Keys to remove"),
  replace: claimMap.optional().describe("All claims"),
};

/** What an update says besides the object as it is now. */
export const updatedFields = {
  /** Fields that differ now. */
  changed: z.array(z.string()),
  /** Fields that Pocket ID did not take. */
  notApplied: z.array(z.object({ field: z.string(), reason: z.string() })),
};

/** What a change of a set came to. */
export const membershipFields = <T extends z.ZodType>(item: T) => ({
  added: z.array(item),
  removed: z.array(item),
  notApplied: updatedFields.notApplied,
});

/** What a change came to, as it stands in an answer, with what the person should know besides. */
export function outcomeOf<T extends { readonly kept: readonly string[] }>(
  { kept, ...outcome }: T,
  notes: readonly string[] = [],
): Omit<T, "kept"> & Remarks {
  const all =
    kept.length === 0 ? notes : [...notes, `Somebody else changed ${kept.join(", ")} meanwhile; that was kept.`];
  return { ...outcome, ...(all.length > 0 ? { notes: [...all] } : {}) };
}
