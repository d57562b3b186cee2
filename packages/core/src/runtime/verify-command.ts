import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { VerifyOptions } from "../action-log/verify.ts";
import { flagOf, settingsSchema } from "../settings/schema.ts";
import { actionLogFile } from "../settings/state-directory.ts";

/** What a server does instead of serving, when it is started with an option. */
export interface Command {
  readonly flag: string;
  /** For `--help`. */
  readonly description: string;
  /** @returns the code of the process */
  run(launch: CommandLaunch): Promise<number>;
}

export interface CommandLaunch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Prints what was asked for. */
  readonly print: (text: string) => void;
  /** Tells the operator what is wrong. */
  readonly warn: (message: string) => void;
}

const { variable } = settingsSchema.auditFile;
const fileFlag = flagOf(variable);

/** Verifies the action log: 0 if it is as it was written, 1 if it is not, 2 if it cannot be read. Needs no Pocket ID and no key. */
export const verifyLogCommand: Command = {
  flag: "--verify-log",
  description: `Verify the action log (${fileFlag}) and end: 0 if it holds. --expect <digest>: and has this one. --after <digest>: and begins behind this one.`,
  async run({ argv, env, print, warn }) {
    const given = readOptions(argv);
    if (typeof given === "string") {
      warn(given);
      return 2;
    }
    const path = resolve(actionLogFile(given.file ?? (env[variable]?.trim() || undefined)));
    const { verifyLog } = await import("../action-log/verify.ts");
    const { reportText } = await import("../action-log/report.ts");
    try {
      const verification = await verifyLog(path, given);
      print(reportText(path, verification));
      return verification.ok ? 0 : 1;
    } catch (error) {
      warn(
        `The action log ${path} cannot be read (${error instanceof Error && "code" in error ? error.code : "unknown"}).`,
      );
      return 2;
    }
  },
};

/** The options of the command, or what is wrong with them. */
function readOptions(argv: readonly string[]): ({ file: string | undefined } & VerifyOptions) | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        "verify-log": { type: "boolean" },
        [fileFlag.slice(2)]: { type: "string" },
        expect: { type: "string", multiple: true },
        after: { type: "string" },
      },
    });
    const file = values[fileFlag.slice(2)];
    const expect = [values.expect ?? []].flat().map(String);
    const after = typeof values.after === "string" ? values.after : undefined;
    if (!expect.every(isDigest)) return `--expect: ${wanted}`;
    if (after !== undefined && !isDigest(after)) return `--after: ${wanted}`;
    return { file: typeof file === "string" ? file : undefined, expect, after };
  } catch (error) {
    return error instanceof Error ? error.message : "The options cannot be read.";
  }
}

const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/i.test(text);
const wanted = "give a digest, 64 characters of 0-9 and a-f.";
