import { oncePer } from "../once-per.ts";
import { InputError } from "./errors.ts";

/**
 * Fills the parameters of a route's path: `/api/users/:id` with `{id}`.
 * @throws {InputError} if a value could leave its place in the path (`..`, `a/b`); nothing is sent then.
 */
export function expandPath(pattern: string, parameters: Readonly<Record<string, string>> = {}): string {
  let path = "";
  for (const { text, name } of partsOf(pattern)) {
    path += text;
    if (name === undefined) continue;
    const value = parameters[name];
    if (value === undefined) throw new InputError(name, `the path ${pattern} needs a value for it.`);
    path += pathSegment(name, value);
  }
  return path;
}

/** A path in parts: a text, and the parameter that comes after it. */
const partsOf = oncePer((pattern: string): { readonly text: string; readonly name: string | undefined }[] => {
  const split = pattern.split(/:([A-Za-z]+)/);
  return split.flatMap((text, index) => (index % 2 === 0 ? { text, name: split[index + 1] } : []));
});

function pathSegment(name: string, value: string): string {
  // Pocket ID >= 2.13: the id of a CIMD client is an https URL and goes into a path as ~base64url.
  if (/^https:\/\//.test(value)) return `~${Buffer.from(value, "utf8").toString("base64url")}`;
  if (!/^[A-Za-z0-9._-]+$/.test(value) || value === "." || value === "..") {
    throw new InputError(
      name,
      `${JSON.stringify(value.slice(0, 80))} is not an id of Pocket ID. Give an id or a name.`,
    );
  }
  return value;
}
