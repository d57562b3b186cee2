import { logEvent } from "../audit-log.ts";
import { isTrue } from "../configuration.ts";
import { userDto } from "../dto/user.ts";
import { type Answer, created, json, noContent } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param, signedIn } from "../http/call.ts";
import { text, ttl } from "../http/fields.ts";
import type { Route } from "../http/router.ts";
import { email } from "../http/rules.ts";
import { sendMail } from "../mail.ts";
import { isPast } from "../moments.ts";
import { alphanumeric, unambiguous } from "../random.ts";
import {
  deviceCodeInvalid,
  internalError,
  oneTimeAccessDisabled,
  tokenInvalidOrExpired,
  userDisabled,
  userEmailNotSet,
  userNotFound,
} from "../refusals.ts";
import { cookieValue, deviceTokenCookie, setCookie, startSession } from "../session.ts";
import type { OneTimeAccessToken, User } from "../state.ts";
import { expiryAfter } from "../users.ts";
import { userInPath } from "./users.ts";

const tokenShape = { ttl: ttl("TTL"), userId: text("UserID") };
const mailShape = { ttl: ttl("TTL") };
const addressShape = {
  email: text("Email", { required: true, rules: [email], nfc: true }),
  redirectPath: text("RedirectPath"),
};

export const oneTimeAccessRoutes: Route[] = [
  {
    method: "POST",
    path: "/api/users/:id/one-time-access-token",
    access: "admin",
    body: tokenShape,
    answer: createToken,
  },
  {
    method: "POST",
    path: "/api/users/me/one-time-access-token",
    access: "user",
    until: "2.11",
    body: tokenShape,
    answer: createOwnToken,
  },
  {
    method: "POST",
    path: "/api/users/:id/one-time-access-email",
    access: "admin",
    body: mailShape,
    answer: mailToUser,
  },
  {
    method: "POST",
    path: "/api/one-time-access-email",
    access: "public",
    limit: "one-time-access-email",
    body: addressShape,
    answer: mailToAddress,
  },
  {
    method: "POST",
    path: "/api/one-time-access-token/:token",
    access: "public",
    limit: "one-time-access-token",
    answer: redeem,
  },
];

const FIFTEEN_MINUTES = 15 * 60;

/** Is not logged, although the token is a full sign-in for its user, an administrator included. */
function createToken(call: Call): Answer {
  const input = bindJson(call, tokenShape);
  return created({ token: newToken(call, ownerOf(call, input.userId), input.ttl).token });
}

/** Pocket ID <= 2.3 takes the user from the body and does not look at the path. */
function ownerOf(call: Call, idInBody: string): User {
  if (call.has("oneTimeTokenOwnerFromUrl")) {
    const user = call.state.users.get(param(call, "id"));
    // Here even the versions up to 2.12 name the user.
    if (user === undefined) throw userNotFound({ message: "User not found" });
    return user;
  }
  const user = call.state.users.get(idInBody);
  // There it is the database that refuses a user who is not there.
  if (user === undefined) throw internalError();
  return user;
}

function createOwnToken(call: Call): Answer {
  bindJson(call, tokenShape);
  return created({ token: newToken(call, signedIn(call), 0).token });
}

function newToken(call: Call, user: User, seconds: number, deviceToken: string | null = null): OneTimeAccessToken {
  const lifetime = seconds || FIFTEEN_MINUTES;
  const long = call.has("codesOfTwelve") ? 12 : 16;
  const length = lifetime <= FIFTEEN_MINUTES ? 6 : long;
  const token = {
    token: call.has("unambiguousCodes") ? unambiguous(length) : alphanumeric(length),
    userId: user.id,
    deviceToken,
    expiresAt: expiryAfter(lifetime),
  };
  call.state.oneTimeAccessTokens.set(token.token, token);
  return token;
}

/** 204 comes before the mail is delivered: without a mail server nobody learns that it never was. */
function mailToUser(call: Call): Answer {
  const input = bindJson(call, mailShape);
  if (!isTrue(call.state.configuration, "emailOneTimeAccessAsAdminEnabled")) throw oneTimeAccessDisabled();
  const user = userInPath(call);
  if (user.email === null) throw userEmailNotSet();
  sendMail(call, "one-time-access", user, newToken(call, user, input.ttl).token);
  return noContent();
}

/** Says the same to an address that nobody has. The code works on the device that asked only. */
function mailToAddress(call: Call): Answer {
  const input = bindJson(call, addressShape);
  if (!isTrue(call.state.configuration, "emailOneTimeAccessAsUnauthenticatedEnabled")) throw oneTimeAccessDisabled();
  const user = [...call.state.users.values()].find((candidate) => candidate.email === input.email);
  if (!call.has("deviceBoundCodes")) {
    if (user !== undefined) sendMail(call, "one-time-access", user, newToken(call, user, 0).token);
    return noContent();
  }
  const deviceToken = user === undefined ? "" : alphanumeric(16);
  if (user !== undefined) sendMail(call, "one-time-access", user, newToken(call, user, 0, deviceToken).token);
  return noContent(
    setCookie(call, deviceTokenCookie(call.issuer), deviceToken, FIFTEEN_MINUTES, "/api/one-time-access-token"),
  );
}

/** Signs in the user of the token and uses it up. */
function redeem(call: Call): Answer {
  const typed = param(call, "token");
  const code = call.has("similarLettersAccepted") ? typed.replace(/[Ii]/g, "1").replace(/[Oo]/g, "0") : typed;
  const token = call.state.oneTimeAccessTokens.get(code) ?? call.state.oneTimeAccessTokens.get(typed);
  const user = token === undefined || isPast(token.expiresAt) ? undefined : call.state.users.get(token.userId);
  if (token === undefined || user === undefined) throw tokenInvalidOrExpired(call.has);
  if (
    token.deviceToken !== null &&
    cookieValue(call.headers.cookie, deviceTokenCookie(call.issuer)) !== token.deviceToken
  ) {
    throw deviceCodeInvalid();
  }
  // Pocket ID <= 2.9 hands out a session all the same; it is refused as soon as it is used. The token stays.
  if (user.disabled && call.has("disabledUsersCannotRedeem")) throw userDisabled();
  call.state.oneTimeAccessTokens.delete(token.token);
  logEvent(call, "TOKEN_SIGN_IN", user.id);
  return json(200, userDto(call, user), startSession(call, user, "otp"));
}
