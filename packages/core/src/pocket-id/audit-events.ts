import { isAvailable } from "./versions.ts";

/** Every event that Pocket ID writes into its audit log, with the version it came with. It belongs to the user whom it concerns. */
export const auditEventTypes = [
  { event: "SIGN_IN", since: "0.5.0", meaning: "Signed in with a passkey." },
  {
    event: "TOKEN_SIGN_IN",
    since: "0.14.0",
    meaning: "Signed in with an access link or code. Creating an API key by these tools leaves one of its owner, too.",
  },
  {
    event: "REMOTE_SIGN_IN",
    since: "2.12.0",
    meaning: "Signed in on one device by confirming it on another, with a QR code.",
  },
  {
    event: "ACCOUNT_CREATED",
    since: "1.5.0",
    meaning: "Signed up. data: signupToken, or method open_signup. Accounts that an administrator creates leave none.",
  },
  {
    event: "CLIENT_AUTHORIZATION",
    since: "0.5.0",
    meaning: "Signed in to a client that had been allowed before. data: clientName.",
  },
  {
    event: "NEW_CLIENT_AUTHORIZATION",
    since: "0.5.0",
    meaning: "Signed in to a client for the first time, or with other scopes than before. data: clientName.",
  },
  {
    event: "DEVICE_CODE_AUTHORIZATION",
    since: "0.50.0",
    meaning: "Signed a device in by its code, to a client that had been allowed before. data: clientName.",
  },
  {
    event: "NEW_DEVICE_CODE_AUTHORIZATION",
    since: "0.50.0",
    meaning: "The same for the first time, or with other scopes. data: clientName.",
  },
  { event: "PASSKEY_ADDED", since: "1.16.0", meaning: "Added a passkey. data: credentialID, passkeyName." },
  {
    event: "PASSKEY_REMOVED",
    since: "1.16.0",
    meaning:
      "Lost a passkey. data: credentialID, passkeyName, and since 2.6 actorUsername, if an administrator removed it.",
  },
] as const;

/** Events that Pocket ID writes. */
export const auditEvents = auditEventTypes.map(({ event }) => event);

/** An event, and whether a version can write it. */
export interface AuditEventType {
  readonly event: string;
  readonly since: string;
  readonly meaning: string;
  readonly written: boolean;
}

/** The events as a server of this version knows them. */
export const auditEventsOf = (version: string): AuditEventType[] =>
  auditEventTypes.map((type) => ({ ...type, written: isAvailable({ since: type.since }, version) }));
