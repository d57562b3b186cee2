import { callsOf } from "@pocketid-mcp/core/runtime";
import { userCreateOneTimeAccessToken, userSendAccessEmail } from "./access-link.ts";
import { customClaimSetUser, customClaimSuggestions } from "./custom-claim.ts";
import { signupTokenCreate, signupTokenDelete, signupTokenList } from "./signup-token.ts";
import { userCreate, userDelete, userGet, userList, userUpdate } from "./user.ts";
import { userGroups, userUpdateGroups } from "./user-groups-of-user.ts";

/** Everything that this server can do. */
export const tools = [
  userList,
  userGet,
  userCreate,
  userUpdate,
  userDelete,
  userGroups,
  userUpdateGroups,
  userCreateOneTimeAccessToken,
  userSendAccessEmail,
  signupTokenList,
  signupTokenCreate,
  signupTokenDelete,
  customClaimSuggestions,
  customClaimSetUser,
];

export const calls = callsOf(tools);
