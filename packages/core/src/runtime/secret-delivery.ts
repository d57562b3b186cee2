import type { Keeper } from "../pocket-id/shown-once.ts";
import type { Remarks, Tool } from "./define-tool.ts";
import { reserveSecretFile } from "./secret-files.ts";

/** Where a secret goes that Pocket ID shows this once. */
export interface SecretDelivery extends Pick<Keeper, "keep"> {
  /** Puts where it is in the place of the secret. */
  answer(result: Remarks): Remarks;
  /** Where it is by now, in a sentence; undefined if there is none. */
  said(): string | undefined;
  /** Takes away what was made ready and not used. */
  end(): Promise<void>;
}

/** What the answer itself shows. */
const inAnswer: SecretDelivery = {
  keep: async () => undefined,
  answer: (result) => result,
  said: () => undefined,
  end: async () => undefined,
};

/**
 * Makes ready where the secrets of a call go, before anything is sent that could make one.
 * @param folder undefined where the operator wants them in the answer
 * @throws {NotPossibleError} if there is no place for them
 */
export async function openSecretDelivery(
  tool: Tool,
  values: Readonly<Record<string, unknown>>,
  folder: string | undefined,
): Promise<SecretDelivery> {
  if (folder === undefined || tool.reveals.size === 0) return inAnswer;
  const file = tool.makesSecret(values) ? await reserveSecretFile(folder, tool.name) : undefined;
  let kept: { readonly what: string; readonly path: string; readonly startsWith: string } | undefined;
  return {
    async keep({ what, value, of }) {
      if (file === undefined) throw new Error("no place was made ready for it.");
      kept = { what, path: await file.write(value, of), startsWith: value.slice(0, 4) };
    },
    answer(result) {
      const fields = Object.entries(result).filter(([field]) => !tool.reveals.has(field));
      const rest: Remarks = Object.fromEntries(fields);
      if (kept === undefined) return rest;
      const { what, path, startsWith } = kept;
      const note = `The ${what} is in this file, which the operator alone can read, and nowhere else: take it from there, then delete the file.`;
      return { ...rest, secretFile: { path, startsWith }, notes: [note, ...(result.notes ?? [])] };
    },
    said: () => kept && `The new ${kept.what} is in ${kept.path}.`,
    async end() {
      await file?.discard();
    },
  };
}
