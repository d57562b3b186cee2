import { execFile } from "node:child_process";
import { win32 } from "node:path";
import { promisify } from "node:util";

/** Runs a program of Windows, and answers what it prints. */
export type Run = (program: string, args: readonly string[]) => Promise<string>;

// By its whole path: what lies in the current folder under the same name is not asked.
const run: Run = async (program, args) => {
  const path = win32.join(process.env.SystemRoot || "C:\\Windows", "System32", program);
  return (await promisify(execFile)(path, [...args], { windowsHide: true, timeout: 10_000 })).stdout;
};

/**
 * Takes a file or folder from everybody but the user that this process runs as. Only Windows needs it, where the mode that a file is made
 * with means nothing: there, it inherits no permissions any more, and the user alone is given some.
 * @throws {Error} if Windows refuses
 */
export function ownAccess(
  platform: NodeJS.Platform = process.platform,
  execute: Run = run,
): (path: string, kind: "file" | "folder") => Promise<void> {
  if (platform !== "win32") return async () => undefined;
  let user: Promise<string> | undefined;
  return async (path, kind) => {
    user ??= execute("whoami.exe", ["/user", "/fo", "csv", "/nh"]).then(securityId);
    user.catch(() => {
      user = undefined;
    });
    // What is made in the folder later is the user's alone, too.
    const inherited = kind === "folder" ? "(OI)(CI)" : "";
    await execute("icacls.exe", [path, "/inheritance:r", "/grant:r", `*${await user}:${inherited}F`, "/q"]);
  };
}

/** The last column of `"machine\user","S-1-5-21-…"`. A name would be ambiguous. */
function securityId(line: string): string {
  const id = /"(S-[\d-]+)"\s*$/.exec(line)?.[1];
  if (id === undefined) throw new Error("Windows does not tell who is signed in");
  return id;
}
