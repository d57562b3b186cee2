import { invalidRequestBody, validationFailed } from "../refusals.ts";
import type { Call } from "./call.ts";
import {
  type Bound,
  checkObject,
  decodeObject,
  type NamedFailure,
  normaliseObject,
  type Shape,
  WrongType,
} from "./fields.ts";
import { describe } from "./rules.ts";

/** The body as the object that a route expects: decoded, checked and, since 2.13, in Unicode normal form. */
export function bindJson<S extends Shape>(call: Call, shape: S): Bound<S> {
  requireJsonContentType(call);
  return bind(call, parseBody(call), shape);
}

/** As bindJson, for the few routes that accept no body at all. */
export function bindOptionalJson<S extends Shape>(call: Call, shape: S): Bound<S> {
  if (call.body.length === 0) return bind(call, {}, shape);
  return bindJson(call, shape);
}

/** A list of objects: only the failures of the first bad element are reported. JSON null is the empty list. */
export function bindJsonList<S extends Shape>(call: Call, shape: S): Bound<S>[] {
  requireDeclared(call, shape);
  requireJsonContentType(call);
  const json = parseBody(call);
  if (json === null) return [];
  if (!Array.isArray(json)) throw invalidRequestBody();
  const items = orInvalid(() => json.map((item) => decodeObject(item, shape)));
  for (const item of items) refuseFailures(checkObject(item, shape));
  return items.map((item) => normalised(call, item, shape));
}

/** Pocket ID >= 2.13: application/json or application/*+json; before, any type would do. */
function requireJsonContentType(call: Call): void {
  if (!call.has("jsonContentTypeRequired")) return;
  const type = (call.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!/^application\/(json|[^/]+\+json)$/.test(type)) throw invalidRequestBody();
}

function parseBody(call: Call): unknown {
  try {
    return JSON.parse(call.body.toString("utf8"));
  } catch {
    throw invalidRequestBody();
  }
}

/** A route that reads what it does not declare is a mistake in the sandbox. */
function requireDeclared({ route, has }: Call, shape: Shape): void {
  const declared = typeof route.body === "function" ? route.body(has) : route.body;
  if (Object.keys(shape).join() !== Object.keys(declared ?? {}).join())
    throw new Error(`${route.method} ${route.path} does not declare the body that it reads`);
}

function bind<S extends Shape>(call: Call, json: unknown, shape: S): Bound<S> {
  requireDeclared(call, shape);
  const value = orInvalid(() => decodeObject(json, shape));
  refuseFailures(checkObject(value, shape));
  return normalised(call, value, shape);
}

/** Pocket ID <= 2.12 means to do so as well, and stores what it was sent. */
function normalised<S extends Shape>({ has }: Call, value: Bound<S>, shape: S): Bound<S> {
  return has("normalisedTexts") ? normaliseObject(value, shape) : value;
}

function orInvalid<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof WrongType) throw invalidRequestBody();
    throw error;
  }
}

function refuseFailures(failures: readonly NamedFailure[]): void {
  if (failures.length === 0) return;
  const fields = failures.map(({ name, failure }) => ({
    field: name + failure.index,
    ...describe(failure.tag, failure.param),
  }));
  const message = fields.map(({ field, message: text }) => `${field} ${text}`).join(", ");
  const before213 = failures
    .map(({ go, failure }) => `${go}${failure.index} ${describe(failure.tag, failure.param).message}`)
    .join(", ");
  throw validationFailed(message, fields, { message: before213 });
}
