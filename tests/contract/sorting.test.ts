import { afterAll, beforeAll, expect, it } from "vitest";
import { column, contract, type Json, query } from "./pocket-id.ts";

/** In ascending order the older of two rows comes first, or the younger. */
type Order = "rises" | "falls";

const columns: Readonly<Record<string, Readonly<Record<string, readonly [Order, since?: string]>>>> = {
  "/api/users": {
    createdAt: ["rises"],
    username: ["falls"],
    email: ["rises"],
    firstName: ["falls"],
    lastName: ["rises"],
    displayName: ["falls"],
    isAdmin: ["rises"],
    disabled: ["falls"],
    emailVerified: ["rises", "2.2"],
  },
  "/api/user-groups": { createdAt: ["rises"], name: ["falls"], friendlyName: ["rises"], userCount: ["falls"] },
  "/api/oidc/clients": {
    createdAt: ["rises"],
    name: ["falls"],
    pkceEnabled: ["rises"],
    requiresReauthentication: ["falls"],
    allowedUserGroupsCount: ["rises"],
    isGroupRestricted: ["falls", "2.0"],
    requiresPushedAuthorizationRequests: ["rises", "2.9"],
    skipConsent: ["falls", "2.10"],
  },
  "/api/api-keys": { createdAt: ["rises"], name: ["falls"], expiresAt: ["falls"], lastUsedAt: ["rises"] },
  "/api/signup-tokens": {
    createdAt: ["rises"],
    expiresAt: ["falls"],
    usageLimit: ["rises"],
    usageCount: ["falls"],
  },
  "/api/audit-logs/all": { createdAt: ["rises"], event: ["rises"], userAgent: ["falls"] },
  "/api/apis": { createdAt: ["rises", "2.10"], name: ["falls", "2.10"], resource: ["rises", "2.10"] },
};

contract("sorting", (pocketId) => {
  let word: string;
  let reader: Json;
  /** By list: the ids of two rows, the older one first. */
  let pairs: Record<string, string[]>;
  /** What finds both and little else. */
  const narrowed = (path: string): Record<string, string> =>
    path === "/api/audit-logs/all" ? { "filters[userID]": reader.id } : { search: word };

  beforeAll(async () => {
    word = pocketId.unique("sorted");
    reader = await pocketId.user();
    const older = await rows(true);
    // Pocket ID on SQLite keeps whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const younger = await rows(false);
    pairs = Object.fromEntries(Object.keys(older).map((path) => [path, [older[path] ?? "", younger[path] ?? ""]]));
  });

  afterAll(async () => {
    for (const id of pairs["/api/signup-tokens"] ?? []) await pocketId.delete(`/api/signup-tokens/${id}`);
  });

  /** One row of each list. */
  async function rows(isOlder: boolean): Promise<Record<string, string>> {
    const [rising, falling] = isOlder ? [`${word}-a`, `${word}-b`] : [`${word}-b`, `${word}-a`];
    const user = await pocketId.user({
      username: falling,
      email: `${rising}@contract.example`,
      firstName: falling,
      lastName: rising,
      displayName: falling,
      isAdmin: !isOlder,
      disabled: isOlder,
      emailVerified: !isOlder,
    });
    const group = await pocketId.group({ name: falling, friendlyName: rising });
    const client = await pocketId.client({
      name: falling,
      pkceEnabled: !isOlder,
      requiresReauthentication: isOlder,
      isGroupRestricted: isOlder,
      requiresPushedAuthorizationRequests: !isOlder,
      skipConsent: isOlder,
    });
    if (isOlder) await pocketId.done("PUT", `/api/user-groups/${group.id}/users`, { userIds: [user.id] });
    else await pocketId.done("PUT", `/api/oidc/clients/${client.id}/allowed-user-groups`, { userGroupIds: [group.id] });

    const as = await pocketId.sessionOf(pocketId.owner);
    const expiresAt = new Date(Date.now() + (isOlder ? 2 : 1) * 3_600_000).toISOString();
    const { apiKey, token } = (await pocketId.post("/api/api-keys", { name: falling, expiresAt }, { as })).body;
    await pocketId.get("/api/users/me", { as: { key: token } });

    const wish = { ttl: isOlder ? "2h" : "1h", usageLimit: isOlder ? 2 : 3 };
    const signupToken = (await pocketId.post("/api/signup-tokens", wish)).body;
    if (isOlder) {
      const username = `${word}-newcomer`;
      const newcomer = { username, email: `${username}@contract.example`, firstName: "Nia" };
      reader = (await pocketId.post("/api/signup", { ...newcomer, token: signupToken.token }, { as: "nobody" })).body;
    } else await signIn(reader);
    return {
      "/api/users": user.id,
      "/api/user-groups": group.id,
      "/api/oidc/clients": client.id,
      "/api/api-keys": apiKey.id,
      "/api/signup-tokens": signupToken.id,
      "/api/audit-logs/all": await newestEntry(reader),
      ...(pocketId.since("2.10") && {
        "/api/apis": (await pocketId.api({ name: falling, resource: `https://${rising}.example` })).id,
      }),
    };
  }

  for (const [path, orders] of Object.entries(columns)) {
    for (const [name, [order, since = "1.0"]] of Object.entries(orders)) {
      it.runIf(pocketId.since(since))(`of ${path} goes by ${name}, up and down`, async () => {
        const pair = pairs[path] ?? [];
        const sorted = async (direction: string): Promise<string[]> => {
          const by = { "sort[column]": name, "sort[direction]": direction, "pagination[limit]": 100 };
          const { data } = (await pocketId.get(path + query({ ...narrowed(path), ...by }))).body;
          return column(data, "id").filter((id) => pair.includes(id));
        };
        const ascending = order === "rises" ? pair : pair.toReversed();
        expect(await sorted("asc")).toEqual(ascending);
        expect(await sorted("desc")).toEqual(ascending.toReversed());
      });
    }
  }

  async function signIn({ id }: Json): Promise<void> {
    const { token } = await pocketId.done("POST", `/api/users/${id}/one-time-access-token`, { userId: id });
    const headers = { "user-agent": "a-browser-that-sorts-first" };
    await pocketId.raw("POST", `/api/one-time-access-token/${token}`, { headers });
  }

  async function newestEntry({ id }: Json): Promise<string> {
    const entries = (await pocketId.get(`/api/audit-logs/all${query({ "filters[userID]": id })}`)).body.data;
    return entries.sort((a: Json, b: Json) => Date.parse(b.createdAt) - Date.parse(a.createdAt))[0].id;
  }
});
