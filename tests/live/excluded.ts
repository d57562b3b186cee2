import type { Instance } from "./instance.ts";

/** Tools that cannot do their job against this Pocket ID, and why. That they say so is tested all the same. */
export interface Exclusion {
  readonly tools: readonly string[];
  readonly reason: string;
  readonly applies: boolean;
}

/** The exclusions that hold here: what the running version, or this place, lacks. Nothing else may be left undone. */
export function exclusions({ atLeast, codeByApi }: Instance, { slapd }: { slapd: boolean }): Exclusion[] {
  const since = (version: string, ...tools: string[]): Exclusion => ({
    tools,
    reason: `Pocket ID has it since ${version}`,
    applies: !atLeast(version),
  });
  const all: Exclusion[] = [
    since("2.0.0", "app_image_update_email_logo", "user_group_update_allowed_clients"),
    since("2.0.0", "scim_provider_get", "scim_provider_create", "scim_provider_update"),
    since("2.0.0", "scim_provider_delete", "scim_provider_sync"),
    since("2.2.0", "api_key_renew"),
    since("2.5.0", "app_image_delete_background"),
    since("2.6.0", "setup_status"),
    since("2.10.0", "api_list", "api_get", "api_create", "api_update", "api_delete", "api_set_permissions"),
    since("2.10.0", "api_grant_client", "api_revoke_client", "api_client_list", "api_access_list"),
    since("2.13.0", "oidc_client_refresh_metadata"),
    since("2.14.0", "oidc_client_list_secrets", "oidc_client_delete_secret", "app_image_delete_logo"),
    since("2.14.0", "api_set_cimd_access"),
    {
      tools: ["oidc_client_refresh_metadata"],
      reason: "Pocket ID reads metadata documents over https from public addresses alone",
      applies: atLeast("2.13.0"),
    },
    {
      tools: ["oidc_client_revoke_authorization"],
      reason: "since 2.10, only a browser can authorize a client",
      applies: !codeByApi,
    },
    {
      tools: ["app_config_sync_ldap"],
      reason: "no slapd in the PATH, and POCKETID_LIVE_SLAPD names none",
      applies: !slapd,
    },
  ];
  return all.filter(({ applies }) => applies);
}
