import * as z from "zod";

/** A SCIM service provider as Pocket ID sends it: with its token in clear text, which goes no further than the client. */
export const ScimProvider = z.object({
  id: z.string(),
  endpoint: z.string(),
  token: z.string().optional(),
  lastSyncedAt: z.string().nullish(),
  createdAt: z.string().optional(),
});
export type ScimProvider = z.output<typeof ScimProvider>;
