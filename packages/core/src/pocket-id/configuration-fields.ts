import * as z from "zod";
import { claimMap } from "./claim-map.ts";
import { type ConfigurationKey, type ConfigurationKeyName, configurationKeys } from "./configuration-keys.ts";
import type { ConfigurationPatch } from "./configuration-values.ts";

function fieldOf(key: ConfigurationKey): z.ZodType {
  const value = valueSchema(key);
  return (key.required ? value : value.nullable()).optional().describe(key.description);
}

function valueSchema({ kind, values }: ConfigurationKey): z.ZodType {
  switch (kind) {
    case "boolean":
      return z.boolean();
    case "integer":
      // A session of no minutes would sign everyone out of Pocket ID.
      return z.int().min(1).max(5_256_000);
    case "choice":
      return z.enum(values ?? [""]);
    case "groups":
    case "texts":
      return z.array(z.string().min(1)).max(200);
    case "claims":
      return claimMap;
    default:
      return z.string().max(4_096);
  }
}

/** Every key of the configuration with its type. Left out = unchanged, null = back to the default where a key can be without a value. */
export const configurationFields = Object.fromEntries(
  Object.entries(configurationKeys).map(([name, key]) => [name, fieldOf(key)]),
) as { readonly [K in ConfigurationKeyName]: z.ZodType<ConfigurationPatch[K]> };
