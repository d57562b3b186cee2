export const parseText = (text: string): string => text;

export function parseBoolean(text: string): boolean {
  if (/^(?:true|1|yes|on)$/i.test(text)) return true;
  if (/^(?:false|0|no|off)$/i.test(text)) return false;
  throw new Error("give true or false");
}

export const parseChoice =
  <const T extends string>(choices: readonly T[]) =>
  (text: string): T => {
    const choice = choices.find((candidate) => candidate === text.toLowerCase());
    if (choice === undefined) throw new Error(`give one of ${choices.join(", ")}`);
    return choice;
  };

export const parseSeconds = (text: string): number => parseNumber(text, 1, 600, "seconds");

export const parseHours = (text: string): number => parseNumber(text, 0, 87_600, "hours");

export const parseMegabytes = (text: string): number => parseNumber(text, 1, 10_000, "megabytes");

export function parseList(text: string): readonly string[] {
  const parts = text
    .split(/[\s,]+/)
    .map((part) => part.trim())
    .filter(Boolean);
  if (parts.length === 0) throw new Error("give one or more, separated by commas");
  return parts;
}

/** The tools that go without a question to a person: none for `ask`, all for `off`. */
export function parseConfirm(text: string): readonly string[] {
  const word = text.trim().toLowerCase();
  if (word === "ask") return [];
  return word === "off" ? ["*"] : parseList(text);
}

export function parseVariables(text: string): readonly string[] {
  const names = parseList(text);
  // What is no name may be the secret itself.
  if (names.some((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)))
    throw new Error("give names of variables, separated by commas");
  return names;
}

function parseNumber(text: string, least: number, most: number, unit: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value) || value < least || value > most)
    throw new Error(`give ${unit}, ${least} to ${most}`);
  return value;
}
