import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PocketIdClient, type ShownOnce } from "@pocketid-mcp/core";
import { describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { callTogether } from "../support/call-together.ts";
import { secretOf } from "../support/secret-of.ts";
import { useServer } from "../support/use-server.ts";

const tools = servers.flatMap((server) => server.tools);
const mcp = useServer(tools);
const windows = process.platform === "win32";

/** A call of every tool that makes a secret, with what it is called and where the sandbox holds its value. */
const makers: readonly {
  tool: string;
  args: Record<string, unknown>;
  what: string;
  /** All secrets of this kind that the sandbox holds; hashes of API keys. */
  held: () => string[];
  /** How it is taken back; undefined where it cannot be. */
  takeBack?: RegExp;
}[] = [
  {
    tool: "oidc_client_create",
    args: { name: "Wiki", access: "everyone" },
    what: "client secret",
    held: () => clientSecrets(),
    takeBack: /^DELETE \/api\/oidc\/clients\/[^/]+\/secrets\//,
  },
  {
    tool: "oidc_client_create_secret",
    args: { client: "immich" },
    what: "client secret",
    held: () => clientSecrets(),
    takeBack: /^DELETE \/api\/oidc\/clients\/immich\/secrets\//,
  },
  {
    tool: "oidc_client_rotate_secret",
    args: { client: "immich" },
    what: "client secret",
    held: () => clientSecrets(),
    takeBack: /^DELETE \/api\/oidc\/clients\/immich\/secrets\//,
  },
  {
    tool: "api_key_create",
    args: { name: "Export", expiresAt: "1d" },
    what: "API key",
    held: () => apiKeys(),
    takeBack: /^DELETE \/api\/api-keys\//,
  },
  {
    tool: "api_key_renew",
    args: { apiKey: "Backup script", expiresAt: "1d" },
    what: "API key",
    held: () => apiKeys(),
    takeBack: /^DELETE \/api\/api-keys\//,
  },
  {
    tool: "user_create_one_time_access_token",
    args: { user: "alice" },
    what: "access link",
    held: () => [...mcp.sandbox.state.oneTimeAccessTokens.keys()],
  },
  {
    tool: "signup_token_create",
    args: {},
    what: "signup link",
    held: () => [...mcp.sandbox.state.signupTokens.values()].map(({ token }) => token),
    takeBack: /^DELETE \/api\/signup-tokens\//,
  },
];

const clientSecrets = () =>
  [...mcp.sandbox.state.oidcClients.values()].flatMap(({ secrets }) => secrets.map(({ value }) => value));
const apiKeys = () => [...mcp.sandbox.state.apiKeys.values()].map(({ key }) => key);

const inFolder = () => (existsSync(mcp.secretsDir) ? readdirSync(mcp.secretsDir) : []);
const changes = () =>
  mcp.sandbox.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
/** What the answer holds where the operator wants to see it there. */
const valueIn = (answer: { secret?: string; token?: string; link?: string }) =>
  answer.link ?? answer.token ?? answer.secret ?? "";
const tokenOf = (value: string) => value.replace(/^.*\/(?:lc|st)\//, "");

/** Whether a request makes a secret; a token of one minute is made for the session that makes a key. */
const isMaking = (url = ""): boolean =>
  /\/secrets?$|\/api\/api-keys(?:\/[^/]+\/renew)?$|\/api\/signup-tokens$/.test(url) ||
  url.endsWith(`/${aliceId()}/one-time-access-token`);
const aliceId = () => [...mcp.sandbox.state.users.values()].find(({ username }) => username === "alice")?.id;

/** Does something as soon as the request arrives that makes the secret. */
function whenMade(work: () => void): void {
  mcp.sandbox.intercept = ({ method, url }) => {
    if (method === "POST" && isMaking(url)) work();
    return false;
  };
}

describe("a secret that is shown once", () => {
  it("is made by exactly these tools", () => {
    const declared = tools.filter(({ reveals }) => reveals.size > 0).map(({ name }) => name);
    expect(declared.sort()).toEqual(makers.map(({ tool }) => tool).sort());
  });

  describe.each(makers)("by $tool", ({ tool, args, what, held, takeBack }) => {
    // One secret or several, a key made by a session or by a key: it is made in these ways.
    const versions = (["2.14", "2.13", "1.16"] as const).filter((one) => tool !== "api_key_renew" || one !== "1.16");

    it.each(versions)("goes to a file of %s's own, which holds nothing else", async (version) => {
      await mcp.reconnect({ version });
      const before = held();
      const answer = await mcp.ok(tool, args);
      const [file = "", ...others] = inFolder();
      expect(others).toEqual([]);
      expect(answer.secretFile).toEqual({ path: join(mcp.secretsDir, file), startsWith: secretOf(answer).slice(0, 4) });
      expect(file).toMatch(
        new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ-${tool}-[\\w.-]+-[0-9a-f]{16}\\.txt$`),
      );
      const made = held().filter((value) => !before.includes(value));
      if (what === "API key") expect(await worksAsKey(secretOf(answer))).toBe(true);
      else expect(made).toContain(tokenOf(secretOf(answer)));
      expect(answer.notes[0]).toBe(
        `The ${what} is in this file, which the operator alone can read, and nowhere else: take it from there, then delete the file.`,
      );
      expect(JSON.stringify(answer)).not.toContain(tokenOf(secretOf(answer)));
      for (const field of ["secret", "token", "link"]) expect(answer).not.toHaveProperty(field);
    });

    it.skipIf(windows)("can be read by nobody else", async () => {
      const { secretFile } = await mcp.ok(tool, args);
      expect(statSync(secretFile.path).mode & 0o777).toBe(0o600);
      expect(statSync(mcp.secretsDir).mode & 0o777).toBe(0o700);
    });

    it("stands in the answer and in no file where the operator wants that", async () => {
      await mcp.reconnect({ env: { POCKETID_SECRETS: "reveal" } });
      const answer = await mcp.ok(tool, args);
      expect(valueIn(answer).length).toBeGreaterThan(5);
      if (what !== "API key") expect(held()).toContain(tokenOf(valueIn(answer)));
      expect(answer).not.toHaveProperty("secretFile");
      expect(inFolder()).toEqual([]);
    });

    it("is not made where it would have no place", async () => {
      writeFileSync(mcp.secretsDir, "not a folder");
      expect(await mcp.fails(tool, args)).toBe(
        `Nothing was changed. The secret would have no place: ${mcp.secretsDir} is not a folder. POCKETID_SECRETS_DIR says where secrets go.`,
      );
      expect(changes()).toEqual([]);
      expect(mcp.actions()).toMatchObject([{ tool, outcome: "refused" }]);
    });

    it("is not made where no line could tell that it was being made", async () => {
      const log = join(import.meta.filename, "audit.log");
      await mcp.reconnect({ env: { POCKETID_AUDIT_FILE: log } });
      expect(await mcp.fails(tool, args)).toBe(
        `Nothing was changed. No secret is made while the action log cannot be written: if this server were killed, nothing would tell of it. Make ${log} writable, or have POCKETID_AUDIT_FILE name another.`,
      );
      expect(changes()).toEqual([]);
      expect(inFolder()).toEqual([]);
    });

    it("leaves no place behind that was not used", async () => {
      mcp.sandbox.intercept = ({ method }, response) => {
        if (method === "POST") response.writeHead(503).end();
        return method === "POST";
      };
      await mcp.fails(tool, args);
      expect(changes()).not.toEqual([]);
      expect(inFolder()).toEqual([]);
    });

    it("is said to be there, perhaps, where its answer was lost", async () => {
      mcp.sandbox.intercept = ({ method, url }, response) => {
        if (method === "POST" && isMaking(url)) response.end = () => response.destroy();
        return false;
      };
      const text = await mcp.fails(tool, args);
      expect(text).toMatch(/Whether the change was made is unknown: .* If (?:it|a secret) was made, .*nobody knows/);
      expect(inFolder()).toEqual([]);
    });

    it("is taken back where it could not be written, or said to be lost", async () => {
      const before = held();
      whenMade(() => rmSync(mcp.secretsDir, { recursive: true, force: true }));
      const text = await mcp.fails(tool, args);
      expect(text).toContain(
        `Pocket ID made the new ${what}, but it could not be kept: ${mcp.secretsDir} cannot be written (ENOENT).`,
      );
      expect(mcp.actions().at(-1)).toMatchObject({ tool, outcome: "failed" });
      if (takeBack === undefined) {
        expect(text).toMatch(/Pocket ID cannot take it back\. Nobody knows it, and it ends by itself at 20/);
        expect(held()).toHaveLength(before.length + 1);
        return;
      }
      expect(changes().filter((change) => takeBack.test(change))).toHaveLength(1);
      expect(text).toMatch(/was deleted (?:again|with its name)/);
      expect(held().filter((value) => !before.includes(value))).toEqual([]);
    });

    it.runIf(takeBack)("is said to be there where it could neither be written nor taken back", async () => {
      whenMade(() => {
        rmSync(mcp.secretsDir, { recursive: true, force: true });
        mcp.sandbox.intercept = ({ method }, response) => {
          if (method === "DELETE") response.writeHead(403).end();
          return method === "DELETE";
        };
      });
      expect(await mcp.fails(tool, args)).toMatch(
        /It could not be deleted again, and nobody knows it: delete it with \w+_delete(?:_secret)?, \w+ \["[\w-]+"\]\./,
      );
    });
  });

  it("works: the one of a client signs it in, a link leads to the instance", async () => {
    const { id } = (await mcp.ok("oidc_client_create", { name: "Wiki" })).client;
    const secret = secretOf(await mcp.ok("oidc_client_rotate_secret", { client: id }));
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const { ok } = await fetch(`${mcp.sandbox.url}/api/oidc/introspect`, { method: "POST", headers, body: "token=x" });
    expect(ok).toBe(true);
    expect(secretOf(await mcp.ok("signup_token_create"))).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/st\/\w+$/);
  });

  it("never takes the place of another one", async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => mcp.ok("oidc_client_create_secret", { client: "immich" })),
    );
    expect(inFolder()).toHaveLength(5);
    expect(new Set(made.map(secretOf)).size).toBe(5);
    for (const answer of made) expect(clientSecrets()).toContain(secretOf(answer));
  });

  it("has a name that is a name, whatever the id of its client is", async () => {
    const client = mcp.sandbox.state.oidcClients.get("gitea");
    if (client === undefined) throw new Error("the sandbox holds no gitea");
    mcp.sandbox.state.oidcClients.set("https://a.example/../x", {
      ...client,
      id: "https://a.example/../x",
      name: "Odd",
    });
    const answer = await mcp.ok("oidc_client_create_secret", { client: "Odd" });
    expect(basename(answer.secretFile.path)).toMatch(
      /-oidc_client_create_secret-https_a\.example_\.\._x-[0-9a-f]{16}\.txt$/,
    );
    expect(inFolder()).toEqual([basename(answer.secretFile.path)]);
  });

  it("needs no place for a public client, which has none", async () => {
    writeFileSync(mcp.secretsDir, "not a folder");
    const answer = await mcp.ok("oidc_client_create", { name: "Wiki", isPublic: true });
    expect(answer).not.toHaveProperty("secretFile");
    expect(mcp.actions()).toMatchObject([{ outcome: "ok" }]);
  });

  it.skipIf(windows).each([0o755, 0o710, 0o702])("has no place in a folder of mode %o", async (mode) => {
    mkdirSync(mcp.secretsDir);
    chmodSync(mcp.secretsDir, mode);
    expect(await mcp.fails("signup_token_create")).toContain(
      `others can read ${mcp.secretsDir}. Run: chmod 700 ${mcp.secretsDir}`,
    );
    expect(changes()).toEqual([]);
  });

  it("is kept before anything else happens, also where the answer is waited for in vain", async () => {
    mcp.sandbox.intercept = ({ url }, response) => {
      if (url !== "/api/webauthn/logout") return false;
      // By now the key has been made.
      expect(inFolder()).toMatchObject([expect.stringMatching(/^20.*\.txt$/)]);
      response.writeHead(204).end();
      return true;
    };
    expect(await worksAsKey(secretOf(await mcp.ok("api_key_create", { name: "Export", expiresAt: "1d" })))).toBe(true);
  });

  it("is kept where the call is cancelled while it is made", async () => {
    const abort = new AbortController();
    whenMade(() => abort.abort());
    const call = mcp.client.callTool(
      { name: "oidc_client_create_secret", arguments: { client: "immich" } },
      { signal: abort.signal },
    );
    await expect(call).rejects.toThrow();
    await expect.poll(() => mcp.actions().length).toBe(2);
    const [file = ""] = inFolder();
    expect(clientSecrets()).toContain(readFileSync(join(mcp.secretsDir, file), "utf8"));
  });

  it("is said to be shown at the start, where the operator wants that", async () => {
    expect(mcp.warnings.join()).not.toContain("secrets");
    await mcp.reconnect({ env: { POCKETID_SECRETS: "reveal" } });
    expect(mcp.warnings[0]).toMatch(/; secrets are shown in answers \(POCKETID_SECRETS\)$/);
  });
});

describe("the secret that a client had", () => {
  it("is deleted only when the new one is in its file", async () => {
    const [old] = mcp.sandbox.state.oidcClients.get("immich")?.secrets ?? [];
    whenMade(() => rmSync(mcp.secretsDir, { recursive: true, force: true }));
    const text = await mcp.fails("oidc_client_rotate_secret", { client: "immich" });
    expect(text).toContain("It was deleted again; what the client had before works as it did.");
    expect(mcp.sandbox.state.oidcClients.get("immich")?.secrets).toEqual([old]);
  });

  it("is lost with the new one before 2.14, which is said", async () => {
    await mcp.reconnect({ version: "2.13" });
    whenMade(() => rmSync(mcp.secretsDir, { recursive: true, force: true }));
    expect(await mcp.fails("oidc_client_rotate_secret", { client: "immich" })).toContain(
      "Pocket ID before 2.14 cannot take it back: the secret that the client had stopped working, and nobody knows the new one. " +
        "Make another with oidc_client_create_secret as soon as it can be kept.",
    );
  });

  it.each([
    ["2.14", "oidc_client_rotate_secret", "oidc_client_rotate_secret"],
    ["2.13", "oidc_client_rotate_secret", "oidc_client_rotate_secret"],
    ["2.13", "oidc_client_create_secret", "oidc_client_rotate_secret"],
  ] as const)(
    "is replaced once where two calls want to at the same time, on %s by %s and %s",
    async (version, ...both) => {
      await mcp.reconnect({ version });
      const others = mcp.sandbox.state.oidcClients.get("gitea")?.secrets.slice(1) ?? [];
      const client = version === "2.14" ? "gitea" : "immich";
      const calls = both.map((tool) => ({ tool, args: { client } }));
      const answers = await callTogether(mcp, calls, (method, url) => method === "POST" && isMaking(url));
      const [error, ...more] = answers.filter(({ isError }) => isError);
      expect(more).toEqual([]);
      expect(error?.text).toBe(
        "Nothing was changed. Another call is replacing the secret of this client right now. Look at what it answers before you do it again.",
      );
      const [file = "", ...rest] = inFolder();
      expect(rest).toEqual([]);
      const kept = readFileSync(join(mcp.secretsDir, file), "utf8");
      const now = mcp.sandbox.state.oidcClients.get(client)?.secrets.map(({ value }) => value);
      expect(now).toEqual(version === "2.14" ? [...others.map(({ value }) => value), kept] : [kept]);
    },
  );

  it("is deleted once where two programs replace it at the same time, and both new ones are known", async () => {
    const { url, apiKey, state } = mcp.sandbox;
    const kept: string[] = [];
    const programs = [1, 2].map(() => new PocketIdClient({ url, apiKey }));
    // Each has decided which secret is the old one before the other makes a new one.
    let begun = 0;
    let release: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const keeper = {
      async begin() {
        if (++begun === programs.length) release();
        await both;
      },
      keep: async ({ value }: ShownOnce) => void kept.push(value),
    };
    const rotated = await Promise.all(
      programs.map((program) => program.within({ keeper }).oidcClients.rotateSecret("immich")),
    );
    await Promise.all(programs.map((program) => program.close()));
    expect(rotated.map(({ old }) => old?.deleted)).toEqual([true, true]);
    expect(
      state.oidcClients
        .get("immich")
        ?.secrets.map(({ value }) => value)
        .sort(),
    ).toEqual(kept.sort());
  });

  it("is replaced as often as that is asked for, one after the other", async () => {
    const first = secretOf(await mcp.ok("oidc_client_rotate_secret", { client: "immich" }));
    const second = secretOf(await mcp.ok("oidc_client_rotate_secret", { client: "immich" }));
    expect(mcp.sandbox.state.oidcClients.get("immich")?.secrets.map(({ value }) => value)).toEqual([second]);
    expect(first).not.toBe(second);
  });
});

async function worksAsKey(key: string): Promise<boolean> {
  return (await fetch(`${mcp.sandbox.url}/api/users/me`, { headers: { "x-api-key": key } })).ok;
}
