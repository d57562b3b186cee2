/** One field that Pocket ID refused, by the name it has in JSON. */
export interface FieldError {
  readonly field: string;
  readonly code?: string;
  readonly message: string;
}

export interface PocketIdErrorDetails {
  /** HTTP status, or null if there was no answer. */
  status: number | null;
  /** Pocket ID's own code (2.13 and later), or ours for what never became an answer, such as `timeout`. */
  code: string | null;
  /** Method and path pattern, such as `PUT /api/users/:id`. */
  route: string;
  fields?: readonly FieldError[];
  /** `X-Request-ID` of the answer: what to look for in Pocket ID's log. */
  requestId?: string | null;
  /** What to do next, in one sentence. */
  hint?: string | null;
  /** The `Retry-After` header as it came. */
  retryAfter?: string | null;
  /** A first step was carried out: what failed is what follows it. */
  begun?: boolean;
}

/** Pocket ID refused a request, or did not answer it. */
export class PocketIdError extends Error {
  readonly status: number | null;
  readonly code: string | null;
  readonly route: string;
  readonly fields: readonly FieldError[];
  readonly requestId: string | null;
  readonly hint: string | null;
  readonly retryAfter: string | null;
  readonly begun: boolean;

  constructor(message: string, details: PocketIdErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.name = "PocketIdError";
    this.status = details.status;
    this.code = details.code;
    this.route = details.route;
    this.fields = details.fields ?? [];
    this.requestId = details.requestId ?? null;
    this.hint = details.hint ?? null;
    this.retryAfter = details.retryAfter ?? null;
    this.begun = details.begun ?? false;
  }
}

/** An argument is wrong. Nothing was sent that could change anything. */
export class InputError extends Error {
  /** The argument that is wrong, such as `users[1]`. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(`${field}: ${message}`);
    this.name = "InputError";
    this.field = field;
  }
}

/** What was asked for cannot be done as Pocket ID is set up now. Nothing was changed. */
export class NotPossibleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotPossibleError";
  }
}

/** The error about an answer that is not what the operation answers. */
export function notAsExpected(route: string, where = ""): PocketIdError {
  return new PocketIdError(`The answer to ${route} is not as expected${where ? ` at ${where}` : ""}.`, {
    status: null,
    code: "unexpected_answer",
    route,
    hint: "This version of Pocket ID may be newer than this server: look for an update of pocketid-mcp.",
  });
}

/** Says whether Pocket ID itself answered that there is no such object. A 404 of something in front of it tells nothing. */
export const isNotThere = (error: unknown): boolean =>
  error instanceof PocketIdError && error.status === 404 && error.code !== null && error.code !== "unknown_operation";

/**
 * Runs what follows a first step that has been carried out, so that an error on the way says what is there already.
 * @param done what has been done, as a sentence
 * @throws {PocketIdError} with that sentence in front
 */
export async function after<T>(done: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PocketIdError)
      throw new PocketIdError(`${done} But then: ${error.message}`, { ...error, begun: true }, { cause: error });
    if (error instanceof InputError || error instanceof NotPossibleError) throw error;
    const details = { status: null, code: "failed_inside", route: "", begun: true };
    throw new PocketIdError(`${done} But then something went wrong inside this server.`, details, { cause: error });
  }
}

/** Says whether Pocket ID has refused a request only because there were too many. */
export const isRateLimited = (error: unknown): error is PocketIdError =>
  error instanceof PocketIdError && error.status === 429;
