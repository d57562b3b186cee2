import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { helpText } from "../settings/help.ts";
import { SettingsError } from "../settings/load.ts";
import { prepareServer, type ServerDefinition } from "./prepare-server.ts";

/** Starts a server over stdio, for clients of both protocol eras. Ends when stdin does. */
export function serve(definition: ServerDefinition): void {
  // Nothing but MCP may reach stdout, whatever a library prints.
  console.log = console.error;
  const argv = process.argv.slice(2);
  if (argv.includes("--help")) return void process.stdout.write(helpText(definition.name, definition.title));
  if (argv.includes("--version")) return void process.stdout.write(`${definition.version}\n`);
  const warn = (message: string): void => void process.stderr.write(`${definition.name}: ${message}\n`);
  try {
    const build = prepareServer(definition, { argv, env: process.env, cwd: process.cwd(), warn });
    const handle = serveStdio(build, { onerror: (error) => warn(error.message) });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void handle.close());
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const line of error.message.split("\n")) warn(line);
    process.exitCode = 2;
  }
}
