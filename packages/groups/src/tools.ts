import { callsOf } from "@pocketid-mcp/core/runtime";
import { customClaimSetGroup } from "./custom-claim.ts";
import {
  userGroupCreate,
  userGroupDelete,
  userGroupGet,
  userGroupList,
  userGroupUpdate,
  userGroupUpdateAllowedClients,
  userGroupUpdateUsers,
} from "./user-group.ts";

/** Everything that this server can do. */
export const tools = [
  userGroupList,
  userGroupGet,
  userGroupCreate,
  userGroupUpdate,
  userGroupDelete,
  userGroupUpdateUsers,
  userGroupUpdateAllowedClients,
  customClaimSetGroup,
];

export const calls = callsOf(tools);
