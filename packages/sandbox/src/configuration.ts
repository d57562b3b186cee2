/** The configuration keys of Pocket ID with default, rule and whether they are public, in its order. */
import { type Field, optionalText, type Shape, text } from "./http/fields.ts";
import {
  anyJson,
  booleanString,
  cimdUrlAllowlist,
  email,
  integerString,
  jsonCustomClaims,
  jsonStringArray,
  max,
  min,
  oneOf,
  type Rule,
} from "./http/rules.ts";
import type { Has } from "./versions.ts";

export interface ConfigurationKey {
  readonly key: string;
  readonly standard: string;
  readonly isPublic?: boolean;
  readonly sensitive?: boolean;
  readonly field: Field<string>;
}

/** In the order in which Pocket ID lists them. */
export function configurationKeys(has: Has): ConfigurationKey[] {
  const strict = has("strictConfiguration");
  // Pocket ID <= 2.13: a boolean or a number only had to be there, and three of them not even that.
  const bool = strict ? [booleanString] : [];
  const required = (go: string, ...rules: Rule[]) => text(go, { required: true, rules });
  const since214 = (go: string) => (strict ? required(go, booleanString) : text(go));
  return [
    {
      key: "appName",
      standard: "Pocket ID",
      isPublic: true,
      field: text("AppName", { required: true, rules: [min(1), max(30)], nfc: true }),
    },
    { key: "sessionDuration", standard: "60", field: required("SessionDuration", ...(strict ? [integerString] : [])) },
    ...when(has("homePageAndEmailVerification"), {
      key: "homePageUrl",
      standard: "/settings/account",
      isPublic: true,
      field: required("HomePageURL"),
    }),
    { key: "emailsVerified", standard: "false", field: required("EmailsVerified", ...bool) },
    { key: "accentColor", standard: "default", isPublic: true, field: text("AccentColor") },
    { key: "disableAnimations", standard: "false", isPublic: true, field: required("DisableAnimations", ...bool) },
    { key: "allowOwnAccountEdit", standard: "true", isPublic: true, field: required("AllowOwnAccountEdit", ...bool) },
    {
      key: "allowUserSignups",
      standard: "disabled",
      isPublic: true,
      field: required("AllowUserSignups", oneOf("disabled", "withToken", "open")),
    },
    {
      key: "signupDefaultUserGroupIDs",
      standard: "[]",
      field: optionalText("SignupDefaultUserGroupIDs", { rules: [strict ? jsonStringArray : anyJson] }),
    },
    {
      key: "signupDefaultCustomClaims",
      standard: "[]",
      field: optionalText("SignupDefaultCustomClaims", { rules: [strict ? jsonCustomClaims : anyJson] }),
    },
    { key: "requireUserEmail", standard: "true", isPublic: true, field: required("RequireUserEmail", ...bool) },
    { key: "smtpHost", standard: "", field: text("SmtpHost") },
    { key: "smtpPort", standard: "", field: text("SmtpPort") },
    { key: "smtpFrom", standard: "", field: optionalText("SmtpFrom", { rules: [email] }) },
    { key: "smtpUser", standard: "", field: text("SmtpUser") },
    { key: "smtpPassword", standard: "", sensitive: true, field: text("SmtpPassword") },
    { key: "smtpTls", standard: "none", field: required("SmtpTls", oneOf("none", "starttls", "tls")) },
    { key: "smtpSkipCertVerify", standard: "false", field: since214("SmtpSkipCertVerify") },
    {
      key: "emailLoginNotificationEnabled",
      standard: "false",
      field: required("EmailLoginNotificationEnabled", ...bool),
    },
    {
      key: "emailOneTimeAccessAsUnauthenticatedEnabled",
      standard: "false",
      isPublic: true,
      field: required("EmailOneTimeAccessAsUnauthenticatedEnabled", ...bool),
    },
    {
      key: "emailOneTimeAccessAsAdminEnabled",
      standard: "false",
      isPublic: true,
      field: required("EmailOneTimeAccessAsAdminEnabled", ...bool),
    },
    {
      key: "emailApiKeyExpirationEnabled",
      standard: "false",
      field: required("EmailApiKeyExpirationEnabled", ...bool),
    },
    ...when(has("homePageAndEmailVerification"), {
      key: "emailVerificationEnabled",
      standard: "false",
      isPublic: true,
      field: required("EmailVerificationEnabled", ...bool),
    }),
    { key: "ldapEnabled", standard: "false", isPublic: true, field: required("LdapEnabled", ...bool) },
    { key: "ldapUrl", standard: "", field: text("LdapUrl") },
    { key: "ldapBindDn", standard: "", field: text("LdapBindDn") },
    { key: "ldapBindPassword", standard: "", sensitive: true, field: text("LdapBindPassword") },
    { key: "ldapBase", standard: "", field: text("LdapBase") },
    { key: "ldapUserSearchFilter", standard: "(objectClass=person)", field: text("LdapUserSearchFilter") },
    {
      key: "ldapUserGroupSearchFilter",
      standard: "(objectClass=groupOfNames)",
      field: text("LdapUserGroupSearchFilter"),
    },
    { key: "ldapSkipCertVerify", standard: "false", field: since214("LdapSkipCertVerify") },
    { key: "ldapAttributeUserUniqueIdentifier", standard: "", field: text("LdapAttributeUserUniqueIdentifier") },
    { key: "ldapAttributeUserUsername", standard: "", field: text("LdapAttributeUserUsername") },
    { key: "ldapAttributeUserEmail", standard: "", field: text("LdapAttributeUserEmail") },
    { key: "ldapAttributeUserFirstName", standard: "", field: text("LdapAttributeUserFirstName") },
    { key: "ldapAttributeUserLastName", standard: "", field: text("LdapAttributeUserLastName") },
    { key: "ldapAttributeUserDisplayName", standard: "cn", field: text("LdapAttributeUserDisplayName") },
    { key: "ldapAttributeUserProfilePicture", standard: "", field: text("LdapAttributeUserProfilePicture") },
    { key: "ldapAttributeGroupMember", standard: "member", field: text("LdapAttributeGroupMember") },
    { key: "ldapAttributeGroupUniqueIdentifier", standard: "", field: text("LdapAttributeGroupUniqueIdentifier") },
    { key: "ldapAttributeGroupName", standard: "", field: text("LdapAttributeGroupName") },
    has("ldapAdminGroupName")
      ? { key: "ldapAdminGroupName", standard: "", field: text("LdapAdminGroupName") }
      : { key: "ldapAttributeAdminGroup", standard: "", field: text("LdapAttributeAdminGroup") },
    { key: "ldapSoftDeleteUsers", standard: "true", field: since214("LdapSoftDeleteUsers") },
    ...when(
      has("webauthnPolicy"),
      {
        key: "webauthnUserVerification",
        standard: "required",
        field: required("WebauthnUserVerification", oneOf("required", "preferred")),
      },
      {
        key: "webauthnAllowSyncedPasskeys",
        standard: "true",
        field: required("WebauthnAllowSyncedPasskeys", strict ? booleanString : oneOf("true", "false")),
      },
      {
        key: "webauthnAuthenticatorAttachment",
        standard: "any",
        field: required("WebauthnAuthenticatorAttachment", oneOf("any", "platform", "cross-platform")),
      },
    ),
    ...when(has("cimd"), {
      key: "cimdUrlAllowlist",
      standard: "[]",
      field: optionalText("CIMDURLAllowlist", { rules: [strict ? cimdUrlAllowlist : anyJson] }),
    }),
  ];
}

/** Pocket ID complains about these after all others, and in this order. */
const LAST_CHECKED = [
  "emailOneTimeAccessAsAdminEnabled",
  "emailOneTimeAccessAsUnauthenticatedEnabled",
  "emailLoginNotificationEnabled",
  "emailApiKeyExpirationEnabled",
  "emailVerificationEnabled",
  "cimdUrlAllowlist",
];

/** The body of a PUT. */
export function configurationShape(has: Has): Shape {
  const keys = configurationKeys(has).toSorted((a, b) => LAST_CHECKED.indexOf(a.key) - LAST_CHECKED.indexOf(b.key));
  return Object.fromEntries(keys.map(({ key, field }) => [key, field]));
}

export const isTrue = (configuration: ReadonlyMap<string, string>, key: string): boolean =>
  ["true", "t", "1", "yes", "y", "on"].includes((configuration.get(key) ?? "").toLowerCase());

const when = (condition: boolean, ...keys: ConfigurationKey[]): ConfigurationKey[] => (condition ? keys : []);
