import { configurationKeys, configurationShape, isTrue } from "../configuration.ts";
import { type Answer, noContent, ok } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, signedIn } from "../http/call.ts";
import type { Route } from "../http/router.ts";
import { sendMail } from "../mail.ts";
import { internalError, ldapDisabled, uiConfigDisabled, userEmailNotSet } from "../refusals.ts";

export const applicationConfigurationRoutes: Route[] = [
  { method: "GET", path: "/api/application-configuration", access: "public", answer: publicConfiguration },
  {
    method: "GET",
    path: "/api/application-configuration/all",
    access: "admin",
    answer: (call) => ok(wholeConfiguration(call, call.uiConfigDisabled)),
  },
  {
    method: "PUT",
    path: "/api/application-configuration",
    access: "admin",
    body: configurationShape,
    answer: replaceConfiguration,
  },
  { method: "POST", path: "/api/application-configuration/test-email", access: "admin", answer: testEmail },
  { method: "POST", path: "/api/application-configuration/sync-ldap", access: "admin", answer: syncLdap },
];

const MASK = "XXXXXXXXXX";

function publicConfiguration(call: Call): Answer {
  const rows = configurationKeys(call.has)
    .filter(({ isPublic }) => isPublic)
    .map(({ key }) => ({ key, type: "", value: configured(call, key) }));
  return ok([
    ...rows,
    { key: "uiConfigDisabled", type: "boolean", value: String(call.uiConfigDisabled) },
    ...(call.has("tracingFlag") ? [{ key: "tracingEnabled", type: "", value: "false" }] : []),
  ]);
}

/** Passwords are in clear, unless the configuration comes from the environment. */
function wholeConfiguration(call: Call, masked: boolean) {
  const rows = configurationKeys(call.has).map(({ key, sensitive }) => {
    const value = configured(call, key);
    return { key, type: "", value: masked && sensitive && value !== "" ? MASK : value, isPublic: false };
  });
  if (!call.has("instanceIdInConfiguration")) return rows;
  // Pocket ID <= 2.10: an internal key that a PUT cannot change.
  const after = rows.findIndex(({ key }) => key === "requireUserEmail");
  return rows.toSpliced(after, 0, { key: "instanceId", type: "", value: INSTANCE_ID, isPublic: false });
}

const INSTANCE_ID = "0b0d1e5a-5a9d-4d60-9a6f-7c1c5f0e2a11";

const configured = (call: Call, key: string): string => call.state.configuration.get(key) ?? "";

/** A full replacement of all keys: whatever is left out or empty goes back to its default, passwords too. */
function replaceConfiguration(call: Call): Answer {
  const input = bindJson(call, configurationShape(call.has));
  if (call.uiConfigDisabled) throw uiConfigDisabled();
  for (const { key, standard } of configurationKeys(call.has)) {
    const value = input[key];
    call.state.configuration.set(key, typeof value === "string" && value !== "" ? value : standard);
  }
  return ok(wholeConfiguration(call, false));
}

/** Goes to the caller and waits for the mail server; why it failed is not told. */
function testEmail(call: Call): Answer {
  const user = signedIn(call);
  if (user.email === null) throw userEmailNotSet();
  if (!sendMail(call, "test", user)) throw internalError();
  return noContent();
}

/** There is no directory behind the sandbox: with LDAP switched on the sync fails as it does when the server is away. */
function syncLdap(call: Call): Answer {
  if (!isTrue(call.state.configuration, "ldapEnabled")) throw ldapDisabled();
  throw internalError();
}
