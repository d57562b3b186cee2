import { logEvent } from "../audit-log.ts";
import { isTrue } from "../configuration.ts";
import { userDto } from "../dto/user.ts";
import { type Answer, json, noContent } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import type { Call } from "../http/call.ts";
import { type Bound, text } from "../http/fields.ts";
import type { Route } from "../http/router.ts";
import { isPast } from "../moments.ts";
import { openSignupDisabled, setupAlreadyCompleted, setupNotAvailable, tokenInvalidOrExpired } from "../refusals.ts";
import { startSession } from "../session.ts";
import type { SignupToken } from "../state.ts";
import { createUser, nameFields, type UserInput } from "../users.ts";
import type { Has } from "../versions.ts";

const signupShape = (has: Has) => ({ ...nameFields(has), token: text("Token") });

export const signupRoutes: Route[] = [
  { method: "GET", path: "/api/signup/setup", access: "public", since: "2.6", answer: setupState },
  { method: "POST", path: "/api/signup/setup", access: "public", body: signupShape, answer: setUp },
  { method: "POST", path: "/api/signup", access: "public", limit: "signup", body: signupShape, answer: signUp },
];

type SignupInput = Bound<ReturnType<typeof signupShape>>;

/** The user of a static API key does not count as set up. */
const STATIC_API_KEY_USER = "00000000-0000-0000-0000-000000000000";

const isSetUp = ({ state }: Call): boolean => [...state.users.keys()].some((id) => id !== STATIC_API_KEY_USER);

function setupState(call: Call): Answer {
  if (isSetUp(call)) throw setupNotAvailable();
  return noContent();
}

/** Makes the first administrator. Nothing of it is logged. */
function setUp(call: Call): Answer {
  const input = bindJson(call, signupShape(call.has));
  if (isSetUp(call)) throw setupAlreadyCompleted(call.has);
  const user = createUser(call, { ...asUser(input), isAdmin: true });
  return json(200, userDto(call, user, { userGroups: "just linked" }), startSession(call, user, "otp"));
}

function signUp(call: Call): Answer {
  const input = bindJson(call, signupShape(call.has));
  if (input.token === "" && call.state.configuration.get("allowUserSignups") !== "open") throw openSignupDisabled();
  const token = input.token === "" ? undefined : validToken(call, input.token);
  const user = createUser(call, {
    ...asUser(input),
    userGroupIds: token?.userGroupIds ?? null,
    emailVerified: isTrue(call.state.configuration, "emailsVerified"),
  });
  if (token !== undefined) token.usageCount += 1;
  // The token is written down in clear and stays readable in the log.
  logEvent(
    call,
    "ACCOUNT_CREATED",
    user.id,
    token === undefined ? { method: "open_signup" } : { signupToken: token.token },
  );
  return json(201, userDto(call, user, { userGroups: "just linked" }), startSession(call, user, ""));
}

function validToken({ state, has }: Call, text: string): SignupToken {
  const token = [...state.signupTokens.values()].find((candidate) => candidate.token === text);
  if (token === undefined || isPast(token.expiresAt) || token.usageCount >= token.usageLimit)
    throw tokenInvalidOrExpired(has);
  return token;
}

const asUser = (input: SignupInput): UserInput => ({
  id: "",
  username: input.username,
  email: input.email,
  emailVerified: false,
  firstName: input.firstName,
  lastName: input.lastName,
  displayName: `${input.firstName} ${input.lastName}`.trim(),
  isAdmin: false,
  locale: null,
  disabled: false,
  userGroupIds: null,
});
