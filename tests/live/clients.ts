import { beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./instance.ts";
import {
  callbackURL,
  changesOnly,
  claimsOf,
  ids,
  type Live,
  newClient,
  newGroup,
  newUser,
  secretWorks,
  settled,
  signIn,
} from "./live.ts";

export function clients({ ok, shows, fails, declines, pocketId, secrets }: Live): void {
  const { prefix, read, send, done, rows, atLeast } = pocketId;
  const withRestriction = atLeast("2.0.0");
  const oneSecret = !atLeast("2.14.0");
  /** What this version does not know of the fields of a client, and since when it would. */
  const newer = Object.entries({
    requiresPushedAuthorizationRequests: ["2.9.0", true],
    description: ["2.10.0", "Pictures"],
    skipConsent: ["2.10.0", true],
    accessTokenDurationMinutes: ["2.13.0", 30],
    refreshTokenDurationMinutes: ["2.13.0", 300],
  } as const).map(([field, [since, value]]) => ({ field, since, value, has: atLeast(since) }));

  let member: Json;
  let outsider: Json;
  let group: Json;
  beforeAll(async () => {
    member = await newUser(pocketId, "client-member");
    outsider = await newUser(pocketId, "client-outsider");
    group = await newGroup(pocketId, "client-group", [member]);
  });
  const preview = (client: string, user: Json) =>
    send("GET", `/api/oidc/clients/${client}/preview/${user.id}?scopes=openid%20profile%20email%20groups`);
  const mayUse = async (client: string, user: Json): Promise<boolean> => (await preview(client, user)).status === 200;

  describe("oidc_client_create", () => {
    it("makes a client for its groups alone, with PKCE and a secret that works", async () => {
      const args = { name: `${prefix} created`, callbackURLs: [callbackURL], groups: [group.name] };
      const { client, secret, notApplied } = await ok("oidc_client_create", args);
      secrets.add(secret);
      expect(notApplied).toEqual([]);
      const held = await read(`/api/oidc/clients/${client.id}`);
      expect(held).toMatchObject({ name: args.name, callbackURLs: [callbackURL], isPublic: false, pkceEnabled: true });
      if (withRestriction) expect(held.isGroupRestricted).toBe(true);
      expect(ids(held.allowedUserGroups)).toEqual([group.id]);
      expect(await secretWorks(pocketId, client.id, secret)).toBe(true);
      expect(await secretWorks(pocketId, client.id, "not-the-secret-of-it")).toBe(false);
      expect(await mayUse(client.id, member)).toBe(true);
      expect(await mayUse(client.id, outsider)).toBe(false);
      if (!pocketId.codeByApi) return;
      const session = await pocketId.signIn(member.id);
      const { tokens } = await signIn(pocketId, { client: client.id, secret, session });
      expect(claimsOf(tokens.id_token)).toMatchObject({ sub: member.id, aud: expect.anything(), groups: [group.name] });
      const stranger = await signIn(pocketId, {
        client: client.id,
        secret,
        session: await pocketId.signIn(outsider.id),
      });
      expect(stranger.authorized.status).toBe(403);
    });

    it("stores every field that there is", async () => {
      const fields = {
        callbackURLs: [callbackURL, "https://app.live.example/other"],
        logoutCallbackURLs: ["https://app.live.example/bye"],
        launchURL: "https://app.live.example/",
        isPublic: false,
        pkceEnabled: false,
        requiresReauthentication: true,
        ...Object.fromEntries(newer.filter(({ has }) => has).map(({ field, value }) => [field, value])),
      };
      const federatedIdentities = [
        {
          issuer: "https://k8s.live.example",
          subject: "app",
          audience: "pocket-id",
          jwks: "https://k8s.live.example/jwks",
        },
      ];
      const { client } = await ok("oidc_client_create", {
        name: `${prefix} whole`,
        id: `${prefix}.own_id`,
        access: "everyone",
        federatedIdentities,
        ...fields,
      });
      expect(client.id).toBe(`${prefix}.own_id`);
      const held = await read(`/api/oidc/clients/${client.id}`);
      expect(held).toMatchObject({ name: `${prefix} whole`, ...fields });
      expect(held.credentials.federatedIdentities).toMatchObject(federatedIdentities);
      expect(await mayUse(client.id, outsider)).toBe(true);
    });

    it("makes a public client without a secret", async () => {
      const answer = await ok("oidc_client_create", { name: `${prefix} public`, isPublic: true, access: "everyone" });
      expect(answer).not.toHaveProperty("secret");
      expect(await read(`/api/oidc/clients/${answer.client.id}`)).toMatchObject({ isPublic: true, pkceEnabled: true });
    });

    it.runIf(withRestriction)("lets nobody in where no group is named", async () => {
      const { client } = await ok("oidc_client_create", { name: `${prefix} closed` });
      expect(await read(`/api/oidc/clients/${client.id}`)).toMatchObject({
        isGroupRestricted: true,
        allowedUserGroups: [],
      });
      expect(await mayUse(client.id, member)).toBe(false);
    });
    it.runIf(!withRestriction)("says that this version cannot close a client, and makes none", async () => {
      const before = ids(await rows("/api/oidc/clients"));
      expect(await fails("oidc_client_create", { name: `${prefix} closed` })).toMatch(/^Nothing was changed\..*2\.0/);
      expect(ids(await rows("/api/oidc/clients"))).toEqual(before);
    });

    it("refuses an id that is taken", async () => {
      const args = { name: `${prefix} twice`, id: `${prefix}.own_id`, access: "everyone" };
      expect(await fails("oidc_client_create", args)).toMatch(/client_id_already_exists/);
    });

    it.each(newer.filter(({ has }) => !has))("says which version $field needs", async ({ field, since, value }) => {
      const before = ids(await rows("/api/oidc/clients"));
      const text = await fails("oidc_client_create", { name: `${prefix} newer`, access: "everyone", [field]: value });
      expect(text).toContain(`Nothing was changed. ${field}: it needs Pocket ID ${since} or later`);
      expect(ids(await rows("/api/oidc/clients"))).toEqual(before);
    });
  });

  describe("oidc_client_get and oidc_client_list", () => {
    let restricted: Json;
    let open: Json;
    beforeAll(async () => {
      restricted = await newClient(pocketId, "list restricted", [group], { pkceEnabled: true });
      open = await newClient(pocketId, "list open", [], { requiresReauthentication: true });
    });

    it("finds by id and name, and shows what Pocket ID holds", async () => {
      for (const name of [restricted.id, restricted.name, restricted.name.toUpperCase()]) {
        const { client } = await ok("oidc_client_get", { client: name });
        expect(client).toMatchObject({
          id: restricted.id,
          name: restricted.name,
          callbackURLs: [callbackURL],
          access: "groups",
          allowedUserGroups: [{ id: group.id, name: group.name, friendlyName: group.friendlyName }],
        });
      }
      expect(await ok("oidc_client_get", { client: open.id })).toMatchObject({ client: { access: "everyone" } });
    });

    it("lists clients with who may sign in", async () => {
      const list = async (args: object) =>
        ids((await ok("oidc_client_list", { search: `${prefix} list`, ...args })).clients);
      expect(await list({})).toEqual(ids([restricted, open]));
      expect(await list({ access: "groups" })).toEqual([restricted.id]);
      expect(await list({ access: "everyone" })).toEqual([open.id]);
      expect(await list({ access: "nobody" })).toEqual([]);
      expect(await list({ group: group.name })).toEqual([restricted.id]);
      expect(await list({ pkceEnabled: true })).toEqual([restricted.id]);
      expect(await list({ requiresReauthentication: true })).toEqual([open.id]);
      const { clients } = await ok("oidc_client_list", { search: `${prefix} list`, access: "groups" });
      expect(clients).toMatchObject([{ allowedUserGroups: [{ id: group.id, name: group.name }] }]);
    });

    it.runIf(!withRestriction)("says which version sorting by isGroupRestricted needs", async () => {
      expect(await fails("oidc_client_list", { sort: "isGroupRestricted" })).toMatch(
        /sort: it needs Pocket ID 2\.0\.0/,
      );
    });

    it("lists all of them", async () => {
      const { clients, totalItems } = await ok("oidc_client_list", { search: prefix, all: true });
      const held = await rows(`/api/oidc/clients?search=${prefix}`);
      expect(ids(clients)).toEqual(ids(held));
      expect(totalItems).toBe(held.length);
    });

    it.each(
      newer.filter(({ field, has }) => !has && ["requiresPushedAuthorizationRequests", "skipConsent"].includes(field)),
    )("says which version the filter $field needs", async ({ field, since }) => {
      expect(await fails("oidc_client_list", { [field]: true })).toContain(`it needs Pocket ID ${since} or later`);
    });
  });

  describe("oidc_client_update", () => {
    let client: Json;
    let secret: string;
    // Every identity says since 2.10 whether its tokens can be used once only.
    const replay = atLeast("2.10.0") ? { replayProtection: false } : {};
    const identity = {
      issuer: "https://k8s.live.example",
      subject: "app",
      audience: "aud",
      jwks: "https://k8s.live.example/jwks",
    };
    const first = "https://app.live.example/one";
    const second = "https://app.live.example/two";
    beforeAll(async () => {
      const made = await newClient(pocketId, "updated", [group], {
        callbackURLs: [first, second],
        logoutCallbackURLs: ["https://app.live.example/bye"],
        launchURL: "https://app.live.example/",
        pkceEnabled: true,
        requiresReauthentication: true,
        credentials: { federatedIdentities: [identity] },
        ...Object.fromEntries(newer.map(({ field, value }) => [field, value])),
      });
      client = made;
      const path = oneSecret ? "secret" : "secrets";
      ({ secret } = await done("POST", `/api/oidc/clients/${client.id}/${path}`, {}));
      secrets.add(secret);
    });

    const other = {
      issuer: "https://other.live.example",
      subject: "b",
      audience: "c",
      jwks: "https://other.live.example/j",
    };
    const added = "https://app.live.example/three";
    it.each<[string, unknown, object?]>([
      ["name", `${prefix} updated again`],
      ["callbackURLs", [second, first]],
      ["addCallbackURLs", [added], { callbackURLs: [second, first, added] }],
      ["removeCallbackURLs", [first], { callbackURLs: [second, added] }],
      ["logoutCallbackURLs", []],
      ["launchURL", "https://start.live.example/"],
      ["launchURL", null],
      ["requiresReauthentication", false],
      ["pkceEnabled", false],
      ["pkceEnabled", true],
      [
        "federatedIdentities",
        [identity, other],
        { credentials: { federatedIdentities: [identity, other].map((one) => ({ ...one, ...replay })) } },
      ],
      ["federatedIdentities", [], { credentials: {} }],
      ...newer
        .filter(({ has }) => has)
        .map(({ field, value }): [string, unknown] => [
          field,
          typeof value === "boolean" ? false : typeof value === "number" ? value + 1 : "Photographs",
        ]),
    ])("changes %s to %j, and nothing else", async (field, value, difference = { [field]: value }) => {
      const path = `/api/oidc/clients/${client.id}`;
      // Secrets stand beside the identities since 2.14.
      const { credentials } = await read(path);
      const expected =
        "credentials" in difference
          ? { credentials: { ...keep(credentials), ...Object(difference.credentials) } }
          : difference;
      const answer = await changesOnly(pocketId, path, expected, () =>
        ok("oidc_client_update", { client: client.id, [field]: value }),
      );
      expect(answer.notApplied).toEqual([]);
      expect(answer.changed).toEqual([field.replace(/^(?:add|remove)C/, "c")]);
    });
    const keep = ({ federatedIdentities: _, ...others }: Json) => others;

    it("leaves the secret as it was", async () => {
      expect(await secretWorks(pocketId, client.id, secret)).toBe(true);
      expect(await mayUse(client.id, outsider)).toBe(false);
    });

    it("refuses to remove a callback URL that is not there", async () => {
      await changesOnly(pocketId, `/api/oidc/clients/${client.id}`, {}, async () => {
        const args = { client: client.id, removeCallbackURLs: ["https://never.live.example/"] };
        expect(await fails("oidc_client_update", args)).toMatch(/^Nothing was changed\. removeCallbackURLs\[0\]/);
      });
    });

    it("says that a public client always uses PKCE", async () => {
      const path = `/api/oidc/clients/${client.id}`;
      await ok("oidc_client_update", { client: client.id, isPublic: true });
      expect(await read(path)).toMatchObject({ isPublic: true, pkceEnabled: true });
      const answer = await changesOnly(pocketId, path, {}, () =>
        ok("oidc_client_update", { client: client.id, pkceEnabled: false }),
      );
      expect(answer).toMatchObject({ changed: [], notApplied: [{ field: "pkceEnabled" }] });
      await ok("oidc_client_update", { client: client.id, isPublic: false });
    });

    it.runIf(withRestriction)("opens a client to everyone only when it is told to", async () => {
      // Pocket ID forgets the groups then.
      const difference = { isGroupRestricted: false, allowedUserGroups: [] };
      const { changed } = await changesOnly(pocketId, `/api/oidc/clients/${client.id}`, difference, () =>
        ok("oidc_client_update", { client: client.id, isGroupRestricted: false }),
      );
      expect([...changed].sort()).toEqual(["allowedUserGroups", "isGroupRestricted"]);
      expect(await mayUse(client.id, outsider)).toBe(true);
    });
    it.runIf(!withRestriction)("says which version isGroupRestricted needs", async () => {
      await changesOnly(pocketId, `/api/oidc/clients/${client.id}`, {}, async () => {
        expect(await fails("oidc_client_update", { client: client.id, isGroupRestricted: false })).toMatch(/2\.0\.0/);
      });
    });

    it.each(newer.filter(({ has }) => !has))("says which version $field needs", async ({ field, since, value }) => {
      await changesOnly(pocketId, `/api/oidc/clients/${client.id}`, {}, async () => {
        const text = await fails("oidc_client_update", { client: client.id, [field]: value });
        expect(text).toContain(`Nothing was changed. ${field}: it needs Pocket ID ${since} or later`);
      });
    });
  });

  describe("oidc_client_create_secret", () => {
    it("makes a secret that works, and says what became of the old one", async () => {
      const client = await newClient(pocketId, "with secret");
      const first = await ok("oidc_client_create_secret", { client: client.name });
      secrets.add(first.secret);
      expect(await secretWorks(pocketId, client.id, first.secret)).toBe(true);
      const others = async () => {
        const { credentials: _, ...fields } = await read(`/api/oidc/clients/${client.id}`);
        return settled(fields);
      };
      const before = await others();
      const second = await ok("oidc_client_create_secret", { client: client.id });
      secrets.add(second.secret);
      expect(await others()).toEqual(before);
      expect(second.replaced).toBe(oneSecret);
      expect(await secretWorks(pocketId, client.id, second.secret)).toBe(true);
      expect(await secretWorks(pocketId, client.id, first.secret)).toBe(!oneSecret);
    });

    it("refuses a public client", async () => {
      const client = await newClient(pocketId, "without secret", [], { isPublic: true });
      expect(await fails("oidc_client_create_secret", { client: client.id })).toMatch(/^Nothing was changed\..*public/);
    });

    it.runIf(!atLeast("2.12.0"))("says which version a secret of one's own needs", async () => {
      const client = await newClient(pocketId, "own secret");
      const { secret } = await ok("oidc_client_create_secret", { client: client.id });
      secrets.add(secret);
      const args = { client: client.id, secret: "a-secret-of-ones-own" };
      expect(await fails("oidc_client_create_secret", args)).toMatch(/^Nothing was changed\. secret: .*2\.12\.0/);
      expect(await secretWorks(pocketId, client.id, secret)).toBe(true);
    });
    it.runIf(oneSecret)("says which version an expiry needs", async () => {
      const client = await newClient(pocketId, "expiring secret");
      const { secret } = await ok("oidc_client_create_secret", { client: client.id });
      secrets.add(secret);
      const args = { client: client.id, expiresAt: "90d" };
      expect(await fails("oidc_client_create_secret", args)).toMatch(/^Nothing was changed\. expires\w+: .*2\.14\.0/);
      expect(await secretWorks(pocketId, client.id, secret)).toBe(true);
    });
  });

  describe("oidc_client_rotate_secret, oidc_client_list_secrets and oidc_client_delete_secret", () => {
    const secretsOf = async (client: Json): Promise<Json[]> => read(`/api/oidc/clients/${client.id}/secrets`);
    const make = async (tool: string, args: object) => {
      const made = await ok(tool, { ...args });
      secrets.add(made.secret);
      return made;
    };

    it("oidc_client_rotate_secret puts a new secret in the place of the old one, and changes nothing else", async () => {
      const client = await newClient(pocketId, "rotated", [group], { requiresReauthentication: true });
      const old = await make("oidc_client_create_secret", { client: client.id });
      const others = async () => {
        const { credentials: _, ...fields } = await read(`/api/oidc/clients/${client.id}`);
        return settled(fields);
      };
      const before = await others();
      const { secret, replaced } = await make("oidc_client_rotate_secret", { client: client.name });
      expect(replaced).toBe(true);
      expect(await others()).toEqual(before);
      expect(await secretWorks(pocketId, client.id, secret)).toBe(true);
      expect(await secretWorks(pocketId, client.id, old.secret)).toBe(false);
    });

    it.runIf(!oneSecret)("lets two secrets overlap, and deletes the one that it is told to", async () => {
      const client = await newClient(pocketId, "overlapping");
      const old = await make("oidc_client_create_secret", { client: client.id });
      const made = await make("oidc_client_rotate_secret", { client: client.id, overlap: "24h" });
      expect(made).toMatchObject({ replaced: false, old: { id: old.id, deleted: false } });
      const works = async () => [
        await secretWorks(pocketId, client.id, old.secret),
        await secretWorks(pocketId, client.id, made.secret),
      ];
      expect(await works()).toEqual([true, true]);
      expect(await fails("oidc_client_rotate_secret", { client: client.id })).toMatch(
        /^Nothing was changed\. replaces: .*several secrets that work/,
      );
      expect((await ok("oidc_client_list_secrets", { client: client.id })).secrets).toEqual(await secretsOf(client));
      const answer = await ok("oidc_client_delete_secret", { client: client.id, secrets: [made.old.prefix] });
      expect(answer).toMatchObject({ secrets: [{ id: old.id, deleted: true }], left: [{ id: made.id }] });
      expect(await works()).toEqual([false, true]);
      expect((await ok("oidc_client_delete_secret", { client: client.id, secrets: [made.id] })).notes).toHaveLength(1);
      expect(await secretsOf(client)).toEqual([]);
    });

    it.runIf(!oneSecret)("says what to delete where a client has 20", async () => {
      const client = await newClient(pocketId, "many secrets");
      for (let count = 0; count < 20; count++) await done("POST", `/api/oidc/clients/${client.id}/secrets`, {});
      const before = await secretsOf(client);
      const args = { client: client.id, replaces: before[0].id };
      expect(await fails("oidc_client_rotate_secret", args)).toMatch(/^Nothing was changed\..* 20 secrets/);
      expect(await secretsOf(client)).toEqual(before);
    });

    it.runIf(oneSecret)("says that this version keeps one and tells nothing of it", async () => {
      const client = await newClient(pocketId, "one secret");
      const { secret } = await make("oidc_client_create_secret", { client: client.id });
      const refused = /^Nothing was changed\. Pocket ID \S+ keeps one secret for a client at the most/;
      expect(await fails("oidc_client_list_secrets", { client: client.id })).toMatch(refused);
      expect(await fails("oidc_client_delete_secret", { client: client.id, secrets: ["abcd"] })).toMatch(refused);
      for (const more of [{ overlap: "24h" }, { replaces: "abcd" }])
        expect(await fails("oidc_client_rotate_secret", { client: client.id, ...more })).toMatch(
          /^Nothing was changed\. (?:overlap|replaces): it needs Pocket ID 2\.14\.0/,
        );
      expect(await secretWorks(pocketId, client.id, secret)).toBe(true);
    });
  });

  describe("oidc_client_set_logo, oidc_client_get_logo and oidc_client_delete_logo", () => {
    const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><title>${prefix}</title></svg>`);
    const gif = Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1");
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    let client: Json;
    beforeAll(async () => {
      client = await newClient(pocketId, "with logo", [group]);
    });
    const held = (light: boolean) =>
      send("GET", `/api/oidc/clients/${client.id}/logo?light=${light}&skipCache=1`, { as: "nobody" });
    const path = () => `/api/oidc/clients/${client.id}`;

    it("say that there is none", async () => {
      expect(await ok("oidc_client_get_logo", { client: client.name })).toMatchObject({ shows: null, hasLogo: false });
      await changesOnly(pocketId, path(), {}, async () => {
        expect(await fails("oidc_client_delete_logo", { client: client.name, mode: "light" })).toMatch(
          /^Nothing was changed\. .* has no logo of its own for light mode/,
        );
      });
    });

    it("store one for light mode, which dark mode shows as well", async () => {
      await changesOnly(pocketId, path(), { hasLogo: true }, () =>
        ok("oidc_client_set_logo", { client: client.name, data: base64(svg) }),
      );
      expect((await held(true)).bytes).toEqual(svg);
      const dark = await ok("oidc_client_get_logo", { client: client.id, mode: "dark" });
      expect(dark).toMatchObject({ shows: "light", mimeType: "image/svg+xml", bytes: svg.length, hasDarkLogo: false });
      expect((await held(false)).bytes).toEqual(svg);
    });

    it("store one for dark mode", async () => {
      const args = { client: client.id, mode: "dark", data: base64(gif) };
      await changesOnly(pocketId, path(), { hasDarkLogo: true }, () => ok("oidc_client_set_logo", args));
      expect((await held(false)).bytes).toEqual(gif);
      expect((await held(true)).bytes).toEqual(svg);
      const dark = await ok("oidc_client_get_logo", { client: client.id, mode: "dark" });
      expect(dark).toMatchObject({ shows: "dark", mimeType: "image/gif", bytes: gif.length });
      expect(await shows("oidc_client_get_logo", { client: client.id, mode: "dark" })).toEqual(gif);
    });

    it("take nearly 2 MiB, and no more", async () => {
      const large = (size: number) => base64(Buffer.concat([gif, Buffer.alloc(size - gif.length)]));
      const args = { client: client.id, mode: "dark" };
      const most = 2046 * 1024;
      await ok("oidc_client_set_logo", { ...args, data: large(most) });
      expect((await held(false)).bytes).toHaveLength(most);
      expect(await fails("oidc_client_set_logo", { ...args, data: large(most + 1) })).toMatch(/^Nothing was changed\./);
      expect((await held(false)).bytes).toHaveLength(most);
    });

    it("delete the light one, and leave the dark one", async () => {
      await changesOnly(pocketId, path(), { hasLogo: false }, () =>
        ok("oidc_client_delete_logo", { client: client.name, mode: "light" }),
      );
      expect((await held(true)).status).not.toBe(200);
      expect((await held(false)).status).toBe(200);
      expect(await ok("oidc_client_get_logo", { client: client.id })).toMatchObject({ shows: null, hasDarkLogo: true });
    });
  });

  describe("oidc_client_refresh_metadata", () => {
    it("says which version, or which kind of client, it needs", async () => {
      const client = await newClient(pocketId, "not refreshed");
      await changesOnly(pocketId, `/api/oidc/clients/${client.id}`, {}, async () => {
        const text = await fails("oidc_client_refresh_metadata", { client: client.name });
        expect(text).toMatch(
          atLeast("2.13.0") ? /^Nothing was changed\. client: .*did not register itself/ : /2\.13\.0/,
        );
      });
    });
  });

  describe("the question before a dangerous call", () => {
    it("counts who can sign in as Pocket ID has it, and a no leaves everything as it is", async () => {
      const other = await newUser(pocketId, "client-asked");
      const locked = await newUser(pocketId, "client-locked", { disabled: true });
      const another = await newGroup(pocketId, "client-asked", [other, locked]);
      const client = await newClient(pocketId, "asked", [group, another]);
      const before = settled(await read(`/api/oidc/clients/${client.id}`));
      const enabled = (await rows("/api/users")).filter(({ disabled }) => !disabled).length;
      const change = (args: object) => declines("oidc_client_update_allowed_groups", { client: client.name, ...args });
      const today = `Change who can sign in? 2 people can sign in to "${client.name}" today; after this, `;
      expect(await change({ access: "everyone" })).toBe(`${today}everyone (${enabled}).`);
      expect(await change({ remove: [another.name] })).toBe(
        `${today}the members of "${group.name}" (1). 1 person loses access.`,
      );
      expect(await declines("oidc_client_delete", { clients: [client.id] })).toBe(
        `Delete "${client.name}"? 2 people can sign in to it today, and nobody after that. Its secrets, consents and provisioning go, too.`,
      );
      expect(settled(await read(`/api/oidc/clients/${client.id}`))).toEqual(before);
    });
  });

  describe("oidc_client_update_allowed_groups", () => {
    it("opens, restricts and closes, which a member and an outsider notice", async () => {
      const second = await newGroup(pocketId, "second-group", [outsider]);
      const client = await newClient(pocketId, "access");
      const change = (args: object) => ok("oidc_client_update_allowed_groups", { client: client.name, ...args });
      const whoMay = async () => [await mayUse(client.id, member), await mayUse(client.id, outsider)];
      expect(await whoMay()).toEqual([true, true]);

      const restricted = await change({ access: "groups", groups: [group.name] });
      expect(restricted).toMatchObject({
        before: { access: "everyone" },
        after: { access: "groups", groups: [{ id: group.id }] },
      });
      expect(await whoMay()).toEqual([true, false]);

      expect(await change({ add: [second.name] })).toMatchObject({ added: [{ id: second.id }], removed: [] });
      expect(await whoMay()).toEqual([true, true]);
      expect(await change({ remove: [group.name] })).toMatchObject({ added: [], removed: [{ id: group.id }] });
      expect(await whoMay()).toEqual([false, true]);
      const { allowedUserGroups, ...rest } = await read(`/api/oidc/clients/${client.id}`);
      expect(ids(allowedUserGroups)).toEqual([second.id]);
      expect(rest).toMatchObject({ callbackURLs: [callbackURL], name: client.name });

      if (withRestriction) {
        expect(await change({ access: "nobody" })).toMatchObject({
          before: { access: "groups" },
          after: { access: "nobody" },
        });
        expect(await whoMay()).toEqual([false, false]);
      } else {
        const text = await fails("oidc_client_update_allowed_groups", { client: client.name, access: "nobody" });
        expect(text).toMatch(/^Nothing was changed\..*2\.0/);
        expect(await whoMay()).toEqual([false, true]);
      }
      expect(await change({ access: "everyone" })).toMatchObject({ after: { access: "everyone", groups: [] } });
      expect(await whoMay()).toEqual([true, true]);
    });
  });

  describe("oidc_client_preview_claims", () => {
    it("shows what Pocket ID would say of a member, and refuses an outsider", async () => {
      const client = await newClient(pocketId, "previewed", [group]);
      const shown = await ok("oidc_client_preview_claims", { client: client.name, user: member.username });
      const { body } = await preview(client.id, member);
      const lasting = ({ iat: _, exp: __, jti: ___, rat: ____, auth_time: _____, ...claims }: Json) => claims;
      for (const part of ["idToken", "accessToken", "userInfo"])
        expect(lasting(shown[part])).toEqual(lasting(body[part]));
      expect(shown.idToken).toMatchObject({ email: member.email, groups: [group.name] });
      const narrow = await ok("oidc_client_preview_claims", { client: client.id, user: member.id, scopes: ["openid"] });
      expect(narrow.idToken).not.toHaveProperty("email");
      const refused = await fails("oidc_client_preview_claims", { client: client.id, user: outsider.username });
      expect(refused).toMatch(/oidc_access_denied.*not in any of the groups/);
    });
  });

  describe("oidc_client_authorized_list and oidc_client_revoke_authorization", () => {
    let client: Json;
    beforeAll(async () => {
      client = await newClient(pocketId, "authorized", [], { launchURL: "https://app.live.example/" });
      if (!pocketId.codeByApi) return;
      const { secret } = await done("POST", `/api/oidc/clients/${client.id}/secret`, {});
      for (const user of [pocketId.owner, member]) {
        await signIn(pocketId, { client: client.id, secret, session: await pocketId.signIn(user.id) });
      }
    });
    const authorizedBy = (user: Json) => read(`/api/oidc/users/${user.id}/authorized-clients?pagination[limit]=100`);

    it("lists what a user authorized", async () => {
      const { authorizedClients, totalItems } = await ok("oidc_client_authorized_list", {
        user: member.username,
        all: true,
      });
      const { data } = await authorizedBy(member);
      const namesOf = (list: Json[]) => list.map((row) => row.client.id).sort();
      expect(namesOf(authorizedClients)).toEqual(namesOf(data));
      expect(totalItems).toBe(data.length);
      if (pocketId.codeByApi) expect(namesOf(authorizedClients)).toContain(client.id);
      const without = await ok("oidc_client_authorized_list", { user: member.username, hasLaunchURL: false });
      expect(namesOf(without.authorizedClients)).not.toContain(client.id);
    });

    it.runIf(pocketId.codeByApi)("takes back what the owner of the key authorized, and nobody else's", async () => {
      const held = async (user: Json) => (await authorizedBy(user)).data.map((row: Json) => row.client.id);
      expect(await held(pocketId.owner)).toContain(client.id);
      await ok("oidc_client_revoke_authorization", { client: client.name });
      expect(await held(pocketId.owner)).not.toContain(client.id);
      expect(await held(member)).toContain(client.id);
    });

    it("says that there is nothing to take back", async () => {
      expect(await fails("oidc_client_revoke_authorization", { client: client.name })).toMatch(/404/);
    });
  });

  describe("oidc_client_accessible_list", () => {
    it("lists what the owner of the key may sign in to, and says where Pocket ID knows no better", async () => {
      const open = await newClient(pocketId, "accessible", [], { launchURL: "https://app.live.example/" });
      const closed = await newClient(pocketId, "not accessible", [group]);
      const { accessibleClients, totalItems, notes } = await ok("oidc_client_accessible_list", { all: true });
      const rows = await pocketId.rows("/api/oidc/users/me/clients");
      expect(ids(accessibleClients)).toEqual(ids(rows));
      expect(totalItems).toBe(rows.length);
      expect(ids(accessibleClients)).toContain(open.id);
      expect(ids(accessibleClients)).not.toContain(closed.id);
      expect(notes !== undefined).toBe(atLeast("2.0.0") && !atLeast("2.12.0"));
      const launchable = await ok("oidc_client_accessible_list", { hasLaunchURL: true, all: true });
      expect(ids(launchable.accessibleClients)).toEqual(ids(rows.filter(({ launchURL }) => launchURL)));
    });

    it.runIf(withRestriction && !atLeast("2.12.0"))("lists before 2.12 what nobody may sign in to", async () => {
      const { id } = await newClient(pocketId, "for nobody", [], { isGroupRestricted: true });
      expect(ids((await ok("oidc_client_accessible_list", { all: true })).accessibleClients)).toContain(id);
      expect(await mayUse(id, pocketId.owner)).toBe(false);
    });
  });

  describe("oidc_discovery and oidc_jwks", () => {
    it("show the documents as they are", async () => {
      expect((await ok("oidc_discovery")).discovery).toEqual(await read("/.well-known/openid-configuration"));
      expect((await ok("oidc_jwks")).jwks).toEqual(await read("/.well-known/jwks.json"));
    });
  });

  describe("oidc_client_delete", () => {
    it("deletes several at once", async () => {
      const doomed = [await newClient(pocketId, "doomed a"), await newClient(pocketId, "doomed b")];
      const answer = await ok("oidc_client_delete", { clients: [doomed[0].name, doomed[1].id] });
      expect(answer.clients).toMatchObject([{ deleted: true }, { deleted: true }]);
      for (const { id } of doomed) expect((await send("GET", `/api/oidc/clients/${id}`)).status).toBe(404);
    });
  });
}
