import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  inputResponse,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { cleanText } from "../pocket-id/clean-text.ts";
import type { Bonds } from "./bonds.ts";
import type { Person, PersonsAnswer } from "./confirm.ts";

/** The key under which the one question of a call goes out, and its answer comes back. */
export const question = "confirm";

/** What the person fills in. Nothing is ticked beforehand. */
export const form = {
  type: "object" as const,
  properties: { [question]: { type: "boolean" as const, title: "Yes, do it", default: false } },
  required: [question],
};

/** Whether a person can be asked, and what they have answered. Both come from the client, none of it from the arguments. */
export async function personBehind(server: Server, context: ServerContext, bonds: Bonds): Promise<Person> {
  const capabilities = envelopeOf(context, CLIENT_CAPABILITIES_META_KEY) ?? server.getClientCapabilities();
  const elicitation = member(capabilities, "elicitation");
  // An empty object is a client of before there were other ways than a form.
  const canBeAsked = isObject(elicitation) && (isObject(elicitation.form) || Object.keys(elicitation).length === 0);
  const answer = context.mcpReq.inputResponses === undefined ? undefined : await answerOf(context, bonds);
  return { canBeAsked, ...(answer ? { answer } : {}) };
}

async function answerOf({ mcpReq, ...context }: ServerContext, bonds: Bonds): Promise<PersonsAnswer | undefined> {
  const state = mcpReq.requestState<string>();
  const response = inputResponse(mcpReq.inputResponses, question);
  if (response.kind !== "elicit") return undefined;
  const kind = kindOf(response.action, response.content);
  try {
    return { kind, bond: typeof state === "string" ? await bonds.verify(state, { mcpReq, ...context }) : undefined };
  } catch {
    return { kind, bond: undefined };
  }
}

function kindOf(
  action: "accept" | "decline" | "cancel",
  content: Record<string, unknown> | undefined,
): PersonsAnswer["kind"] {
  if (action === "cancel") return "cancelled";
  return action === "accept" && content?.[question] === true ? "yes" : "no";
}

/** How the client names itself. */
export function clientOf(server: Server, context: ServerContext): { name: string; version: string } | undefined {
  const info = envelopeOf(context, CLIENT_INFO_META_KEY) ?? server.getClientVersion();
  const [name, version] = [member(info, "name"), member(info, "version")];
  return typeof name === "string"
    ? { name: short(name), version: typeof version === "string" ? short(version) : "" }
    : undefined;
}

const short = (text: string): string => cleanText(text).slice(0, 80);

/** What a client of 2026-07-28 sends with each request. */
const envelopeOf = ({ mcpReq }: ServerContext, key: string): unknown => member(mcpReq.envelope, key);

const member = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
