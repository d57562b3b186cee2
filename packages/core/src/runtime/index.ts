export { ActionRecord, FoundAction, outcomes } from "../action-log/record.ts";
export { type CallAnswer, type CallContext, callTool, type Runtime } from "./call.ts";
export { type Call, type CallsOf, callsOf } from "./calls.ts";
export { claimsChangeFields, membershipFields, outcomeOf, setChangeFields, updatedFields } from "./change-fields.ts";
export { counted, type Question, quoted, quotedAll, quotedSome, quotedWhole } from "./confirm.ts";
export type { Contract, ListedTool } from "./contract.ts";
export { type Asks, defineTool, type Guard, type Tool, type ToolContext, type ToolDefinition } from "./define-tool.ts";
export { defineDeleteTool } from "./delete-tool.ts";
export { checkFileArgument, type FileArgument, fileFields } from "./file-argument.ts";
export {
  defineListTool,
  type ListToolDefinition,
  pageFields,
  pagingFields,
  remarksOn,
  rowsPerPage,
  type Source,
  shortRows,
} from "./list-tool.ts";
export { checkSome, type Ending, oneByOne } from "./one-by-one.ts";
export {
  type Launch,
  type PreparedServer,
  prepareServer,
  type ServerDefinition,
  type ServerPart,
} from "./prepare-server.ts";
export { claimsText, clients, membershipQuestion, nobodyLeft, quotedClient } from "./questions.ts";
export { allQuotedUrls, quotedPatterns, quotedUrl, quotedUrls } from "./quoted-url.ts";
export { type ActionQuery, type FoundActions, recordedActions, type VerifiedActions } from "./recorded-actions.ts";
export {
  apiKeyRef,
  apiKeyRefs,
  apiRef,
  apiRefs,
  clientRef,
  clientRefs,
  groupRef,
  groupRefs,
  passkeyRef,
  passkeyRefs,
  signupTokenRefs,
  userRef,
  userRefs,
} from "./reference-arguments.ts";
export { type Annotations, annotationsOf, type Risk } from "./risk.ts";
export { secretArguments, secretText } from "./secret-arguments.ts";
export { serve, serveOver } from "./serve.ts";
export { orderOf, sortField } from "./sort-argument.ts";
export { contractOf } from "./tool-list.ts";
export { type Command, verifyLogCommand } from "./verify-command.ts";
export { capital, minutesText, peopleText } from "./wording.ts";
