import { canLockOut, checkConfigurationPatch, configurationFields, lockOutRoutes } from "@pocketid-mcp/core";
import { defineTool, outcomeOf, secretText, updatedFields } from "@pocketid-mcp/core/runtime";
import * as z from "zod";
import { syncLdapQuestion, updateConfigurationQuestion } from "./configuration-questions.ts";

const Configuration = z.record(z.string(), z.unknown());

export const appConfigGet = defineTool({
  name: "app_config_get",
  title: "Show the public configuration",
  description: "Settings that everybody may know.",
  risk: "read",
  input: {},
  output: { configuration: Configuration },
  routes: ["GET /api/application-configuration"],
  run: async (_values, { pocketId }) => ({ configuration: await pocketId.applicationConfiguration.get() }),
});

export const appConfigGetAll = defineTool({
  name: "app_config_get_all",
  title: "Show the configuration",
  description: "All settings, without passwords.",
  risk: "read",
  input: {},
  output: { configuration: Configuration },
  routes: ["GET /api/application-configuration/all", "GET /api/user-groups"],
  async run(_values, { pocketId: { applicationConfiguration } }) {
    return { configuration: await applicationConfiguration.shown(await applicationConfiguration.getAll()) };
  },
});

export const appConfigUpdate = defineTool({
  name: "app_config_update",
  title: "Change the configuration",
  description: "Change settings; others stay, null resets.",
  risk: "danger",
  asks: {
    when: "when it changes who can get in or how, what directory or mail server is trusted, or what people are told; not about a name, a colour and the like",
    question: (patch, { pocketId }) => updateConfigurationQuestion(patch, pocketId),
  },
  input: {
    ...configurationFields,
    smtpPassword: secretText.nullable().optional().describe("Password"),
    ldapBindPassword: secretText.nullable().optional().describe("Password"),
  },
  output: { configuration: Configuration, ...updatedFields },
  routes: [
    "PUT /api/application-configuration",
    "GET /api/user-groups",
    "GET /api/user-groups/:id",
    "GET /api/oidc/clients",
    ...lockOutRoutes,
  ],
  check: checkConfigurationPatch,
  guard: (patch) => (canLockOut(patch) ? ({ pocketId }) => pocketId.lockOut.settings(patch) : undefined),
  async run(patch, { pocketId: { applicationConfiguration } }) {
    const { object, ...outcome } = await applicationConfiguration.update(patch);
    const isTouched = (key: string) => key in patch || outcome.changed.includes(key);
    const touched = Object.fromEntries(Object.entries(object).filter(([key]) => isTouched(key)));
    return { configuration: await applicationConfiguration.shown(touched), ...outcomeOf(outcome) };
  },
});

export const appConfigTestEmail = defineTool({
  name: "app_config_test_email",
  title: "Send a test mail",
  description: "Pocket ID mails the API key's owner.",
  risk: "write",
  openWorld: true,
  input: {},
  output: { sentTo: z.string() },
  routes: [
    "POST /api/application-configuration/test-email",
    "GET /api/users/me",
    "GET /api/application-configuration/all",
  ],
  run: async (_values, { pocketId }) => ({ sentTo: await pocketId.applicationConfiguration.testEmail() }),
});

export const appConfigSyncLdap = defineTool({
  name: "app_config_sync_ldap",
  title: "Sync LDAP now",
  description: "Read the directory now. Deletes or disables accounts that are gone there.",
  risk: "danger",
  asks: { when: "always", question: (_values, { pocketId }) => syncLdapQuestion(pocketId) },
  openWorld: true,
  input: {},
  output: { synced: z.boolean() },
  routes: ["POST /api/application-configuration/sync-ldap", ...lockOutRoutes],
  guard:
    () =>
    ({ pocketId }) =>
      pocketId.lockOut.ldapSync(),
  async run(_values, { pocketId }) {
    await pocketId.applicationConfiguration.syncLdap();
    return { synced: true };
  },
});
