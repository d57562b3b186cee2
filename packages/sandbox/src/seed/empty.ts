import { configurationKeys } from "../configuration.ts";
import { sha256 } from "../http/authentication.ts";
import { stored } from "../moments.ts";
import { emptyState, type SandboxState, type User } from "../state.ts";
import type { Has } from "../versions.ts";
import { fixedId } from "./fixed-id.ts";
import { shipImages } from "./shipped-images.ts";

export interface Seeded {
  readonly state: SandboxState;
  readonly adminId: string;
}

const DAY_MS = 24 * 3600 * 1000;
const ADMIN_ID = fixedId("user admin");

/** A Pocket ID after its setup: one administrator, one API key, the default configuration. */
export function seedEmpty(has: Has, apiKey: string, admin: Partial<User> = {}): Seeded {
  const state = emptyState();
  for (const { key, standard } of configurationKeys(has)) state.configuration.set(key, standard);
  shipImages(state, has);
  state.users.set(ADMIN_ID, {
    id: ADMIN_ID,
    createdAt: "2025-01-11T09:00:00Z",
    updatedAt: null,
    username: "admin",
    email: "admin@example.com",
    emailVerified: false,
    firstName: "Ada",
    lastName: "Admin",
    displayName: "Ada Admin",
    isAdmin: true,
    locale: null,
    ldapId: null,
    disabled: false,
    userGroupIds: [],
    customClaims: [],
    profilePicture: null,
    ...admin,
  });
  const keyId = fixedId("api key in use");
  state.apiKeys.set(keyId, {
    id: keyId,
    createdAt: stored(new Date(Date.now() - 30 * DAY_MS)),
    userId: ADMIN_ID,
    name: "Assistant",
    description: "The key that the sandbox was started with",
    key: sha256(apiKey),
    expiresAt: stored(new Date(Date.now() + 365 * DAY_MS)),
    lastUsedAt: null,
    expirationEmailSent: false,
  });
  return { state, adminId: ADMIN_ID };
}
