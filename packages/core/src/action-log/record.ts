import * as z from "zod";

/** How a call ended, or that it has begun to make a secret and has not ended yet. */
export const outcomes = ["ok", "refused", "declined", "failed", "cancelled", "begun"] as const;
export type Outcome = (typeof outcomes)[number];

const PlainValue = z.union([z.boolean(), z.number(), z.string(), z.array(z.string())]).nullable();

/** What a line of the action log says. Lines of older versions lack the last ones. */
export const ActionRecord = z.object({
  /** 30 for what was done or begun, 40 for what was not, 50 for what failed. */
  level: z.number(),
  time: z.string(),
  tool: z.string(),
  httpMethod: z.string(),
  path: z.string(),
  resourceId: z.string().nullable(),
  success: z.boolean(),
  msg: z.string(),
  risk: z.string(),
  outcome: z.enum(outcomes),
  status: z.number().nullable(),
  code: z.string().nullable(),
  requestId: z.string().nullable(),
  /** Objects that the arguments name, such as `user:…`. */
  targets: z.array(z.string()),
  /** Names of the fields that changed. */
  changed: z.array(z.string()),
  requests: z.array(z.string()),
  durationMs: z.number(),
  /** By object and field: values that are switches, choices, numbers, counts or ids. */
  values: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        before: PlainValue,
        after: PlainValue,
        added: z.array(z.string()).optional(),
        removed: z.array(z.string()).optional(),
      }),
    ),
  ),
  /** The Pocket ID that it was done to. */
  instance: z.string(),
  /** The server of ours that did it, and its version. */
  server: z.string(),
  /** The MCP client that asked for it, as it calls itself. */
  client: z.string().nullable(),
  /** How a person was asked, and what came of it. */
  confirmation: z.string().nullable(),
  /** The same in all lines of one call. */
  call: z.string(),
});
export type ActionRecord = z.output<typeof ActionRecord>;

/** A line as a search finds it: those of older versions lack what came later. */
export const FoundAction = z.object({
  ...ActionRecord.shape,
  ...ActionRecord.pick({
    values: true,
    instance: true,
    server: true,
    client: true,
    confirmation: true,
    call: true,
  }).partial().shape,
  /** Its number in the chain, and its digest, if it has them. */
  seq: z.number().nullish(),
  digest: z.string().optional(),
  /** The file in which it stands. */
  file: z.string(),
});
export type FoundAction = z.output<typeof FoundAction>;
