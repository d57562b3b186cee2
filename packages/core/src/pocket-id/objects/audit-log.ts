import * as z from "zod";

/** What Pocket ID writes as the country of private, loopback and link-local addresses. */
export const internalNetwork = "Internal Network";

export const AuditLog = z.object({
  id: z.string(),
  createdAt: z.string(),
  event: z.string(),
  username: z.string().nullish(),
  userID: z.string(),
  ipAddress: z.string().nullish(),
  country: z.string().nullish(),
  city: z.string().nullish(),
  device: z.string().nullish(),
  /** Pocket ID >= 2.6: the administrator who acted on another's account. */
  actorUsername: z.string().nullish(),
  data: z.preprocess((value) => value ?? {}, z.record(z.string(), z.string())),
});
export type AuditLog = z.output<typeof AuditLog>;
