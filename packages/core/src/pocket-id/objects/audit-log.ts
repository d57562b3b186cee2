import * as z from "zod";

/** Events that Pocket ID writes. */
export const auditEvents = [
  "SIGN_IN",
  "TOKEN_SIGN_IN",
  "REMOTE_SIGN_IN",
  "ACCOUNT_CREATED",
  "CLIENT_AUTHORIZATION",
  "NEW_CLIENT_AUTHORIZATION",
  "DEVICE_CODE_AUTHORIZATION",
  "NEW_DEVICE_CODE_AUTHORIZATION",
  "PASSKEY_ADDED",
  "PASSKEY_REMOVED",
] as const;

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
