import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "@pocketid-mcp/sandbox";
import { type Connection, type Person, type ServerName, serverNames, start } from "./demo/assistant.ts";
import { narrator } from "./demo/narrator.ts";

// A story told by the real thing: five built servers, a real MCP client, and a Pocket ID in memory whose state every step is checked against.
const begun = performance.now();
const story = narrator((line) => console.log(line));
const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-demo-"));
const sandbox = await startSandbox();
const { state } = sandbox;
const env = {
  PATH: process.env.PATH ?? "",
  POCKETID_URL: sandbox.url,
  POCKETID_API_KEY: sandbox.apiKey,
  POCKETID_AUDIT_FILE: join(folder, "audit.log"),
  POCKETID_SECRETS_DIR: join(folder, "secrets"),
  LOG_LEVEL: "silent",
};

/** What the person says to the next question. */
let reply: ReturnType<Person> = "yes";
const person: Person = (question) => {
  // Where it happens is this machine, on another port each time.
  const [text] = question.split(" [");
  story.asked(text ?? "", reply === "yes" ? "→ Yes" : "→ No");
  return reply;
};

const started = await Promise.all(
  serverNames.map(async (name): Promise<[ServerName, Connection]> => [name, await start(name, env, person)]),
);
const servers = new Map(started);

async function call(server: ServerName, tool: string, args: Record<string, unknown>) {
  story.called(server, tool, args);
  const answer = await servers.get(server)?.call(tool, args);
  if (answer === undefined) throw new Error(`${server} is not running`);
  if (answer.failed) story.outcome(answer.text);
  // biome-ignore lint/suspicious/noExplicitAny: the story looks into whatever the tool answered
  return { ...answer, content: answer.content as Record<string, any> };
}

const user = (username: string) => [...state.users.values()].find((candidate) => candidate.username === username);
const group = (name: string) => [...state.userGroups.values()].find((candidate) => candidate.name === name);
const client = (name: string) => [...state.oidcClients.values()].find((candidate) => candidate.name === name);
/** How many requests could have changed something. */
const changes = () => sandbox.requests.filter(({ method }) => method !== "GET").length;
const names = (rows: { name: string }[]) => rows.map(({ name }) => name).join(", ");

/** What an operator does with a secret: read it from the file that the answer names. */
const secretIn = ({ secretFile }: Record<string, { path: string }>): string =>
  readFileSync(secretFile?.path ?? "", "utf8");

async function secretWorks(clientId: string, secret: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`;
  const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
  return (await fetch(`${sandbox.url}/api/oidc/introspect`, { method: "POST", headers, body: "token=x" })).ok;
}

try {
  console.log(
    `Five MCP servers administer a Pocket ID ${sandbox.version} that lives in memory: the Riverside Rowing Club.`,
  );
  story.check(
    `${started.length} servers offer ${started.reduce((sum, [, { tools }]) => sum + tools.length, 0)} tools`,
    started.length === 5,
  );

  story.chapter("Look around", "An assistant that has just been connected finds out where it is.");
  story.says("Is our Pocket ID all right?");
  const health = await call("admin-config", "health_check", {});
  for (const part of ["live", "apiKey", "admin", "version"]) story.outcome(`${part}: ${health.content[part].message}`);
  story.check("it is up, and the key belongs to an administrator", health.content.live.ok && health.content.admin.ok);
  story.says("How many accounts are there, and who can sign in to what?");
  const everybody = await call("users", "user_list", { limit: 1 });
  story.check(
    `${everybody.content.totalItems} accounts, for the price of one row`,
    everybody.content.totalItems === state.users.size,
  );
  const clients = await call("clients", "oidc_client_list", {});
  for (const row of clients.content.clients) {
    story.outcome(`${row.name}: ${row.access === "groups" ? names(row.allowedUserGroups) : row.access}`);
  }
  story.check("that is every application there is", clients.content.clients.length === state.oidcClients.size);

  story.chapter("A newcomer", "A group, an account, and a membership, all by name.");
  story.says("We have a website team now. Nora Lind is in it, nora@riverside-rowing.example, and so is Alice.");
  await call("groups", "user_group_create", { name: "website", friendlyName: "Website team" });
  await call("users", "user_create", {
    username: "nora",
    firstName: "Nora",
    lastName: "Lind",
    email: "nora@riverside-rowing.example",
  });
  const members = await call("groups", "user_group_update_users", {
    group: "website",
    add: ["nora", "alice@riverside-rowing.example"],
  });
  story.outcome(`added: ${members.content.added.map(({ username }: { username: string }) => username).join(", ")}`);
  const websiteId = group("website")?.id ?? "";
  story.check(
    "Pocket ID holds Nora as an ordinary account",
    user("nora")?.isAdmin === false && user("nora")?.displayName === "Nora Lind",
  );
  story.check(
    "both are members",
    [user("nora"), user("alice")].every((member) => member?.userGroupIds.includes(websiteId)),
  );

  story.chapter(
    "An application, closed by default",
    "What others forget: a new client is open to everyone unless somebody restricts it.",
  );
  story.says("Connect the wiki for the website team.");
  const callbackURLs = ["https://wiki.riverside-rowing.example/login/callback"];
  const wiki = await call("clients", "oidc_client_create", { name: "Wiki", callbackURLs, groups: ["website"] });
  const wikiId: string = wiki.content.client.id;
  const wikiSecret = secretIn(wiki.content);
  story.outcome(
    `access: ${wiki.content.client.access} (${names(wiki.content.client.allowedUserGroups)}), PKCE on, secret ${wiki.content.secretFile.startsWith}… in a file`,
  );
  story.check(
    "restricted to that group alone",
    client("Wiki")?.isGroupRestricted === true && client("Wiki")?.allowedUserGroupIds.join() === websiteId,
  );
  story.check("the secret from the file works", await secretWorks(wikiId, wikiSecret));
  story.check("and the assistant has not seen it", !wiki.text.includes(wikiSecret));

  story.chapter(
    "Who gets in, and what the application learns",
    "The claims preview answers for those who may sign in, and refuses the others.",
  );
  story.says("What will the wiki learn about Nora? And can Ben get in?");
  const preview = await call("clients", "oidc_client_preview_claims", { client: "Wiki", user: "nora" });
  const { name, email, groups } = preview.content.idToken;
  story.outcome(`name ${name}, email ${email}, groups ${groups.join(", ")}`);
  story.check("Nora's token names her group", groups.includes("website"));
  const refused = await call("clients", "oidc_client_preview_claims", { client: "Wiki", user: "ben" });
  story.check("Ben cannot sign in", refused.failed && !user("ben")?.userGroupIds.includes(websiteId));

  story.chapter(
    "A rename that is only a rename",
    "Pocket ID replaces the whole object on every update. Leave something out, and it is gone.",
  );
  story.says("The wiki is called Handbook from now on.");
  const before = structuredClone(client("Wiki"));
  const renamed = await call("clients", "oidc_client_update", { client: "Wiki", name: "Handbook" });
  story.outcome(`changed: ${renamed.content.changed.join(", ")}`);
  const after = structuredClone(client("Handbook"));
  story.check(
    "the name is the only difference",
    JSON.stringify({ ...before, name: "Handbook" }) === JSON.stringify(after),
  );
  story.check("the secret still works", await secretWorks(wikiId, wikiSecret));

  story.chapter(
    "A person has the last word",
    "What opens, locks out, deletes or makes a secret is asked about first, by the server, with the numbers of this moment.",
  );
  story.says("Let everybody into the Handbook.");
  reply = "no";
  const sent = changes();
  const everyone = await call("clients", "oidc_client_update_allowed_groups", {
    client: "Handbook",
    access: "everyone",
  });
  story.check("nothing was sent that could change anything", everyone.failed && changes() === sent);
  story.says("No, the members are enough.");
  reply = "yes";
  await call("clients", "oidc_client_update_allowed_groups", { client: "Handbook", add: ["members"] });
  story.check("the members can sign in, too", client("Handbook")?.allowedUserGroupIds.length === 2);

  story.chapter(
    "A second secret",
    "From 2.14 on, a client can have several. Before, a new one would have stopped the application.",
  );
  story.says("Give me a new secret for the Handbook, for 90 days.");
  const secret = await call("clients", "oidc_client_create_secret", { client: "Handbook", expiresAt: "90d" });
  const secondSecret = secretIn(secret.content);
  story.outcome(secret.content.notes.join(" "));
  story.check("the new one works", await secretWorks(wikiId, secondSecret));
  story.check("and so does the old one", !secret.content.replaced && (await secretWorks(wikiId, wikiSecret)));

  story.chapter(
    "Questions instead of lists",
    "Counts come as counts, filters that Pocket ID lacks are computed by the server.",
  );
  story.says("Where do people sign in from, when it is not from here? And who is in no group of the members?");
  const countries = await call("keys-audit", "audit_log_list_all", {
    event: "SIGN_IN",
    external: true,
    groupBy: "country",
  });
  story.outcome(
    countries.content.counts.map(({ key, count }: { key: string; count: number }) => `${key} ${count}`).join(", "),
  );
  const external = state.auditLog.filter(({ event, country }) => event === "SIGN_IN" && country !== "Internal Network");
  story.check("the counts add up to what the log holds", countries.content.totalItems === external.length);
  const outsiders = await call("users", "user_list", { notInGroup: "members", limit: 3 });
  const membersId = group("members")?.id ?? "";
  const expected = [...state.users.values()].filter(({ userGroupIds }) => !userGroupIds.includes(membersId)).length;
  story.outcome(`${outsiders.content.totalItems} accounts`);
  story.check("that is how many there are", outsiders.content.totalItems === expected);

  story.chapter(
    "Things that are refused",
    "Bad input changes nothing. A server in read-only mode offers nothing that could.",
  );
  story.says("Put Norah into the board.");
  const requests = changes();
  const unknown = await call("users", "user_update_groups", { user: "norah", add: ["board"] });
  story.check("nothing was sent that could change anything", unknown.failed && changes() === requests);
  const readOnly = await start("users", { ...env, POCKETID_READ_ONLY: "true" }, person);
  story.outcome(`read-only: ${readOnly.tools.join(", ")}`);
  story.called("users (read-only)", "user_delete", { users: ["nora"] });
  const forbidden = await readOnly.call("user_delete", { users: ["nora"] });
  story.outcome(forbidden.text);
  await readOnly.close();
  story.check("Nora is still there", forbidden.failed && user("nora") !== undefined);

  story.chapter(
    "On record",
    "Pocket ID logs no change by an administrator. The action log does: ids and names of fields, no texts and no secrets, in a chain that shows what is altered.",
  );
  const lines = readFileSync(env.POCKETID_AUDIT_FILE, "utf8").trim().split("\n");
  const entries: { time: string; msg: string; outcome: string; changed: string[] }[] = lines.map((line) =>
    JSON.parse(line),
  );
  // Before a secret is made, there is one line more.
  const actions = entries.filter(({ outcome }) => outcome !== "begun");
  for (const { time, msg, changed } of actions) {
    story.outcome(
      `${time.slice(11, 19)} ${msg.replace(/^audit: /, "")}${changed.length > 0 ? ` (${changed.join(", ")})` : ""}`,
    );
  }
  story.check(
    "one line for each change and each refusal, and one before each secret that was made",
    actions.filter(({ outcome }) => outcome !== "begun").length === 10 &&
      actions.filter(({ outcome }) => outcome === "refused").length === 2,
  );
  const log = lines.join("\n");
  const secrets = [sandbox.apiKey, wikiSecret, secondSecret, "nora@riverside-rowing.example", "Handbook"];
  story.check(
    "and no secret, name or address in it",
    secrets.every((text) => !log.includes(text)),
  );
} finally {
  await Promise.all(started.map(([, connection]) => connection.close()));
  await sandbox.close();
  rmSync(folder, { recursive: true });
}

const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
console.log(`\n${story.checks() - story.failures()} of ${story.checks()} checks held, in ${seconds} s.`);
if (story.failures() > 0) process.exitCode = 1;
