import { InputError, NotPossibleError, PocketIdError } from "../pocket-id/errors.ts";
import { NotConfirmedError } from "./confirm.ts";

/** Characters of an error at the most. */
const maximumError = 900;

/**
 * What the model is told of an error: what is wrong, and the next step. Holds no stack and no body.
 * @param done requests of the same call that changed something before it
 * @param unknown requests of the same call that may have changed something
 */
export function errorText(error: unknown, done: readonly string[] = [], unknown: readonly string[] = []): string {
  const text = reason(error);
  if (done.length > 0) return `${text} Done before that: ${done.join(", ")}.`;
  // Any other error says itself what became of the request that it is about.
  if (!isRefusal(error)) return text;
  if (unknown.length === 0) return `Nothing was changed. ${text}`;
  return `${text} Whether this was done before that is unknown: ${[...new Set(unknown)].join(", ")}.`;
}

function reason(error: unknown): string {
  if (error instanceof Error && isRefusal(error)) return error.message;
  if (!(error instanceof PocketIdError))
    return "Something went wrong inside this server; its diagnostic log says what.";
  const hint = error.hint === null ? "" : ` ${error.hint}`;
  const id = error.requestId === null ? "" : ` Request id: ${error.requestId}.`;
  return `${error.message.replace(/\.?$/, ".")}${hint}${id}`;
}

/** Says whether the call was refused before anything that could change something was sent. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof InputError || error instanceof NotPossibleError || error instanceof NotConfirmedError;

/** Cuts a text that tells of an error; secrets have been taken out of it by then, or part of one could be left. */
export const clip = (text: string): string => (text.length > maximumError ? `${text.slice(0, maximumError)}…` : text);
