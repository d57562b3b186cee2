import { InputError } from "./errors.ts";

/**
 * Fills the parameters of a route's path: `/api/users/:id` with `{id}`.
 * @throws {InputError} if a value could leave its place in the path (`..`, `a/b`); nothing is sent then.
 */
export function expandPath(pattern: string, parameters: Readonly<Record<string, string>> = {}): string {
  return pattern.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new InputError(name, `the path ${pattern} needs a value for it.`);
    return pathSegment(name, value);
  });
}

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
