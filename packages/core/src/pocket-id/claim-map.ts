import * as z from "zod";

const ClaimList = z.array(z.strictObject({ key: z.string(), value: z.string() }));

/** Claims as a map from key to value; a list of keys and values, as Pocket ID has it, does, too. */
export const claimMap = z
  .preprocess(
    (value, context) => {
      if (!Array.isArray(value)) return value;
      const list = ClaimList.safeParse(value);
      if (list.success && new Set(list.data.map(({ key }) => key)).size === value.length) {
        return Object.fromEntries(list.data.map((claim) => [claim.key, claim.value]));
      }
      context.addIssue({
        code: "custom",
        message: 'give each key once, with its value, like {"department": "IT"}',
        input: value,
      });
      return z.NEVER;
    },
    z.record(z.string().max(255), z.string().max(4_096)),
  )
  .transform((map) => Object.entries(map).map(([key, value]) => ({ key, value })));
