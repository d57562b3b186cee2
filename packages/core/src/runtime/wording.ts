import type { PeopleCount } from "../pocket-id/people.ts";
import { counted } from "./confirm.ts";

/** `14 people`, `1 person`, `nobody`. */
export function peopleText(count: PeopleCount): string {
  if (count === undefined) return "more people than can be counted here";
  return count === 0 ? "nobody" : counted(count, "person", "people");
}

/** A number of minutes as a person says it: `90 minutes`, `12 hours`, `30 days`. */
export function minutesText(minutes: number): string {
  if (minutes % 1_440 === 0) return counted(minutes / 1_440, "day");
  return minutes % 60 === 0 ? counted(minutes / 60, "hour") : counted(minutes, "minute");
}

/** The same text as it stands at the beginning of a sentence. */
export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
