import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process of its own: its work and its memory are not ours. */
export interface Child {
  /** The first line that it wrote. */
  readonly said: string;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Starts Node.js with these arguments, and waits for a line. */
export async function startChild(args: readonly string[]): Promise<Child> {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [said] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    ended.then(([code]) => Promise.reject(new Error(`${args.join(" ")} ended with ${code}`))),
  ]);
  return {
    said: String(said),
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** Whoever started a child may be killed: it ends with its standard input. */
export const endWithParent = (): void => void process.stdin.resume().on("end", () => process.exit());
