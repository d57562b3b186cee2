import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declaredFields } from "./contract.ts";
import { fileForm, type Json } from "./instance.ts";
import { ids as idsOf, type Live, newClient, newGroup, newUser, secretWorks, settled } from "./live.ts";
import { kindsOf } from "./writable-fields.ts";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const svg = (text: string): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>${text}</title></svg>\n`);

/**
 * Changes every field that our tools can write, one at a time, and looks before and after at a user, a group, a client, an API, a SCIM
 * provider and the configuration as plain HTTP shows them: byte for byte, nothing but that field may differ. Each of them holds something else
 * than the default wherever it can, so that whatever gets lost on the way shows.
 */
export function everyField({ ok, pocketId, secrets }: Pick<Live, "ok" | "pocketId" | "secrets">): void {
  const { prefix, read, send, done, atLeast } = pocketId;
  /** Of the objects that are changed, by kind. */
  const ids: Record<string, string> = {};
  /** Of the groups of new users, by name. */
  const groups: Record<string, string> = {};
  const kinds = kindsOf(pocketId, groups);

  const look = async (): Promise<Json> =>
    settled({
      user: alone(await read(`/api/users/${ids.user}`)),
      picture: await digest(`/api/users/${ids.user}/profile-picture.png?skipCache=1`),
      group: alone(await read(`/api/user-groups/${ids.group}`)),
      client: alone(await read(`/api/oidc/clients/${ids.client}`)),
      logo: await digest(`/api/oidc/clients/${ids.client}/logo?light=true&skipCache=1`),
      darkLogo: await digest(`/api/oidc/clients/${ids.client}/logo?light=false&skipCache=1`),
      ...(atLeast("2.0.0") ? { scimProvider: await scimProvider() } : {}),
      ...(atLeast("2.10.0") ? { api: await read(`/api/apis/${ids.api}`), grants: await grants() } : {}),
      configuration: await pocketId.configuration(),
    });
  const digest = async (path: string): Promise<string> => {
    const { status, bytes } = await send("GET", path, { as: "nobody" });
    return `${status} ${createHash("sha256").update(bytes).digest("hex")}`;
  };
  // What an object shows of others is looked at where it belongs.
  const scimProvider = async (): Promise<Json> => {
    const { oidcClient: _, ...provider } = await read(`/api/oidc/clients/${ids.client}/scim-service-provider`);
    return provider;
  };
  const grants = async (): Promise<Json> => {
    if (!atLeast("2.14.0")) return read(`/api/api-access/${ids.client}`);
    const held = await read(`/api/api-access/${ids.client}/apis`);
    return held.map(({ api, ...grant }: Json) => ({ id: api.id, ...grant }));
  };

  /** What an object of this kind holds at first. */
  const firstOf = (kind: string): Json => {
    const fields = Object.entries(kinds[kind]?.fields ?? {}).filter(([, { since }]) => atLeast(since));
    return Object.fromEntries(fields.flatMap(([name, field]) => ("first" in field ? [[name, field.first]] : [])));
  };
  const sendFile = async (method: string, path: string, file: FormData): Promise<void> => {
    const { status, body } = await send(method, path, { form: file });
    expect(status, `${method} ${path} ${JSON.stringify(body)}`).toBe(204);
  };

  /** Of the client. */
  let secret = "";
  let configurationBefore: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    const { configuration, scimProvider } = kinds;
    for (const field of [
      configuration?.fields.smtpPassword,
      configuration?.fields.ldapBindPassword,
      scimProvider?.fields.token,
    ])
      for (const value of field?.steps ?? []) if (value !== null) secrets.add(value);
    configurationBefore = await pocketId.configuration();
    for (const name of ["default-a", "default-b"]) groups[`${prefix}-${name}`] = (await newGroup(pocketId, name)).id;
    const first = Object.values(configuration?.fields ?? {}).filter(({ since }) => atLeast(since));
    await pocketId.configure(Object.assign({}, ...first.map((field) => field.changes(field.first, {}))));
    ids.user = await makeUser();
    ids.group = await makeGroup(ids.user);
    ids.client = await makeClient();
    if (atLeast("2.0.0"))
      await done("POST", "/api/scim/service-provider", { ...firstOf("scimProvider"), oidcClientId: ids.client });
    if (atLeast("2.10.0")) ids.api = await makeApi(ids.client);
  });
  afterAll(() => done("PUT", "/api/application-configuration", configurationBefore));

  async function makeUser(): Promise<string> {
    const { id } = await newUser(pocketId, "fields", firstOf("user"));
    await done("PUT", `/api/custom-claims/user/${id}`, [{ key: "desk", value: "4" }]);
    await sendFile("PUT", `/api/users/${id}/profile-picture`, fileForm("picture.png", png));
    return id;
  }
  async function makeGroup(member: string): Promise<string> {
    const group = await newGroup(pocketId, "fields", [{ id: member }]);
    await done("PUT", `/api/user-groups/${group.id}`, firstOf("group"));
    await done("PUT", `/api/custom-claims/user-group/${group.id}`, [{ key: "floor", value: "2" }]);
    await newClient(pocketId, "of the group", [group]);
    return group.id;
  }
  async function makeClient(): Promise<string> {
    const { federatedIdentities, ...fields } = firstOf("client");
    const allowed = await newGroup(pocketId, "allowed fields");
    const { id } = await newClient(pocketId, "fields", [allowed], { ...fields, credentials: { federatedIdentities } });
    const logo = `/api/oidc/clients/${id}/logo`;
    await sendFile("POST", `${logo}?light=true`, fileForm("light.svg", svg("light")));
    await sendFile("POST", `${logo}?light=false`, fileForm("dark.svg", svg("dark")));
    const path = atLeast("2.14.0") ? "secrets" : "secret";
    ({ secret } = await done("POST", `/api/oidc/clients/${id}/${path}`, {}));
    secrets.add(secret);
    return id;
  }
  async function makeApi(client: string): Promise<string> {
    const { id } = await done("POST", "/api/apis", {
      ...firstOf("api"),
      resource: `https://fields.${prefix}.example`,
    });
    const permissions = [
      { key: "see", name: "See", description: "Who has which" },
      { key: "book", name: "Book" },
    ];
    const made = await done("PUT", `/api/apis/${id}/permissions`, { permissions });
    const all = made.permissions.map((permission: Json) => permission.id);
    const granted = { userDelegatedPermissionIds: all, clientPermissionIds: [all[0]] };
    await done("PUT", atLeast("2.14.0") ? `/api/apis/${id}/clients/${client}` : `/api/api-access/${client}`, granted);
    if (atLeast("2.14.0")) await done("PUT", `/api/apis/${id}/cimd-access`, { enabled: true, permissionIds: all });
    return id;
  }

  const here = Object.entries(kinds).filter(([, { since }]) => atLeast(since));
  describe.each(here)("%s", (kind, { tool, reference, fields }) => {
    it(`leaves out nothing that ${tool} takes`, () => {
      const walked = Object.entries(fields).map(([field, { nullable }]) => `${field}${nullable ? " or null" : ""}`);
      const taken = declaredFields(tool, reference).map((one) => `${one.field}${one.nullable ? " or null" : ""}`);
      expect(walked.sort()).toEqual(taken.sort());
    });

    it("begins with the values that it shall keep", async () => {
      const { [kind]: held } = await look();
      for (const [name, field] of Object.entries(fields))
        if ("first" in field && atLeast(field.since))
          expect(held, name).toMatchObject(field.changes(field.first, held));
    });

    const known = Object.entries(fields).filter(([, { since }]) => atLeast(since));
    it.each(known)("%s changes, and nothing else of anything", async (name, { steps, changes, refused }) => {
      const which = reference === undefined ? {} : { [reference]: ids[reference] };
      let before = await look();
      for (const given of steps) {
        const { notApplied } = await ok(tool, { ...which, [name]: given });
        const after = await look();
        const expected = settled({ ...before, [kind]: { ...before[kind], ...changes(given, before[kind]) } });
        expect(textOf(after), `${name}: ${JSON.stringify(given)}`).toBe(textOf(expected));
        expect(notApplied.map(({ field }: Json) => field)).toEqual(refused ? [name] : []);
        before = after;
      }
    });
  });

  it("the secret of the client still works", async () => {
    await done("PUT", `/api/oidc/clients/${ids.client}`, {
      ...(await read(`/api/oidc/clients/${ids.client}`)),
      isPublic: false,
    });
    expect(await secretWorks(pocketId, ids.client ?? "", secret)).toBe(true);
  });
}

/** An object with others named by their ids. */
const alone = (object: Json): Json =>
  Object.fromEntries(
    Object.entries<Json>(object).map(([field, value]) => [
      field,
      /^(?:users|userGroups|allowedUserGroups|allowedOidcClients)$/.test(field) ? idsOf(value) : value,
    ]),
  );

const textOf = (value: Json): string => JSON.stringify(value, null, 1);
