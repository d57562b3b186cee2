import type { FoundAction } from "../action-log/record.ts";
import { notCovered, remarks, verdict } from "../action-log/report.ts";
import { type SearchQuery, searchLog } from "../action-log/search.ts";
import { type Verification, type VerifyOptions, verifyLog } from "../action-log/verify.ts";
import { parsePast } from "../pocket-id/duration.ts";
import { NotPossibleError } from "../pocket-id/errors.ts";
import { remarksOn, rowsPerPage } from "./list-tool.ts";

export interface ActionQuery extends Pick<SearchQuery, "tool" | "target" | "outcome"> {
  /** When the call came in: RFC 3339, or how long ago. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly page?: number | undefined;
  readonly limit?: number | undefined;
}

export interface FoundActions {
  /** Newest first. */
  readonly actions: FoundAction[];
  readonly page: number;
  readonly totalItems: number;
  readonly hasMore: boolean;
  readonly notes?: string[];
}

export interface VerifiedActions extends Verification {
  /** The same in one sentence. */
  readonly verdict: string;
  readonly notes: string[];
}

/** What the action log of this machine holds. Nothing is asked of Pocket ID. */
export interface RecordedActions {
  /** Finds actions; none where there is no log yet. @throws {NotPossibleError} if it cannot be read */
  search(query: ActionQuery): Promise<FoundActions>;
  /** Says whether the log is as it was written. @throws {NotPossibleError} if it is not there, or cannot be read */
  verify(options: VerifyOptions): Promise<VerifiedActions>;
}

export function recordedActions(path: string): RecordedActions {
  return {
    async search({ since, until, page = 1, limit = rowsPerPage, ...query }) {
      const found = await orUnreadable(path, () =>
        searchLog(path, {
          ...query,
          since: since === undefined ? undefined : parsePast(since, "since"),
          until: until === undefined ? undefined : parsePast(until, "until"),
          page,
          limit,
        }),
      );
      if (found === undefined) return { actions: [], page, totalItems: 0, hasMore: false, notes: [missing(path)] };
      const { items, totalItems, complete, unreadable } = found;
      const altered = `Lines that are not as they were written: ${unreadable}. action_log_verify says more.`;
      const notes = [
        ...(remarksOn(found).notes ?? []),
        ...(unreadable > 0 ? [altered] : []),
        // Otherwise a name would be answered as if nothing had been done to its owner.
        ...(query.target !== undefined && totalItems === 0 ? [idsAlone] : []),
      ];
      const hasMore = page * limit < totalItems || !complete;
      return { actions: items, page, totalItems, hasMore, ...(notes.length > 0 ? { notes } : {}) };
    },

    async verify(options) {
      const verification = await orUnreadable(path, () => verifyLog(path, options));
      if (verification === undefined) throw new NotPossibleError(missing(path));
      return { ...verification, verdict: verdict(verification), notes: [...remarks(verification), notCovered] };
    },
  };
}

const idsAlone = "The log holds ids and no names: look up the id of what is called like that, and give it as target.";

const missing = (path: string): string =>
  `There is no action log at ${path} yet: the first call that changes something makes it (POCKETID_AUDIT_FILE says where).`;

/** Undefined if there is no log. */
async function orUnreadable<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === undefined) throw error;
    if (code === "ENOENT") return undefined;
    throw new NotPossibleError(`The action log ${path} cannot be read (${code}).`);
  }
}
