import * as z from "zod";

export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullish(),
  createdAt: z.string(),
  expirationEmailSent: z.boolean().optional(),
});
export type ApiKey = z.output<typeof ApiKey>;
