import { callsOf } from "@pocketid-mcp/core/runtime";
import { userCreateOneTimeAccessToken, userSendAccessEmail } from "./access-link.ts";
import { customClaimSetUser, customClaimSuggestions } from "./custom-claim.ts";
import { userDisable, userEnable } from "./enable-disable.ts";
import { userPasskeyDelete, userPasskeyList } from "./passkey.ts";
import { userGetProfilePicture, userResetProfilePicture, userSetProfilePicture } from "./profile-picture.ts";
import { signupTokenCreate, signupTokenDelete, signupTokenList } from "./signup-token.ts";
import { userCreate, userDelete, userGet, userGetCurrent, userList, userUpdate } from "./user.ts";
import { userGroups, userUpdateGroups } from "./user-groups-of-user.ts";

/** Everything that this server can do. */
export const tools = [
  userList,
  userGet,
  userGetCurrent,
  userCreate,
  userUpdate,
  userEnable,
  userDisable,
  userDelete,
  userGroups,
  userUpdateGroups,
  userCreateOneTimeAccessToken,
  userSendAccessEmail,
  userPasskeyList,
  userPasskeyDelete,
  userGetProfilePicture,
  userSetProfilePicture,
  userResetProfilePicture,
  signupTokenList,
  signupTokenCreate,
  signupTokenDelete,
  customClaimSuggestions,
  customClaimSetUser,
];

export const calls = callsOf(tools);
