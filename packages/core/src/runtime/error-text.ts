import { InputError, NotPossibleError, PocketIdError } from "../pocket-id/errors.ts";

/** Characters of an error at the most. */
const maximumError = 900;

/** What the model is told of an error: what is wrong, and the next step. Holds no stack and no body. */
export function errorText(error: unknown): string {
  if (error instanceof InputError) return clip(`Nothing was changed. ${error.message}`);
  if (error instanceof NotPossibleError) return clip(`Nothing was changed. ${error.message}`);
  if (error instanceof PocketIdError) {
    const id = error.requestId === null ? "" : ` Request id: ${error.requestId}.`;
    return clip(`${error.message.replace(/\.?$/, ".")}${error.hint === null ? "" : ` ${error.hint}`}${id}`);
  }
  return "Something went wrong inside this server; its diagnostic log says what.";
}

/** Says whether the call was refused before anything that could change something was sent. */
export const isRefusal = (error: unknown): boolean => error instanceof InputError || error instanceof NotPossibleError;

const clip = (text: string): string => (text.length > maximumError ? `${text.slice(0, maximumError)}…` : text);
