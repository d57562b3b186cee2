/** Every way in which Pocket ID says no: status, code and text since 2.13, and what it said before. */
import { ApiError, type FieldError, type Refusal } from "./http/api-error.ts";
import type { Has } from "./versions.ts";

const refuse = (refusal: Refusal): ApiError => new ApiError(refusal);

/** Up to 2.12 every missing row was the same "Record not found". */
const RECORD_NOT_FOUND = { message: "Record not found" };
const SOMETHING_WENT_WRONG = { status: 500, message: "Something went wrong" };

export const internalError = () => refuse({ code: "internal_error", ...SOMETHING_WENT_WRONG });

export const invalidRequestBody = () =>
  refuse({
    status: 400,
    code: "invalid_request_body",
    message: "Request body is invalid",
    before213: SOMETHING_WENT_WRONG,
  });

export const validationFailed = (
  message: string,
  fields: FieldError[],
  before213: { status?: number; message?: string },
) => refuse({ status: 400, code: "validation_failed", message, fields, before213 });

export const validationMessage = (message: string) => refuse({ status: 400, code: "validation_failed", message });

export const invalidField = (
  field: string,
  code: string,
  message: string,
  before213?: { status?: number; message?: string },
) =>
  refuse({
    status: 400,
    code: "validation_failed",
    message: `${field} ${message}`,
    fields: [{ field, code, message }],
    ...(before213 && { before213 }),
  });

export const notFound = (resource: string, before213: { status?: number; message?: string } = RECORD_NOT_FOUND) =>
  refuse({ status: 404, code: "not_found", message: `${resource} not found`, details: { resource }, before213 });

export const userNotFound = (before213: { message?: string } = RECORD_NOT_FOUND) =>
  refuse({ status: 404, code: "user_not_found", message: "User not found", before213 });

export const apiKeyNotFound = () =>
  refuse({
    status: 404,
    code: "api_key_not_found",
    message: "API key not found",
    before213: { status: 401, message: "API Key Not Found" },
  });

export const imageNotFound = (before213?: { status?: number; message?: string }) =>
  refuse({ status: 404, code: "image_not_found", message: "Image not found", ...(before213 && { before213 }) });

/** Pocket ID <= 2.12: a client without a logo was an error that nobody mapped. */
export const missingLogo = () => imageNotFound(SOMETHING_WENT_WRONG);

export const notSignedIn = () => refuse({ status: 401, code: "not_signed_in", message: "You are not signed in" });

export const userDisabled = () => refuse({ status: 403, code: "user_disabled", message: "User account is disabled" });

export const missingPermission = () =>
  refuse({ status: 403, code: "forbidden", message: "You don't have permission to perform this action" });

export const apiKeyAuthNotAllowed = () =>
  refuse({
    status: 403,
    code: "api_key_auth_not_allowed",
    message: "API key authentication is not allowed for this endpoint",
  });

export const tooManyRequests = (retryAfter: number) =>
  refuse({ status: 429, code: "rate_limited", message: "Too many requests", retryAfter });

export const alreadyInUse = (property: string) =>
  refuse({
    status: 409,
    code: "already_in_use",
    message: `${property} is already in use`,
    details: { property },
    before213: { status: 400 },
  });

export const clientIdAlreadyExists = () =>
  refuse({
    status: 409,
    code: "client_id_already_exists",
    message: "Client ID is already in use",
    before213: { status: 400, message: "Client ID already in use" },
  });

export const emailRequired = () =>
  invalidField("email", "required", "is required", { message: "The user does not have an email address set" });

export const userEmailNotSet = () =>
  refuse({
    status: 409,
    code: "user_email_not_set",
    message: "The user does not have an email address set",
    before213: { status: 400 },
  });

export const ldapUserUpdate = () =>
  refuse({ status: 403, code: "ldap_user_update", message: "LDAP users can't be updated" });

export const ldapUserGroupUpdate = () =>
  refuse({ status: 403, code: "ldap_user_group_update", message: "LDAP user groups can't be updated" });

export const ldapDisabled = () =>
  refuse({ status: 409, code: "ldap_disabled", message: "LDAP is not enabled", before213: SOMETHING_WENT_WRONG });

export const reservedClaim = (key: string) =>
  refuse({
    status: 400,
    code: "reserved_claim",
    message: `Claim ${key} is reserved and can't be used`,
    details: { key },
    fields: [{ field: "key", code: "reserved", message: "is reserved" }],
  });

export const duplicateClaim = (key: string) =>
  refuse({
    status: 400,
    code: "duplicate_claim",
    message: `Claim ${key} is already defined`,
    details: { key },
    fields: [{ field: "key", code: "duplicate", message: "is listed more than once" }],
  });

export const uiConfigDisabled = () =>
  refuse({
    status: 403,
    code: "ui_config_disabled",
    message: "The configuration can't be changed since the UI configuration is disabled",
  });

export const invalidUserId = () =>
  refuse({
    status: 400,
    code: "validation_failed",
    message: "Request validation failed",
    fields: [{ field: "userId", code: "invalid_format", message: "must be a valid UUID" }],
    before213: { message: "Invalid UUID" },
  });

export const invalidImage = () =>
  refuse({ status: 400, code: "invalid_image", message: "File is not a valid image", before213: SOMETHING_WENT_WRONG });

export const missingFile = () => invalidField("file", "required", "is required", SOMETHING_WENT_WRONG);

export const fileTypeNotSupported = () =>
  refuse({
    status: 415,
    code: "file_type_not_supported",
    message: "File type is not supported",
    before213: { status: 400, message: "File type not supported" },
  });

export const wrongFileType = (expected: string, before213: string) =>
  refuse({
    status: 415,
    code: "file_type_not_supported",
    message: `File must be of type ${expected}`,
    details: { expected_file_type: expected },
    before213: { status: 400, message: `File must be of type ${before213}` },
  });

export const fileTooLarge = (maxSize: string) =>
  refuse({
    status: 413,
    code: "file_too_large",
    message: `File must not exceed ${maxSize}`,
    details: { max_size: maxSize },
    before213: { message: `The file can't be larger than ${maxSize}` },
  });

export const invalidLogoUrl = () =>
  refuse({
    status: 400,
    code: "validation_failed",
    message: "Logo URL is not allowed",
    fields: [{ field: "logoUrl", code: "invalid_value", message: "must be a public HTTP or HTTPS URL" }],
    before213: SOMETHING_WENT_WRONG,
  });

export const logoDownloadFailed = () =>
  refuse({
    status: 422,
    code: "logo_download_failed",
    message: "Logo could not be downloaded",
    before213: SOMETHING_WENT_WRONG,
  });

export const logoTypeNotSupported = () =>
  refuse({
    status: 422,
    code: "logo_type_not_supported",
    message: "Downloaded logo has an unsupported file type",
    before213: { status: 400, message: "File type not supported" },
  });

export const logoTooLarge = () =>
  refuse({
    status: 422,
    code: "logo_too_large",
    message: "Downloaded logo must not exceed 2 MB",
    details: { max_size: "2 MB" },
    before213: SOMETHING_WENT_WRONG,
  });

export const oidcAccessDenied = () =>
  refuse({ status: 403, code: "oidc_access_denied", message: "You're not allowed to access this service" });

export const oneTimeAccessDisabled = () =>
  refuse({
    status: 403,
    code: "one_time_access_disabled",
    message: "One-time access is disabled",
    before213: { status: 400 },
  });

export const tokenInvalidOrExpired = (has: Has) =>
  refuse({
    status: has("expiredTokensAreUnauthorized") ? 401 : 400,
    code: "token_invalid_or_expired",
    message: "Token is invalid or expired",
  });

export const deviceCodeInvalid = () =>
  refuse({
    status: 401,
    code: "device_code_invalid",
    message: "One-time access code must be used on the device it was generated for",
    before213: { message: "one time access code must be used on the device it was generated for" },
  });

export const invalidEmailVerificationToken = () =>
  refuse({
    status: 400,
    code: "invalid_email_verification_token",
    message: "Email verification token is invalid",
    before213: { message: "Invalid email verification token" },
  });

export const openSignupDisabled = () =>
  refuse({ status: 403, code: "open_signup_disabled", message: "Open user signup is not enabled" });

export const setupNotAvailable = () => refuse({ status: 404, code: "setup_not_available", message: "Not found" });

export const setupAlreadyCompleted = (has: Has) =>
  refuse({
    status: 409,
    code: "setup_already_completed",
    message: "Initial setup has already been completed",
    before213: has("setupStateReadable")
      ? { status: 404, message: "Not found" }
      : { status: 400, message: "Setup already completed" },
  });

export const invalidApiKeyExpiration = () =>
  refuse({
    status: 400,
    code: "invalid_api_key_expiration",
    message: "API key expiration time must be in the future",
    fields: [{ field: "expiresAt", code: "invalid_value", message: "must be in the future" }],
    before213: { message: "API Key expiration time must be in the future" },
  });

export const apiKeyNotExpired = () =>
  refuse({
    status: 409,
    code: "api_key_not_expired",
    message: "API key is not expired yet",
    before213: { status: 400, message: "API Key is not expired yet" },
  });
