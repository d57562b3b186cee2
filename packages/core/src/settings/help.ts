import { flagOf, type Setting, settingsSchema } from "./schema.ts";

/** What `--help` prints. */
export function helpText(
  command: string,
  title: string,
  commands: readonly { readonly flag: string; readonly description: string }[] = [],
): string {
  const rows = Object.values(settingsSchema).map((entry) => {
    const setting: Setting<unknown> = entry;
    const flag = setting.flag === false ? "" : flagOf(setting.variable);
    const aliases = setting.aliases ? ` (or ${setting.aliases.join(", ")})` : "";
    return `  ${setting.variable.padEnd(32)}${flag.padEnd(25)}${plain(setting.description)}${aliases}\n${" ".repeat(59)}Otherwise: ${plain(setting.otherwise)}.`;
  });
  return `${title}

An MCP server over stdio: an MCP client starts it. To try it by hand, pipe JSON-RPC into it.

Usage: ${command} [options]

  ${"Environment variable".padEnd(32)}Option
${rows.join("\n")}
${commands.map(({ flag, description }) => `  ${"".padEnd(32)}${flag.padEnd(25)}${plain(description)}\n`).join("")}  ${"".padEnd(32)}${"--help".padEnd(25)}This text.
  ${"".padEnd(32)}${"--version".padEnd(25)}The version.
`;
}

const plain = (text: string): string => text.replaceAll("`", "");
