import { sha256 } from "../http/authentication.ts";
import { stored } from "../moments.ts";
import { alphanumeric } from "../random.ts";
import { existsIn, type Has } from "../versions.ts";
import { api, clients, grant, scimProvider } from "./applications.ts";
import { type Seeded, seedEmpty } from "./empty.ts";
import { fixedId } from "./fixed-id.ts";
import { addHistory, passkeys } from "./history.ts";
import { administrator, groupId, groups, users } from "./people.ts";

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): string => stored(new Date(Date.now() + days * DAY_MS));

const CONFIGURATION = {
  appName: "Riverside Rowing Club",
  allowUserSignups: "withToken",
  accentColor: "#1e50a0",
  smtpHost: "mail.riverside-rowing.example",
  smtpPort: "587",
  smtpFrom: "login@riverside-rowing.example",
  smtpUser: "login@riverside-rowing.example",
  smtpPassword: "eight-oars-and-a-cox",
  smtpTls: "starttls",
  emailLoginNotificationEnabled: "true",
  emailOneTimeAccessAsAdminEnabled: "true",
};

/** The Riverside Rowing Club: a believable small Pocket ID with something of everything in it. */
export function seedClub(has: Has, version: string, apiKey: string): Seeded {
  const seeded = seedEmpty(has, apiKey, administrator);
  const { state, adminId } = seeded;
  for (const group of groups()) state.userGroups.set(group.id, group);
  for (const user of users()) state.users.set(user.id, user);
  for (const client of clients(has, adminId)) state.oidcClients.set(client.id, client);
  for (const passkey of passkeys(state.users.values())) state.webauthnCredentials.set(passkey.id, passkey);
  for (const [key, value] of Object.entries(CONFIGURATION)) state.configuration.set(key, value);
  if (existsIn(version, { since: "2.0" })) state.scimProviders.set(scimProvider().id, scimProvider());
  if (existsIn(version, { since: "2.10" })) {
    state.apis.set(api().id, api());
    state.grants.push(grant());
  }
  const tokenId = fixedId("signup token juniors");
  state.signupTokens.set(tokenId, {
    id: tokenId,
    createdAt: inDays(-3),
    token: "JuniorsJoin4Fun7",
    expiresAt: inDays(11),
    usageLimit: 10,
    usageCount: 2,
    userGroupIds: has("groupsOfSignupTokens") ? [groupId("juniors")] : [],
  });
  const oldKeyId = fixedId("api key expired");
  state.apiKeys.set(oldKeyId, {
    id: oldKeyId,
    createdAt: inDays(-400),
    userId: adminId,
    name: "Backup script",
    description: null,
    key: sha256(alphanumeric(32)),
    expiresAt: inDays(-35),
    lastUsedAt: inDays(-36),
    expirationEmailSent: true,
  });
  addHistory(state, has);
  return seeded;
}
