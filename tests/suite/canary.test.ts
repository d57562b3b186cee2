import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "@pocketid-mcp/core";
import { defineTool, secretText } from "@pocketid-mcp/core/runtime";
import { type Sandbox, type SandboxVersion, sandboxVersions } from "@pocketid-mcp/sandbox";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { examples } from "../../scripts/docs/examples.ts";
import { servers } from "../../scripts/servers.ts";
import { type Connected, connect } from "../support/connect.ts";

const tools = servers.flatMap((server) => server.tools);
const toolNamed = new Map(tools.map((tool) => [tool.name, tool]));

/** A value that stands nowhere but where it was put, in whole or in part. */
// Of letters that no id has: a part of one must not look like a part of the other.
const canary = (): string => Array.from(randomBytes(24), (byte) => "ghjkmnpqrstuvwyz"[byte % 16]).join("");

/** Everything that anybody may read, with where it was said. */
type Said = { readonly where: string; readonly text: string }[];

/** Characters of a secret that are enough to tell that a part of it was left. The first four are shown on purpose. */
const part = 8;

/** Where a secret, or a part of it, was said. */
function hits(said: Said, secrets: ReadonlySet<string>): string[] {
  const parts = new Map<string, string>();
  for (const secret of secrets) {
    const length = Math.min(part, secret.length);
    for (let at = 0; at + length <= secret.length; at++) parts.set(secret.slice(at, at + length), secret);
  }
  const lengths = [...new Set([...parts.keys()].map(({ length }) => length))];
  return said.flatMap(({ where, text }) => {
    for (const length of lengths) {
      for (let at = 0; at + length <= text.length; at++) {
        const secret = parts.get(text.slice(at, at + length));
        if (secret !== undefined) return [`${where}: ${secret} in …${text.slice(Math.max(0, at - 60), at + 60)}…`];
      }
    }
    return [];
  });
}

/** Puts a value of its own wherever Pocket ID keeps a secret. */
function plant({ state, apiKey }: Sandbox): Set<string> {
  const planted = new Set([apiKey]);
  const put = (): string => {
    const value = canary();
    planted.add(value);
    return value;
  };
  // Each stands in a field of another name, too.
  for (const [password, other] of [
    ["smtpPassword", "smtpUser"],
    ["ldapBindPassword", "ldapBindDn"],
  ] as const) {
    state.configuration.set(password, put());
    state.configuration.set(other, `cn=${state.configuration.get(password)}`);
  }
  for (const provider of state.scimProviders.values()) {
    provider.token = put();
    provider.endpoint = `https://scim:${put()}@cloud.example/scim?token=${provider.token}`;
  }
  for (const user of state.users.values()) user.displayName = `${user.username} ${apiKey}`;
  for (const token of state.signupTokens.values()) token.token = put();
  for (const { secrets } of state.oidcClients.values()) for (const secret of secrets) secret.value = put();
  const [userId = ""] = state.users.keys();
  const expiresAt = "2099-01-01T00:00:00Z";
  const [access, email, session] = [put(), put(), put()];
  state.oneTimeAccessTokens.set(access, { token: access, userId, deviceToken: put(), expiresAt });
  state.emailVerificationTokens.set(email, { token: email, userId, email: "a@b.example", expiresAt });
  state.sessions.set(session, { token: session, userId, expiresAt, authenticationMethod: "otp" });
  return planted;
}

/** What Pocket ID itself has made meanwhile. */
const heldBy = ({ state }: Sandbox): string[] => [
  ...[...state.oidcClients.values()].flatMap(({ secrets }) => secrets.map(({ value }) => value)),
  ...state.oneTimeAccessTokens.keys(),
  ...state.emailVerificationTokens.keys(),
  ...state.sessions.keys(),
  ...[...state.signupTokens.values()].map(({ token }) => token),
];

/** Takes down every secret that leaves the sandbox: API keys are there in clear text at no other time. */
function eavesdrop(response: ServerResponse, secrets: Set<string>): void {
  const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
  response.end = (...given: unknown[]) => {
    const [body] = given;
    for (const [, value = ""] of String(body ?? "").matchAll(/"(?:token|secret)":\s*("(?:[^"\\]|\\.)+")/g))
      secrets.add(JSON.parse(value));
    for (const cookie of [response.getHeader("set-cookie") ?? []].flat())
      for (const [, value = ""] of String(cookie).matchAll(/access_token=([^;]+)/g)) secrets.add(value);
    return end(...given);
  };
}

/** An error that repeats the request, as a proxy or a careless server may: whole, written in other ways, and where it will be cut. */
function echo(request: IncomingMessage, body: string, response: ServerResponse): void {
  const { authorization = "", "x-api-key": key = "" } = request.headers;
  const carried = [String(key), authorization, body, request.url ?? ""].filter(Boolean);
  const [first = ""] = [String(key) || authorization.replace("Bearer ", "")];
  const hidden = [...first].join("\u200B");
  const goJson = body.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  const many = `${carried.join(" ")} ${hidden} ${encodeURIComponent(body)} ${JSON.stringify(goJson)}`;
  const values = [...body.matchAll(/:"([^"]{8,})"/g)].map(([, value = ""]) => value);
  const cut = (length: number) => [...values, first].map((value) => `${"x".repeat(length - part - 4)}${value}`);
  const fields = [many, ...cut(200)].map((message) => ({ field: `${"f".repeat(64)}${first}`, code: first, message }));
  response
    .writeHead(400, { "content-type": "application/json", "x-request-id": `${"r".repeat(64)}${first}` })
    .end(
      JSON.stringify({ error: cut(400)[0], code: `${"c".repeat(64)}${first}`, details: { fields, property: first } }),
    );
}

/** What else may be in the way. */
const strange: Readonly<Record<string, (key: string, response: ServerResponse) => void>> = {
  redirect: (key, response) => response.writeHead(302, { location: `https://${key}.example/` }).end(),
  "another type": (key, response) =>
    response.writeHead(200, { "content-type": `text/${"x".repeat(40)}${key}` }).end("ok"),
  "an error of another type": (key, response) =>
    response.writeHead(500, { "content-type": `text/html;${"x".repeat(36)}${key}` }).end(`<p>${key}</p>`),
  "a plain text": (key, response) => response.writeHead(400, { "content-type": "application/json" }).end(`"${key}"`),
};

interface Walk {
  readonly said: Said;
  readonly secrets: Set<string>;
  readonly mcp: Connected;
  /** Tools that have done their job at least once. */
  readonly succeeded: Set<string>;
  readonly close: () => Promise<void>;
  /** Calls a tool, whatever comes of it, and takes down everything that is said. */
  call(tool: string, args: Record<string, unknown>, when: string): Promise<void>;
  /** Lets requests fail with an echo of themselves. */
  echoing(which: (request: IncomingMessage) => boolean): void;
  intercept(answer: (request: IncomingMessage, response: ServerResponse) => boolean): void;
}

/** Begins a walk over the tools of all servers, with canaries wherever there can be a secret. */
async function begin(
  version: SandboxVersion,
  settings: Readonly<Record<string, string>>,
  uiConfigDisabled = false,
): Promise<Walk> {
  const said: Said = [];
  const succeeded = new Set<string>();
  const logs = mkdtempSync(join(tmpdir(), "pocketid-mcp-canary-"));
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.push({ where: "stderr", text: String(text) });
    return true;
  });
  const fromVariable = canary();
  const mcp = await connect(tools, {
    version,
    uiConfigDisabled,
    apiKey: canary(),
    env: {
      LOG_LEVEL: "trace",
      LOG_DIR: logs,
      POCKETID_SECRET_ENV: "CANARY",
      CANARY: fromVariable,
      ...settings,
    },
  });
  const secrets = plant(mcp.sandbox);
  secrets.add(fromVariable);
  const reveal = settings.POCKETID_SECRETS === "reveal";
  let interceptNext: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  mcp.sandbox.intercept = (request, response) => {
    eavesdrop(response, secrets);
    return interceptNext(request, response);
  };

  /** An answer without what the operator wants to see there. */
  const withoutRevealed = (tool: string, content: unknown): unknown => {
    const revealed = reveal ? toolNamed.get(tool)?.reveals : undefined;
    if (revealed === undefined || typeof content !== "object" || content === null) return content;
    return Object.fromEntries(Object.entries(content).filter(([field]) => !revealed.has(field)));
  };

  return {
    said,
    secrets,
    mcp,
    succeeded,
    echoing(which) {
      interceptNext = (request, response) => {
        if (!which(request)) return false;
        const { body } = mcp.sandbox.requests.at(-1) ?? {};
        echo(request, body === null ? "" : JSON.stringify(body), response);
        return true;
      };
    },
    intercept(answer) {
      interceptNext = answer;
    },
    async call(tool, args, when) {
      const where = `${tool} (${when})`;
      const onprogress = (progress: unknown) =>
        said.push({ where: `${where}, progress`, text: JSON.stringify(progress) });
      const answer = await mcp.client
        .callTool({ name: tool, arguments: args }, { onprogress })
        .catch((error: unknown) => ({
          content: [{ type: "text", text: String(error) }],
          structuredContent: undefined,
        }));
      if (answer.structuredContent !== undefined) succeeded.add(tool);
      const [first] = answer.content;
      const text = first?.type === "text" && "text" in first ? String(first.text) : "";
      const shown =
        answer.structuredContent === undefined ? text : JSON.stringify(withoutRevealed(tool, JSON.parse(text)));
      said.push({ where, text: shown });
      said.push({ where, text: JSON.stringify(withoutRevealed(tool, answer.structuredContent)) ?? "" });
      for (const secret of heldBy(mcp.sandbox)) secrets.add(secret);
    },
    async close() {
      for (const line of mcp.actions()) said.push({ where: "action log", text: JSON.stringify(line) });
      for (const warning of mcp.warnings) said.push({ where: "warning", text: warning });
      // The last lines are written a moment after the answer.
      await sleep(40);
      for (const name of readdirSync(logs)) {
        for (const line of readFileSync(join(logs, name), "utf8").split("\n")) said.push({ where: name, text: line });
      }
      const { tools: listed } = await mcp.client.listTools();
      said.push({ where: "tools/list", text: JSON.stringify(listed) });
      stderr.mockRestore();
      await mcp.close();
    },
  };
}

/** Every argument that is a secret. */
const secretInputs: Readonly<Record<string, readonly string[]>> = {
  oidc_client_create: ["secret"],
  oidc_client_create_secret: ["secret"],
  oidc_client_rotate_secret: ["secret"],
  scim_provider_create: ["token"],
  scim_provider_update: ["token"],
  app_config_update: ["smtpPassword", "ldapBindPassword"],
};

/** The example of a tool, with the ids of this sandbox in it. */
function exampleOf(tool: string, { state, adminId }: Sandbox): Record<string, unknown> {
  const expired = [...state.apiKeys.values()].find(({ expiresAt }) => Date.parse(expiresAt) < Date.now());
  const values: Record<string, string> = {
    $svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString("base64"),
    $png: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    $signupToken: [...state.signupTokens.keys()][0] ?? "",
    $ownAuthorization: state.authorizedClients.find(({ userId }) => userId === adminId)?.clientId ?? "gitea",
    $expiredKey: expired?.name ?? "",
  };
  return JSON.parse(JSON.stringify(examples[tool]).replace(/\$[A-Za-z]+/g, (value) => values[value] ?? value));
}

/** Calls every tool, with each of its secrets given in every way. */
async function callAll(walk: Walk, when: string): Promise<void> {
  const { mcp, secrets } = walk;
  const put = (): { file: string } => {
    const value = canary();
    secrets.add(value);
    mkdirSync(mcp.secretsDir, { recursive: true, mode: 0o700 });
    writeFileSync(join(mcp.secretsDir, `operator-${value.slice(0, 3)}`), `${value}\n`, { mode: 0o600 });
    return { file: `operator-${value.slice(0, 3)}` };
  };
  // With signs in it that are written in other ways in JSON and in addresses.
  const plain = (): string => {
    const value = canary();
    secrets.add(value);
    return `"<\\ &${value}`;
  };
  for (const tool of Object.keys(examples)) {
    const inputs = secretInputs[tool] ?? [];
    const args = Object.fromEntries(
      Object.entries(exampleOf(tool, mcp.sandbox)).filter(([argument]) => !inputs.includes(argument)),
    );
    await walk.call(tool, args, when);
    for (const given of inputs.length > 0 ? [plain, put, () => ({ env: "CANARY" })] : []) {
      const more = Object.fromEntries(inputs.map((input) => [input, given()]));
      // Another one, where the first was created.
      const other = tool === "oidc_client_create" ? { name: `Other ${canary().slice(0, 4)}` } : {};
      await walk.call(tool, { ...args, ...other, ...more }, `${when}, with a secret`);
    }
  }
}

/** Calls that are refused for something else, or for the secret itself: the errors must not repeat it. */
async function callWrongly({ call, secrets }: Walk): Promise<void> {
  for (const [tool, inputs] of Object.entries(secretInputs)) {
    for (const input of inputs) {
      const value = canary();
      secrets.add(value);
      const wrong: Readonly<Record<string, unknown>>[] = [
        { [input]: value, nonsense: value },
        { [input]: value, client: value, name: value.repeat(20), endpoint: value, appName: value.repeat(400) },
        { [input]: value.repeat(200) },
        { [input]: [value] },
        { [input]: { file: value } },
        { [input]: { env: value } },
        { [input]: { file: `../${value}`, env: value } },
        { [input]: { value } },
        { [input]: value, client: "immich", secret: 7, ldapEnabled: value },
        { [input]: `${value.slice(0, 12)}é`, client: "immich", name: "Wiki" },
      ];
      for (const args of wrong) await call(tool, args, "wrong");
    }
  }
}

const modes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "secrets go to files": {},
  "secrets are shown": { POCKETID_SECRETS: "reveal" },
  "nothing can be changed": { POCKETID_READ_ONLY: "true" },
};

describe("no secret is said anywhere but in its own place", () => {
  it("has an example of every tool, and knows every argument that is a secret", () => {
    expect(Object.keys(examples).sort()).toEqual([...toolNamed.keys()].sort());
    const inputs = tools.flatMap(({ name, input }) =>
      Object.keys(input.shape).flatMap((field) =>
        /password|^secret$|^token$/i.test(field) ? [`${name} ${field}`] : [],
      ),
    );
    expect(
      Object.entries(secretInputs)
        .flatMap(([tool, fields]) => fields.map((field) => `${tool} ${field}`))
        .sort(),
    ).toEqual(inputs.sort());
  });

  describe.each(Object.entries(modes))("where %s", (mode, settings) => {
    it.each(sandboxVersions)(
      "on %s, whether it goes well or every request is refused with its own words",
      async (version) => {
        const walk = await begin(version, settings);
        await callWrongly(walk);
        walk.echoing(({ method }) => method !== "GET");
        await callAll(walk, "changes refused");
        walk.echoing(() => true);
        await callAll(walk, "everything refused");
        walk.intercept(() => false);
        await callAll(walk, "done");
        await walk.close();
        expect(walk.said.length).toBeGreaterThan(600);
        expect(walk.secrets.size).toBeGreaterThan(mode === "nothing can be changed" ? 10 : 40);
        expect(hits(walk.said, walk.secrets)).toEqual([]);
        if (version === "2.14" && mode !== "nothing can be changed") expect(walk.succeeded.size).toBeGreaterThan(90);
      },
      // Every tool, four times: some seconds on a machine that has nothing else to do.
      120_000,
    );
  });

  it("is in a file of its own and in no other", async () => {
    const walk = await begin("2.14", {});
    await callAll(walk, "done");
    const { secretsDir } = walk.mcp;
    const files = readdirSync(secretsDir).map((name) => readFileSync(join(secretsDir, name), "utf8").trim());
    const inFile = [...walk.secrets].filter((secret) => files.some((file) => file.includes(secret)));
    // One that was chosen is known whole and in part.
    const held = inFile.filter((secret) => !inFile.some((other) => other !== secret && secret.includes(other)));
    // A secret that the operator had chosen is in that file and in the one of the call that set it.
    for (const file of files) expect(held.filter((secret) => file.includes(secret)).length).toBeLessThanOrEqual(1);
    expect(held.length).toBeGreaterThan(10);
    await walk.close();
  });

  it("where the configuration comes from the environment", async () => {
    const walk = await begin("2.14", {}, true);
    // Pocket ID shows a mask in the place of both passwords, so that nobody can know them in another field.
    for (const other of ["smtpUser", "ldapBindDn"]) walk.mcp.sandbox.state.configuration.set(other, "somebody");
    for (const tool of ["app_config_get", "app_config_get_all", "app_config_update", "app_config_test_email"])
      await walk.call(tool, examples[tool] ?? {}, "environment");
    await walk.call("app_config_update", { smtpPassword: "a-new-one-of-ours" }, "environment");
    await walk.close();
    expect(hits(walk.said, walk.secrets.add("a-new-one-of-ours"))).toEqual([]);
  });

  it.each(Object.entries(strange))("where %s answers", async (_case, answer) => {
    const walk = await begin("2.14", {});
    walk.intercept((request, response) => {
      answer(String(request.headers["x-api-key"] ?? request.headers.authorization ?? "nobody"), response);
      return true;
    });
    for (const tool of Object.keys(examples)) {
      const { risk } = toolNamed.get(tool) ?? {};
      if (risk !== "read") await walk.call(tool, exampleOf(tool, walk.mcp.sandbox), "strange");
    }
    await walk.close();
    expect(hits(walk.said, walk.secrets)).toEqual([]);
  });

  it("where the id of a request is a secret", async () => {
    const walk = await begin("2.14", {});
    walk.intercept((request, response) => {
      const id = `${"r".repeat(64)}${request.headers["x-api-key"]}`;
      const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => ServerResponse;
      response.writeHead = (...given: unknown[]) => {
        response.setHeader("x-request-id", id);
        return writeHead(...given);
      };
      return false;
    });
    for (const tool of ["user_update", "user_group_create", "oidc_client_update"])
      await walk.call(tool, exampleOf(tool, walk.mcp.sandbox), "request id");
    await walk.close();
    expect(hits(walk.said, walk.secrets)).toEqual([]);
  });

  describe.each(["given", "read", "met"])("also by a tool that is careless with one that was %s", (way) => {
    const [given, read, met] = [canary(), canary(), canary()];
    /** Says the secret in a way that a tool should not. */
    const careless = defineTool({
      name: "careless_update",
      title: "Careless",
      description: "Says what it should not.",
      risk: "write",
      input: { secret: secretText, how: z.enum(["answer", "error", "refusal", "long refusal", "changed"]) },
      output: { name: z.string(), changed: z.array(z.string()) },
      routes: ["PUT /api/application-configuration", "GET /api/application-configuration/all"],
      async run({ secret, how }, { pocketId }) {
        const { smtpPassword } = await pocketId.applicationConfiguration.getAll();
        const text = `${way === "met" ? smtpPassword : secret}`;
        if (how === "error") throw new Error(`It cannot be ${text}.`);
        if (how === "refusal") throw new InputError("name", `it cannot be ${text}.`);
        if (how === "long refusal") throw new InputError("name", `${"x".repeat(882)} ${text}`);
        return { name: `It is ${text}.`, changed: how === "changed" ? ["name"] : [] };
      },
    });

    it.each(["answer", "error", "refusal", "long refusal", "changed"])("in its %s", async (how) => {
      const logs = mkdtempSync(join(tmpdir(), "pocketid-mcp-canary-"));
      const mcp = await connect([careless], {
        env: {
          LOG_LEVEL: "trace",
          LOG_DIR: logs,
          LOG_TO_STDERR: "false",
          POCKETID_SECRET_ENV: "CANARY",
          CANARY: read,
        },
      });
      mcp.sandbox.state.configuration.set("smtpPassword", met);
      const secret = way === "read" ? { env: "CANARY" } : given;
      const answer = await mcp.call("careless_update", { secret, how });
      const log = await vi.waitFor(() => readFileSync(join(logs, "pocketid-mcp.log"), "utf8"));
      const said = [answer.text, JSON.stringify(answer.content) ?? "", JSON.stringify(mcp.actions()), log];
      expect(
        hits(
          said.map((text, nth) => ({ where: String(nth), text })),
          new Set([given, read, met]),
        ),
      ).toEqual([]);
      expect(answer.text).toContain(
        how === "error" ? "went wrong inside" : how === "long refusal" ? "xxx" : "[redacted]",
      );
      await mcp.close();
    });
  });

  it("where it is too short to be looked for, in the fields that hold it", async () => {
    const mcp = await connect(tools);
    mcp.sandbox.state.configuration.set("smtpPassword", "~q#Z");
    const { text } = await mcp.call("app_config_get_all");
    expect(text).toContain('"smtpPassword":"[redacted]"');
    expect(text).not.toContain("~q#Z");
    await mcp.close();
  });

  it("and no name of a field goes from the action log because a secret is called like it", async () => {
    const mcp = await connect(tools);
    await mcp.ok("app_config_update", { smtpPassword: "allowUserSignups", allowUserSignups: "open" });
    expect(mcp.actions().at(-1)).toMatchObject({
      tool: "app_config_update",
      changed: expect.arrayContaining(["smtpPassword", "allowUserSignups"]),
    });
    await mcp.ok("scim_provider_update", { client: "nextcloud", token: "scim_provider_update" });
    expect(mcp.actions().at(-1)).toMatchObject({ tool: "scim_provider_update", targets: ["client:nextcloud"] });
    await mcp.close();
  });
});
