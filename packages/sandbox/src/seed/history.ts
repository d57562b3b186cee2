import { createHash } from "node:crypto";
import { mayUse } from "../clients.ts";
import type { Call } from "../http/call.ts";
import { stored } from "../moments.ts";
import type { AuditLogEntry, SandboxState, User, WebauthnCredential } from "../state.ts";
import { fixedId } from "./fixed-id.ts";

const MINUTE_MS = 60_000;
const DAYS = 30;
const ENTRIES = 60;

interface Place {
  readonly ipAddress: string;
  readonly country: string;
  readonly city: string;
}

const PLACES: readonly Place[] = [
  { ipAddress: "192.168.178.21", country: "Internal Network", city: "LAN" },
  { ipAddress: "203.0.113.57", country: "United Kingdom", city: "Henley-on-Thames" },
  { ipAddress: "203.0.113.140", country: "United Kingdom", city: "Reading" },
  { ipAddress: "198.51.100.12", country: "France", city: "Lyon" },
  { ipAddress: "198.51.100.77", country: "Portugal", city: "Porto" },
  { ipAddress: "192.0.2.201", country: "Sweden", city: "Uppsala" },
  { ipAddress: "100.101.17.4", country: "Internal Network", city: "Tailscale" },
];

const BROWSERS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
  "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
];

/** A month of signing in, the same in every run but for the date; each entry belongs to somebody who could have done it. */
export function addHistory(state: SandboxState, has: Call["has"]): void {
  const random = pseudoRandom(20270101);
  const people = [...state.users.values()].filter(({ disabled }) => !disabled);
  const start = Date.now() - DAYS * 24 * 60 * MINUTE_MS;
  const step = (DAYS * 24 * 60 * MINUTE_MS) / (ENTRIES + 1);
  for (let number = 1; number <= ENTRIES; number++) {
    const user = pick(people, random);
    const at = stored(new Date(start + (number - 0.5 + random() / 2) * step));
    state.auditLog.push(entry(state, has, user, at, number, random));
  }
}

function entry(
  state: SandboxState,
  has: Call["has"],
  user: User,
  createdAt: string,
  number: number,
  random: () => number,
): AuditLogEntry {
  const usable = [...state.oidcClients.values()].filter((client) => mayUse({ has }, user, client));
  const what = random();
  const client = what < 0.55 && usable.length > 0 ? pick(usable, random) : undefined;
  const known = state.authorizedClients.find(({ userId, clientId }) => userId === user.id && clientId === client?.id);
  if (known !== undefined) known.lastUsedAt = createdAt;
  else if (client !== undefined) {
    state.authorizedClients.push({
      userId: user.id,
      clientId: client.id,
      scopes: ["openid", "profile", "email", "groups"],
      lastUsedAt: createdAt,
    });
  }
  const { ipAddress, country, city } = pick(PLACES, random);
  return {
    id: fixedId(`audit ${number}`),
    createdAt,
    event:
      client === undefined
        ? what > 0.95
          ? "TOKEN_SIGN_IN"
          : "SIGN_IN"
        : known === undefined
          ? "NEW_CLIENT_AUTHORIZATION"
          : "CLIENT_AUTHORIZATION",
    ipAddress,
    country,
    city,
    userAgent: pick(BROWSERS, random),
    userId: user.id,
    data: client === undefined ? {} : { clientName: client.name },
  };
}

/** One passkey for everybody who has been in, a security key on top for some. */
export function passkeys(users: Iterable<User>): WebauthnCredential[] {
  return [...users].flatMap((user, number) => {
    const synced = passkey(user, PASSKEY_NAMES[number % PASSKEY_NAMES.length] ?? "Passkey", true);
    return number % 4 === 0 ? [synced, passkey(user, "YubiKey 5", false)] : [synced];
  });
}

const PASSKEY_NAMES = ["iCloud Keychain", "Google Password Manager", "1Password", "Bitwarden", "Windows Hello"];

const passkey = (user: User, name: string, synced: boolean): WebauthnCredential => ({
  id: fixedId(`passkey ${user.username} ${name}`),
  createdAt: user.createdAt,
  userId: user.id,
  name,
  credentialId: createHash("sha256").update(`${user.username} ${name}`).digest().subarray(0, 20),
  attestationType: "none",
  transport: synced ? ["internal", "hybrid"] : ["usb", "nfc"],
  backupEligible: synced,
  backupState: synced,
});

function pick<T>(things: readonly T[], random: () => number): T {
  const thing = things[Math.floor(random() * things.length)];
  if (thing === undefined) throw new Error("nothing to pick from");
  return thing;
}

/** mulberry32: small, and the same everywhere. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
