/** The next step after an error of Pocket ID, in one sentence; null where there is none that we could know. */
export function hintFor(status: number | null, code: string | null, method: string): string | null {
  if (code !== null && code in hints) return hints[code] ?? null;
  if (status === 401) return hints.not_signed_in ?? null;
  if (status === 403) return hints.forbidden ?? null;
  if (status === 429) return hints.rate_limited ?? null;
  if (status === null || status < 500) return null;
  const hint = status === 502 || status === 503 || status === 504 ? hints.proxy : hints.internal_error;
  return method === "GET" ? (hint ?? null) : `${hint} ${checkFirst}`;
}

const checkFirst = "Look at what it did before trying again: the change may have been made.";

const hints: Readonly<Record<string, string>> = {
  not_signed_in:
    "The API key is wrong, missing or expired: create a new one in Pocket ID under Settings → Administration → API Keys and set POCKETID_API_KEY or POCKETID_API_KEY_FILE.",
  forbidden: "The owner of the API key is not an administrator: use a key of an administrator.",
  user_disabled: "The owner of the API key in use is disabled: another administrator has to enable the account.",
  ui_config_disabled:
    "The configuration comes from the server's environment (UI_CONFIG_DISABLED=true): change it there and restart Pocket ID.",
  ldap_user_update: "The account comes from LDAP: disable or change it in the directory, then sync.",
  ldap_user_group_update: "The group comes from LDAP: change it in the directory, then sync.",
  one_time_access_disabled: "Set emailOneTimeAccessAsAdminEnabled to true with app_config_update first.",
  user_email_not_set: "The account has no e-mail address: set one with user_update first.",
  api_key_not_expired:
    "Pocket ID renews expired keys only: create another key instead, or wait until this one has expired.",
  invalid_api_key_expiration: "Give a point in time in the future.",
  already_in_use: "Choose another value, or update the object that has it.",
  client_id_already_exists: "Choose another client id, or leave it out to get a random one.",
  oidc_access_denied: "The user is not in any of the groups that may use this client.",
  image_not_found: "It is not set: there is nothing to delete.",
  invalid_image: "Pocket ID cannot decode this image: give it as png or jpg.",
  rate_limited: "Wait a little before the next call.",
  reserved_claim: "Choose another key: this one belongs to OpenID Connect.",
  ldap_disabled: "LDAP is switched off: set ldapEnabled with app_config_update first.",
  timeout: "Check that it runs and is reachable from here, or raise POCKETID_TIMEOUT.",
  not_sent:
    "Check that Pocket ID runs and is reachable from here. If it only is slow to answer, ask for less at once, or raise POCKETID_TIMEOUT.",
  proxy: "Pocket ID, or the proxy in front of it, is not ready: check that both run.",
  connection_failed: "Check POCKETID_URL and that Pocket ID is running and reachable from here.",
  certificate_refused: "The certificate is not trusted: set POCKETID_CA_FILE to the certificate of your own authority.",
  redirect_refused:
    "Redirects are not followed, so that the API key goes nowhere else: set POCKETID_URL to the final address.",
  not_pocket_id: "Set POCKETID_URL to the origin of the Pocket ID instance, such as https://id.example.com.",
  answer_too_large: "Ask for less at once: a smaller limit, or a search.",
  internal_error: "Pocket ID hides the reason: look into its log.",
};
