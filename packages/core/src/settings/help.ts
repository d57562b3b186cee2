import { flagOf, type Setting, settingsSchema } from "./schema.ts";

/** What `--help` prints. */
export function helpText(command: string, title: string): string {
  const rows = Object.values(settingsSchema).map((entry) => {
    const setting: Setting<unknown> = entry;
    const flag = setting.flag === false ? "" : flagOf(setting.variable);
    const aliases = setting.aliases ? ` (or ${setting.aliases.join(", ")})` : "";
    return `  ${setting.variable.padEnd(26)}${flag.padEnd(20)}${plain(setting.description)}${aliases}\n${" ".repeat(48)}Otherwise: ${plain(setting.otherwise)}.`;
  });
  return `${title}

An MCP server over stdio: an MCP client starts it. To try it by hand, pipe JSON-RPC into it.

Usage: ${command} [options]

  ${"Environment variable".padEnd(26)}Option
${rows.join("\n")}
  ${"".padEnd(26)}${"--help".padEnd(20)}This text.
  ${"".padEnd(26)}${"--version".padEnd(20)}The version.
`;
}

const plain = (text: string): string => text.replaceAll("`", "");
