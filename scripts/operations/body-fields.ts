import type { Shape } from "../../packages/sandbox/src/http/fields.ts";
import { allRoutes } from "../../packages/sandbox/src/routes/all.ts";
import { existsIn, featuresOf, fullVersion, type SandboxVersion } from "../../packages/sandbox/src/versions.ts";

/** A field of a body, as Pocket ID checks it. */
export interface BodyField {
  readonly type: string;
  readonly required: boolean;
}

/** A path with its parameters unnamed: everyone names them differently. */
export const unnamed = (path: string): string => path.replace(/:[A-Za-z]+|\{[^}]*\}/g, "{}");

/** Every operation that the sandbox answers as one version, with what its body may hold. Parameters of its path have no names. */
export function sandboxOperations(version: SandboxVersion): ReadonlyMap<string, ReadonlyMap<string, BodyField>> {
  const full = fullVersion(version);
  const has = featuresOf(full);
  return new Map(
    allRoutes
      .filter((route) => existsIn(full, route))
      .map(({ method, path, body = {} }) => [
        unnamed(`${method} ${path}`),
        new Map(fieldsIn(typeof body === "function" ? body(has) : body)),
      ]),
  );
}

/** `a.b` is a member of an object, `a[].b` one of the objects in a list; an object that need not be there is nothing but its members. */
function fieldsIn(shape: Shape, before = ""): [string, BodyField][] {
  return Object.entries(shape).flatMap(([member, field]): [string, BodyField][] => {
    const name = before + member;
    const required = field.check(field.decode(undefined)).some(({ tag }) => tag === "required");
    const isObject = field.type === "object";
    const members = fieldsIn(field.members ?? {}, isObject ? `${name}.` : `${name}[].`);
    return isObject && !required ? members : [[name, { type: field.type, required }], ...members];
  });
}
