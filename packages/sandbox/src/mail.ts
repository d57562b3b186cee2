import type { Call } from "./http/call.ts";
import type { SentMail, User } from "./state.ts";

/** Writes the mail down instead of sending it. False without a mail server or an address, as when delivery fails. */
export function sendMail({ state }: Call, kind: SentMail["kind"], user: User, token: string | null = null): boolean {
  if ((state.configuration.get("smtpHost") ?? "") === "" || user.email === null) return false;
  state.mails.push({ kind, to: user.email, userId: user.id, token });
  return true;
}
