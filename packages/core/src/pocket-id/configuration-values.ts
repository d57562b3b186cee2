import * as z from "zod";
import {
  type ConfigurationKey,
  type ConfigurationKeyName,
  configurationKeys,
  isKnownKey,
} from "./configuration-keys.ts";
import { CustomClaim } from "./objects/custom-claim.ts";
import type { UserGroupReference } from "./objects/user-group.ts";
import type { Reference } from "./reference.ts";

interface ValueByKind {
  text: string;
  secret: string;
  boolean: boolean;
  integer: number;
  groups: readonly Reference<UserGroupReference>[];
  claims: readonly CustomClaim[];
  texts: readonly string[];
}

type ValueOf<K extends ConfigurationKey> = K extends { kind: "choice"; values: readonly (infer V)[] }
  ? V
  : K["kind"] extends keyof ValueByKind
    ? ValueByKind[K["kind"]]
    : never;

/** Values to change, with their types. Left out = unchanged, null = back to the default where a key can be without a value. */
export type ConfigurationPatch = {
  [K in ConfigurationKeyName]?:
    | ValueOf<(typeof configurationKeys)[K]>
    | ((typeof configurationKeys)[K] extends { required: true } ? never : null)
    | undefined;
};

const Texts = z.array(z.string());
const Claims = z.array(CustomClaim);

/** A value as Pocket ID stores it. Groups have to be ids by now. */
export function toText(value: unknown): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Says whether a stored value is on. From the environment, or an older Pocket ID, it may be another word than `true`. */
export const isTrue = (text: string | undefined): boolean => /^(?:true|t|1|yes|y|on)$/i.test(text ?? "");

/** Flags that are no settings: only the public answer has them. */
const publicFlags: ReadonlySet<string> = new Set(["uiConfigDisabled", "tracingEnabled"]);

/** A stored value with its type; text that is not what its key says stays as it is. */
export function fromText(key: string, text: string): unknown {
  const kind = isKnownKey(key) ? configurationKeys[key].kind : "text";
  if (kind === "boolean" || publicFlags.has(key)) return isTrue(text);
  if (kind === "integer") return text === "" ? null : Number.isNaN(Number(text)) ? text : Number(text);
  if (kind === "groups" || kind === "texts") return parseJson(Texts, text);
  return kind === "claims" ? parseJson(Claims, text) : text;
}

function parseJson<T extends z.ZodType>(schema: T, text: string): z.output<T> | string | [] {
  if (text === "") return [];
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return text;
  }
}
