import type { FieldError } from "./errors.ts";

/** What can be read from the body of an error answer, in whichever format the version has. */
export interface ErrorBody {
  readonly message: string;
  readonly code: string | null;
  readonly fields: readonly FieldError[];
  readonly requestId: string | null;
  /** `error: "API endpoint not found"`: the running version has no such operation. */
  readonly unknownOperation: boolean;
}

/** Characters of an error text that are kept. */
const maximumText = 400;
const maximumFields = 8;

/** Pocket ID < 2.13 sends a text and no code: these are the codes that the same situation has since. */
const codesByText: readonly (readonly [RegExp, string])[] = [
  [/^You are not signed in/i, "not_signed_in"],
  [/^You don't have permission/i, "forbidden"],
  [/^User account is disabled/i, "user_disabled"],
  [/^API key authentication is not allowed/i, "api_key_auth_not_allowed"],
  [/configuration can't be changed/i, "ui_config_disabled"],
  [/^LDAP users can't be/i, "ldap_user_update"],
  [/^LDAP user groups can't be/i, "ldap_user_group_update"],
  [/^One-time access is disabled/i, "one_time_access_disabled"],
  [/^You're not allowed to access this service/i, "oidc_access_denied"],
  [/^API Key not found/i, "api_key_not_found"],
  [/^API Key is not expired/i, "api_key_not_expired"],
  [/^API Key expiration time/i, "invalid_api_key_expiration"],
  [/^Client ID already in use/i, "client_id_already_exists"],
  [/is already in use/i, "already_in_use"],
  [/does not have an email address/i, "user_email_not_set"],
  [/^Claim .* is reserved/i, "reserved_claim"],
  [/^Claim .* is already defined/i, "duplicate_claim"],
  [/^File must be of type|^file type not supported/i, "file_type_not_supported"],
  [/^The file can't be larger/i, "file_too_large"],
  [/^User not found/i, "user_not_found"],
  [/^(Record|Client) not found/i, "not_found"],
  [/^Not found$/i, "setup_not_available"],
  [/^Image not found/i, "image_not_found"],
  [/^Too many requests/i, "rate_limited"],
  [/is required|must be|must have|is invalid$/i, "validation_failed"],
];

/**
 * Reads the body of an error answer. What is not Pocket ID's JSON, such as the HTML page of a proxy, is not repeated.
 * @param clean takes out of a text what must not be shown: of each before it is cut, or part of a secret could be left
 */
export function readErrorBody(
  status: number,
  contentType: string | undefined,
  text: string,
  clean: (text: string) => string = (text) => text,
): ErrorBody {
  const clip = (part: string, length = maximumText): string => clipText(clean(part), length);
  const body = isJson(contentType) ? parseObject(text) : undefined;
  const error = typeof body?.error === "string" ? body.error : undefined;
  if (body === undefined || error === undefined) {
    return {
      message: describeForeign(status, contentType && clip(contentType, 60)),
      code: null,
      fields: [],
      requestId: null,
      unknownOperation: isPlain404(status, contentType, text),
    };
  }
  const message = clip(error);
  return {
    message: message || `status ${status}`,
    code:
      typeof body.code === "string"
        ? clip(body.code, 80)
        : (codesByText.find(([text]) => text.test(message))?.[1] ?? null),
    fields: readFields(body.details, clip),
    requestId: typeof body.request_id === "string" ? clip(body.request_id, 80) : null,
    unknownOperation: status === 404 && error === "API endpoint not found",
  };
}

function readFields(details: unknown, clip: (text: string, length: number) => string): FieldError[] {
  if (!isObject(details)) return [];
  const fields: unknown[] = Array.isArray(details.fields) ? details.fields.slice(0, maximumFields) : [];
  const read = fields.filter(isObject).map((entry) => ({
    field: clip(String(entry.field ?? ""), 80),
    ...(typeof entry.code === "string" ? { code: clip(entry.code, 80) } : {}),
    message: clip(String(entry.message ?? "is invalid"), 200),
  }));
  if (typeof details.property === "string")
    read.push({ field: clip(details.property, 80), message: "is already in use" });
  return read;
}

const describeForeign = (status: number, contentType: string | undefined): string =>
  `the answer has status ${status} and is ${contentType || "of no type"}, not Pocket ID's JSON`;

// A build without the web frontend answers unknown paths with Go's plain text.
const isPlain404 = (status: number, contentType: string | undefined, text: string): boolean =>
  status === 404 && /^text\/plain/.test(contentType ?? "") && text.startsWith("404 page not found");

const clipText = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

const isJson = (contentType: string | undefined): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType ?? "");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
