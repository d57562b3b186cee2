import type { Transport } from "@modelcontextprotocol/server";
import { type StdioServerHandle, StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { helpText } from "../settings/help.ts";
import { SettingsError } from "../settings/load.ts";
import { type PreparedServer, prepareServer, type ServerDefinition } from "./prepare-server.ts";

/** Milliseconds from the end of stdin, or a signal, to the end of the process at the most. */
const endMs = 500;

/** Starts a server over stdio, for clients of both protocol eras. Ends when stdin does. */
export function serve(definition: ServerDefinition): void {
  // Nothing but MCP may reach stdout, whatever a library prints.
  console.log = console.error;
  // A client that does not read what is said here must not end the calls under way.
  process.stderr.on("error", () => undefined);
  const argv = process.argv.slice(2);
  if (argv.includes("--help"))
    return void process.stdout.write(helpText(definition.name, definition.title, definition.commands));
  if (argv.includes("--version")) return void process.stdout.write(`${definition.version}\n`);
  const warn = (message: string): void => void process.stderr.write(`${definition.name}: ${message}\n`);
  const command = definition.commands?.find(({ flag }) => argv.includes(flag));
  if (command !== undefined) {
    const print = (text: string): void => void process.stdout.write(text);
    return void command.run({ argv, env: process.env, print, warn }).then((code) => {
      process.exitCode = code;
    });
  }
  try {
    const prepared = prepareServer(definition, { argv, env: process.env, cwd: process.cwd(), warn });
    const handle = serveOver(new StdioServerTransport(), prepared, (error) => warn(withoutMessage(error.message)));
    const end = (): void => {
      void handle.close();
      // Whatever is still under way: whoever started the server is not waiting for it any more.
      setTimeout(() => process.exit(), endMs).unref();
    };
    // A terminal that is closed sends SIGHUP, to the client and to what it started.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
    process.stdin.once("close", end);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const line of error.message.split("\n")) warn(line);
    process.exitCode = 2;
  }
}

/** Serves a client of either protocol era. */
export const serveOver = (
  transport: Transport,
  { server, directly }: PreparedServer,
  onerror?: (error: Error) => void,
): StdioServerHandle => serveStdio(server, { transport: directly(transport), ...(onerror && { onerror }) });

/** What the SDK says of a message that it cannot use repeats the message, and with it whatever secret is in there. */
const withoutMessage = (text: string): string =>
  text.replace(/[[{].*/s, "").trim() || "A message of the client cannot be used.";
