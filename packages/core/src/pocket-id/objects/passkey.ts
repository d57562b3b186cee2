import * as z from "zod";
import { collection } from "./collection.ts";

/** A passkey. Its `credentialID` is left out: raw bytes put into a text, of which whatever is not UTF-8 is lost. */
export const Passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  attestationType: z.string(),
  /** How it reaches a computer, such as `usb` or `internal`. */
  transport: collection(z.string()),
  /** It may be copied to other devices, as synced passkeys are. */
  backupEligible: z.boolean(),
  /** It has been. */
  backupState: z.boolean(),
});
export type Passkey = z.output<typeof Passkey>;

/** What its owner may call it. */
export const PasskeyName = z.string().min(1).max(50).describe("New name");
