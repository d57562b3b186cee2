import { checkPeriod } from "@pocketid-mcp/core";
import {
  defineTool,
  FoundAction,
  outcomes,
  pageFields,
  pagingFields,
  recordedActions,
  shortRows,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const short = ["seq", "time", "tool", "outcome", "targets", "changed", "values", "client", "server"] as const;

export const actionLogSearch = defineTool({
  name: "action_log_search",
  title: "Search the action log",
  description:
    "What these servers changed from this machine, or tried to, newest first. begun: was to make a secret, end unknown.",
  risk: "read",
  input: {
    tool: z.string().max(100).optional().describe("Its name"),
    target: z.string().max(320).optional().describe("An id"),
    outcome: z.enum(outcomes).optional().describe("How it ended"),
    since: z.string().max(40).optional().describe("RFC 3339 or 14d"),
    until: z.string().max(40).optional().describe("The same"),
    page: pagingFields.page,
    limit: pagingFields.limit,
    full: pagingFields.full,
  },
  output: { actions: z.array(FoundAction.partial()), ...pageFields },
  routes: [],
  check: checkPeriod,
  async run({ full, ...query }, { actionLogFile }) {
    const { actions, ...page } = await recordedActions(actionLogFile).search(query);
    return { actions: full ? actions : shortRows(actions, short), ...page };
  },
});

const digest = z.string().regex(/^[0-9a-fA-F]{64}$/, "give a digest, 64 characters of 0-9 and a-f");
const lineAt = { file: z.string(), line: z.int() };
const place = z.object({ ...lineAt, seq: z.int(), digest: z.string() });
const some = <T extends z.ZodRawShape>(shape: T) => z.object({ count: z.int(), first: z.array(z.object(shape)) });

export const actionLogVerify = defineTool({
  name: "action_log_verify",
  title: "Verify the action log",
  description: "Whether the action log on this machine is as it was written.",
  risk: "read",
  input: {
    expect: digest.optional().describe("Of an earlier line"),
    after: digest.optional().describe("Last one moved elsewhere"),
  },
  output: {
    ok: z.boolean(),
    verdict: z.string(),
    /** Oldest first. */
    files: z.array(z.string()),
    /** Those of the chain, from the first to the last. */
    lines: z.int(),
    first: place.optional(),
    last: place.optional(),
    /** Before the chain, from a version that kept none. */
    older: z.int(),
    interrupted: some(lineAt),
    /** Outside the chain, because their server could not lock the log. */
    loose: some(lineAt),
    /** Begun to make a secret, and no end is known. */
    unfinished: some({ ...lineAt, time: z.string(), tool: z.string(), call: z.string() }),
    problems: z.int(),
    problem: z.object({ ...lineAt, reason: z.string() }).optional(),
  },
  routes: [],
  run: ({ expect, after }, { actionLogFile }) =>
    recordedActions(actionLogFile).verify({ expect: expect === undefined ? [] : [expect], after }),
});
