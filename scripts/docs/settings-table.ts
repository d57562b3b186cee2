import { flagOf, type Setting, settingsSchema } from "../../packages/core/src/settings/schema.ts";

/** The settings as a table in Markdown, from their one definition. */
export function settingsTable(): string {
  const rows = Object.values(settingsSchema).map((entry) => {
    const { variable, aliases, flag, otherwise, description }: Setting<unknown> = entry;
    const names = [variable, ...(aliases ?? [])].map((name) => `\`${name}\``).join("<br>or ");
    return `| ${names} | ${flag === false ? "–" : `\`${flagOf(variable)}\``} | ${otherwise} | ${description} |`;
  });
  return ["| Variable | Option | Otherwise | Meaning |", "|---|---|---|---|", ...rows].join("\n");
}
