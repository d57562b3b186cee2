import { type Answer, noContent } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, signedIn } from "../http/call.ts";
import { text } from "../http/fields.ts";
import type { Route } from "../http/router.ts";
import { sendMail } from "../mail.ts";
import { isPast } from "../moments.ts";
import { alphanumeric } from "../random.ts";
import { internalError, invalidEmailVerificationToken, userEmailNotSet } from "../refusals.ts";
import { expiryAfter } from "../users.ts";

const tokenShape = { token: text("Token", { required: true }) };

export const emailVerificationRoutes: Route[] = [
  {
    method: "POST",
    path: "/api/users/me/send-email-verification",
    access: "user",
    since: "2.2",
    limit: "send-email-verification",
    answer: send,
  },
  {
    method: "POST",
    path: "/api/users/me/verify-email",
    access: "user",
    since: "2.2",
    limit: "verify-email",
    body: tokenShape,
    answer: verify,
  },
];

const ONE_DAY = 24 * 3600;

function send(call: Call): Answer {
  const user = signedIn(call);
  if (user.email === null) throw userEmailNotSet();
  const token = alphanumeric(32);
  // Waits for the mail server: without one it fails, and no token is left behind.
  if (!sendMail(call, "email-verification", user, token)) throw internalError();
  call.state.emailVerificationTokens.set(token, {
    token,
    userId: user.id,
    email: user.email,
    expiresAt: expiryAfter(ONE_DAY),
  });
  return noContent();
}

function verify(call: Call): Answer {
  const { token: sent } = bindJson(call, tokenShape);
  const user = signedIn(call);
  const token = call.state.emailVerificationTokens.get(sent);
  // The address must still be the one that the mail went to.
  if (token === undefined || token.userId !== user.id || token.email !== user.email || isPast(token.expiresAt)) {
    throw invalidEmailVerificationToken();
  }
  user.emailVerified = true;
  call.state.emailVerificationTokens.delete(sent);
  return noContent();
}
