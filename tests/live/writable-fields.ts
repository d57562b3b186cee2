import type { Instance, Json } from "./instance.ts";

/** A field that an update can write. */
export interface Field {
  /** What it holds at first: another value than the default, wherever there is one. */
  readonly first?: Json;
  /** What it is told to become, one after another. */
  readonly steps: readonly Json[];
  /** Whether null clears it. */
  readonly nullable: boolean;
  /** The version of Pocket ID that it came with. */
  readonly since: string;
  /** What a step changes in the object. Side effects stand here. */
  changes(given: Json, before: Json): object;
  /** Pocket ID cannot take it here: the answer says so, and nothing changes. */
  readonly refused: boolean;
}

/** Objects of one kind, and the tool that changes them. */
export interface Kind {
  readonly tool: string;
  /** The argument that names the object; left out where there is only one. */
  readonly reference?: "user" | "group" | "client" | "api";
  readonly since: string;
  readonly fields: Readonly<Record<string, Field>>;
}

interface Options extends Partial<Pick<Field, "since" | "changes" | "refused">> {
  /** What it holds after null; left out where null is no value. */
  readonly cleared?: Json;
  /** The version of Pocket ID that takes null. */
  readonly clearedSince?: string;
}

/** Every field that a tool can write in an object that is there, with two values for each. */
export function kindsOf(
  { prefix, atLeast }: Pick<Instance, "prefix" | "atLeast">,
  groups: Readonly<Record<string, string>>,
): Readonly<Record<string, Kind>> {
  /** A field of this name: to the second value, over null where that is one, and there and back again. */
  const field = (name: string, first: Json, second: Json, options: Options = {}): [string, Field] => {
    const { cleared, clearedSince = "0.0.0", since = "0.0.0", refused = false } = options;
    const nullable = "cleared" in options;
    const changes = options.changes ?? ((given: Json) => ({ [name]: given ?? cleared }));
    const steps = [second, ...(nullable && atLeast(clearedSince) ? [null] : []), first, second];
    return [name, { first, steps, nullable, since, changes, refused }];
  };
  /** An argument that is no field of the object, and changes one. */
  const argument = (name: string, step: Json, changes: Field["changes"], refused = false): [string, Field] => [
    name,
    { steps: [step], nullable: false, since: "0.0.0", changes, refused },
  ];
  /** A value of the configuration, which Pocket ID stores as text. */
  const setting = (name: string, first: Json, second: Json, options: Options = {}): [string, Field] =>
    field(name, first, second, {
      changes: (given) => ({ [name]: given === null ? options.cleared : textOf(given) }),
      ...options,
    });
  const kind = (tool: string, fields: [string, Field][], more: Partial<Kind> = {}): Kind => ({
    tool,
    since: "0.0.0",
    ...more,
    fields: Object.fromEntries(fields),
  });

  // Pocket ID < 2.4 does not do without these two.
  const name = { cleared: "", clearedSince: "2.4.0" };
  const identity = (subject: string, replayProtection: boolean): Json => ({
    issuer: `https://${subject}.fields.example`,
    subject,
    audience: `for-${subject}`,
    jwks: `https://${subject}.fields.example/jwks`,
    ...(atLeast("2.10.0") ? { replayProtection } : {}),
  });
  const unreachable = "http://127.0.0.1:9/logo.svg";

  return {
    user: kind(
      "user_update",
      [
        field("username", `${prefix}-first`, `${prefix}-second`),
        field("displayName", "First Field", "Second Field", name),
        field("firstName", "First", "Second", name),
        field("lastName", "Field", "Meadow", { cleared: "" }),
        field("email", `${prefix}-first@fields.example`, `${prefix}-second@fields.example`, { cleared: null }),
        field("emailVerified", true, false, { since: "2.2.0" }),
        field("isAdmin", true, false),
        field("disabled", true, false),
        field("locale", "de", "fr", { cleared: null }),
      ],
      { reference: "user" },
    ),
    group: kind(
      "user_group_update",
      [field("name", `${prefix}-first`, `${prefix}-second`), field("friendlyName", "First Field", "Second Field")],
      { reference: "group" },
    ),
    client: kind(
      "oidc_client_update",
      [
        field("name", `${prefix} first`, `${prefix} second`),
        field("description", "The first", "The second", { cleared: "", since: "2.10.0" }),
        field(
          "callbackURLs",
          ["https://a.fields.example/", "https://b.fields.example/"],
          ["https://c.fields.example/"],
        ),
        argument("addCallbackURLs", ["https://d.fields.example/"], (added, { callbackURLs }) => ({
          callbackURLs: [...callbackURLs, ...added],
        })),
        argument("removeCallbackURLs", ["https://c.fields.example/"], (removed, { callbackURLs }) => ({
          callbackURLs: callbackURLs.filter((url: string) => !removed.includes(url)),
        })),
        field("logoutCallbackURLs", ["https://a.fields.example/bye"], ["https://b.fields.example/bye"]),
        field("launchURL", "https://a.fields.example/", "https://b.fields.example/", { cleared: null }),
        field("pkceEnabled", true, false),
        field("requiresReauthentication", true, false),
        field("requiresPushedAuthorizationRequests", true, false, { since: "2.9.0" }),
        field("skipConsent", true, false, { since: "2.10.0" }),
        field("accessTokenDurationMinutes", 45, 30, { since: "2.13.0" }),
        field("refreshTokenDurationMinutes", 4_500, 3_000, { since: "2.13.0" }),
        field("federatedIdentities", [identity("a", true)], [identity("b", false), identity("a", true)], {
          changes: (federatedIdentities, { credentials }) => ({ credentials: { ...credentials, federatedIdentities } }),
        }),
        // Pocket ID downloads logos from public addresses alone, and there are none here.
        argument("logoUrl", unreachable, () => ({}), true),
        argument("darkLogoUrl", unreachable, () => ({}), true),
        field("isGroupRestricted", true, false, {
          since: "2.0.0",
          // Opened to everyone, it forgets the groups.
          changes: (isGroupRestricted, { allowedUserGroups }) => ({
            isGroupRestricted,
            allowedUserGroups: isGroupRestricted ? allowedUserGroups : [],
          }),
        }),
        // At first false, its default: a public client has no secret that could get lost.
        field("isPublic", false, true, {
          // Public clients always use PKCE.
          changes: (isPublic, { pkceEnabled }) => ({ isPublic, pkceEnabled: isPublic || pkceEnabled }),
        }),
      ],
      { reference: "client" },
    ),
    api: kind("api_update", [field("name", `${prefix} first`, `${prefix} second`)], {
      reference: "api",
      since: "2.10.0",
    }),
    scimProvider: kind(
      "scim_provider_update",
      [
        field("endpoint", "https://a.fields.example/scim", "https://b.fields.example/scim"),
        field("token", "first-token-of-the-fields", "second-token-of-the-fields", { cleared: "" }),
      ],
      { reference: "client", since: "2.0.0" },
    ),
    configuration: kind("app_config_update", [
      setting("appName", "First", "Second"),
      setting("sessionDuration", 90, 120),
      setting("homePageUrl", "/settings/apps", "/settings/audit-log", { since: "2.2.0" }),
      setting("emailsVerified", true, false),
      setting("disableAnimations", true, false),
      setting("allowOwnAccountEdit", false, true),
      setting("allowUserSignups", "withToken", "open"),
      setting("signupDefaultUserGroupIDs", [`${prefix}-default-a`], [`${prefix}-default-b`, `${prefix}-default-a`], {
        cleared: "[]",
        changes: (given: string[] | null) => ({
          signupDefaultUserGroupIDs: JSON.stringify(given?.map((name) => groups[name]) ?? []),
        }),
      }),
      setting("signupDefaultCustomClaims", { tier: "new" }, { tier: "old", floor: "2" }, { cleared: "[]" }),
      setting("accentColor", "#336699", "#993366", { cleared: "default" }),
      setting("requireUserEmail", false, true),
      setting("smtpHost", "a.fields.example", "b.fields.example", { cleared: "" }),
      setting("smtpPort", 2525, 587, { cleared: "" }),
      setting("smtpFrom", "a@fields.example", "b@fields.example", { cleared: "" }),
      setting("smtpUser", "first", "second", { cleared: "" }),
      setting("smtpPassword", "first-smtp-password", "second-smtp-password", { cleared: "" }),
      setting("smtpTls", "starttls", "tls"),
      setting("smtpSkipCertVerify", true, false),
      setting("emailLoginNotificationEnabled", true, false),
      setting("emailOneTimeAccessAsUnauthenticatedEnabled", true, false),
      setting("emailOneTimeAccessAsAdminEnabled", true, false),
      setting("emailApiKeyExpirationEnabled", true, false),
      setting("emailVerificationEnabled", true, false, { since: "2.2.0" }),
      setting("ldapEnabled", true, false),
      setting("ldapUrl", "ldap://127.0.0.1:9", "ldaps://127.0.0.1:9", { cleared: "" }),
      setting("ldapBindDn", "cn=first", "cn=second", { cleared: "" }),
      setting("ldapBindPassword", "first-ldap-password", "second-ldap-password", { cleared: "" }),
      setting("ldapBase", "dc=first", "dc=second", { cleared: "" }),
      setting("ldapUserSearchFilter", "(uid=first)", "(uid=second)", { cleared: "(objectClass=person)" }),
      setting("ldapUserGroupSearchFilter", "(cn=first)", "(cn=second)", { cleared: "(objectClass=groupOfNames)" }),
      setting("ldapSkipCertVerify", true, false),
      setting("ldapAttributeUserUniqueIdentifier", "uuid", "entryUUID", { cleared: "" }),
      setting("ldapAttributeUserUsername", "uid", "cn", { cleared: "" }),
      setting("ldapAttributeUserEmail", "mail", "email", { cleared: "" }),
      setting("ldapAttributeUserFirstName", "givenName", "gn", { cleared: "" }),
      setting("ldapAttributeUserLastName", "sn", "surname", { cleared: "" }),
      setting("ldapAttributeUserDisplayName", "displayName", "gecos", { cleared: "cn" }),
      setting("ldapAttributeUserProfilePicture", "jpegPhoto", "photo", { cleared: "" }),
      setting("ldapAttributeGroupMember", "uniqueMember", "memberUid", { cleared: "member" }),
      setting("ldapAttributeGroupUniqueIdentifier", "uuid", "entryUUID", { cleared: "" }),
      setting("ldapAttributeGroupName", "cn", "ou", { cleared: "" }),
      setting("ldapAdminGroupName", "admins", "owners", { cleared: "", since: "2.0.0" }),
      setting("ldapSoftDeleteUsers", false, true),
      setting("webauthnUserVerification", "preferred", "required", { since: "2.13.0" }),
      setting("webauthnAllowSyncedPasskeys", false, true, { since: "2.13.0" }),
      setting("webauthnAuthenticatorAttachment", "platform", "cross-platform", { since: "2.13.0" }),
      setting("cimdUrlAllowlist", ["https://*.a.example/*"], ["https://*.b.example/*"], {
        cleared: "[]",
        since: "2.13.0",
      }),
    ]),
  };
}

/** A value of the configuration as Pocket ID stores it. */
function textOf(value: Json): string {
  if (typeof value === "string") return value;
  const claims = typeof value === "object" && !Array.isArray(value);
  return JSON.stringify(claims ? Object.entries(value).map(([key, inner]) => ({ key, value: inner })) : value);
}
