import {
  isAvailable,
  newestKnownVersion,
  otherOperations,
  routes,
} from "../../packages/core/src/pocket-id/versions.ts";
import { sandboxVersions } from "../../packages/sandbox/src/versions.ts";
import { type BodyField, sandboxOperations, unnamed } from "../operations/body-fields.ts";
import { type Served, served } from "../operations/served.ts";
import type { OurOperation } from "./compare.ts";

const file: BodyField = { type: "file", required: true };

/** What we know of the newest version: operations from the version table, fields from the coverage, their types from the sandbox. */
export function ourOperations(): ReadonlyMap<string, OurOperation> {
  const newest = sandboxVersions.find((version) => newestKnownVersion.startsWith(`${version}.`));
  if (newest === undefined) throw new Error(`The sandbox does not play ${newestKnownVersion}.`);
  const played = sandboxOperations(newest);
  const table: Readonly<Record<string, Served>> = served;
  return new Map(
    Object.entries({ ...routes, ...otherOperations })
      .filter(([, availability]) => isAvailable(availability, newestKnownVersion))
      .map(([name]): [string, OurOperation] => {
        const key = unnamed(name);
        const entry = table[name];
        return [key, entry === undefined ? { name } : { name, takes: takesOf(entry, played.get(key) ?? new Map()) }];
      }),
  );
}

function takesOf({ query = {}, body = {}, upload }: Served, played: ReadonlyMap<string, BodyField>) {
  const leftAside = Object.keys(body).filter((name) => typeof body[name] !== "string");
  const ours = [...played].filter(([name]) => !leftAside.includes(name));
  return {
    query: new Map(Object.entries(query)),
    body: new Map([...ours, ...(upload ? ([["file", file]] as const) : [])]),
    leftAside,
  };
}
