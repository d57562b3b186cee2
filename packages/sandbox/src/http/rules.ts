/** The validation rules of Pocket ID's request fields, under the names of their tags. */
export interface Rule {
  readonly tag: string;
  readonly param?: string;
  readonly holds: (value: string) => boolean;
}

const characters = (text: string): number => [...text].length;

export const min = (length: number): Rule => ({
  tag: "min",
  param: String(length),
  holds: (value) => characters(value) >= length,
});

export const max = (length: number): Rule => ({
  tag: "max",
  param: String(length),
  holds: (value) => characters(value) <= length,
});

export const oneOf = (...choices: string[]): Rule => ({ tag: "oneof", holds: (value) => choices.includes(value) });

/** Pocket ID <= 2.4: two characters at least. */
export const longUsername: Rule = {
  tag: "username",
  holds: (value) => username.holds(value) && value.length > 1,
};

export const username: Rule = {
  tag: "username",
  holds: (value) => /^[a-zA-Z0-9]([a-zA-Z0-9_.@-]*[a-zA-Z0-9])?$/.test(value),
};

/** The last label of the domain begins and ends with a letter, so an IP address is none. */
const DOMAIN = /^([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}([\p{L}\p{N}-]*\p{L})?$/u;
const LOCAL_PART = /^([\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*|"[^"\\\r\n]+")$/u;

export const email: Rule = {
  tag: "email",
  holds: (value) => {
    const at = value.lastIndexOf("@");
    return LOCAL_PART.test(value.slice(0, at)) && DOMAIN.test(value.slice(at + 1));
  },
};

/** A URL with a scheme and something behind it. */
export const url: Rule = {
  tag: "url",
  holds: (value) => {
    const rest = isParsable(value) ? value.slice(value.indexOf(":") + 1) : "";
    return /^file:\/\/\/?./i.test(value) || /^([^/]|\/\/[^/?#])/.test(rest) || /#./.test(rest);
  },
};

/**
 * What Go's parser lets pass: a scheme, no control characters, percent signs only as escapes (outside of the query
 * and of what does not begin with a slash), and behind two slashes a host with a numeric port.
 */
function isParsable(value: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\P{Cc}*$/iu.test(value)) return false;
  const [, path = "", fragment = ""] = /^[^:]*:(\/[^?#]*)?(?:[^#]*#(.*))?/.exec(value) ?? [];
  if (/%(?![0-9a-f]{2})/i.test(path + fragment)) return false;
  const [, authority] = /^[^:]*:\/\/([^/?#]*)/.exec(value) ?? [];
  const host = authority?.slice(authority.lastIndexOf("@") + 1);
  return host === undefined || /^([^[\]\s:<>"]*|\[[0-9a-f:.]+\])(:\d*)?$/i.test(host);
}

export const isUuid = (value: string): boolean => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value);

/** Lower case only. */
export const uuid: Rule = { tag: "uuid", holds: (value) => isUuid(value) && value === value.toLowerCase() };

export const clientId: Rule = { tag: "client_id", holds: (value) => /^[a-zA-Z0-9._-]+$/.test(value) };

export const printAscii: Rule = { tag: "printascii", holds: (value) => /^[\x20-\x7e]*$/.test(value) };

const ACTIVE_SCHEME = /^(javascript|data):/i;

/** Pocket ID <= 2.5: anything with a star passes, and any absolute URL. */
export const callbackUrl: Rule = { tag: "callback_url", holds: (value) => value.includes("*") || isParsable(value) };

/** Pocket ID >= 2.6: a pattern with a scheme that cannot carry a script. */
export const callbackUrlPattern: Rule = { tag: "callback_url_pattern", holds: isCallbackUrlPattern };

/** Pocket ID >= 2.10: which, stars aside, also has to be a URL. */
export const parsableCallbackUrlPattern: Rule = {
  tag: "callback_url_pattern",
  holds: (value) => isCallbackUrlPattern(value) && (value === "*" || isParsable(withoutWildcards(value))),
};

export function isCallbackUrlPattern(value: string): boolean {
  if (value === "*") return true;
  return !/\s/.test(value) && /^[a-z][a-z0-9+.-]*:./i.test(withoutWildcards(value)) && !ACTIVE_SCHEME.test(value);
}

const withoutWildcards = (pattern: string): string =>
  pattern.replace(/^\*:\/\//, "https://").replace(/^([^:]*:\/\/[^/?#]*:)[^/?#\]]*\*[^/?#]*/, "$1443");

export const resourceUri: Rule = {
  tag: "resource_uri",
  holds: (value) => /^[a-z][a-z0-9+.-]*:[^\s#]+$/i.test(value) && !ACTIVE_SCHEME.test(value),
};

export const integerString: Rule = { tag: "integer_string", holds: (value) => /^[+-]?\d+$/.test(value) };

export const booleanString: Rule = { tag: "boolean_string", holds: (value) => value === "true" || value === "false" };

export const anyJson: Rule = { tag: "json", holds: (value) => parsed(value) !== undefined };

export const jsonStringArray: Rule = { tag: "json_string_array", holds: (value) => isStringArray(parsed(value)) };

export const jsonCustomClaims: Rule = {
  tag: "json_custom_claims",
  holds: (value) => {
    const claims = parsed(value);
    return Array.isArray(claims) && claims.every((claim) => isClaim(claim));
  },
};

export const cimdUrlAllowlist: Rule = {
  tag: "cimd_url_allowlist",
  holds: (value) => {
    const patterns = parsed(value);
    return isStringArray(patterns) && patterns.every(isCallbackUrlPattern);
  },
};

export function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

export function isClaim(value: unknown): value is { key: string; value: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "key" in value &&
    typeof value.key === "string" &&
    "value" in value &&
    typeof value.value === "string"
  );
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Since 2.13 a failed rule has a code; the text is the same in all versions. */
export function describe(tag: string, limit = ""): { code: string; message: string } {
  switch (tag) {
    case "required":
      return { code: "required", message: "is required" };
    case "email":
      return { code: "invalid_format", message: "must be a valid email address" };
    case "username":
      return {
        code: "invalid_format",
        message:
          "must only contain letters, numbers, underscores, dots, hyphens, and '@' symbols and not start or end with a special character",
      };
    case "url":
      return { code: "invalid_format", message: "must be a valid URL" };
    case "resource_uri":
      return { code: "invalid_format", message: "must be an absolute URI without whitespace or a fragment" };
    case "min":
      return { code: "too_short", message: `must be at least ${limit} characters long` };
    case "max":
      return { code: "too_long", message: `must be at most ${limit} characters long` };
    case "json_string_array":
      return { code: "invalid_format", message: "must be a JSON array of strings" };
    case "json_custom_claims":
      return {
        code: "invalid_format",
        message: 'must be a JSON array of objects with string "key" and "value" properties',
      };
    case "cimd_url_allowlist":
      return { code: "invalid_format", message: "must be a JSON array of valid callback URL patterns" };
    case "boolean_string":
      return { code: "invalid_format", message: "must be either true or false" };
    case "integer_string":
      return { code: "invalid_format", message: "must be an integer" };
    default:
      return { code: tag, message: "is invalid" };
  }
}
