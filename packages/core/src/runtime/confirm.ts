import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { cleanText } from "../pocket-id/clean-text.ts";
import { NotPossibleError } from "../pocket-id/errors.ts";

/** What a person is asked before a call. */
export interface Question {
  /** What will happen, to whom, and how many people or clients it reaches. Names of others stand in quotes, see {@link quoted}. */
  readonly text: string;
  /** What it was made of, as Pocket ID has it now. If that is another when the answer comes, the answer does not count. */
  readonly about: unknown;
}

/** What an answer belongs to. It goes through the client signed, and comes back with the answer. */
export interface Bond {
  /** Good once. */
  readonly id: string;
  /** Of the instance, the tool, its arguments, the question and what that was made of. */
  readonly digest: string;
}

/** The person behind a call, as far as the client can reach one. */
export interface Person {
  readonly canBeAsked: boolean;
  readonly answer?: PersonsAnswer;
}

export interface PersonsAnswer {
  readonly kind: "yes" | "no" | "cancelled";
  /** Undefined if it came without one of ours, with an altered one, or too late. */
  readonly bond: Bond | undefined;
}

/** How it went with the question, for the action log. */
export type Confirmation = "not needed" | "switched off" | "confirmed" | Unconfirmed;
type Unconfirmed = "declined" | "cancelled" | "cannot ask" | "invalid" | "changed";

/** A person has not agreed, or could not be asked: nothing was sent that changes something. */
export class NotConfirmedError extends Error {
  override readonly name = "NotConfirmedError";
  readonly confirmation: Unconfirmed;

  constructor(confirmation: Unconfirmed, message: string) {
    super(message);
    this.confirmation = confirmation;
  }
}

/** Something to ask a person. */
export interface Asking {
  readonly message: string;
  readonly bond: Bond;
}

/** What is to be done about a question: ask, or go ahead. @throws {NotConfirmedError} @throws {NotPossibleError} if it is too long to be read */
export type Confirm = (call: ConfirmedCall, person: Person) => Asking | undefined;

export interface ConfirmedCall {
  readonly tool: string;
  /** As they were given. */
  readonly values: unknown;
  readonly question: Question;
}

/** Characters of a question at the most. */
const longestQuestion = 1_500;
/** Answers that are remembered, so that none counts twice. */
const mostAnswers = 10_000;

/**
 * Decides by the person's answer. Nothing that a model can give as an argument takes part in it.
 * @param instance where it happens, such as `https://id.example.com`
 */
export function confirmOn(instance: string): Confirm {
  const used = new Set<string>();
  // Arguments may hold secrets that the client has not seen: without the key, nobody can try whether one of them has this digest.
  const key = randomBytes(32);

  return ({ tool, values, question }, { canBeAsked, answer }) => {
    const digest = digestOf(key, { instance, tool, values, ...question });
    if (answer === undefined) {
      if (canBeAsked) return { message: messageOf(question.text, tool, instance), bond: { id: randomUUID(), digest } };
      throw new NotConfirmedError(
        "cannot ask",
        `A person has to agree to ${tool} here, and this client cannot ask one. Use a client that can (it supports elicitation); ` +
          `or the operator lets ${tool} go without a question: POCKETID_CONFIRM=${tool}.`,
      );
    }
    const { kind, bond } = answer;
    if (bond === undefined || used.has(bond.id))
      throw new NotConfirmedError(
        "invalid",
        "The answer to the question came too late, came twice, or belongs to another question. Call the tool again to have it asked anew.",
      );
    use(used, bond.id);
    if (kind === "cancelled")
      throw new NotConfirmedError(
        "cancelled",
        "The question was closed without an answer. Ask the person what they want.",
      );
    if (kind === "no")
      throw new NotConfirmedError("declined", "The person said no. Do not try again unless they ask for it.");
    if (bond.digest !== digest)
      throw new NotConfirmedError(
        "changed",
        "What the person was asked about is no longer the same: the arguments, or the object itself, have changed since. Call the tool again to have it asked anew.",
      );
    return undefined;
  };
}

function use(used: Set<string>, id: string): void {
  used.add(id);
  // A bond ends long before so many others have been given.
  const [oldest] = used;
  if (used.size > mostAnswers && oldest !== undefined) used.delete(oldest);
}

function messageOf(text: string, tool: string, instance: string): string {
  const clean = cleanText(text);
  // Its end may be what matters.
  if (clean.length > longestQuestion)
    throw new NotPossibleError(
      `This is more than a person can be asked at once. Call ${tool} several times, with less in each.`,
    );
  return `${clean} [${tool} on ${new URL(instance).host}]`;
}

// All that Unicode calls one, and what looks like one.
const quotationMark = /[\p{Quotation_Mark}\u02ba\u02dd\u02ee\u05f4\u2036\u2033\u275d\u275e]/gu;

/**
 * A name that others chose, fit for a question: it cannot end the quotes, fill the screen or look like a part of the question.
 * @param most characters that are shown
 */
export function quoted(name: string, most = 64): string {
  const clean = cleanText(name).replace(quotationMark, "'");
  return `"${clean.length > most ? `${clean.slice(0, most)}…` : clean}"`;
}

/** A text whose end matters as much as its beginning, such as a host: a question that it makes too long is not asked. */
export const quotedWhole = (text: string): string => quoted(text, text.length);

/** All of them quoted: what somebody gets must not hide behind a number. */
export const quotedAll = (names: readonly string[]): string => names.map((name) => quoted(name)).join(", ");

/** The first few of them quoted, and how many more there are. */
export const quotedSome = (names: readonly string[], most = 5): string =>
  some(
    names.map((name) => quoted(name)),
    most,
  );

/** The first few of some texts, and how many more there are. */
export function some(texts: readonly string[], most = 5): string {
  const shown = texts.slice(0, most).join(", ");
  return texts.length > most ? `${shown} and ${texts.length - most} more` : shown;
}

/** `1 client`, `3 clients`, `no client`. */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  count === 0 ? `no ${one}` : `${count} ${count === 1 ? one : several}`;

const digestOf = (key: Uint8Array, value: unknown): string =>
  createHmac("sha256", key)
    .update(JSON.stringify(sorted(value)))
    .digest("base64url");

/** The same value with its keys in one order: a client may send them back in another. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(keys.map(([key, inner]) => [key, sorted(inner)]));
}
