import * as z from "zod";

/** Arguments that change a set: some in, some out, or exactly these. */
export const setChangeFields = <T extends z.ZodType>(references: T) => ({
  add: references.optional().describe("To add"),
  remove: references.optional().describe("To remove"),
  replace: references.optional().describe("The whole set"),
});

/** What came of it. */
export const membershipFields = <T extends z.ZodType>(item: T) => ({ added: z.array(item), removed: z.array(item) });

const Claim = z.strictObject({ key: z.string().max(255), value: z.string().max(4_096) });

/** Claims as a list of keys and values; a map does, too. */
export const claimList = z.preprocess(
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([key, inner]) => ({ key, value: inner }))
      : value,
  z.array(Claim).max(200),
);

/** Arguments that change custom claims. */
export const claimsChangeFields = {
  set: claimList.optional().describe("Claims to add or change"),
  remove: z.array(z.string()).max(200).optional().describe("Keys to remove"),
  replace: claimList.optional().describe("All claims"),
};

/** What an update says besides the object as it is now. */
export const updatedFields = {
  /** Fields that differ now. */
  changed: z.array(z.string()),
  /** Fields that Pocket ID did not take. */
  notApplied: z.array(z.object({ field: z.string(), reason: z.string() })),
};
