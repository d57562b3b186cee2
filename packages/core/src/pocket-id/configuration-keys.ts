/** What a value of the configuration stands for; Pocket ID stores all of them as text. */
export type ConfigurationKind = "text" | "secret" | "boolean" | "integer" | "choice" | "groups" | "claims" | "texts";

export interface ConfigurationKey {
  readonly kind: ConfigurationKind;
  readonly description: string;
  /** What a choice can be. */
  readonly values?: readonly [string, ...string[]];
  /** Always has a value: it can be changed, not cleared. */
  readonly required?: true;
}

const text = (description: string) => ({ kind: "text", description }) as const;
const secret = (description: string) => ({ kind: "secret", description }) as const;
const flag = (description: string) => ({ kind: "boolean", description, required: true }) as const;
const choice = <const V extends readonly [string, ...string[]]>(values: V, description: string) =>
  ({ kind: "choice", values, description, required: true }) as const;

/** Every key of the application configuration at 2.14; which ones are newer than 1.16 stands in the version table. */
export const configurationKeys = {
  appName: { kind: "text", description: "Shown name", required: true },
  sessionDuration: { kind: "integer", description: "Minutes", required: true },
  homePageUrl: { kind: "text", description: "After sign-in", required: true },
  emailsVerified: flag("By default"),
  disableAnimations: flag("No animations"),
  allowOwnAccountEdit: flag("May edit it"),
  allowUserSignups: choice(["disabled", "withToken", "open"], "Who can sign up"),
  signupDefaultUserGroupIDs: { kind: "groups", description: "Names or ids" },
  signupDefaultCustomClaims: { kind: "claims", description: "Of new users" },
  accentColor: text("CSS color"),
  requireUserEmail: flag("Needed"),
  smtpHost: text("Mail server"),
  smtpPort: { kind: "integer", description: "Port" },
  smtpFrom: text("Sender"),
  smtpUser: text("Login"),
  smtpPassword: secret("Password"),
  smtpTls: choice(["none", "starttls", "tls"], "Encryption"),
  smtpSkipCertVerify: flag("Accept any certificate"),
  emailLoginNotificationEnabled: flag("Mail on new device"),
  emailOneTimeAccessAsUnauthenticatedEnabled: flag("Anyone may request one"),
  emailOneTimeAccessAsAdminEnabled: flag("Admins may send one"),
  emailApiKeyExpirationEnabled: flag("Warn by mail"),
  emailVerificationEnabled: flag("Verify"),
  ldapEnabled: flag("Use LDAP"),
  ldapUrl: text("Server"),
  ldapBindDn: text("Bind DN"),
  ldapBindPassword: secret("Password"),
  ldapBase: text("Base DN"),
  ldapUserSearchFilter: text("Users"),
  ldapUserGroupSearchFilter: text("Groups"),
  ldapSkipCertVerify: flag("Accept any certificate"),
  ldapAttributeUserUniqueIdentifier: text("Attribute"),
  ldapAttributeUserUsername: text("Attribute"),
  ldapAttributeUserEmail: text("Attribute"),
  ldapAttributeUserFirstName: text("Attribute"),
  ldapAttributeUserLastName: text("Attribute"),
  ldapAttributeUserDisplayName: text("Attribute"),
  ldapAttributeUserProfilePicture: text("Attribute"),
  ldapAttributeGroupMember: text("Attribute"),
  ldapAttributeGroupUniqueIdentifier: text("Attribute"),
  ldapAttributeGroupName: text("Attribute"),
  ldapAdminGroupName: text("Admins"),
  ldapSoftDeleteUsers: flag("Disable, not delete"),
  webauthnUserVerification: choice(["required", "preferred"], "PIN or biometrics"),
  webauthnAllowSyncedPasskeys: flag("Allow synced"),
  webauthnAuthenticatorAttachment: choice(["any", "platform", "cross-platform"], "Kind of device"),
  cimdUrlAllowlist: { kind: "texts", description: "May register themselves" },
} as const satisfies Record<string, ConfigurationKey>;

export type ConfigurationKeyName = keyof typeof configurationKeys;

/** Says whether a value must never be shown; of keys that we do not know, the name tells. */
export function isSecretKey(key: string): boolean {
  return isKnownKey(key) ? configurationKeys[key].kind === "secret" : /password|secret|token/i.test(key);
}

export const isKnownKey = (key: string): key is ConfigurationKeyName => Object.hasOwn(configurationKeys, key);
