import { describe, expect, it } from "vitest";
import { type SandboxVersion, sandboxVersions } from "../src/index.ts";
import { at, pocketId } from "./pocket-id.ts";

const NOBODY = "7c3c8a58-6f70-4a5f-9d67-0b8a3a6a2f11";

/** A route, the first version that has it, and the first one that has it no more. */
const routes: [method: string, path: string, since: string, until?: string][] = [
  ["GET", "/api/api-access/gitea", "2.10", "2.14"],
  ["PUT", "/api/api-access/gitea", "2.10", "2.14"],
  ["GET", "/api/api-access/gitea/apis", "2.14"],
  ["GET", "/api/api-access/gitea/assignable-apis", "2.14"],
  ["POST", `/api/api-keys/${NOBODY}/renew`, "2.2"],
  ["GET", "/api/apis", "2.10"],
  ["POST", "/api/apis", "2.10"],
  ["GET", `/api/apis/${NOBODY}`, "2.10"],
  ["PUT", `/api/apis/${NOBODY}`, "2.10"],
  ["DELETE", `/api/apis/${NOBODY}`, "2.10"],
  ["PUT", `/api/apis/${NOBODY}/permissions`, "2.10"],
  ["PUT", `/api/apis/${NOBODY}/cimd-access`, "2.14"],
  ["GET", `/api/apis/${NOBODY}/clients`, "2.14"],
  ["GET", `/api/apis/${NOBODY}/assignable-clients`, "2.14"],
  ["PUT", `/api/apis/${NOBODY}/clients/gitea`, "2.14"],
  ["DELETE", `/api/apis/${NOBODY}/clients/gitea`, "2.14"],
  ["GET", "/api/application-configuration/logo", "0.1", "1.12"],
  ["PUT", "/api/application-configuration/background-image", "0.1", "1.12"],
  ["DELETE", "/api/application-images/background", "2.5"],
  ["DELETE", "/api/application-images/logo", "2.14"],
  ["DELETE", "/api/application-images/favicon", "9.0"],
  ["GET", "/api/application-images/email", "2.0"],
  ["PUT", "/api/application-images/email", "2.0"],
  ["GET", "/api/application-images/default-profile-picture", "1.15"],
  ["POST", "/api/oidc/clients/gitea/refresh", "2.13"],
  ["GET", "/api/oidc/clients/gitea/scim-service-provider", "2.0"],
  ["POST", "/api/oidc/clients/gitea/secret", "0.1", "2.14"],
  ["GET", "/api/oidc/clients/gitea/secrets", "2.14"],
  ["POST", "/api/oidc/clients/gitea/secrets", "2.14"],
  ["DELETE", `/api/oidc/clients/gitea/secrets/${NOBODY}`, "2.14"],
  ["GET", `/api/oidc/users/${NOBODY}/clients`, "1.3", "1.8"],
  ["POST", "/api/scim/service-provider", "2.0"],
  ["PUT", `/api/scim/service-provider/${NOBODY}`, "2.0"],
  ["DELETE", `/api/scim/service-provider/${NOBODY}`, "2.0"],
  ["POST", `/api/scim/service-provider/${NOBODY}/sync`, "2.0"],
  ["GET", "/api/signup/setup", "2.6"],
  ["POST", "/api/signup/setup", "1.5"],
  ["PUT", `/api/user-groups/${NOBODY}/allowed-oidc-clients`, "2.0"],
  ["GET", `/api/users/${NOBODY}/webauthn-credentials`, "2.6"],
  ["DELETE", `/api/users/${NOBODY}/webauthn-credentials/${NOBODY}`, "2.6"],
  ["POST", "/api/users/me/send-email-verification", "2.2"],
  ["POST", "/api/users/me/verify-email", "2.2"],
  ["GET", "/api/version/current", "2.3"],
  ["GET", "/api/version/latest", "1.11"],
  ["POST", "/api/oidc/par", "2.9"],
  ["POST", "/api/device-login/requests", "2.12"],
];

/** In every version that there is. */
const always: [method: string, path: string][] = [
  ["GET", "/.well-known/jwks.json"],
  ["GET", "/.well-known/openid-configuration"],
  ["GET", "/api/api-keys"],
  ["POST", "/api/api-keys"],
  ["DELETE", `/api/api-keys/${NOBODY}`],
  ["GET", "/api/application-configuration"],
  ["PUT", "/api/application-configuration"],
  ["GET", "/api/application-configuration/all"],
  ["POST", "/api/application-configuration/sync-ldap"],
  ["POST", "/api/application-configuration/test-email"],
  ["GET", "/api/audit-logs"],
  ["GET", "/api/audit-logs/all"],
  ["GET", "/api/audit-logs/filters/client-names"],
  ["GET", "/api/audit-logs/filters/users"],
  ["GET", "/api/custom-claims/suggestions"],
  ["PUT", `/api/custom-claims/user-group/${NOBODY}`],
  ["PUT", `/api/custom-claims/user/${NOBODY}`],
  ["GET", "/api/oidc/clients"],
  ["POST", "/api/oidc/clients"],
  ["DELETE", "/api/oidc/clients/nothing"],
  ["GET", "/api/oidc/clients/nothing"],
  ["PUT", "/api/oidc/clients/nothing"],
  ["PUT", "/api/oidc/clients/nothing/allowed-user-groups"],
  ["DELETE", "/api/oidc/clients/nothing/logo"],
  ["GET", "/api/oidc/clients/nothing/logo"],
  ["POST", "/api/oidc/clients/nothing/logo"],
  ["GET", "/api/oidc/clients/nothing/meta"],
  ["GET", `/api/oidc/clients/nothing/preview/${NOBODY}`],
  ["GET", `/api/oidc/users/${NOBODY}/authorized-clients`],
  ["GET", "/api/oidc/users/me/authorized-clients"],
  ["DELETE", "/api/oidc/users/me/authorized-clients/nothing"],
  ["GET", "/api/oidc/users/me/clients"],
  ["POST", "/api/oidc/token"],
  ["POST", "/api/oidc/introspect"],
  ["GET", "/api/oidc/userinfo"],
  ["POST", "/api/one-time-access-email"],
  ["POST", "/api/one-time-access-token/nothing"],
  ["POST", "/api/signup"],
  ["GET", "/api/signup-tokens"],
  ["POST", "/api/signup-tokens"],
  ["DELETE", `/api/signup-tokens/${NOBODY}`],
  ["GET", "/api/user-groups"],
  ["POST", "/api/user-groups"],
  ["DELETE", `/api/user-groups/${NOBODY}`],
  ["GET", `/api/user-groups/${NOBODY}`],
  ["PUT", `/api/user-groups/${NOBODY}`],
  ["PUT", `/api/user-groups/${NOBODY}/users`],
  ["GET", "/api/users"],
  ["POST", "/api/users"],
  ["DELETE", `/api/users/${NOBODY}`],
  ["GET", `/api/users/${NOBODY}`],
  ["PUT", `/api/users/${NOBODY}`],
  ["GET", `/api/users/${NOBODY}/groups`],
  ["POST", `/api/users/${NOBODY}/one-time-access-email`],
  ["POST", `/api/users/${NOBODY}/one-time-access-token`],
  ["DELETE", `/api/users/${NOBODY}/profile-picture`],
  ["PUT", `/api/users/${NOBODY}/profile-picture`],
  ["GET", `/api/users/${NOBODY}/profile-picture.png`],
  ["PUT", `/api/users/${NOBODY}/user-groups`],
  ["GET", "/api/users/me"],
  ["PUT", "/api/users/me"],
  ["DELETE", "/api/users/me/profile-picture"],
  ["PUT", "/api/users/me/profile-picture"],
  ["GET", "/api/webauthn/credentials"],
  ["DELETE", `/api/webauthn/credentials/${NOBODY}`],
  ["PATCH", `/api/webauthn/credentials/${NOBODY}`],
  ["POST", "/api/webauthn/logout"],
  ["GET", "/healthz"],
];

const number = (version: string): number => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
};

async function knows(version: SandboxVersion, method: string, path: string): Promise<boolean> {
  const instance = await pocketId({ version });
  const reply = await instance.send(method, path);
  const isPage = reply.headers.get("content-type")?.startsWith("text/html") ?? false;
  return !isPage && at(reply.body, "error") !== "API endpoint not found";
}

describe.each(sandboxVersions)("Pocket ID %s", (version) => {
  it.each(routes)("%s %s, since %s, until before %s", async (method, path, since, until = "9.0") => {
    const exists = number(version) >= number(since) && number(version) < number(until);
    expect(await knows(version, method, path)).toBe(exists);
  });

  it.each(always)("%s %s", async (method, path) => {
    expect(await knows(version, method, path)).toBe(true);
  });
});
